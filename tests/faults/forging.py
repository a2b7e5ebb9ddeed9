"""Forged receipts and bundles: cut, flipped, exchanged, claimed. None may be taken for valid."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ledger.evidence.archive import packed
from ledger.evidence.bundle import read_bundle
from ledger.evidence.checking import check_bundle
from ledger.evidence.receipts import check_receipt
from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.notes import Ed25519Signer, Note
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import LogProof, read_proof

Files = Mapping[str, bytes]
UNPROVEN = frozenset({"README.md", "policy.txt"})
"""Files of a bundle that prove nothing."""


def is_refused_receipt(text: str, policy: Policy) -> bool:
    try:
        check_receipt(text, policy)
    except EvidenceRefused:
        return True
    return False


def is_refused_bundle(content: bytes, policy: Policy) -> bool:
    """Say whether a bundle is refused; one that merely calls itself incomplete is not valid either."""
    try:
        return check_bundle(read_bundle(content), policy).verdict != "valid"
    except EvidenceRefused:
        return True


def flipped(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def forged_receipt(chance: random.Random, receipts: Sequence[str]) -> str:
    """Forge a receipt out of right ones."""
    text, other = chance.sample(list(receipts), 2)
    proof, another = read_proof(text), read_proof(other)
    at = chance.randrange(max(1, len(proof.path)))
    resigned = Ed25519Signer(another.note.text.split("\n", 1)[0], b"\7" * 32)
    sorts: tuple[Callable[[], LogProof], ...] = (
        lambda: replace(proof, index=proof.index ^ 1 << chance.randrange(6)),
        lambda: replace(proof, path=proof.path[:-1]),
        lambda: replace(proof, path=(*proof.path, b"\0" * 32)),
        lambda: replace(proof, path=(*proof.path[:at], b"\1" * 32, *proof.path[at + 1 :])),
        lambda: replace(proof, extra=another.extra),
        lambda: replace(proof, extra=flipped(chance, proof.extra or b"{}")),
        lambda: replace(proof, path=another.path, index=another.index),
        lambda: replace(proof, note=Note(proof.note.text, (resigned.sign(proof.note.text),))),
        lambda: replace(proof, note=Note(proof.note.text, proof.note.signatures[:1])),
        lambda: replace(proof, note=Note(proof.note.text + "more\n", proof.note.signatures)),
    )
    return chance.choice(sorts)().text()


def forged_bundle(chance: random.Random, files: Files, other: Files) -> bytes:
    """Forge a bundle out of a right one and another of the same ledger."""
    proven = sorted(files.keys() - UNPROVEN)
    name = chance.choice(proven)
    entries = sorted(one for one in proven if one.startswith("entries/"))
    stream = chance.choice(entries)
    lines = files[stream].splitlines(keepends=True)
    at = chance.randrange(len(lines))
    exchanged = [*lines]
    exchanged[at], exchanged[at - 1] = lines[at - 1], lines[at]
    claimed = [*lines]
    claimed[at] = claimed[at].rstrip(b"}\n") + b"}\n"
    if b'"erased"' not in claimed[at]:
        claimed[at] = b'{"erased":true,' + lines[at][1:]
    moved, placed = [*lines], [number for number, line in enumerate(lines) if b'"position":' in line]
    if placed:
        moved[placed[at % len(placed)]] = lines[placed[at % len(placed)]].replace(
            b'"position":', b'"position":1', 1
        )
    else:
        moved = lines[:at]
    sorts: tuple[Callable[[], Files], ...] = (
        lambda: {**files, name: flipped(chance, files[name])},
        lambda: {one: files[one] for one in files if one != name},
        lambda: {**files, stream: b"".join(lines[:at] + lines[at + 1 :])},
        lambda: {**files, stream: b"".join(exchanged if len(lines) > 1 else lines[:0])},
        lambda: {**files, stream: b"".join(lines) + lines[-1]},
        lambda: {**files, stream: b"".join(claimed)},
        lambda: {**files, stream: b"".join(moved)},
        lambda: {**files, stream: b"".join(lines[: max(0, len(lines) - 1)])},
        lambda: {**files, "more": b""},
        lambda: {**files, "checkpoint": other["checkpoint"]},
        lambda: {**files, "checkpoint": files["checkpoint"].rsplit("\u2014".encode(), 1)[0]},
        lambda: {**files, name: files[name][: chance.randrange(len(files[name]))]},
    )
    return packed(chance.choice(sorts)())

"""What was handed to somebody and is checked with nothing but a policy: no database, no network."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from api.cli.output import Exit, Speaker
from api.cli.usage import Misused
from domain.errors import LogProofRefused
from ledger.suites import SUITES
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import FIRST_LINE, read_proof

_LEAF = re.compile(r"[0-9A-Fa-f]{64}")
FILE_BYTES_MAX = 64_000_000


class Trust(NamedTuple):
    """Whom the reader trusts, and of what a bare proof is to be taken."""

    policy: Policy
    leaf: str | None
    suite: str


def verify_files(voice: Speaker, files: Sequence[Path], trust: Trust) -> Exit:
    """Check each file and tell of it; give the worst of their exit codes. Raises LogProofRefused, Misused."""
    told, codes = [], []
    for path in files:
        content = _read(path)
        code, one = _verified(voice, path, content, trust)
        told.append({"file": str(path), **one})
        codes.append(code)
    voice.give(told[0] if len(told) == 1 else {"files": told})
    return max(codes, key=[Exit.DONE, Exit.INCOMPLETE, Exit.WRONG].index)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError:
        raise LogProofRefused(str(path)) from None
    if len(content) > FILE_BYTES_MAX:
        raise LogProofRefused(str(path))
    return content


def _verified(voice: Speaker, path: Path, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    if content.startswith(FIRST_LINE.encode()):
        return _proof(voice, path, content, trust)
    raise LogProofRefused(str(path))


def _proof(voice: Speaker, path: Path, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a bare proof, of the leaf that the caller names."""
    if trust.leaf is None or _LEAF.fullmatch(trust.leaf) is None:
        raise Misused("应为 64 位十六进制数", "64 hexadecimal digits", "--leaf")
    try:
        found = read_proof(content.decode())
    except (NoteRefused, UnicodeDecodeError) as error:
        raise LogProofRefused(f"{path}, {error}") from None
    try:
        checkpoint = found.check(SUITES[trust.suite].hash, bytes.fromhex(trust.leaf), trust.policy)
    except (NoteRefused, ProofRefused) as error:
        voice.wrong(voice.choose(f"证明不成立:{error}", f"Not shown: {error}"))
        return Exit.WRONG, {"valid": False, "why": str(error)}
    index, size, origin = found.index, checkpoint.size, checkpoint.origin
    voice.say(
        voice.choose(
            f"✓ 该条目是日志 {origin} 共 {size} 条中的第 {index} 条 (自 0 起)。",
            f"✓ The entry is leaf {index} (from 0) of the {size} that {origin} has signed.",
        ),
        style="green",
    )
    return Exit.DONE, {"valid": True, "origin": origin, "size": size, "index": index}

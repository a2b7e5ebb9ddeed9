"""What was handed to somebody and is checked with nothing but a policy: no database, no network."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple, get_args

from api import clock
from api.cli.output import Exit, Speaker
from api.cli.reasons import in_chinese, told_in_chinese, why_of
from api.cli.usage import Misused
from domain.errors import LogProofRefused
from domain.facts import StatementIssued
from domain.facts.identity import DocumentType
from domain.looking import OTHER, PURPOSES
from domain.notation import e4_text
from domain.places import name_of
from domain.words import choose
from ledger.evidence.archive import unpacked
from ledger.evidence.archives import Line, check_archive
from ledger.evidence.bundle import read_bundle
from ledger.evidence.checking import check_bundle
from ledger.evidence.copies import check_copy
from ledger.evidence.links import MARK, unlinked
from ledger.evidence.looks import CheckedRead, check_read_receipt, is_read_receipt
from ledger.evidence.package import INDEX, Folder, read_package
from ledger.evidence.receipts import check_receipt, in_document
from ledger.evidence.refusal import EvidenceRefused
from ledger.statements import is_held_by
from ledger.suites import SUITES
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import FIRST_LINE, read_proof

_LEAF = re.compile(r"[0-9A-Fa-f]{64}")
FILE_BYTES_MAX = 64_000_000
_DOCUMENTS = get_args(DocumentType)


class Trust(NamedTuple):
    """Whom the reader trusts, and of what a bare proof is to be taken."""

    policy: Policy
    leaf: str | None
    suite: str
    holder: str | None = None
    """The number of the document that the holder of a statement shows."""


def verify_files(voice: Speaker, files: Sequence[Path], trust: Trust) -> Exit:
    """Check each file and tell of it; give the worst of their exit codes. Raises LogProofRefused, Misused."""
    told, codes = [], []
    for path in files:
        code, one = _folder(voice, path, trust) if path.is_dir() else _verified(voice, path, _read(path), trust)
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


def _package(voice: Speaker, files: Mapping[str, bytes], trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a package: an archive whole, a copy of a history entry by entry."""
    lines: Sequence[Line] = ()
    streams: Mapping[str, int] = {}
    try:
        package = read_package(files)
        if package.described.of == "copy":
            streams = check_copy(package)
        else:
            lines = check_archive(package, trust.policy).lines
    except EvidenceRefused as refusal:
        return _refused(voice, "档案包", refusal)
    described, count = package.described, len(package.files)
    whole = voice.choose("份文件全部相符", "files, all as the index says")
    voice.say(f"✓ {described.title} · {described.date} · {count} {whole}", style="green")
    voice.say(f"  index.json SHA-256 {package.digest}", style="dim")
    for stream, last in streams.items():
        voice.say(voice.choose(f"  流 {stream} 至第 {last} 版完整。", f"  Stream {stream}: complete up to {last}."))
    if streams:
        words = ("其整体的 SHA-256 应与账本的答复相同。", "Its SHA-256 must be that of the ledger's answer.")
        voice.say(f"  {voice.choose(*words)}")
    if lines:
        voice.say(f"  {len(lines)} {voice.choose('项认定决定均已核验', 'decisions verified')}")
    lost = [line.decision for line in lines if line.state != "open"]
    if lost:
        words = (f"其中 {len(lost)} 项有内容已依法销毁。", f"Of {len(lost)} of them something was erased by law.")
        voice.say(f"  {voice.choose(*words)}", style="yellow")
    told: dict[str, Any] = {
        "valid": True,
        "verdict": "incomplete" if lost else "valid",
        "of": described.of,
        "name": described.name,
    }
    told |= {"files": count, "index": package.digest, "decisions": len(lines), "lost": lost, "streams": streams}
    return (Exit.INCOMPLETE if lost else Exit.DONE), told


def _refused(voice: Speaker, what: str, refusal: EvidenceRefused) -> tuple[Exit, dict[str, Any]]:
    """Say that a file, `what` in Chinese, does not hold, where and why."""
    voice.wrong(voice.choose(f"{what}不成立:{told_in_chinese(refusal)}", f"Not shown: {refusal}"))
    told = {"where": refusal.where, "why": refusal.why, "why_zh": in_chinese(refusal.why)}
    return Exit.WRONG, {"valid": False, **told}


def _verified(voice: Speaker, path: Path, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    if content.startswith(b"PK"):
        return _zipped(voice, content, trust)
    if content.startswith(FIRST_LINE.encode()) and (trust.leaf is not None or b"\nextra " not in content):
        return _proof(voice, path, content, trust)
    if content.startswith((FIRST_LINE.encode(), b"%PDF-")) or MARK.encode() in content:
        return _receipt(voice, content, trust)
    raise LogProofRefused(str(path))


def _zipped(voice: Speaker, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    try:
        files = unpacked(content)
    except EvidenceRefused:
        files = {}
    return _package(voice, files, trust) if INDEX in files else _bundle(voice, content, trust)


def _folder(voice: Speaker, path: Path, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a package that lies in a folder. Raises LogProofRefused where it is none."""
    if not (path / INDEX).is_file():
        raise LogProofRefused(str(path))
    try:
        files = Folder(path)
    except EvidenceRefused as refusal:
        return _refused(voice, "档案包", refusal)
    return _package(voice, files, trust)


def _bundle(voice: Speaker, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a decision's bundle, and compute the decision again."""
    try:
        report = check_bundle(read_bundle(content), trust.policy)
    except EvidenceRefused as refusal:
        return _refused(voice, "证据包", refusal)
    made, size, origin = report.made, report.checkpoint.size, report.checkpoint.origin
    index, short = report.index, made.decision[:12]
    met = voice.choose("符合", "met") if report.decision.met else voice.choose("不符合", "not met")
    voice.say(
        voice.choose(
            f"✓ 认定决定 {short} ({made.doc},{made.as_of}):{met}。日志 {origin} 第 {index} 叶 / {size}。",
            f"✓ Decision {short} ({made.doc}, {made.as_of}): {met}. Leaf {index} of {size}, {origin}.",
        ),
        style="green",
    )
    if report.verdict == "valid":
        voice.say(
            voice.choose(
                f"  用包内办法与 {report.facts} 条事实重算,逐字节一致。",
                f"  Computed again from its rules and its {report.facts} opened entries: equal byte for byte.",
            )
        )
    else:
        lost = ", ".join(report.replayed.paths)
        voice.say(voice.choose(f"  不完整:有输入已销毁 ({lost})。", f"  Incomplete: an input was erased ({lost})."))
    for stream, versions in report.streams.items():
        voice.say(
            voice.choose(
                f"  流 {stream} 至第 {versions} 版完整。", f"  Stream {stream}: complete up to {versions}."
            ),
            style="dim",
        )
    if report.ties is not None and report.deliveries is not None:
        voice.say(
            voice.choose(
                f"  亲属关系流 {report.ties} 条;供数 {report.feeds} 批,所依据的 {report.deliveries} 批附有证明。",
                f"  {report.ties} streams of ties; {report.deliveries} of {report.feeds} deliveries are proven:"
                " those on which it rests.",
            ),
            style="dim",
        )
    if report.stamp is not None:
        voice.say(voice.choose(f"  时间戳 {report.stamp.time}。", f"  Time stamp {report.stamp.time}."))
    told = {
        "valid": True,
        "verdict": report.verdict,
        "decision": made.decision,
        "met": report.decision.met,
        "origin": origin,
        "size": size,
        "index": report.index,
        "facts": report.facts,
        "lost": list(report.replayed.paths),
        "streams": {str(stream): versions for stream, versions in report.streams.items()},
        "ties": report.ties,
        "deliveries": report.deliveries,
        "feeds": report.feeds,
        "timestamp": None if report.stamp is None else report.stamp.time,
    }
    return (Exit.DONE if report.verdict == "valid" else Exit.INCOMPLETE), told


def _receipt(voice: Speaker, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a receipt, as a text, as a link, or attached to a statement."""
    try:
        if content.startswith(b"%PDF-"):
            text = in_document(content)
        else:
            text = content.decode()
            text = text if text.startswith(FIRST_LINE) else unlinked(text)
        if is_read_receipt(text):
            return _look(voice, check_read_receipt(text, trust.policy))
        found = check_receipt(text, trust.policy)
    except UnicodeDecodeError:
        found = None
    except EvidenceRefused as refusal:
        return _refused(voice, "回执", refusal)
    if found is None:
        raise LogProofRefused
    entry, index, size, origin = found.entry, found.index, found.checkpoint.size, found.checkpoint.origin
    at = entry.header["recorded_at"]
    voice.say(
        voice.choose(
            f"✓ 条目 {entry.ref.stream} 第 {entry.ref.version} 版,记于 {at}:日志 {origin} 第 {index} 叶 / {size}。",
            f"✓ Entry {entry.ref.stream} version {entry.ref.version}, {at}: leaf {index} of {size}, {origin}.",
        ),
        style="green",
    )
    told = {
        "valid": True,
        "origin": origin,
        "size": size,
        "index": index,
        "stream": str(entry.ref.stream),
        "version": entry.ref.version,
        "recorded_at": at,
        "leaf": entry.leaf().hex(),
        "kind": entry.topic,
    }
    if isinstance(found.fact, StatementIssued):
        code, stated = _statement(voice, found.fact, trust)
        return code, told | {"statement": stated}
    return Exit.DONE, told


def _look(voice: Speaker, found: CheckedRead) -> tuple[Exit, dict[str, Any]]:
    """Tell what a receipt of a read says."""
    read, index, size, origin = found.read, found.index, found.checkpoint.size, found.checkpoint.origin
    at, nth = read.header["read_at"], read.header["nth"]
    why = choose(PURPOSES.get(read.purpose, PURPOSES[OTHER]), voice.language)
    voice.say(
        voice.choose(
            f"✓ {read.subject} 的第 {nth} 次查询:{read.reader},{at},{why}。日志 {origin} 第 {index} 叶 / {size}。",
            f"✓ Look {nth} at {read.subject}: {read.reader}, {at}, {why}. Leaf {index} of {size}, {origin}.",
        ),
        style="green",
    )
    return Exit.DONE, {
        "valid": True,
        "origin": origin,
        "size": size,
        "index": index,
        "subject": str(read.subject),
        "nth": nth,
        "reader": read.reader,
        "purpose": read.purpose,
        "read_at": at,
        "shown_on": read.header["shown_on"],
    }


def _statement(voice: Speaker, fact: StatementIssued, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Tell what a statement says: these values count, whatever is printed on the paper."""
    points, last = e4_text(fact.points_e4), fact.valid_to - timedelta(days=1)
    voice.say(
        voice.choose(
            f"  积分证明 {fact.number}:{name_of(fact.place)} {fact.as_of} 积分 {points},有效至 {last}。",
            f"  Statement {fact.number}: {points} points at {fact.place} as of {fact.as_of}, valid until {last}.",
        ),
        style="bold",
    )
    expired = clock.today() >= fact.valid_to
    if expired:
        voice.wrong(voice.choose(f"已于 {last} 失效。", f"It was valid until {last}."))
    held = None if trust.holder is None else any(is_held_by(fact, kind, trust.holder) for kind in _DOCUMENTS)
    if held is not None:
        said = voice.choose("证件与持有人相符。", "The document is its holder's.") if held else ""
        voice.say(said) if held else voice.wrong(voice.choose("证件与持有人不符。", "It is somebody else's."))
    told = {
        "number": fact.number,
        "points": points,
        "place": fact.place,
        "as_of": fact.as_of,
        "valid_to": fact.valid_to,
        "expired": expired,
        "holder": held,
    }
    return (Exit.WRONG if expired or held is False else Exit.DONE), told


def _proof(voice: Speaker, path: Path, content: bytes, trust: Trust) -> tuple[Exit, dict[str, Any]]:
    """Check a bare proof, of the leaf that the caller names."""
    if trust.leaf is None or _LEAF.fullmatch(trust.leaf) is None:
        raise Misused("应为 64 位十六进制数", "64 hexadecimal digits", "--leaf")
    try:
        found = read_proof(content.decode())
    except (NoteRefused, UnicodeDecodeError) as error:
        raise LogProofRefused(str(path), why_of(error)) from None
    try:
        checkpoint = found.check(SUITES[trust.suite].hash, bytes.fromhex(trust.leaf), trust.policy)
    except (NoteRefused, ProofRefused) as error:
        voice.wrong(voice.choose(f"证明不成立:{in_chinese(str(error))}", f"Not shown: {error}"))
        return Exit.WRONG, {"valid": False, "why": str(error), "why_zh": in_chinese(str(error))}
    index, size, origin = found.index, checkpoint.size, checkpoint.origin
    voice.say(
        voice.choose(
            f"✓ 该条目是日志 {origin} 共 {size} 条中的第 {index} 条 (自 0 起)。",
            f"✓ The entry is leaf {index} (from 0) of the {size} that {origin} has signed.",
        ),
        style="green",
    )
    return Exit.DONE, {"valid": True, "origin": origin, "size": size, "index": index}

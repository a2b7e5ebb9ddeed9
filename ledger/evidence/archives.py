"""Archives 归档: a decision, or a round with all its decisions and papers, checked with nothing but a policy.

bundles/HASH.zip          the evidence bundle of each decision: it verifies and recomputes by itself
gone/HASH.receipt         of a decision that can be opened no more: proof that it was made
entries/STREAM.ndjson     a round: its own stream, every entry open
proofs/STREAM.tlog-proof  that the stream's last entry is in the log
papers/ranking.json       the ranking, the bytes whose SHA-256 was published
papers/decisions.csv      each application with its decision, for people
papers/notice.csv         who was in, as the public saw it: masked names
papers/decision.json      a decision: its record
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_args
from uuid import UUID

from domain.facts import DecisionMade, Fact, RankingPublished, RoundOpened
from ledger.canonical import parse
from ledger.evidence.bundle import read_bundle
from ledger.evidence.checking import BundleReport, check_bundle
from ledger.evidence.entries import ShownEntry
from ledger.evidence.package import (
    INDEX,
    README,
    SUMS,
    SUMS_WORDS,
    Described,
    Of,
    Package,
    Retention,
    table,
)
from ledger.evidence.receipts import check_receipt
from ledger.evidence.refusal import EvidenceRefused
from ledger.suites import text_hash
from ledger.transparency.merkle import ProofRefused
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import read_proof

BUNDLES, GONE, ENTRIES, PROOFS = "bundles/", "gone/", "entries/", "proofs/"
RANKING, DECISIONS, NOTICE, DECISION = (
    "papers/ranking.json",
    "papers/decisions.csv",
    "papers/notice.csv",
    "papers/decision.json",
)
_README = """# 归档包 · Archive

{title}
责任者 department: {department} · 日期 date: {date} · 保管期限 retention: {retention}

核验 verify, 无需数据库与网络 with no database and no network:

    points verify THIS --policy YOUR-POLICY.txt
    sha256sum -c SHA256SUMS

| 文件 file | 内容 content |
|---|---|
| `index.json` | 各文件的题名、责任者、日期、保管期限 title, department, date, retention of each |
| `bundles/` | 每项认定决定的证据包,可重新算出同一决定 evidence bundles; each recomputes its decision |
| `gone/` | 已依法销毁、不能再打开的决定:存在证明 decisions erased by law: proof that they were made |
| `entries/`, `proofs/` | 批次自身的全部条目及其入日志证明 the round's own entries, and that they are in the log |
| `papers/` | 排名、公示、决定清单 ranking, notice, list of decisions (UTF-8; CSV, JSON) |

含个人信息,按档案保管。It holds personal data: keep it as an archive is kept.
"""
_WORDS = {
    SUMS: SUMS_WORDS,
    README: ("说明 what this is", "text/markdown"),
    RANKING: ("排名 ranking", "application/json"),
    DECISIONS: ("认定决定清单 decisions", "text/csv"),
    NOTICE: ("公示 notice", "text/csv"),
    ENTRIES: ("批次条目 the round's entries", "application/x-ndjson"),
    PROOFS: ("入日志证明 proof that they are in the log", "text/plain"),
}
_HEADS = ("application", "decision", "state", "met", "points", "outcome", "rank", "unit")


class Line(NamedTuple):
    """A decision in the list. `state`: open, incomplete (an input was erased), erased (all of it)."""

    application: str
    decision: str
    state: str
    met: bool | None = None
    points: str | None = None

    @classmethod
    def of(cls, made: DecisionMade, state: str) -> "Line":
        """Describe a decision that can be opened."""
        outcome: Any = made.record["outcome"]
        total = None if outcome["points"] is None else str(outcome["points"]["total"])
        return cls(made.application or "", made.decision, state, bool(outcome["met"]), total)


@dataclass(frozen=True)
class ArchiveReport:
    """An archive that holds. `incomplete`: something in it was erased, and is marked so."""

    package: Package
    lines: tuple[Line, ...]
    versions: int

    @property
    def verdict(self) -> str:
        """Say `valid`, or `incomplete` where something was erased."""
        return "incomplete" if any(line.state != "open" for line in self.lines) else "valid"


def words_of(path: str, lines: Iterable[Line]) -> tuple[str, str]:
    """Give the title and the media type of a file: they follow from what it is. Raises KeyError."""
    folder, slash, rest = path.partition("/")
    if path == DECISION:
        [line] = lines
        return _title(line), "application/json"
    if f"{folder}/" in (BUNDLES, GONE):
        [line] = [one for one in lines if one.decision == rest.partition(".")[0]]
        return _title(line), "application/zip" if folder == BUNDLES[:-1] else "text/plain"
    return _WORDS[path if path in _WORDS else f"{folder}{slash}"]


def _title(line: Line) -> str:
    return f"认定决定{'(已销毁)' if line.state == 'erased' else ''} {line.application} {line.decision[:12]}"


def readme(described: Described) -> bytes:
    """Write what the archive is, and how it is read and verified, in both tongues."""
    return _README.format(**vars(described)).encode()


def title_of(of: Of, name: str) -> str:
    """Give the title of an archive."""
    return f"申请批次 {name}" if of == "round" else f"认定决定 {name[:12]}"


def decisions_csv(lines: Iterable[Line], ranking: bytes | None) -> bytes:
    """Write the list of decisions, with what the ranking made of each."""
    ranked = {} if ranking is None else {one["application"]: one for one in json.loads(ranking)["ranked"]}
    rows = []
    for line in sorted(lines):
        told = ranked.get(line.application, {})
        rows.append((*line, *(told.get(name) for name in _HEADS[len(line) :])))
    return table(_HEADS, rows)


def check_archive(package: Package, policy: Policy) -> ArchiveReport:
    """Check every bundle, receipt, entry and paper. Raises EvidenceRefused with the file, and the place in it."""
    try:
        return _checked(package, policy)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise EvidenceRefused("", "what it says has no form that this release knows") from None


def _checked(package: Package, policy: Policy) -> ArchiveReport:
    lines = [
        *(_bundle(package, path, policy) for path in _under(package, BUNDLES)),
        *(_gone(package, path, policy) for path in _under(package, GONE)),
    ]
    _check_words(package, [line for line, _ in lines])
    told = tuple(sorted(line for line, _ in lines))
    if package.described.of == "round":
        return ArchiveReport(package, told, _round(package, told, policy))
    if [line.decision for line in told] != [package.described.name]:
        raise EvidenceRefused(BUNDLES, "an archive of a decision has that decision, and no other")
    [(_, (organ, day))] = lines
    _check_source(package, organ, day)
    return ArchiveReport(package, told, 0)


def _check_words(package: Package, lines: Sequence[Line]) -> None:
    described = package.described
    for path in sorted(package.words):
        if package.words[path] != words_of(path, lines):
            raise EvidenceRefused(f"{INDEX} {path}", "its title or media type is not that of such a file")
    if described.title != title_of(described.of, described.name) or described.retention not in get_args(Retention):
        raise EvidenceRefused(f"{INDEX} title", "the title or the retention is none that an archive has")
    if package.files.get(README) != readme(described):
        raise EvidenceRefused(README, "it does not say what the index says")


def _check_source(package: Package, entry: ShownEntry, day: str) -> None:
    """Check whose the archive is, and of which day: both stand in the entries."""
    if entry.header["organ"] != text_hash(entry.suite, package.described.department):
        raise EvidenceRefused(f"{INDEX} department", "it is not the organ of the entries")
    if package.described.date != day:
        raise EvidenceRefused(f"{INDEX} date", "it is not the day of the entries")


def _under(package: Package, folder: str) -> list[str]:
    return sorted(path for path in package.files if path.startswith(folder))


def _bundle(package: Package, path: str, policy: Policy) -> tuple[Line, tuple[ShownEntry, str]]:
    try:
        bundle = read_bundle(package.files[path])
        report = check_bundle(bundle, policy)
    except EvidenceRefused as refusal:
        raise refusal.within(path) from None
    line = Line.of(report.made, "open" if report.verdict == "valid" else "incomplete")
    if path != f"{BUNDLES}{line.decision}.zip":
        raise EvidenceRefused(path, "it is the bundle of another decision")
    _check_belongs(package, path, report, line)
    entry = bundle.streams[bundle.decision.stream][bundle.decision.version - 1]
    return line, (entry, report.made.decided_on.isoformat())


def _check_belongs(package: Package, path: str, report: BundleReport, line: Line) -> None:
    described = package.described
    if described.of == "round" and report.made.round != described.name:
        raise EvidenceRefused(path, "it is of another round")
    if (path in package.erased) != (line.state != "open"):
        raise EvidenceRefused(path, "the index says otherwise of what was erased")
    if described.of == "decision" and package.files.get(DECISION) != report.decision.bytes:
        raise EvidenceRefused(DECISION, "it is not the record of the decision")


def _gone(package: Package, path: str, policy: Policy) -> tuple[Line, tuple[ShownEntry, str]]:
    try:
        found = check_receipt(package.files[path].decode(), policy)
    except EvidenceRefused as refusal:
        raise refusal.within(path) from None
    entry = found.entry
    told = parse((entry.state or "{}").encode())
    if entry.topic != DecisionMade.topic() or path != f"{GONE}{told['decision']}.receipt":
        raise EvidenceRefused(path, "it is no receipt of that decision")
    if not entry.erased or path not in package.erased:
        raise EvidenceRefused(path, "a decision that opens has its bundle")
    if package.described.of == "round" and told.get("round") != package.described.name:
        raise EvidenceRefused(path, "it is of another round")
    line = Line(str(told.get("application") or ""), str(told["decision"]), "erased")
    return line, (entry, str(told["decided_on"]))


def _round(package: Package, lines: Sequence[Line], policy: Policy) -> int:
    """Check the round's own stream and its papers; give how many entries it has."""
    paths = _under(package, ENTRIES)
    if len(paths) != 1:
        raise EvidenceRefused(ENTRIES, "an archive of a round has the round's stream, and no other")
    [path] = paths
    entries = read_chain(path, package.files[path])
    _check_last(package, entries, policy)
    facts = [opened(f"{path} line {number}", entry) for number, entry in enumerate(entries, 1)]
    if not isinstance(facts[0], RoundOpened) or facts[0].round != package.described.name:
        raise EvidenceRefused(f"{path} line 1", "it is not the opening of the round")
    published = [fact for fact in facts if isinstance(fact, RankingPublished)]
    _check_source(package, entries[0], published[-1].published_on.isoformat() if published else "")
    ranking = package.files.get(RANKING)
    if ranking is None and not any(line.state == "erased" for line in lines):
        raise EvidenceRefused(RANKING, "the file is missing")
    if ranking is not None:
        if not published or hashlib.sha256(ranking).hexdigest() != published[-1].content:
            raise EvidenceRefused(RANKING, "it is not the ranking that was published")
        _check_whole(ranking, lines)
    if package.files.get(DECISIONS) != decisions_csv(lines, ranking):
        raise EvidenceRefused(DECISIONS, "it does not say what the decisions and the ranking say")
    return len(entries)


def _check_whole(ranking: bytes, lines: Sequence[Line]) -> None:
    ranked = {str(one["application"]) for one in json.loads(ranking)["ranked"]}
    for number in sorted(ranked ^ {line.application for line in lines}):
        raise EvidenceRefused(f"{RANKING} {number}", "no decision about it is here, or it is not in the ranking")


def read_chain(path: str, content: bytes) -> list[ShownEntry]:
    """Read a stream from version 1 on, none left out, each naming the leaf of the one before.

    Raises EvidenceRefused with the line.
    """
    stream = UUID(path.removeprefix(ENTRIES).removesuffix(".ndjson"))
    entries: list[ShownEntry] = []
    before: bytes | None = None
    for number, line in enumerate(content.splitlines(), 1):
        place = f"{path} line {number}"
        try:
            entry = ShownEntry.read(line)
        except EvidenceRefused as refusal:
            raise refusal.within(place) from None
        if (entry.ref.stream, entry.ref.version) != (stream, number):
            raise EvidenceRefused(f"{place} version", "the stream begins with version 1 and leaves none out")
        if entry.header["prev"] != (None if before is None else before.hex()):
            raise EvidenceRefused(f"{place} prev", "it does not name the leaf of the entry before")
        before = entry.leaf()
        entries.append(entry)
    if not entries:
        raise EvidenceRefused(path, "the stream is empty")
    return entries


def opened(where: str, entry: ShownEntry) -> Fact | None:
    """Open and check what is shown. Raises EvidenceRefused with its place."""
    try:
        return entry.fact()
    except EvidenceRefused as refusal:
        raise refusal.within(where) from None


def _check_last(package: Package, entries: Sequence[ShownEntry], policy: Policy) -> None:
    last = entries[-1]
    path = f"{PROOFS}{last.ref.stream}.tlog-proof"
    if path not in package.files:
        raise EvidenceRefused(path, "the stream's last entry is not proven")
    try:
        read_proof(package.files[path].decode()).check(last.suite.hash, last.leaf(), policy)
    except (NoteRefused, ProofRefused) as error:
        raise EvidenceRefused(path, str(error)) from None

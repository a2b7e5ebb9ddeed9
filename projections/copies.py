"""The copy 副本 of a resident's history (PIPL 45): JSON and CSV for programs and people, each entry with its leaf.

What was handed out can be made again: it is what was known at a position, and so many readings. Every entry is
recomputed against its leaf on the way out, and the copy shows enough of each that anybody can do it again.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection

from domain.errors import ExportMismatch
from domain.facts import FactCorrected, FactVoided, RightsRequested
from ledger.canonical import parse
from ledger.commit import tuples
from ledger.entry import StoredEntry, instant_text
from ledger.evidence.archive import packed
from ledger.evidence.copies import HEADS, HISTORY, HISTORY_CSV, history_csv
from ledger.evidence.entries import header_of, shown
from ledger.evidence.package import README, Described, Paper, packaged, table
from ledger.mapper import EntryMapper
from ledger.reads import SELECT, read_of
from projections.exports.entries import Selection, record_of, verified

ANOTHERS = "wrong-person"
"""Entries voided for this reason are somebody else's: their content is given to nobody here."""
_READINGS = f"{SELECT} WHERE subject = ANY(%s) ORDER BY number LIMIT %s"
_READING_HEADS = ("nth", "read_at", "reader", "purpose", "reference", "entries", "last_version")
_TEXT = """# 个人信息副本 · Copy of a resident's history

应本人(或近亲属)请求提供 (个人信息保护法第四十五、四十九条)。
Handed out at the request of the person, or of a near relative (PIPL 45, 49).

| 文件 file | 内容 content |
|---|---|
| `history.json`, `history.csv` | 全部记录,作废的也在 every entry, voided ones too |
| `readings.json`, `readings.csv` | 谁在何时为何看过 who on duty looked, when and why |
| `entries/` | 每条的首部与开启值,可重算叶哈希 headers and openings: every leaf can be computed again |
| `index.json`, `SHA256SUMS` | 各文件的 SHA-256 of every file |

核验 verify: `points verify THIS.zip --policy POLICY.txt`; `sha256sum -c SHA256SUMS`.
本文件整体的 SHA-256 记在账本的答复条目里。The SHA-256 of the whole stands in the ledger's answer (rights-answered).
`fact` 为空:已依法销毁,或不属于请求人可见的范围。An entry without `fact`: erased by law, or not for whoever asks.
"""


@dataclass(frozen=True)
class Wanted:
    """Whose history, up to which position, how many readings; the relative who asks, and kinds not to be shown."""

    subject: UUID
    streams: Sequence[UUID]
    as_at: int
    readings: int
    day: str
    relative: UUID | None = None
    withheld: Collection[str] = ()


def copy_of(connection: Connection[Any], mapper: EntryMapper, wanted: Wanted) -> tuple[int, bytes]:
    """Make the copy; give how many entries it holds, and the zip. Raises ExportMismatch with the position."""
    stored = [entry for stream in wanted.streams for entry in _stream(connection, stream, wanted.as_at)]
    hidden = _anothers(stored, mapper) | set(_withheld(stored, wanted))
    records = [_record(entry, mapper, hidden) for entry in stored]
    readings = _readings(connection, mapper, wanted)
    looked = table(_READING_HEADS, (tuple(one.values()) for one in readings))
    papers = [
        Paper(README, _TEXT.encode(), "说明 what this is", "text/markdown"),
        Paper(HISTORY, _json(records), "记录 entries", "application/json"),
        Paper(HISTORY_CSV, history_csv(records), "记录 entries", "text/csv"),
        Paper("readings.json", _json(readings), "查阅记录 readings", "application/json"),
        Paper("readings.csv", looked, "查阅记录 readings", "text/csv"),
        *_shown(stored, mapper, hidden),
    ]
    described = Described("copy", str(wanted.subject), "个人信息副本", "", wanted.day, as_at=wanted.as_at)
    return len(stored), packed(packaged(described, papers))


def _readings(connection: Connection[Any], mapper: EntryMapper, wanted: Wanted) -> list[dict[str, Any]]:
    """Tell who looked, as the person was shown it on the day: what is deferred is a gap in `nth`."""
    question, day = _READINGS.encode(), date.fromisoformat(wanted.day)
    found = tuples(connection).execute(question, [list(wanted.streams), wanted.readings]).fetchall()
    shown_then = [one for one in map(read_of, found) if one.shown_by(day)]
    rows = (
        (
            one.nth,
            instant_text(one.read_at),
            one.reader,
            one.code,
            one.opened(mapper.keys).get("reference"),
            one.entries,
            one.last_version,
        )
        for one in shown_then
    )
    return [dict(zip(_READING_HEADS, row, strict=True)) for row in rows]


def _stream(connection: Connection[Any], stream: UUID, as_at: int) -> list[StoredEntry]:
    """Read a stream whole: each entry against its leaf, and each naming the leaf of the one before."""
    found = list(verified(connection, Selection(stream=stream, until=as_at)))
    before: bytes | None = None
    for number, entry in enumerate(found, 1):
        if entry.originator_version != number or entry.prev != before:
            raise ExportMismatch(str(entry.position))
        before = entry.leaf
    return found


def _anothers(stored: Sequence[StoredEntry], mapper: EntryMapper) -> set[int | None]:
    """Give the positions of entries that are somebody else's."""
    at = {(entry.originator_id, entry.originator_version): entry.position for entry in stored}
    voids = {FactVoided.topic(), FactCorrected.topic()}
    gone: set[int | None] = set()
    for entry in stored:
        fact = mapper.opened(entry) if entry.topic in voids else None
        target = entry.hand.refers_to
        if isinstance(fact, FactVoided | FactCorrected) and fact.reason == ANOTHERS and target is not None:
            gone.add(at.get((target.stream, target.version)))
    return gone


def _withheld(stored: Sequence[StoredEntry], wanted: Wanted) -> Iterator[int | None]:
    """Give the positions of what relatives are not to see, and of what other relatives asked for.

    What corrects or voids an entry that they are not to see says what stood there.
    """
    unseen = {
        (entry.originator_id, entry.originator_version)
        for entry in stored
        if not {*wanted.withheld}.isdisjoint(_kinds(entry))
    }
    for entry in stored:
        target = entry.hand.refers_to
        places = {(entry.originator_id, entry.originator_version), target and (target.stream, target.version)}
        if not unseen.isdisjoint(places):
            yield entry.position
        elif entry.topic == RightsRequested.topic():
            relative = parse(entry.state).get("relative")
            if relative is not None and relative != str(wanted.relative):
                yield entry.position


def _kinds(entry: StoredEntry) -> Iterator[str]:
    """Name the kind of an entry, and of what it puts in another's place, without their versions."""
    yield entry.topic.rpartition(".")[0]
    if entry.topic == FactCorrected.topic():
        yield str(parse(entry.state)["replacement"]["kind"]).rpartition(".")[0]


def _record(entry: StoredEntry, mapper: EntryMapper, hidden: Collection[int | None]) -> dict[str, Any]:
    fact = None if entry.position in hidden else mapper.opened(entry)
    told = record_of(entry, fact, opened=True)
    return {name: told[name] if name != "fact" or fact is not None else None for name in HEADS}


def _shown(stored: Sequence[StoredEntry], mapper: EntryMapper, hidden: Collection[int | None]) -> list[Paper]:
    lines: dict[UUID, list[bytes]] = {}
    for entry in stored:
        one = header_of(entry) if entry.position in hidden else shown(entry, mapper, whole=True)
        lines.setdefault(entry.originator_id, []).append(one.line())
    return [
        Paper(f"entries/{stream}.ndjson", b"".join(told), "可核验的条目 entries to verify", "application/x-ndjson")
        for stream, told in lines.items()
    ]


def _json(rows: Sequence[dict[str, Any]]) -> bytes:
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()

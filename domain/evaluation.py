"""Residents in a file scored without a ledger: one JSON object a line in, one JSON object a line out.

    {"subject": "r1", "born_on": "1990-01-01", "place": "330212", "facts": [{"kind": "education-awarded", …}, …]}

Facts are written as in domain/plain.py, a `family` as in domain/relatives.py; `use` names a programme 积分应用. A
complete `feed-delivered` among them says that nothing found means zero.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from domain.coverage import Coverage, Feed, feeds_of
from domain.factrow import FactRow, rows_of
from domain.family import Family
from domain.home import usual_place
from domain.knowledge import Knowledge, in_force
from domain.plain import Misread, entries_of
from domain.relatives import RelativeFacts, born, day_of, gather, read_relatives
from domain.rulebook import Document, RulebookSet, as_published, resolve
from domain.score import RefName
from domain.scoring import score

_FIELDS = ("subject", "born_on", "facts", "place", "family", "use")


def evaluate_lines(
    lines: Iterable[str | bytes],
    documents: Iterable[Document],
    as_of: date,
    place: str | None = None,
    as_at: int | None = None,
    *,
    disputed: bool = False,
) -> Iterator[dict[str, Any]]:
    """Score each resident. `place` is for lines that name none; without it, they are scored where they live.

    `as_at` cuts the facts by their positions; `disputed` takes disputed transcriptions as published.

    A line that cannot be read gives `{"line", "subject", "problems": [{"field", "code", "wanted"}]}` in its place.
    """
    documents = list(documents)
    published = as_published(documents)

    @cache
    def rulebooks(place: str) -> RulebookSet:
        return resolve(published, place, as_of, disputed=disputed)

    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        subject = None
        try:
            resident = read_object(line)
            subject = _text(resident, "subject")
            knowledge, coverage = _known(resident, as_at)
            named = resident.get("place", place)
            if named is None:
                named = usual_place(knowledge, as_of, documents)
            here = _text({"place": named}, "place")
            relatives = read_relatives(resident.get("family"))
            use = None if resident.get("use") is None else _text(resident, "use")
            scored = score(knowledge, rulebooks(here), here, as_of, coverage, gather(relatives, as_at), use)
        except Misread as error:
            problem = {"field": error.field, "code": error.code, "wanted": error.wanted}
            yield {"line": number, "subject": subject, "problems": [problem]}
        else:
            yield {"line": number, "subject": subject, **scored.as_json(_names(resident["facts"], relatives))}


def read_object(line: str | bytes, fields: Sequence[str] = _FIELDS) -> dict[str, Any]:
    """Read one line as an object of these fields, with a list of facts. Raises Misread."""
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_constant=_refuse)
    except Misread:
        raise
    except (ValueError, RecursionError):
        raise Misread("", "not-json", "one JSON object on one line") from None
    if not isinstance(value, dict):
        raise Misread("", "not-json", "one JSON object on one line")
    for name in value:
        if name not in fields:
            raise Misread(name[:40], "unknown-field", "known: " + ", ".join(fields))
    facts = value.setdefault("facts", [])
    if not isinstance(facts, list) or not all(isinstance(fact, dict) for fact in facts):
        raise Misread("facts", "wrong-type", "a list of objects")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Misread("", "duplicate-key", "each field once")
    return found


def _refuse(_constant: str) -> None:
    raise Misread("", "not-json", "no NaN and no Infinity")


def _text(resident: dict[str, Any], name: str, default: str | None = None) -> str:
    value = resident.get(name, default)
    if not isinstance(value, str) or not value:
        raise Misread(name, "missing" if value is None else "wrong-type", "text")
    if name == "place" and not (value.isalnum() and value.isascii() and len(value) in (6, 9, 12)):
        raise Misread(name, "bad-form", "a division code of 6, 9 or 12 characters")
    return value


class Read(NamedTuple):
    """A resident as a line of a file tells of them: rows, complete feeds, family, and where to score them."""

    subject: str
    place: str | None
    rows: list[FactRow]
    feeds: list[Feed]
    family: Family


def read_resident(line: str | bytes) -> Read:
    """Read one line, without scoring it. Raises Misread."""
    resident = read_object(line)
    place = None if resident.get("place") is None else _text(resident, "place")
    family = gather(read_relatives(resident.get("family")))
    return Read(_text(resident, "subject"), place, *_rows_and_feeds(resident), family)


def _rows_and_feeds(resident: dict[str, Any]) -> tuple[list[FactRow], list[Feed]]:
    born_on = day_of(resident.get("born_on"), "born_on")
    entries = entries_of(resident["facts"])
    rows = [row for entry in entries for row in rows_of(entry)]
    if born_on is not None:
        rows.append(born(born_on))
    return rows, feeds_of(entries)


class Resident(NamedTuple):
    """A resident as a line of a file tells of them, folded; `name` names a fact as the line does."""

    subject: str
    place: str | None
    knowledge: Knowledge
    coverage: Coverage
    family: Family
    name: RefName


def read_known(line: str | bytes) -> Resident:
    """Read one line and fold it. Raises Misread."""
    resident = read_object(line)
    place = None if resident.get("place") is None else _text(resident, "place")
    relatives = read_relatives(resident.get("family"))
    knowledge, coverage = _known(resident, None)
    name = _names(resident["facts"], relatives)
    return Resident(_text(resident, "subject"), place, knowledge, coverage, gather(relatives), name)


def _known(resident: dict[str, Any], as_at: int | None) -> tuple[Knowledge, Coverage]:
    rows, feeds = _rows_and_feeds(resident)
    return in_force(rows, as_at), Coverage(feeds, as_at)


def _names(facts: list[dict[str, Any]], relatives: Sequence[RelativeFacts]) -> Any:
    written: dict[int, tuple[str, Sequence[Mapping[str, Any]]]] = {0: ("", facts)}
    written |= {relative.stream: (f"{relative.path}.", relative.facts) for relative in relatives}

    def name(row: FactRow) -> str:
        path, others = written[row.ref_stream.int]
        index = row.ref_version - 1
        return path + str(others[index].get("id", f"facts[{index}]"))

    return name

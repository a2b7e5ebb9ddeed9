"""A family written plainly: beside a resident's facts, those of the spouse and of the parents.

    "family": {"spouse": {"born_on": "1990-01-01", "facts": […]}, "parents": [{…}, {…}]}

Each relative's entries stand in a stream of their own: 1 is the spouse's, 2 and on are the parents'.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.factrow import FactRow, Role, rows_of
from domain.family import Family
from domain.knowledge import in_force
from domain.plain import Misread, entries_of

SPOUSE = 1
_PARENTS_MOST = 4


class RelativeFacts(NamedTuple):
    """One relative: where in the line, the number of the stream, the birth date, the facts as written."""

    path: str
    stream: int
    born_on: date | None
    facts: Sequence[Mapping[str, Any]]

    def rows(self) -> list[FactRow]:
        """Flatten the facts. Raises Misread, with the path before the field."""
        try:
            entries = entries_of(self.facts, UUID(int=self.stream))
        except Misread as error:
            raise Misread(f"{self.path}.{error.field}", error.code, error.wanted) from None
        rows = [row for entry in entries for row in rows_of(entry)]
        return rows if self.born_on is None else [*rows, born(self.born_on, self.stream)]


def born(born_on: date, stream: int = 0) -> FactRow:
    """Give the row of somebody known from the start to be born on a day."""
    return FactRow(
        role=Role.IDENTITY,
        kind="identity-minted",
        position=0,
        ref_stream=UUID(int=stream),
        ref_version=0,
        born_on=born_on,
    )


def gather(relatives: Sequence[RelativeFacts], as_at: int | None = None) -> Family:
    """Fold each relative's facts. Raises Misread."""
    known = {relative.stream: in_force(relative.rows(), as_at) for relative in relatives}
    return Family(known.get(SPOUSE), tuple(known[stream] for stream in sorted(known) if stream > SPOUSE))


def read_relatives(family: Any) -> list[RelativeFacts]:
    """Read the field `family` of a line. Raises Misread."""
    return [] if family is None else list(_read(family))


def _read(family: Any) -> Iterator[RelativeFacts]:
    _closed(family, "family", ("spouse", "parents"))
    if family.get("spouse") is not None:
        yield _relative(family["spouse"], "family.spouse", SPOUSE)
    parents = family.get("parents", [])
    if not isinstance(parents, list) or len(parents) > _PARENTS_MOST:
        raise Misread("family.parents", "wrong-type", f"a list of at most {_PARENTS_MOST}")
    for index, parent in enumerate(parents):
        yield _relative(parent, f"family.parents[{index}]", SPOUSE + 1 + index)


def _relative(told: Any, path: str, stream: int) -> RelativeFacts:
    _closed(told, path, ("born_on", "facts"))
    facts = told.get("facts", [])
    if not isinstance(facts, list) or not all(isinstance(fact, dict) for fact in facts):
        raise Misread(f"{path}.facts", "wrong-type", "a list of objects")
    return RelativeFacts(path, stream, day_of(told.get("born_on"), f"{path}.born_on"), facts)


def _closed(told: Any, path: str, known: tuple[str, ...]) -> None:
    if not isinstance(told, dict):
        raise Misread(path, "wrong-type", "an object")
    for name in told:
        if name not in known:
            raise Misread(f"{path}.{name[:40]}", "unknown-field", "known: " + ", ".join(known))


def day_of(value: Any, field: str) -> date | None:
    """Read a day written YYYY-MM-DD, or none. Raises Misread."""
    if value is None:
        return None
    written = value if isinstance(value, str) and len(value) == len("YYYY-MM-DD") else ""
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise Misread(field, "not-a-day", "YYYY-MM-DD") from None

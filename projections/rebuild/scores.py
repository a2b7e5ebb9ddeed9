"""scores and recognition, for ranges of residents at once: measures read in columns, packed, scored, copied in.

Whom a pack or the plan cannot say (ties, merges, rows told by others, who stands still) is left in `revisits`: the
runner scores them one by one when it follows the entries from the anchor on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor, sql

from domain.rulebook import RulebookSet
from projections import recognition
from projections.packing import Pack, Shape, columns_of
from projections.packs import Shapes, written
from projections.quarantine import held_at
from projections.rebuild.columns import MeasureColumns
from projections.rebuild.generation import Anchor
from projections.rebuild.packing import packs_of
from projections.rebuild.ranges import Range, leave
from projections.rules import Rules, RulesReader
from projections.schemas import Schemas
from projections.score_rows import TYPES
from projections.scorer import Planner, Standpoint, wait
from projections.scores import PLAN_CHUNK
from projections.ties import joined, kept_between

NAME = "scores"
TABLES = ("scores", "packs", *recognition.TABLES)
"""Filled without indexes, which come when all of it is there."""


class ScoresFill:
    """Fills ranges of subjects, each in the caller's transaction."""

    def __init__(self, schemas: Schemas, anchor: Anchor, seed: int, numbering: Connection[Any]) -> None:
        """`numbering` is a connection of its own, on which shapes get their numbers at once for all processes."""
        self._schemas = schemas
        self._anchor = anchor
        self._rules = RulesReader(schemas)
        self._planner = Planner()
        self._copy = schemas.sql(
            "COPY {projections}.scores ({columns}) FROM STDIN",
            columns=sql.SQL(", ").join(map(sql.Identifier, TYPES)),
        )
        self._shapes = SharedShapes(schemas, numbering)
        self._columns = MeasureColumns(schemas, anchor.position, seed, self._shapes.numbers)

    def fill(self, cursor: Cursor[Any], part: int) -> int:
        """Fill a range; give how many rows of measures were read."""
        day, position = self._anchor.as_of, self._anchor.position
        rules = self._rules.at(cursor, position)
        packed = self._columns.read(cursor, Range(part, self._anchor.parts))
        shapes = self._shapes.listed
        packs = packs_of(packed, shapes, day)
        apart = set(held_at(cursor, self._schemas, packed.subjects, position))
        apart |= joined(cursor, self._schemas, packed.subjects, tied=rules.count_relatives)
        apart |= {one for one, pack in zip(packed.subjects, packs, strict=True) if pack is None}
        alone = [pack for pack in packs if pack is not None and pack.subject not in apart]
        written(cursor, self._schemas, alone)
        under, at = _under(alone, rules, day), Standpoint(rules, day, position)
        scored = {pack.subject for _, residents in under.values() for pack, _ in residents}
        wait(cursor, self._schemas, [(pack.subject, pack.until) for pack in alone if pack.subject not in scored])
        for rulebooks, residents in under.values():
            for first in range(0, len(residents), PLAN_CHUNK):
                chunk = residents[first : first + PLAN_CHUNK]
                apart |= self._score(cursor, chunk, rulebooks, at, shapes)
        leave(cursor, self._schemas, NAME, apart)
        return packed.rows

    def _score(
        self,
        cursor: Cursor[Any],
        residents: Sequence[tuple[Pack, str]],
        rulebooks: RulebookSet,
        at: Standpoint,
        shapes: Sequence[Shape],
    ) -> set[UUID]:
        """Score some residents and copy them in; give those of whom the plan cannot say all."""
        batch, newest = columns_of(residents, shapes)
        try:
            text, recognised = self._planner.planned(at, rulebooks, batch, residents, newest)
        except Exception:  # noqa: BLE001 - the reference finds out whose rows they are, one by one
            return {pack.subject for pack, _ in residents}
        with cursor.copy(self._copy) as copy:
            copy.write(text)
        recognition.write(cursor, self._schemas, recognised)
        return recognised.unsure

    def finish(self, cursor: Cursor[Any]) -> None:
        """Say where everything is filled: checkpoint, sweep and packs stand at the anchor."""
        anchor, rules = self._anchor, self._rules.at(cursor, self._anchor.position)
        leave(cursor, self._schemas, NAME, kept_between(cursor, self._schemas, None, None))
        cursor.execute(
            self._schemas.sql(
                "INSERT INTO {projections}.sweeps (projection, as_of, rules_position, rules_changes, after, scored,"
                " done) SELECT 'scores', %s, %s, %s, NULL, count(*), true FROM {projections}.packs"
            ),
            [anchor.as_of, *rules.mark],
        )
        cursor.execute(
            self._schemas.sql("INSERT INTO {projections}.pack_reach (position) VALUES (%s)"), [anchor.position]
        )


def _under(packs: Iterable[Pack], rules: Rules, day: date) -> dict[str, tuple[RulebookSet, list[tuple[Pack, str]]]]:
    """Sort residents and their places by what is in force there."""
    under: dict[str, tuple[RulebookSet, list[tuple[Pack, str]]]] = {}
    for pack in packs:
        for place in pack.places:
            rulebooks = rules.under(place, day)
            if rulebooks.documents:
                under.setdefault(rulebooks.hash, (rulebooks, []))[1].append((pack, place))
    return under


class SharedShapes:
    """The numbers of shapes, given in short transactions of their own: several processes fill at once."""

    def __init__(self, schemas: Schemas, connection: Connection[Any]) -> None:
        self._schemas = schemas
        self._connection = connection
        self._known: dict[Shape, int] = {}

    @property
    def listed(self) -> list[Shape]:
        """Give the shapes that are known here, in the order of their numbers."""
        return list(self._known)

    def numbers(self, shapes: Iterable[Shape]) -> Mapping[Shape, int]:
        """Give the numbers of shapes, some of which may be new."""
        new = {shape for shape in shapes if shape not in self._known}
        if new:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.execute(self._schemas.sql("LOCK TABLE {projections}.shapes IN EXCLUSIVE MODE"))
                numbered = Shapes(self._schemas)
                numbered.read(cursor)
                for shape in sorted(new, key=repr):
                    numbered.code(cursor, shape)
                self._known = {shape: code for code, shape in enumerate(numbered.listed())}
        return self._known

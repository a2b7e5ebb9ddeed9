"""packs: each resident's measures in one short row, in the form that the columnar engine takes.

`scores` writes them. A pack holds every row of a resident up to the reach, a position. It only saves reading: who
has none is read from measures, and a pack that may have changed otherwise than by new plain facts is thrown away.
Who has rows in another's stream (a void by another organ's entry) gets none.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from psycopg import Cursor

from domain.factrow import FactRow
from domain.home import places_of
from domain.knowledge import in_force, settled
from projections.engines.calendar import NO_DAY
from projections.packing import (
    HOME_KIND,
    IS_PLAIN,
    PLAIN,
    Pack,
    Shape,
    is_plain,
    packable,
    plain_of,
    says_where,
    whole_of,
    with_words,
)
from projections.schemas import Schemas


class Shapes:
    """The numbered shapes, remembered; new ones are numbered in the caller's transaction."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._codes: dict[Shape, int] = {}

    def read(self, cursor: Cursor[Any]) -> None:
        """Read the shapes that are there: what an ended transaction numbered may be gone."""
        found = cursor.execute(
            self._schemas.sql("SELECT words, code FROM {projections}.shapes ORDER BY code")
        ).fetchall()
        self._codes = {tuple(words): code for words, code in found}

    def code(self, cursor: Cursor[Any], words: Shape) -> int:
        """Give the number of a shape."""
        code = self._codes.get(words)
        if code is None:
            code = self._codes[words] = len(self._codes)
            cursor.execute(
                self._schemas.sql("INSERT INTO {projections}.shapes (code, words) VALUES (%s, %s)"),
                [code, list(words)],
            )
        return code

    def listed(self) -> list[Shape]:
        """Give the shapes in the order of their numbers."""
        return list(self._codes)


class Packs:
    """The table, as `scores` uses it."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._shapes = Shapes(schemas)

    def forget(self, cursor: Cursor[Any], subjects: Collection[UUID]) -> None:
        """Throw packs away."""
        if subjects:
            cursor.execute(
                self._schemas.sql("DELETE FROM {projections}.packs WHERE subject = ANY(%b)"), [list(subjects)]
            )

    def forget_all(self, cursor: Cursor[Any]) -> None:
        """Throw every pack away."""
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.packs"))
        cursor.execute(self._schemas.sql("DELETE FROM {projections}.pack_reach"))

    def follow(self, cursor: Cursor[Any], until: int) -> bool:
        """Bring every pack to a position: add the plain facts that came; throw away the packs of whom else came.

        Gives false, and does nothing, where the packs are beyond that position already.
        """
        found = cursor.execute(
            self._schemas.sql(
                "SELECT (SELECT position FROM {projections}.pack_reach), EXISTS (SELECT FROM {projections}.packs)"
            )
        ).fetchone()
        after, are_any = found or (None, False)
        if after is None:
            self.forget_all(cursor)
            cursor.execute(
                self._schemas.sql("INSERT INTO {projections}.pack_reach (position) VALUES (%s)"), [until]
            )
        elif until < after:
            return False
        elif after < until:
            if are_any:
                self._add(cursor, after, until)
            cursor.execute(self._schemas.sql("UPDATE {projections}.pack_reach SET position = %s"), [until])
        return True

    def _add(self, cursor: Cursor[Any], after: int, until: int) -> None:
        self._shapes.read(cursor)
        found = cursor.execute(
            self._schemas.sql(
                "SELECT subject, {plain} AND m.role = 'fact' AND m.kind <> %(home)s, position, ref_version,"
                " starts_on - date '1970-01-01', ends_on - date '1970-01-01',"
                " role, kind, place, variant, level, mark, opens, closes, quantity::text"
                " FROM (SELECT * FROM {measures} UNION ALL SELECT * FROM {restricted}) AS m"
                " WHERE position > %(after)s AND position <= %(until)s ORDER BY subject, position, part",
                plain=IS_PLAIN,
                measures=self._schemas.table("measures"),
                restricted=self._schemas.table("measures_restricted"),
            ),
            {"after": after, "until": until, "home": HOME_KIND},
        ).fetchall()
        changed = {read[0] for read in found if not read[1]}
        self.forget(cursor, changed)
        kept = [read for read in found if read[0] not in changed]
        if not kept:
            return
        code, no_day = self._shapes.code, int(NO_DAY)
        rows = [
            (position, version, code(cursor, words), starts, no_day if ends is None else ends)
            for _, _, position, version, starts, ends, words in map(with_words, kept)
        ]
        packed = memoryview(np.array(rows, PLAIN).tobytes())
        subjects = [read[0] for read in kept]
        begins = [n for n, subject in enumerate(subjects) if n == 0 or subjects[n - 1] != subject]
        size = PLAIN.itemsize
        parts = [
            bytes(packed[first * size : last * size])
            for first, last in zip(begins, [*begins[1:], len(subjects)], strict=True)
        ]
        cursor.execute(
            self._schemas.sql(
                "UPDATE {projections}.packs AS p SET plain = p.plain || n.plain"
                " FROM unnest(%b::uuid[], %b::bytea[]) AS n (subject, plain) WHERE p.subject = n.subject"
            ),
            [[subjects[first] for first in begins], parts],
        )

    def read(self, cursor: Cursor[Any], subjects: Collection[UUID], day: date) -> dict[UUID, Pack]:
        """Read the packs of some subjects that hold on a day."""
        found = cursor.execute(
            self._schemas.sql(
                "SELECT subject, places, home, since, until, plain, whole FROM {projections}.packs"
                " WHERE subject = ANY(%b)"
            ),
            [list(subjects)],
        ).fetchall()
        packs = (Pack(*row) for row in found)
        return {pack.subject: pack for pack in packs if pack.holds_on(day)}

    def write(self, cursor: Cursor[Any], known: Mapping[UUID, Sequence[FactRow]], day: date) -> dict[UUID, Pack]:
        """Make the packs of subjects whose every row is given; give those that could be made."""
        self._shapes.read(cursor)
        self.forget(cursor, known.keys())
        packs = [
            self._packed(cursor, subject, rows, day) for subject, rows in known.items() if packable(subject, rows)
        ]
        written(cursor, self._schemas, packs)
        return {pack.subject: pack for pack in packs}

    def shapes(self, cursor: Cursor[Any]) -> list[Shape]:
        """Give the shapes that packs name by number, as they are now."""
        self._shapes.read(cursor)
        return self._shapes.listed()

    def any(self, cursor: Cursor[Any]) -> bool:
        """Say whether anybody has a pack."""
        found = cursor.execute(self._schemas.sql("SELECT EXISTS (SELECT FROM {projections}.packs)")).fetchone()
        return bool(found and found[0])

    def _packed(self, cursor: Cursor[Any], subject: UUID, rows: Sequence[FactRow], day: date) -> Pack:
        code, ordered = partial(self._shapes.code, cursor), settled(rows)
        home, places = places_of(in_force(rows), day)
        turns = {turn for row in rows if says_where(row) for turn in (row.starts_on, row.ends_on, row.stops_on)}
        days = [turn for turn in turns if turn is not None]
        since = max((turn for turn in days if turn <= day), default=None)
        until = min((turn for turn in days if turn > day), default=None)
        plain = plain_of([row for row in ordered if is_plain(row, subject)], code)
        whole = whole_of([row for row in ordered if not is_plain(row, subject)], code)
        return Pack(subject, places, home, since, until, plain, whole)


def written(cursor: Cursor[Any], schemas: Schemas, packs: Sequence[Pack]) -> None:
    """Copy packs in."""
    if packs:
        with cursor.copy(
            schemas.sql(
                "COPY {projections}.packs (subject, places, home, since, until, plain, whole)"
                " FROM STDIN (FORMAT BINARY)"
            )
        ) as copy:
            copy.set_types(["uuid", "text[]", "text", "date", "date", "bytea", "bytea"])
            for pack in packs:
                copy.write_row(pack)

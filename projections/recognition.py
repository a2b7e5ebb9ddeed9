"""recognition: what each resident's points come to at home and elsewhere. This file is the tables' only writer.

A row is read off the score at home and written with it (projections/scores.py), so that whatever moves a score
moves it. One row says it for every place of the province: at home, in the rest of the city, in the rest of the
province. A place of its own stands in `recognition_elsewhere` only where it differs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from psycopg import Cursor, sql

from domain.knowledge import Knowledge, in_force
from domain.permit import PermitState
from domain.recognition import NOTHING, Recognition, Territories, counted, recognise, validity_there
from domain.rulebook import RulebookSet
from domain.rulebook.model import ValidityName
from domain.score import Score
from projections.engines.results import Scores
from projections.households import Household
from projections.packing import Pack
from projections.rules import Rules
from projections.schemas import Schemas

TYPES = {
    "subject": "uuid",
    "place": "text",
    "at_home": "bool",
    "scale": "int2",
    **dict.fromkeys(Recognition._fields, "int8"),
    "permit_state": "text",
    "awaits_request": "bool",
    "validity": "text",
}
TABLES = ("recognition", "recognition_elsewhere")
_HELD = (PermitState.NORMAL, PermitState.DUE, PermitState.SUSPENDED)
_NULL, _FLAGS = "\\N", ("f", "t")


@dataclass(slots=True)
class Written:
    """Rows to be written, and whose the plan cannot tell: a hold may freeze what counts elsewhere."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    elsewhere: list[tuple[UUID, str, int]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    unsure: set[UUID] = field(default_factory=set)


def forgetting(schemas: Schemas) -> sql.Composed:
    """Give the parts of a WITH that delete the rows of `subjects`: who forgets more does it in one round trip."""
    part = "{name} AS (DELETE FROM {table} WHERE subject = ANY(%(subjects)b))"
    return sql.SQL(", ").join(
        sql.SQL(part).format(name=sql.Identifier(f"gone_{table}"), table=schemas.table(table)) for table in TABLES
    )


def forget_between(cursor: Cursor[Any], schemas: Schemas, after: UUID | None, last: UUID | None) -> None:
    """Delete the rows of the subjects in (after, last]."""
    for table in TABLES:
        cursor.execute(
            schemas.sql(
                "DELETE FROM {table} WHERE (%(after)s::uuid IS NULL OR subject > %(after)s)"
                " AND (%(last)s::uuid IS NULL OR subject <= %(last)s)",
                table=schemas.table(table),
            ),
            {"after": after, "last": last},
        )


def write(cursor: Cursor[Any], schemas: Schemas, written: Written) -> None:
    """Copy rows in, of subjects who have none."""
    columns = sql.SQL(", ").join(map(sql.Identifier, TYPES))
    if written.rows:
        text = schemas.sql("COPY {projections}.recognition ({columns}) FROM STDIN (FORMAT BINARY)", columns=columns)
        with cursor.copy(text) as copy:
            copy.set_types(list(TYPES.values()))
            for row in written.rows:
                copy.write_row(row)
    if written.text:
        with cursor.copy(
            schemas.sql("COPY {projections}.recognition ({columns}) FROM STDIN", columns=columns)
        ) as copy:
            copy.write("".join(written.text))
    if written.elsewhere:
        cursor.executemany(
            schemas.sql(
                "INSERT INTO {projections}.recognition_elsewhere (subject, place, recognised) VALUES (%s, %s, %s)"
            ),
            written.elsewhere,
        )


def by_reference(
    subject: UUID, household: Household, scores: Sequence[tuple[Score, bool]], rules: Rules, written: Written
) -> None:
    """Add what the scores of one resident, each with whether it is a trial, come to elsewhere."""
    if not scores:
        return
    score, at_home = _read_off(scores)
    found = NOTHING
    if at_home:
        where = territories(rules, score.place, score.as_of)
        found = counted(score, where)
        if not where.uniform:
            found, elsewhere = _looked_at(in_force(household.rows), score, found, household, rules)
            written.elsewhere += [(subject, place, points) for place, points in elsewhere]
    awaits = score.permit.awaits_request
    written.rows.append(
        (subject, score.place, at_home, score.scale, *found, score.permit_state.value, awaits, score.validity)
    )


def looked_at(knowledge: Knowledge, scores: Sequence[tuple[Score, bool]], rules: Rules) -> list[str]:
    """Name the places whose own scores a row is made of, beside the one that it is read off."""
    if not scores:
        return []
    score, at_home = _read_off(scores)
    if not at_home or territories(rules, score.place, score.as_of).uniform:
        return []
    return [*_as_such(score.place), *_elsewhere(knowledge, score.place)]


def _read_off(scores: Sequence[tuple[Score, bool]]) -> tuple[Score, bool]:
    """Give the score that a row is read off, and whether it is that of the permit's place, with a permit."""
    score, trial = min(scores, key=lambda each: (each[1], each[0].place))
    return score, not trial and score.permit_state in _HELD


def _as_such(home: str) -> list[str]:
    return [home[:4] + "00", home[:2] + "0000"]


def _elsewhere(knowledge: Knowledge, home: str) -> list[str]:
    told = {row.place[:6] for rows in knowledge.rows.values() for row in rows if row.place is not None}
    return sorted(place for place in told if place[:2] == home[:2] and place != home)


def by_plan(
    scored: Scores, residents: Iterable[tuple[UUID, str, bool, bool]], where: Territories, written: Written
) -> None:
    """Add rows of a batch: each (subject, place, trial, whether this is the place that the row is read off)."""
    found = _sums(scored, where)
    freezes = any(hold.effect == "zero" for hold in scored.plan.holds)
    unsure = freezes & (scored.total == 0) & ((found["in_city"] > 0) | (found["in_province"] > 0))
    numbers = zip(*(found[name].tolist() for name in Recognition._fields), strict=True)
    awaits = scored.permits.awaits_request.tolist()
    for number, ((subject, place, trial, is_base), told) in enumerate(zip(residents, numbers, strict=True)):
        if not is_base:
            continue
        state = scored.permit_state_of(number)
        at_home = not trial and state in _HELD
        if at_home and (unsure[number] or not where.uniform):
            written.unsure.add(subject)
            continue
        points = "\t".join(map(str, told if at_home else NOTHING))
        validity = scored.validity_of(number) or _NULL
        written.text.append(
            f"{subject}\t{place}\t{_FLAGS[at_home]}\t{scored.plan.scale}\t{points}\t{state.value}\t"
            f"{_FLAGS[awaits[number]]}\t{validity}\n"
        )


def base_of(pack: Pack, rules: Rules, day: date) -> str | None:
    """Give the place whose score says what counts elsewhere: the permit's, or the first where there are tables."""
    ruled = [place for place in pack.places if rules.under(place, day).documents]
    return min(ruled, key=lambda place: (place != pack.home, place), default=None)


def territories(rules: Rules, place: str, day: date) -> Territories:
    """Say how far each document in force at a place counts; worked out once for a set."""
    home, city, province = (rules.under(one, day) for one in (place, place[:4] + "00", place[:2] + "0000"))
    key = ("territories", city.hash, province.hash)
    found: Territories | None = home.notes.get(key)
    if found is None:
        found = home.notes[key] = Territories.of(home, city, province)
    return found


def _sums(scored: Scores, where: Territories) -> dict[str, Any]:
    nothing = np.zeros(len(scored.total), np.int64)
    points = dict.fromkeys(("province", "city", "district"), nothing)
    less = dict(points)
    for table, earned in zip(scored.plan.tables, scored.tables, strict=True):
        points[where.level(table.doc)] = points[where.level(table.doc)] + earned
    for row, line in zip(scored.plan.rows, scored.lines, strict=True):
        if row.block == "deduction":
            less[where.level(row.doc)] = less[where.level(row.doc)] + line.points
    in_province = points["province"] + less["province"]
    in_city = in_province + points["city"] + less["city"]
    return {
        "total": scored.total,
        "in_city": np.maximum(in_city, 0),
        "in_province": np.maximum(in_province, 0),
        **points,
    }


def _looked_at(
    knowledge: Knowledge, score: Score, found: Recognition, household: Household, rules: Rules
) -> tuple[Recognition, list[tuple[str, int]]]:
    """Look at places by themselves: the city and the province as such, and where the resident has facts."""
    home = score.place
    places = _elsewhere(knowledge, home)
    standings = recognise(
        knowledge, [*_as_such(home), *places], score.as_of, rules.under, rules.coverage, household.family
    )
    city, province, *others = [
        standing.recognised * 10**score.scale // 10**standing.trial.scale for standing in standings
    ]
    usual = {True: city, False: province}
    elsewhere = [
        (place, points)
        for place, points in zip(places, others, strict=True)
        if points != usual[place[:4] == home[:4]]
    ]
    return found._replace(in_city=city, in_province=province), elsewhere


class RecognisedThere(NamedTuple):
    """What a resident's points come to in one place. Points are integers of 10^-scale."""

    place: str
    basis: str
    recognised: int
    left_behind: int
    validity: ValidityName | None


class RecognisedOf(NamedTuple):
    """The row of a resident: `home` None without a permit. `as_of` and `rulebooks` are those of the score."""

    subject: UUID
    home: str | None
    place: str
    scale: int
    points: Recognition
    permit_state: PermitState
    awaits_request: bool
    validity: ValidityName | None
    as_of: date
    elsewhere: dict[str, int]

    def there(self, place: str, rules: Rules) -> RecognisedThere:
        """Say what counts in a place, what stays behind, and whether it is in effect there."""
        here, theirs = rules.under(self.place, self.as_of), rules.under(place[:6], self.as_of)
        recognised = self._recognised(place[:6])
        return RecognisedThere(
            place,
            "official" if place[:6] == self.home else "trial",
            recognised,
            max(0, self.points.total - recognised),
            self.validity if place[:6] == self.home else self._validity(here, theirs),
        )

    def _recognised(self, place: str) -> int:
        if self.home is None or place[:2] != self.home[:2]:
            return 0
        if place == self.home:
            return self.points.total
        usual = self.points.in_city if place[:4] == self.home[:4] else self.points.in_province
        return self.elsewhere.get(place, usual)

    def _validity(self, here: RulebookSet, theirs: RulebookSet) -> ValidityName | None:
        return validity_there(here, theirs, self.permit_state, self.validity, awaits_request=self.awaits_request)


def recognised_of(cursor: Cursor[Any], schemas: Schemas, subject: UUID) -> RecognisedOf | None:
    """Read the row of a resident as it stands; None where there is none."""
    found = cursor.execute(
        schemas.sql(
            "SELECT r.subject, r.place, r.at_home, r.scale, r.total, r.in_city, r.in_province, r.province, r.city,"
            " r.district, r.permit_state, r.awaits_request, r.validity, s.as_of FROM {projections}.recognition AS r"
            " JOIN {projections}.scores AS s USING (subject, place) WHERE r.subject = %s"
        ),
        [subject],
    ).fetchone()
    if found is None:
        return None
    of, place, at_home, scale, *points, state, awaits, validity, as_of = found
    elsewhere = cursor.execute(
        schemas.sql("SELECT place, recognised FROM {projections}.recognition_elsewhere WHERE subject = %s"),
        [subject],
    ).fetchall()
    return RecognisedOf(
        of,
        place if at_home else None,
        place,
        scale,
        Recognition(*points),
        PermitState(state),
        awaits,
        validity,
        as_of,
        dict(elsewhere),
    )

"""Applicants in a file evaluated under a programme: one JSON object a line in, one a line out. No ledger.

    {"subject": "r1", "born_on": "1990-01-01", "sex": "female", "zone": "centre", "town": "330282111",
     "applied_on": "2022-06-20", "facts": [...], "family": {"spouse": {...}, "parents": [{...}]}}

Facts and family are written as for scores (domain/evaluation.py). Where the programme's subject is a child, the
line is the child's and `family.parents` are the parents. `points` may stand in for a score worked out elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.coverage import Coverage, feeds_of
from domain.evaluation import read_object
from domain.factrow import rows_of
from domain.knowledge import Knowledge, in_force
from domain.plain import Misread, entries_of
from domain.programme.case import Case, Person, given_points
from domain.programme.evaluation import Eligibility, evaluate
from domain.programme.examples import counted_on
from domain.programme.model import Programme
from domain.programme.money import granted
from domain.programme.outlook import outlook
from domain.programme.ranking import ALL, Entrant, Ranking, rank
from domain.relatives import born, day_of, gather, read_relatives
from domain.rulebook.resolution import RulebookSet
from domain.score import RefName

FIELDS = (
    *("subject", "born_on", "sex", "place", "town", "zone", "applied_on", "check_day"),
    *("points", "facts", "family", "choices"),
)
Under = Callable[[str, date], RulebookSet]


@dataclass(frozen=True, slots=True)
class Applied:
    """One line read: the case, the choices of school or town, and how its facts are named."""

    subject: str
    case: Case
    choices: tuple[str, ...]
    name: RefName


def read_applicant(line: str | bytes, programme: Programme, on: date, under: Under) -> Applied:
    """Read one line. `on` is the day of application where the line says none. Raises Misread."""
    told = read_object(line, FIELDS)
    subject = _text(told, "subject")
    if subject is None:
        raise Misread("subject", "missing", "text")
    applied_on = day_of(told.get("applied_on"), "applied_on") or on
    place = _text(told, "place") or programme.authority
    town = _text(told, "town")
    day = counted_on(programme, applied_on)
    written = told.get("family") or {}
    relatives = read_relatives(_bare(written))
    family = gather(relatives)
    entries = entries_of(told["facts"])
    rows = [row for entry in entries for row in rows_of(entry)]
    born_on = day_of(told.get("born_on"), "born_on")
    knowledge = in_force([*rows, *([born(born_on)] if born_on else [])])
    case = Case(
        _person(knowledge, told, ""),
        town or place,
        day,
        applied_on,
        day_of(told.get("check_day"), "check_day"),
        None if family.spouse is None else _person(family.spouse, written.get("spouse") or {}, "family.spouse."),
        tuple(
            _person(known, parent, f"family.parents[{index}].")
            for index, (known, parent) in enumerate(zip(family.parents, written.get("parents", []), strict=True))
        ),
        town,
        _text(told, "zone"),
        under(town or place, day),
        Coverage(feeds_of(entries)),
    )
    choices = told.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(choice, str) and choice for choice in choices):
        raise Misread("choices", "wrong-type", "a list of texts")
    paths = {0: ("", told["facts"])} | {each.stream: (f"{each.path}.", each.facts) for each in relatives}
    return Applied(subject, case, tuple(choices), _names(paths))


def evaluate_applicants(
    lines: Iterable[str | bytes], programme: Programme, on: date, under: Under, *, ahead: bool = True
) -> Iterator[tuple[dict[str, Any], Eligibility | None, Applied | None]]:
    """Evaluate each line: what is told of it, and for ranking what was found. A line that cannot be read tells why.

    `ahead` works out when an unmet condition could be met.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            applied = read_applicant(line, programme, on, under)
        except Misread as error:
            problem = {"field": error.field, "code": error.code, "wanted": error.wanted}
            yield {"line": number, "subject": None, "problems": [problem]}, None, None
            continue
        found = evaluate(programme, applied.case)
        told: dict[str, Any] = {"line": number, "subject": applied.subject}
        if ahead and not found.met:
            view = outlook(programme, applied.case, found, on)
            found = view.found
            told["not_before"] = view.not_before.isoformat() if view.not_before else None
        grant = granted(programme, applied.case.zone, applied.case.applied_on) if found.met else None
        told |= found.as_json(applied.name) | {"grant": grant.as_json() if grant else None}
        yield told, found, applied


def rank_applicants(
    programme: Programme,
    applicants: Mapping[str, tuple[Eligibility, Applied]],
    places: int | Mapping[str, int],
    draw: Mapping[str, int] | None = None,
) -> Ranking:
    """Rank evaluated applicants by their subjects. `places` is one number for every unit, or one for each."""
    quota = programme.quota
    ties = quota.ties_at_line if quota is not None else "admit_all"
    entrants = []
    for subject, (found, applied) in applicants.items():
        wished = applied.choices or ((applied.case.town,) if applied.case.town else ())
        units = (ALL,) if quota is None else quota.units(wished)
        entrants.append(Entrant(subject, found.key, units, found.met))
    every = {choice for entrant in entrants for choice in entrant.choices}
    free = dict.fromkeys(every, places) if isinstance(places, int) else dict(places)
    return rank(entrants, free, ties, draw)


def _person(knowledge: Knowledge, told: Mapping[str, Any], path: str) -> Person:
    sex, points = told.get("sex"), told.get("points")
    if sex not in (None, "male", "female"):
        raise Misread(f"{path}sex", "unknown-value", "male or female")
    try:
        given = None if points is None else given_points(points)
    except (ValueError, TypeError, AttributeError):
        raise Misread(f"{path}points", "wrong-type", "a number, or numbers by tier") from None
    return Person(knowledge, sex, given)


def _bare(family: Any) -> Any:
    """Leave out what programmes ask of a relative beyond facts; what is no family is refused by its reader."""

    def bare(told: Any) -> Any:
        return {k: v for k, v in told.items() if k not in ("sex", "points")} if isinstance(told, dict) else told

    if not isinstance(family, dict):
        return family
    parents = family.get("parents", [])
    plain = {**family, "parents": [bare(parent) for parent in parents] if isinstance(parents, list) else parents}
    return plain | ({"spouse": bare(family["spouse"])} if "spouse" in family else {})


def _text(told: Mapping[str, Any], name: str) -> str | None:
    value = told.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise Misread(name, "wrong-type", "text")
    return value


def _names(paths: Mapping[int, tuple[str, Any]]) -> RefName:
    def name(row: Any) -> str:
        path, facts = paths.get(row.ref_stream.int, ("", []))
        index = row.ref_version - 1
        known = facts[index].get("id") if 0 <= index < len(facts) else None
        return path + str(known or f"facts[{index}]")

    return name

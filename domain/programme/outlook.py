"""When an unmet condition could be met: the earliest day, and what that supposes. Nothing here is a promise.

First things are supposed to go on as they are: insurance that was paid last month is paid every month, a permit
in use is endorsed in time. Where that never meets the condition, what it counts is supposed to begin now, or a
new fact to be brought. The search looks at the first of each month, and then day by day; a condition that holds
for some days within one month alone can be missed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.civil import add_months, first_day, month_index, month_text
from domain.countable import INSURANCE
from domain.facts import (
    EmploymentStarted,
    Fact,
    HousingStarted,
    InsuranceMonthPaid,
    PermitEndorsed,
    PermitIssued,
    PostHeld,
    ResidenceRegistered,
)
from domain.knowledge import Knowledge
from domain.permit import PermitState, permit_on
from domain.programme import conditions as kinds
from domain.programme.case import Case, Person
from domain.programme.evaluation import Eligibility, find
from domain.programme.finding import Finding
from domain.programme.model import Programme
from domain.residency import entitlement
from domain.supposing import suppose

YEARS = 5
_DAY = timedelta(days=1)
_IN_USE = (PermitState.NORMAL, PermitState.DUE)
_SPELL = "supposed"


class Ahead(NamedTuple):
    """The earliest day, and what it supposes: goes_on, begins, new_fact, apply, move or ruled."""

    day: date
    supposing: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """An evaluation with what lies ahead. `not_before` is None where a condition can never be met, or is not known.

    Where the case meets the programme already, it is the day itself.
    """

    found: Eligibility
    not_before: date | None


def outlook(programme: Programme, case: Case, found: Eligibility, on: date, years: int = YEARS) -> Outlook:
    """Say of each condition that bars when it could be met, counted from a day. Pure."""
    until = add_months(on, 12 * years)
    going = _going_on(case, on, until)
    by_id = {condition.id: condition for condition in programme.require}
    findings = [
        _told(finding, _ahead(programme, case, going, by_id[finding.id], on, until)) if finding.bars else finding
        for finding in found.findings
    ]
    days = [finding.not_before for finding in findings if finding.bars]
    known = [day for day in days if day is not None]
    has_tier = found.tier is not None or not programme.tiers
    whole = len(known) == len(days) and has_tier
    return Outlook(replace(found, findings=tuple(findings)), max([on, *known]) if whole else None)


def by_itself(programme: Programme, case: Case, found: Eligibility, on: date, months: int = 12) -> date | None:
    """Give the day on which a programme is met if only things go on as they are; None: not within so many months.

    What is met at once, as soon as a month that is under way is reported, is met from the first of that month on,
    and months ahead are counted from the end of this one. So the answer is the same on every day of a month, unless
    something turns on it (domain/programme/due.py).
    """
    if found.tier is None and programme.tiers:
        return None
    until = first_day(month_index(on) + 1 + months)
    going = _going_on(case, on, until)
    by_id = {condition.id: condition for condition in programme.require}
    days = []
    for finding in found.findings:
        if finding.bars:
            condition = by_id[finding.id]

            def met(day: date, asked: kinds.ConditionKind = condition) -> bool:
                return find(programme, _at(going, day), asked).met

            day = _first(met, on, until)
            if day is None:
                return None
            days.append(first_day(month_index(on)) if day == on else day)
    return max(days, default=None)


def _told(finding: Finding, ahead: Ahead | None) -> Finding:
    return finding if ahead is None else replace(finding, not_before=ahead.day, if_=ahead.supposing)


def _ahead(
    programme: Programme, case: Case, going: Case, condition: kinds.ConditionKind, on: date, until: date
) -> Ahead | None:
    if isinstance(condition, kinds.AnyOf | kinds.AllOf):
        unmet = [part for part in condition.among if not find(programme, _at(case, on), part).met]
        parts = [_ahead(programme, case, going, part, on, until) for part in unmet]
        known = [part for part in parts if part is not None]
        if isinstance(condition, kinds.AnyOf):
            return min(known, default=None)
        return max(known, default=None) if len(known) == len(parts) else None

    def met(supposed: Case) -> Callable[[date], bool]:
        return lambda day: find(programme, _at(supposed, day), condition).met

    day = _first(met(going), on, until)
    if day is not None:
        return Ahead(day, "goes_on")
    begun = _begun(going if isinstance(condition, kinds.ScoreIs) else case, condition, on, until)
    if begun is None:
        return _by_hand(case, condition, on)
    day = _first(met(begun), on, until)
    needs_permit = isinstance(condition, kinds.PermitIs | kinds.ScoreIs)
    return None if day is None else Ahead(day, "apply" if needs_permit else "begins")


def _at(case: Case, day: date) -> Case:
    return replace(case, counted_on=day, applied_on=day, check_day=None)


def _first(met: Callable[[date], bool], on: date, until: date) -> date | None:
    """Find the first day of [on, until] on which it is met: by months, then by days."""
    if met(on):
        return on
    last = on
    for index in range(month_index(on) + 1, month_index(until) + 1):
        day = first_day(index)
        if met(day):
            return next(each for each in _days(last + _DAY, day) if met(each))
        last = day
    return None


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _everybody(case: Case, change: Callable[[Person], Person]) -> Case:
    return replace(
        case,
        applicant=change(case.applicant),
        spouse=None if case.spouse is None else change(case.spouse),
        parents=tuple(change(parent) for parent in case.parents),
    )


def _going_on(case: Case, on: date, until: date) -> Case:
    def change(person: Person) -> Person:
        facts = [*_endorsements(person.knowledge, on, until), *_months(person.knowledge, on, until)]
        return replace(person, knowledge=suppose(person.knowledge, facts))

    return _everybody(case, change)


def _endorsements(knowledge: Knowledge, on: date, until: date) -> Iterator[Fact]:
    """Suppose that a permit in use is endorsed on the last day of each of its years."""
    permit = permit_on(knowledge.permits, on)
    if permit.state(on) not in _IN_USE or permit.number is None or permit.place is None or permit.issued_on is None:
        return
    first = permit.covered_until or on
    for years in range(1, until.year - permit.issued_on.year + 1):
        covered = add_months(permit.issued_on, 12 * years)
        if covered >= first:
            yield PermitEndorsed(on=covered - _DAY, place=permit.place, permit=permit.number)


def _months(knowledge: Knowledge, on: date, until: date) -> Iterator[Fact]:
    """Suppose that what was paid last month, or this month already, is paid every month."""
    now = month_index(on)
    paid: dict[tuple[Any, Any], int] = {}
    for fact in knowledge.of(INSURANCE):
        row = fact.row
        if row.starts_on is not None and now - 1 <= month_index(row.starts_on) <= now:
            key = (row.variant, row.place)
            paid[key] = max(paid.get(key, 0), month_index(row.starts_on))
    for (variant, place), last in paid.items():
        for index in range(last + 1, month_index(until) + 1):
            yield InsuranceMonthPaid.model_validate(
                {"month": month_text(index), "place": place, "insurance": variant}
            )


def _begun(case: Case, condition: kinds.ConditionKind, on: date, until: date) -> Case | None:
    """Suppose that what a condition counts begins on the day; None where nothing begins that lasts."""
    place = case.town or case.place
    if isinstance(condition, kinds.PermitIs | kinds.ScoreIs):
        return _everybody(case, lambda person: _permitted(person, place, on, until))
    if not isinstance(condition, kinds.Measured) or condition.at_least is None:
        return None
    measure = condition.measure
    of = getattr(measure, "of", "")
    if measure.kind == "months" and of == INSURANCE:
        insurance = (measure.insurance or ["pension"])[0]
        paid = [
            InsuranceMonthPaid(month=month_text(index), place=place, insurance=insurance)
            for index in range(month_index(on), month_index(until) + 1)
        ]
        return _everybody(case, lambda person: replace(person, knowledge=suppose(person.knowledge, paid)))
    if of == "permit":
        return _everybody(case, lambda person: _permitted(person, place, on, until))
    spell = _spell(of, place, on)
    if spell is None or measure.kind not in ("spells", "months", "state"):
        return None
    return _everybody(case, lambda person: replace(person, knowledge=suppose(person.knowledge, [spell])))


def _spell(of: str, place: str, on: date) -> Fact | None:
    kind, _, variant = of.partition("/")
    match kind:
        case "residence-registered":
            return ResidenceRegistered(registered_on=on, place=place, spell=_SPELL)
        case "employment-started":
            fields = {"basis": variant} if variant else {}
            return EmploymentStarted.model_validate({"started_on": on, "place": place, "spell": _SPELL, **fields})
        case "housing-started":
            return HousingStarted(started_on=on, place=place, spell=_SPELL, tenure="rent")
        case "post-held" if variant:
            return PostHeld(started_on=on, place=place, spell=_SPELL, post=variant)
        case _:
            return None


def _permitted(person: Person, place: str, on: date, until: date) -> Person:
    """Suppose a permit: the one that is held, endorsed late today; or a new one as soon as its conditions allow."""
    permit = permit_on(person.knowledge.permits, on)
    here = permit.place is not None and permit.place.startswith(place)
    if here and permit.state(on) is PermitState.SUSPENDED and permit.number is not None:
        fact: Fact = PermitEndorsed(on=on, place=place, permit=permit.number, late=True)
    elif here and permit.state(on) in _IN_USE:
        return replace(person, knowledge=suppose(person.knowledge, _endorsements(person.knowledge, on, until)))
    else:
        issued_on = entitlement(person.knowledge, place, on).earliest
        fact = PermitIssued(on=issued_on, place=place, permit=_SPELL)
    known = suppose(person.knowledge, [fact])
    begins = getattr(fact, "on", on)
    return replace(person, knowledge=suppose(known, _endorsements(known, begins, until)))


def _by_hand(case: Case, condition: kinds.ConditionKind, on: date) -> Ahead | None:
    """Say what one new fact would do today; None where nothing would."""
    match condition:
        case kinds.Measured(at_least=at_least) if at_least is not None and condition.measure.kind != "age":
            return Ahead(on, "new_fact")
        case kinds.TermIs():
            return Ahead(on, "new_fact")
        case kinds.TookPart(year=year) if year >= on.year:
            return Ahead(max(on, date(year, 1, 1)), "new_fact")
        case kinds.NoOpenDispute():
            return Ahead(on, "ruled")
        case kinds.HomeIs() if case.town is not None:
            return Ahead(on, "move")
        case _:
            return None

"""What bars an erasure on a day, and the four acts around one. All that bars is told, never the first alone."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import reduce

from domain import benefit as benefits
from domain import dispute as disputes
from domain.civil import first_day
from domain.errors import Refusal
from domain.facts import (
    DecisionMade,
    Fact,
    HumanReviewAsked,
    HumanReviewed,
    LegalHoldLifted,
    LegalHoldPlaced,
    RestrictionLifted,
    SubjectRestricted,
)
from domain.retention.model import Period, Schedule
from domain.retention.refusals import (
    BenefitRuns,
    DisputeRuns,
    HoldStands,
    HoldUnknown,
    LegalHoldBars,
    NotUnderRestriction,
    RemedyRuns,
    RestrictionStands,
    RetentionRuns,
    RoundRuns,
)
from domain.retention.story import Obstacle, Said, Story, Why
from domain.round import Application, Round, RoundState, evolve_application

_DAY = timedelta(days=1)
_REFUSALS: dict[Why, type[Refusal]] = {
    "hold": LegalHoldBars,
    "dispute": DisputeRuns,
    "remedy": RemedyRuns,
    "benefit": BenefitRuns,
    "round": RoundRuns,
    "retention": RetentionRuns,
}


def obstacles(schedule: Schedule, story: Story, on: date, entry: int | None = None) -> list[Obstacle]:
    """Give all that bars, on a day, destroying a person's key, or expunging the one `entry` of that version.

    Legal holds first, then what runs, then retention periods, the longest first. Empty: nothing bars it.
    """
    return [
        *(Obstacle("hold", number, None, source=hold.basis) for number, hold in story.holds.items()),
        *_contested(story, on),
        *_owed(story),
        *_applied(story, on),
        *_kept(schedule, story, on, entry),
    ]


def refuse(found: Sequence[Obstacle]) -> None:
    """Raise what the first of the obstacles is, naming all of its sort and the last of their days."""
    if not found:
        return
    alike = [one for one in found if one.why == found[0].why]
    days = [one.until for one in alike]
    until = max((day for day in days if day is not None), default=None)
    when = "" if until is None or None in days else f"until {until}: "
    raise _REFUSALS[found[0].why](when + ", ".join(_told(one) for one in alike))


def place_hold(story: Story, number: str, basis: str, case: str | None, on: date, approval: str) -> LegalHoldPlaced:
    """Place a legal hold. Raises HoldStands."""
    if any(isinstance(one.fact, LegalHoldPlaced) and one.fact.hold == number for one in story.said):
        raise HoldStands(number)
    return LegalHoldPlaced(hold=number, placed_on=on, approval=approval, basis=basis, case=case)


def lift_hold(story: Story, number: str, basis: str, on: date, approval: str) -> LegalHoldLifted:
    """Lift a legal hold. Raises HoldUnknown."""
    if number not in story.holds:
        raise HoldUnknown(number)
    return LegalHoldLifted(hold=number, lifted_on=on, approval=approval, basis=basis)


def restrict(story: Story, basis: str, on: date, approval: str) -> SubjectRestricted:
    """Restrict the processing of what is known of a person. Raises RestrictionStands."""
    if story.restriction is not None:
        raise RestrictionStands
    number = sum(isinstance(one.fact, SubjectRestricted) for one in story.said) + 1
    return SubjectRestricted(restriction=f"R{number}", restricted_on=on, approval=approval, basis=basis)


def lift_restriction(story: Story, basis: str, on: date, approval: str) -> RestrictionLifted:
    """Lift the restriction that stands. Raises NotUnderRestriction."""
    if story.restriction is None:
        raise NotUnderRestriction
    number = story.restriction.restriction
    return RestrictionLifted(restriction=number, lifted_on=on, approval=approval, basis=basis)


def _told(one: Obstacle) -> str:
    return f"{one.what} ×{len(one.versions)}" if one.versions else one.what


def _contested(story: Story, on: date) -> Iterator[Obstacle]:
    for number, dispute in disputes.fold(story.facts).items():
        if dispute.is_open:
            yield Obstacle("dispute", number, None)
        elif dispute.state == "ruled" and not dispute.remedies:
            served = dispute.served
            until = None if served is None else max(served.reconsideration_by, served.lawsuit_by) + _DAY
            if until is None or on < until:
                yield Obstacle("remedy", number, until)
    reviewed = {fact.decision for fact in story.facts if isinstance(fact, HumanReviewed)}
    for fact in story.facts:
        if isinstance(fact, HumanReviewAsked) and fact.decision not in reviewed:
            yield Obstacle("dispute", f"review {fact.decision[:12]}", None)


def _owed(story: Story) -> Iterator[Obstacle]:
    for (programme, _), facts in _cases(story, "programme", "application").items():
        benefit = benefits.fold(facts)
        if not benefit.programme:
            continue
        if benefit.overpaid_fen > 0:
            yield Obstacle("benefit", programme, None)
        elif not benefit.is_over():
            yield Obstacle("benefit", programme, first_day(benefit.last + 1))


def _applied(story: Story, on: date) -> Iterator[Obstacle]:
    for (name, _), facts in _cases(story, "round", "application").items():
        decided = any(isinstance(fact, DecisionMade) for fact in facts)
        application = reduce(evolve_application, facts, Application())
        within = story.rounds.get(name)
        if within is None or not application.stands(within):
            continue  # void or withdrawn, or of a round of another ledger: nothing here waits for it
        if decided and not within.places:
            continue  # nobody is ranked for places: with its decision the application is done
        if _runs(within, application, on):
            yield Obstacle("round", name, _over_on(within, application))


def _runs(within: Round, application: Application, on: date) -> bool:
    state = within.state(on)
    if state is RoundState.CANCELLED:
        return False
    over_on = _over_on(within, application)
    return over_on is None or on < over_on


def _over_on(within: Round, application: Application) -> date | None:
    """Give the first day on which a published ranking hangs out no more and no offer waits for an answer."""
    if not within.published or not within.notices:
        return None
    days = [removed for _, removed in within.notices]
    days += [offer.answer_by + _DAY for offer in application.offers if offer.answer is None]
    return max(days)


def _kept(schedule: Schedule, story: Story, on: date, entry: int | None) -> list[Obstacle]:
    last = _last_of_cases(story)
    found: dict[str, tuple[Period, date, list[int]]] = {}
    for one in story.said:
        period = schedule.period(one.kind) if entry in (None, one.version) else None
        if period is None or story.voided_for.get(one.version) in schedule.released_by:
            continue
        counted = last.get(_case(one), one.on) if period.counted_from == "case" else one.on
        ends = period.ends(counted)
        if on < ends:
            before = found.get(period.id, (period, ends, []))
            found[period.id] = (period, max(before[1], ends), [*before[2], one.version])
    obstacles = [
        Obstacle("retention", name, ends, tuple(versions), f"{period.source.basis}: {period.source.text}")
        for name, (period, ends, versions) in found.items()
    ]
    return sorted(obstacles, key=lambda one: one.until or date.max, reverse=True)


_CASES = ("dispute", "application", "claim", "decision")


def _case(one: Said) -> tuple[str, str] | None:
    for name in _CASES:
        number = getattr(one.fact, name, None)
        if number is not None:
            return name, str(number)
    return None


def _last_of_cases(story: Story) -> dict[tuple[str, str] | None, date]:
    days: dict[tuple[str, str] | None, date] = {}
    for one in story.said:
        case = _case(one)
        if case is not None:
            days[case] = max(one.on, days.get(case, one.on))
    return days


def _cases(story: Story, *names: str) -> dict[tuple[str, ...], list[Fact]]:
    found: dict[tuple[str, ...], list[Fact]] = defaultdict(list)
    for fact in story.facts:
        values = tuple(getattr(fact, name, None) for name in names)
        if None not in values:
            found[tuple(map(str, values))].append(fact)
    return found

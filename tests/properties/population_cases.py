"""Random rulebooks and adversarial populations, the same for the same source of chance.

Days crowd around the ends of months and around the borders of the windows, lapses and holds that the rulebook has.
Spells touch, overlap and repeat; closers come late, early, twice, void, or for nothing; corrections are corrected;
months are paid in two districts; the cut falls among the entries.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from domain import facts
from domain.civil import add_months, month_index, month_text
from domain.coverage import Coverage, Feed
from domain.facts import Fact, Known, Ref
from domain.knowledge import FactRow, rows_of
from domain.rulebook import RulebookSet
from domain.rulebook.problems import Unsound
from tests.domain.given import EVIDENCE, tables
from tests.properties.rulebooks import document

PLACES = ["330212", "330203", "330282", "330282002", "3302QW", "330381", "310115"]
DAY = timedelta(days=1)
_BORDERS = [date(2024, 2, 29), date(2023, 2, 28), date(2024, 1, 31), date(2025, 12, 31), date(2026, 1, 1)]


class Case(NamedTuple):
    """A population, the rulebooks, and where in time and use they meet."""

    rulebooks: RulebookSet
    people: list[tuple[str, list[FactRow]]]
    as_of: date
    as_at: int | None
    coverage: Coverage
    use: str | None


def case(chance: random.Random, residents: int = 6, entries: int = 22) -> Case:
    """Make a case."""
    focus = chance.choice([*_FOCI, "spells", "spells", "permit", "restricted", ""])
    rulebooks = _rulebooks(chance, focus)
    as_of = chance.choice([*_BORDERS, date(2023, 1, 1) + timedelta(days=chance.randint(0, 1100))])
    if chance.random() < 0.4:
        as_of = add_months(as_of.replace(day=1), 1) - DAY
    days = _Days(chance, as_of, _durations(rulebooks))
    people = [_person(chance, days, _FOCI.get(focus, _MAKERS), number, entries) for number in range(residents)]
    feeds = [
        Feed(chance.choice(_KINDS), chance.choice(["330000", "330200", "330212"]), 2020 * 12, 2030 * 12, 1)
        for _ in range(chance.randint(0, 3))
    ]
    as_at = chance.choice([None, None, entries // 2, entries - 2])
    return Case(rulebooks, people, as_of, as_at, Coverage(feeds, as_at), chance.choice([None, "school", "housing"]))


def _rulebooks(chance: random.Random, focus: str) -> RulebookSet:
    while True:
        try:
            return tables(*(document(chance, number, focus) for number in range(chance.randint(1, 3))))
        except Unsound:
            continue


def _durations(rulebooks: RulebookSet) -> list[int]:
    found = [1, 6, 12]
    for book in rulebooks.rulebooks:
        for row in (*book.items, *book.deductions):
            window, lapses = getattr(row.measure, "window", None), getattr(row.measure, "lapses", None)
            found += [window.last] if window else []
            found += [lapses.after] if lapses else []
        found += [hold.lasts for hold in book.holds if hold.lasts]
    return found


class _Days:
    """Days that a rule may get wrong."""

    def __init__(self, chance: random.Random, as_of: date, durations: Sequence[int]) -> None:
        self._chance, self._as_of, self._durations = chance, as_of, durations

    def any(self) -> date:
        chance = self._chance
        turn = chance.randint(0, 9)
        if turn < 3:
            edge = add_months(self._as_of, -chance.choice(self._durations))
            month_end = add_months(edge.replace(day=1), 1) - DAY
            return chance.choice([edge, edge + DAY, edge - DAY, month_end, month_end - DAY, edge.replace(day=1)])
        if turn < 4:
            return self._as_of + chance.choice([-45, -30, -15, -1, 0, 0, 1, 40]) * DAY
        if turn < 5:
            return chance.choice(_BORDERS)
        return self._as_of - timedelta(days=chance.randint(0, 1500))

    def years_ago(self) -> date:
        return (
            add_months(self._as_of, -12 * self._chance.randint(1, 4)) + self._chance.choice([-1, 0, 0, 0, 1]) * DAY
        )

    def month(self) -> str:
        ago = self._chance.choice([0, 1, 2, 3, 4, 5, 6, 7, self._chance.randint(-1, 30)])
        return month_text(month_index(self._as_of) - ago)


def _person(
    chance: random.Random, days: _Days, often: Sequence[Any], number: int, most: int
) -> tuple[str, list[FactRow]]:
    home = chance.choice(PLACES[:5])
    stream = UUID(int=number + 1)
    maker = _Maker(chance, days, home, often)
    known: list[Known] = []
    for position in range(1, chance.choice([0, 1, most // 2, most, most]) + 1):
        fact, target = maker.fact(), None
        turn = chance.random()
        if turn < 0.16:
            version = chance.choice([position - 1, chance.randint(1, most)])
            target = Ref(stream=stream, version=max(1, version))
            fact = maker.void() if turn < 0.09 else maker.correction(fact)
        known.append(Known(fact, position, Ref(stream=stream, version=position), target))
    return home, [row for entry in known for row in rows_of(entry)]


class _Maker:
    def __init__(self, chance: random.Random, days: _Days, home: str, often: Sequence[Any]) -> None:
        self._chance, self._days, self._home, self._often = chance, days, home, often
        self._turn, self._order = 0, chance.choice([0.4, 0.95])
        self._pace = chance.choice([(0, 0, 1), (0, 1, 11, 11, 12, 12, 13)])
        self._permit_day = chance.choice([days.years_ago(), days.years_ago(), days.any()])
        self._spells: dict[str, list[tuple[date, date | None]]] = {}
        self._made: list[Fact] = []

    def fact(self) -> Fact:
        chance = self._chance
        if self._made and chance.random() < 0.12:
            return chance.choice(self._made)
        fact: Fact = chance.choice(self._often if chance.random() < 0.7 else _MAKERS)(self)
        self._made.append(fact)
        return fact

    def void(self) -> Fact:
        from_date = self._chance.choice([None, self._days.any()])
        effect = "from_the_start" if from_date is None else "from_date"
        return self.of(facts.FactVoided, reason="source-error", effect=effect, from_date=from_date)

    def correction(self, fact: Fact) -> Fact:
        if isinstance(fact, facts.ParticularsCorrected | facts.InsuranceMonthRefunded):
            return self.void()
        try:
            return facts.FactCorrected.model_validate({"reason": "source-error", "replacement": fact})
        except ValueError:
            return self.void()

    def place(self) -> str:
        return self._home if self._chance.random() < 0.6 else self._chance.choice(PLACES)

    def of(self, fact: type[Fact], **fields: Any) -> Fact:
        return fact.model_validate(fields)

    def word(self, *words: Any) -> Any:
        return self._chance.choice(words)

    def span(self, of: str) -> tuple[date, date | None]:
        """Make a period: often one that touches, overlaps or repeats another."""
        chance = self._chance
        start = self._days.any()
        until = chance.choice([None, start, start + timedelta(days=chance.randint(1, 45)), self._days.any()])
        others = self._spells.setdefault(of, [])
        if others and chance.random() < 0.6:
            first, last = chance.choice(others)
            start = chance.choice([last or first, last or first, first])
            until = chance.choice([None, last, start + timedelta(days=chance.randint(1, 40))])
        others.append((start, until))
        return start, until

    def insurance(self) -> Fact:
        standing = self.word("normal", "normal", "back-paid", "transferred")
        kind = self.word("pension", "pension", "medical", "housing-fund")
        return self.of(
            facts.InsuranceMonthPaid,
            month=self._days.month(),
            place=self.place(),
            standing=standing,
            insurance=kind,
        )

    def refund(self) -> Fact:
        paid = [fact for fact in self._made if isinstance(fact, facts.InsuranceMonthPaid)]
        month, place, kind = self._days.month(), self.place(), "pension"
        if paid and self._chance.random() < 0.8:
            one = self._chance.choice(paid)
            month, place, kind = one.month, one.place, one.insurance
        return self.of(
            facts.InsuranceMonthRefunded, month=month, place=place, insurance=kind, refunded_on=self._days.any()
        )

    def residence(self) -> Fact:
        start, _ = self.span("residence")
        if self._chance.random() < 0.3:
            old, new = self.word("A", "B", "C"), self.word("A", "B", "C", "D")
            return self.of(facts.ResidenceMoved, moved_on=start, place=self.place(), spell=old, new_spell=new)
        return self.of(facts.ResidenceRegistered, registered_on=start, place=self.place(), spell=self.word(*"ABC"))

    def started(self) -> Fact:
        start, until = self.span("started")
        common = {"started_on": start, "until": until, "place": self.place(), "spell": self.word(*"ABC")}
        turn = self._chance.randint(0, 2)
        if turn == 0:
            return self.of(
                facts.EmploymentStarted, **common, basis=self.word("labour-contract", "business-licence")
            )
        if turn == 1:
            share = self.word(10_000, 5_000, 3_333)
            return self.of(facts.HousingStarted, **common, tenure=self.word("own", "rent"), share=share)
        return self.of(facts.PostHeld, **common, post=self.word("sanitation", "grid_worker"))

    def ended(self) -> Fact:
        kind = self.word(facts.ResidenceEnded, facts.EmploymentEnded, facts.HousingEnded, facts.PostEnded)
        on = self._chance.choice(
            [self._days.any(), *(last for spans in self._spells.values() for _, last in spans if last)]
        )
        return self.of(kind, ended_on=on, place=self.place(), spell=self.word(*"ABC"))

    def merit(self) -> Fact:
        day, place = self._days.any(), self.place()
        turn = self._chance.randint(0, 3)
        if turn == 0:
            return self.of(facts.EducationAwarded, level=self.word("college", "bachelor"), awarded_on=day)
        if turn == 1:
            return self.of(facts.SkillAwarded, level=self.word("l1", "l3"), awarded_on=day)
        if turn == 2:
            level, act = self.word("national", "city", "town"), self.word("a", "b")
            return self.of(facts.HonourReceived, level=level, received_on=day, place=place, act=act)
        return self.of(
            facts.PatentGranted,
            level=self.word("invention", "design"),
            granted_on=day,
            patent=self.word("X", "Y"),
            holders=self.word(1, 2, 3, 7),
            order=self.word(1, 2),
        )

    def effort(self) -> Fact:
        minutes = self._chance.randint(1, 900)
        if self._chance.random() < 0.6:
            return self.of(
                facts.VolunteerHoursServed,
                served_on=self._days.any(),
                place=self.place(),
                minutes=minutes,
                activity=self.word("general", "school"),
                paid=self._chance.random() < 0.5,
            )
        millilitres = self._chance.choice([100, 200, 399, 400])
        return self.of(facts.BloodDonated, donated_on=self._days.any(), place=self.place(), millilitres=millilitres)

    def attested(self) -> Fact:
        start, until = self.span("attested")
        return self.of(
            facts.Attested,
            scheme=self.word("scheme_a", "scheme_b"),
            place=self.place(),
            valid_from=start,
            valid_to=until,
            level=self.word(None, "gold", "silver"),
            quantity=self.word(None, 0, 1, 3, 50),
        )

    def restricted(self) -> Fact:
        acted = self._days.any()
        later = [None, acted, acted + 30 * DAY, self._days.any()]
        return self.of(
            facts.RestrictedFact,
            category=self.word("offence", "offence", "credit"),
            level=self.word("minor", "detention", "crime"),
            place=self.place(),
            acted_on=acted,
            decided_on=self.word(*later),
            effective_on=self.word(*later),
            completed_on=self.word(*later),
            act=self.word(None, "a", "b"),
        )

    def permit(self) -> Fact:
        kind = self.word(
            facts.PermitIssued,
            facts.PermitIssued,
            facts.PermitEndorsed,
            facts.PermitEndorsed,
            facts.PermitSuspended,
            facts.PermitRestored,
            facts.PermitRestored,
            facts.PermitEnded,
            facts.PointsReinstatementRequested,
            facts.PointsReinstatementRequested,
        )
        if self._chance.random() < self._order:
            kind = _LIFE[self._turn % len(_LIFE)]
            self._turn += 1
        later = add_months(self._permit_day, self.word(*self._pace))
        self._permit_day = later + self.word(-1, 0, 0, 0, 1, 20) * DAY
        day = self._chance.choice([self._permit_day, self._permit_day, self._days.any()])
        if self._chance.random() < 0.06:
            ending: list[Fact] = [facts.DeathRecorded(on=day), facts.LocalHukouGained(on=day, place=self.place())]
            return self._chance.choice(ending)
        if self._chance.random() < 0.05:
            return self.of(
                facts.PermitConverted, on=day, place=self.place(), permit="Q", by="existing-permit", from_permit="P"
            )
        return self.of(kind, on=day, place=self.place(), permit=self.word("P", "P", "P", "P", "Q"))

    def birth(self) -> Fact:
        day = self._days.any()
        years = self._chance.randint(17, 62)
        day = date(2004, 2, 29) if self._chance.random() < 0.2 else add_months(day, -12 * years)
        return self.of(facts.ParticularsCorrected, born_on=day)

    def grant(self) -> Fact:
        start, until = self.span("grant")
        return self.of(
            facts.ManualGrant,
            doc=f"test.{self._chance.randint(0, 2)}",
            item=f"item{self._chance.randint(0, 4)}",
            clause="c",
            place=self.place(),
            granted_on=start,
            valid_to=until,
            points_e4=self._chance.randint(1, 90_000),
            evidence=EVIDENCE,
            approval=EVIDENCE,
        )

    def election(self) -> Fact:
        return self.of(
            facts.ItemElected,
            doc=self.word("test.0", "test.0", "test.1", "test.2"),
            group=self.word("cat_a", "cat_a", "cat_a", "cat_b"),
            item=f"item{self._chance.randint(0, 3)}",
            elected_on=self._days.any(),
        )


_MAKERS = [
    _Maker.insurance,
    _Maker.insurance,
    _Maker.insurance,
    _Maker.refund,
    _Maker.residence,
    _Maker.residence,
    _Maker.started,
    _Maker.started,
    _Maker.ended,
    _Maker.merit,
    _Maker.merit,
    _Maker.effort,
    _Maker.effort,
    _Maker.attested,
    _Maker.restricted,
    _Maker.permit,
    _Maker.permit,
    _Maker.birth,
    _Maker.grant,
    _Maker.election,
]
_LIFE = [
    facts.PermitIssued,
    facts.PermitSuspended,
    facts.PermitRestored,
    facts.PointsReinstatementRequested,
    facts.PermitSuspended,
    facts.PermitRestored,
    facts.PermitEndorsed,
]
"""A permit's life, as it may go."""
_FOCI = {
    "months": [_Maker.insurance, _Maker.insurance, _Maker.refund, _Maker.residence],
    "spells": [_Maker.residence, _Maker.started, _Maker.ended],
    "share": [_Maker.started, _Maker.merit],
    "merit": [_Maker.merit, _Maker.restricted],
    "effort": [_Maker.effort, _Maker.merit],
    "permit": [_Maker.permit],
    "choice": [_Maker.election, _Maker.insurance, _Maker.effort, _Maker.birth],
    "restricted": [_Maker.restricted],
    "attested": [_Maker.attested, _Maker.grant],
    "age": [_Maker.birth],
}
"""What a case is full of."""
_KINDS = ["insurance-month-paid", "residence-registered", "volunteer-hours-served", "honour-received", "attested"]

"""Random histories of one resident: facts of every counted kind, voids and corrections that may name anything."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from domain import facts
from domain.facts import Fact, Known, Ref

SUBJECT = UUID(int=1)
PLACES = ["330212", "330203", "330282002", "3302QW", "330381", "310115"]
# Days crowd around the ends of months, where month arithmetic goes wrong.
_MONTH_ENDS = [date(2024, m, 1) - timedelta(days=1) for m in range(1, 13)] + [date(2024, 2, 29), date(2023, 2, 28)]
days = st.one_of(st.dates(date(2019, 1, 1), date(2025, 12, 31)), st.sampled_from(_MONTH_ENDS))
places = st.sampled_from(PLACES)
spells = st.sampled_from(["A", "B", "C"])
months = st.integers(2022 * 12, 2025 * 12).map(lambda n: f"{n // 12:04d}-{n % 12 + 1:02d}")


def _of(fact: type[Fact], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Fact]:
    return st.fixed_dictionaries(fields).map(fact.model_validate)


def _levels(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from(names)


counted: st.SearchStrategy[Fact] = st.one_of(
    _of(
        facts.InsuranceMonthPaid,
        month=months,
        place=places,
        standing=_levels("normal", "back-paid", "transferred"),
        insurance=_levels("pension", "medical", "housing-fund"),
    ),
    _of(facts.ResidenceRegistered, registered_on=days, place=places, spell=spells),
    _of(facts.EmploymentStarted, started_on=days, until=st.none() | days, place=places, spell=spells),
    _of(facts.HousingStarted, started_on=days, place=places, spell=spells, tenure=_levels("own", "rent")),
    _of(facts.EducationAwarded, level=_levels("college", "bachelor", "below"), awarded_on=days),
    _of(facts.SkillAwarded, level=_levels("l1", "l3", "l5"), awarded_on=days),
    _of(facts.VolunteerHoursServed, served_on=days, place=places, minutes=st.integers(1, 2000)),
    _of(facts.BloodDonated, donated_on=days, place=places, millilitres=st.integers(100, 600)),
    _of(facts.HonourReceived, level=_levels("national", "city", "town"), received_on=days, place=places),
    _of(facts.Attested, scheme=_levels("scarce_post", "invention"), place=places, valid_from=days),
)
closers: st.SearchStrategy[Fact] = st.one_of(
    _of(facts.ResidenceEnded, ended_on=days, place=places, spell=spells),
    _of(facts.ResidenceMoved, moved_on=days, place=places, spell=spells, new_spell=spells),
    _of(facts.EmploymentEnded, ended_on=days, place=places, spell=spells),
)
restricted = _of(
    facts.RestrictedFact,
    category=_levels("offence", "credit"),
    level=_levels("minor", "detention", "crime"),
    place=places,
    acted_on=days,
    act=st.none() | _levels("a", "b"),
)
permits: st.SearchStrategy[Fact] = st.one_of(
    *(
        _of(kind, on=days, place=places, permit=_levels("P1", "P2"))
        for kind in (
            facts.PermitIssued,
            facts.PermitEndorsed,
            facts.PermitSuspended,
            facts.PermitRestored,
            facts.PermitEnded,
            facts.PointsReinstatementRequested,
        )
    ),
    _of(facts.PermitConverted, on=days, place=places, permit=_levels("P1", "P2"), by=st.just("registered-months")),
    _of(facts.LocalHukouGained, on=days, place=places),
    _of(facts.DeathRecorded, on=days),
)
births = st.dates(date(1955, 1, 1), date(2005, 1, 1))
identities: st.SearchStrategy[Fact] = st.one_of(
    _of(facts.ParticularsCorrected, born_on=births), _of(facts.ParticularsCorrected, sex=st.just("male"))
)
any_fact = st.one_of(counted, closers, restricted, permits, identities)


@st.composite
def histories(draw: st.DrawFn, of: st.SearchStrategy[Fact] = any_fact, most: int = 25) -> list[Known]:
    """Draw entries at positions 1, 2, 3, …; a void may name any entry, also one that does not exist."""
    entries: list[Known] = []
    for position in range(1, draw(st.integers(0, most)) + 1):
        fact = draw(of)
        target = None
        turn = draw(st.integers(0, 7))
        if turn < 2:
            target = Ref(stream=SUBJECT, version=draw(st.integers(1, most)))
            fact = _correction(draw, fact) if turn else _void(draw)
        entries.append(Known(fact, position, Ref(stream=SUBJECT, version=position), target))
    return entries


def _void(draw: st.DrawFn) -> Fact:
    day = draw(st.none() | days)
    effect = "from_date" if day else "from_the_start"
    return facts.FactVoided.model_validate({"reason": "source-error", "effect": effect, "from_date": day})


def _correction(draw: st.DrawFn, fact: Fact) -> Fact:
    if isinstance(fact, facts.ParticularsCorrected):
        return _void(draw)
    return facts.FactCorrected.model_validate({"reason": "source-error", "replacement": fact})

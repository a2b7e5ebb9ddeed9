"""Live = rebuilt: whatever happens, in whatever batches it is folded, the tables are those of one fold of all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Literal
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import facts
from domain.facts import Fact, Ref, Stream
from ledger.database import Database
from ledger.streams import is_named, named
from projections.digest import TABLES, digest
from projections.quarantine import listed
from tests.projections.given import GivenLedger, subject
from tests.projections.programmes import loan, rental
from tests.projections.tables import city, family, province

PLACES = ("330212", "330203002")
CORRECTIONS: dict[str, Fact] = {
    "void": facts.FactVoided(reason="source-error"),
    "void-ahead": facts.FactVoided(reason="source-error"),
    "void-from": facts.FactVoided(reason="revoked", effect="from_date", from_date=date(2025, 3, 1)),
    "correct": facts.FactCorrected(
        reason="source-error", replacement=facts.InsuranceMonthPaid(month="2025-06", place=PLACES[0])
    ),
    "correct-restricted": facts.FactCorrected(
        reason="source-error",
        replacement=facts.RestrictedFact(
            category="offence", level="minor", place=PLACES[0], acted_on=date(2025, 1, 1)
        ),
    ),
}
MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 13))
_examples = count()


@dataclass(frozen=True)
class Said:
    """A fact about one of three residents."""

    who: int
    fact: Fact


@dataclass(frozen=True)
class Tied:
    """Two of the three residents are tied, or the second was the first all along; later it may end."""

    tie: Literal["spouse", "child", "guardian", "merged", "ended", "custody"]
    first: int
    other: int
    day: date


@dataclass(frozen=True)
class Undone:
    """What an earlier entry suffers: `which` counts from the last one back."""

    how: str
    which: int


@dataclass(frozen=True)
class Folded:
    """Everything that is there by now is folded, in batches of this size."""

    batch: int


@dataclass(frozen=True)
class Other:
    """Something that is nobody's: a hole in the positions, a feed, an entry that no release here knows."""

    what: Literal["hole", "feed", "unknown"]
    who: int


days = st.dates(date(2024, 1, 1), date(2025, 12, 31))
spells = st.sampled_from(["S1", "S2"])
places = st.sampled_from(PLACES)
plain_facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(facts.InsuranceMonthPaid, month=st.sampled_from(MONTHS), place=places),
    st.builds(facts.ResidenceRegistered, registered_on=days, place=places, spell=spells),
    st.builds(facts.ResidenceMoved, moved_on=days, place=places, spell=spells, new_spell=st.just("S3")),
    st.builds(facts.ResidenceEnded, ended_on=days, place=places, spell=spells),
    st.builds(facts.PermitIssued, on=days, place=places, permit=spells),
    st.builds(facts.PermitSuspended, on=days, place=places, permit=spells),
)
sealed_facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(facts.ParticularsCorrected, born_on=st.dates(date(1960, 1, 1), date(2000, 1, 1))),
    st.builds(facts.BloodDonated, donated_on=days, place=places, millilitres=st.sampled_from([200, 400])),
    st.builds(
        facts.RestrictedFact,
        category=st.just("offence"),
        level=st.sampled_from(["minor", "detention"]),
        place=places,
        acted_on=days,
    ),
)
ties = st.builds(
    Tied,
    tie=st.sampled_from(["spouse", "child", "guardian", "ended", "ended", "merged", "custody"]),
    first=st.integers(0, 2),
    other=st.integers(0, 2),
    day=days,
)
events = st.one_of(
    ties,
    st.builds(Said, who=st.integers(0, 2), fact=st.one_of(plain_facts, sealed_facts)),
    st.builds(
        Undone,
        how=st.sampled_from([*CORRECTIONS, "void-elsewhere", "expunge", "destroy"]),
        which=st.integers(0, 5),
    ),
    st.builds(Folded, batch=st.integers(1, 9)),
    st.builds(Other, what=st.sampled_from(["hole", "feed", "unknown"]), who=st.integers(0, 2)),
)


class Life:
    """Acts out events on a ledger, with residents of its own."""

    def __init__(self, ledger: GivenLedger, connection: psycopg.Connection) -> None:
        self.ledger, self.connection = ledger, connection
        first = next(_examples) * 10
        self.residents = [subject(first + number) for number in range(3)]
        self.said: list[tuple[Ref, Fact]] = []

    def act(self, event: Said | Tied | Undone | Folded | Other) -> None:
        match event:
            case Said(who, fact) if self.residents[who] not in self.ledger.keys.destroyed:
                self._append(self.residents[who], fact)
            case Tied() if event.first != event.other:
                self._tie(event)
            case Undone(how, which) if which < len(self.said):
                self._undo(how, *self.said[-1 - which])
            case Folded(batch):
                self.ledger.run_all(self.connection, batch)
            case Other("hole", who):
                self.ledger.skip_positions(who + 1)
            case Other("feed"):
                self.ledger.deliver("insurance-month-paid", "330000", "2020-01", "2025-12")
            case Other("unknown", who) if self.residents[who] not in self.ledger.keys.destroyed:
                self.ledger.append_stored([self.ledger.unknown(self.residents[who])])
            case _:
                pass

    def _append(self, stream: UUID, fact: Fact, refers_to: Ref | None = None) -> None:
        self.said.append((self.ledger.append(stream, fact, refers_to=refers_to), fact))

    def _tie(self, event: Tied) -> None:
        first, other = self.residents[event.first], self.residents[event.other]
        stream = named(Stream.FAMILY, f"{first} {other}")
        match event.tie:
            case "merged":
                self._append(stream, facts.IdentitiesMerged(kept=first, merged=other))
            case "ended":
                self._append(stream, facts.FamilyTieEnded(ended_on=event.day, spell="T"))
            case "custody":
                self._append(stream, facts.CustodyChanged(child=other, to=first, since=event.day))
            case tie:
                fact = facts.FamilyTieRecorded(tie=tie, subject=first, other=other, since=event.day, spell="T")
                self._append(stream, fact)

    def _undo(self, how: str, ref: Ref, fact: Fact) -> None:
        elsewhere = next(one for one in self.residents if one != ref.stream)
        erased = self.ledger.keys.destroyed
        if how == "void-elsewhere" and elsewhere not in erased:
            self._append(elsewhere, facts.FactVoided(reason="wrong-person"), ref)
        elif ref.stream in erased:
            return
        elif how in CORRECTIONS and (is_void(CORRECTIONS[how]) or not is_named(ref.stream)):
            target = Ref(stream=ref.stream, version=ref.version + 2) if how == "void-ahead" else ref
            self._append(ref.stream, CORRECTIONS[how], target)
        elif how == "expunge" and self.ledger.keys_of[ref] in self.ledger.keys.salts:
            self.ledger.expunge(ref)
        elif how == "destroy" and isinstance(fact, facts.ParticularsCorrected):
            self.ledger.destroy_key(ref.stream)


def is_void(fact: Fact) -> bool:
    return isinstance(fact, facts.FactVoided)


@pytest.fixture
def ledger(ledger_db: Database) -> Iterator[GivenLedger]:
    opened = GivenLedger(ledger_db)
    opened.publish(province(), city(), family())
    opened.offer(loan(), rental())
    yield opened
    opened.close()


@settings(
    max_examples=25,
    deadline=None,
    # One ledger serves all examples: each has residents of its own, and what came before is folded too.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=st.lists(events, max_size=40))
def test_live_equals_rebuilt(ledger: GivenLedger, happened: list[Said | Tied | Undone | Folded | Other]) -> None:
    with ledger.connect() as connection:
        life = Life(ledger, connection)
        for event in happened:
            life.act(event)
        ledger.run_all(connection)
        held = listed(connection, ledger.schemas)
        rebuild = ledger.rebuild()
        compared = rebuild.run(exchange=False)

        assert {one.projection: one.same for one in compared} == dict.fromkeys(TABLES, True)
        assert listed(connection, rebuild.beside) == held


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=st.lists(events, max_size=40), moved_on=st.integers(0, 400))
def test_scores_by_the_plan_are_those_of_the_reference(
    ledger: GivenLedger, happened: list[Said | Tied | Undone | Folded | Other], moved_on: int
) -> None:
    ledger.plan_from = 0
    with ledger.connect() as connection:
        life = Life(ledger, connection)
        for event in happened:
            life.act(event)
        ledger.run_all(connection)
        ledger.today += timedelta(days=moved_on % 3)
        ledger.run_all(connection)
        rebuild = ledger.rebuild(plan_from=None, set_based=())

        assert [one.projection for one in rebuild.run(exchange=False) if not one.same] == []


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    happened=st.lists(events, max_size=25),
    plan_from=st.sampled_from([None, 0]),
    moved_on=st.lists(st.integers(1, 45), min_size=1, max_size=3),
)
def test_scores_rolled_to_a_day_are_those_of_a_rebuild_on_that_day(
    ledger: GivenLedger,
    happened: list[Said | Tied | Undone | Folded | Other],
    plan_from: int | None,
    moved_on: list[int],
) -> None:
    ledger.plan_from, ledger.today = plan_from, date(2024, 11, 20)  # among the days of the facts
    with ledger.connect() as connection:
        life = Life(ledger, connection)
        for event in happened:
            life.act(event)
        ledger.run_all(connection)
        for days_on in moved_on:
            ledger.today += timedelta(days=days_on)
            ledger.run_all(connection)
            rebuild = ledger.rebuild(plan_from=None, set_based=())

            assert [one.same for one in rebuild.run(exchange=False) if one.projection == "scores"] == [True]


def test_any_split_into_batches_gives_the_same_tables(ledger: GivenLedger) -> None:
    with ledger.connect() as connection:
        life = Life(ledger, connection)
        for number in range(3):
            for fact in (
                facts.PermitIssued(on=date(2025, 1, 1), place=PLACES[0], permit="P"),
                facts.ParticularsCorrected(born_on=date(1980, 1, 1 + number)),
                *(facts.InsuranceMonthPaid(month=month, place=PLACES[0]) for month in MONTHS),
            ):
                life.act(Said(number, fact))
            life.act(Undone("void", number))
            life.act(Undone("correct-restricted", number + 2))
        life.act(Undone("void-elsewhere", 8))
        life.act(Undone("expunge", 2))
        digests = set()
        for batch in (1, 2, 3, 7, 16, 5_000):
            beside = ledger.laid_out()
            ledger.run_all(connection, batch, beside)
            digests.add(tuple(digest(connection, beside, name) for name in TABLES))

        assert len(digests) == 1

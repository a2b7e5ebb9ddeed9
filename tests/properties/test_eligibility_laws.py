"""eligibility is what asking from scratch gives, whatever happens, in whatever batches, and as days go by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain import facts
from domain.decision.record import case_of
from domain.errors import Refusal
from domain.facts import Fact, Stream
from domain.home import places_of
from domain.knowledge import in_force as known
from domain.programme import counted_on, evaluate
from domain.programme.outlook import by_itself
from domain.reminders import reminders, windows_of
from ledger.database import Database
from ledger.streams import named
from projections.cases import Asked, Cases, Snapshot
from projections.eligibility_rows import unmet_of
from projections.eligible import at_home
from projections.households import households_at
from projections.programmes import in_force
from projections.windows import windows_at
from tests.projections.given import GivenLedger
from tests.projections.programmes import loan, rental, school
from tests.projections.tables import city, district, family, province
from tests.properties.test_live_equals_rebuilt import Folded, Life, Other, Said, Tied, Undone, events

YINZHOU = "330212"
FIRST = date(2025, 7, 1)
born = st.builds(facts.ParticularsCorrected, born_on=st.dates(date(2018, 1, 1), date(2020, 12, 31)))
old = st.builds(
    facts.ParticularsCorrected, born_on=st.dates(date(1965, 7, 1), date(1966, 6, 1)), sex=st.just("male")
)
holds = st.builds(
    facts.PermitIssued,
    on=st.dates(date(2024, 6, 1), date(2025, 8, 1)),
    place=st.just(YINZHOU),
    permit=st.just("S1"),
)
lives = st.builds(
    facts.ResidenceRegistered,
    registered_on=st.dates(date(2024, 6, 1), date(2025, 8, 1)),
    place=st.just(YINZHOU),
    spell=st.just("S1"),
)
disputes = st.one_of(
    st.builds(
        facts.DisputeOpened,
        place=st.just(YINZHOU),
        dispute=st.sampled_from(["D-1", "D-2"]),
        item=st.sampled_from(["zj.common/insurance", "zj.common/education"]),
        says=st.just("no-data"),
        opened_on=st.dates(date(2025, 6, 25), date(2025, 8, 1)),
        year=st.just(2025),
    ),
    st.builds(
        facts.DisputeWithdrawn,
        place=st.just(YINZHOU),
        dispute=st.sampled_from(["D-1", "D-2"]),
        withdrawn_on=st.dates(date(2025, 6, 25), date(2025, 9, 1)),
    ),
)
told = st.one_of(born, old, holds, lives, disputes)
said = st.builds(Said, who=st.integers(0, 2), fact=told)


@dataclass(frozen=True)
class Announced:
    """A round of a programme is opened; the last one that was is extended or cancelled."""

    what: Literal["opened", "extended", "cancelled"]
    programme: str
    opens_on: date
    lasts_days: int


announced = st.builds(
    Announced,
    st.sampled_from(["opened", "opened", "extended", "cancelled"]),
    st.sampled_from(["loan", "rental", "school"]),
    st.dates(date(2025, 5, 1), date(2025, 11, 1)),
    st.integers(0, 60),
)
happenings = st.one_of(events, said, announced)
Happening = Said | Tied | Undone | Folded | Other | Announced
_rounds: list[str] = []


def announce(ledger: GivenLedger, told: Announced) -> None:
    """Say it in the round's stream."""
    if told.what == "opened":
        _rounds.append(f"round-{len(_rounds)}")
    if not _rounds:
        return
    name, closes_on = _rounds[-1], told.opens_on + timedelta(days=told.lasts_days)
    fact: Fact
    match told.what:
        case "opened":
            fact = facts.RoundOpened(
                round=name,
                programme=told.programme,
                content="0" * 64,
                place="330200" if told.programme == "loan" else YINZHOU,
                opens_on=told.opens_on,
                closes_on=closes_on,
                counted_on=closes_on,
            )
        case "extended":
            fact = facts.RoundExtended(round=name, closes_on=closes_on, reason="延期")
        case "cancelled":
            fact = facts.RoundCancelled(round=name, on=told.opens_on, reason="取消")
    ledger.append(named(Stream.ROUND, name), fact)


@pytest.fixture
def ledger(ledger_db: Database) -> Iterator[GivenLedger]:
    opened = GivenLedger(ledger_db)
    opened.publish(province(), city(), district(), family())
    opened.offer(loan(), rental(), school())
    yield opened
    opened.close()


def from_scratch(snapshot: Snapshot, subject: Any, today: date) -> dict[Any, Any]:
    """Ask every programme of where somebody lives, as a decision would, and what is to be reminded of."""
    found: dict[Any, Any] = {}
    windows = []
    opened = windows_at(snapshot.cursor, snapshot.schemas, snapshot.position)
    own = households_at(snapshot.cursor, snapshot.schemas, [subject], today, snapshot.position)[subject].rows
    knowledge = known(own)
    for document in at_home(snapshot, subject, today, in_force(snapshot.programmes, today)):
        asked = Asked(subject, document.programme.authority, today)
        [inputs] = snapshot.inputs(document, [asked])
        case = case_of(document, snapshot.tables(asked.place, counted_on(document.programme, today)), inputs)
        told = evaluate(document.programme, case)
        day = None if told.met else by_itself(document.programme, case, told, today)
        found[document.doc] = (told.met, told.tier, unmet_of(told), day)
        key = document.programme.programme, document.programme.authority
        windows += windows_of(document.programme, case, opened.get(key, ()))
    home, places = places_of(knowledge, today)
    place = home or next(iter(places), None)
    told_of = [] if place is None else reminders(knowledge, place, today, windows)
    return found | {(one.kind, one.programme, one.on): one.raised_on for one in told_of}


@settings(
    max_examples=30,
    deadline=None,
    # One ledger serves all examples: each has residents of its own, and what came before is folded too.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=st.lists(happenings, max_size=30), days=st.lists(st.integers(1, 40), max_size=4))
def test_eligibility_is_what_asking_from_scratch_gives_on_every_day(
    ledger: GivenLedger, happened: list[Happening], days: list[int]
) -> None:
    ledger.today = FIRST
    with ledger.connect() as connection, ledger.connect() as asking:
        life = Life(ledger, connection)
        for event in happened:
            announce(ledger, event) if isinstance(event, Announced) else life.act(event)
        for passed in [0, *days]:
            ledger.today += timedelta(days=passed)
            ledger.run_all(connection)
            kept: dict[Any, dict[Any, Any]] = {one: {} for one in life.residents}
            for subject, doc, *told in connection.execute(
                ledger.schemas.sql(
                    "SELECT subject, doc, met, tier, unmet, by_itself_on FROM {projections}.eligibility"
                    " WHERE subject = ANY(%s)"
                ),
                [life.residents],
            ):
                kept[subject][doc] = tuple(told)
            for subject, kind, doc, on, raised_on in connection.execute(
                ledger.schemas.sql(
                    "SELECT subject, kind, doc, on_day, raised_on FROM {projections}.reminders"
                    " WHERE subject = ANY(%s)"
                ),
                [life.residents],
            ):
                kept[subject][kind, doc, on] = raised_on
            with Cases(asking, ledger.schemas, ledger.opener).at() as snapshot:
                for one in life.residents:
                    try:
                        wanted = from_scratch(snapshot, one, ledger.today) if snapshot.now(one) == one else {}
                    except Refusal:  # who is erased, stands still or is unknown has no row
                        wanted = {}

                    assert kept[one] == wanted

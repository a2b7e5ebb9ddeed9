"""recognition is what the reference says of every place, whatever happens and in whatever batches it is folded."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.knowledge import in_force
from domain.recognition import recognise
from ledger.database import Database
from projections.households import households_at
from projections.recognition import recognised_of
from projections.rules import RulesReader
from tests.projections.given import GivenLedger
from tests.projections.tables import city, district, family, province
from tests.properties.test_live_equals_rebuilt import Folded, Life, Other, Said, Tied, Undone, events

PLACES = ("330212", "330203", "3302QW", "330381", "310101")


@pytest.fixture(params=["city", "district"])
def scope(request: pytest.FixtureRequest) -> str:
    """Say how far the table of the city reads: the city, or each district by itself."""
    named: str = request.param
    return named


@pytest.fixture
def ledger(ledger_db: Database, scope: str) -> Iterator[GivenLedger]:
    """Give a ledger whose city table reads the whole city, or each district by itself."""
    opened = GivenLedger(ledger_db)
    opened.publish(province(), city(scope), district(), family())
    yield opened
    opened.close()


@pytest.mark.parametrize("plan_from", [0, None])
@settings(
    max_examples=12,
    deadline=None,
    # One ledger serves all examples: each has residents of its own, and what came before is folded too.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(happened=st.lists(events, max_size=30), moved_on=st.integers(0, 40))
def test_recognition_is_what_the_reference_says_of_every_place(
    ledger: GivenLedger,
    scope: str,
    plan_from: int | None,
    happened: list[Said | Tied | Undone | Folded | Other],
    moved_on: int,
) -> None:
    ledger.plan_from = plan_from
    with ledger.connect() as connection:
        life = Life(ledger, connection)
        for event in happened:
            life.act(event)
        ledger.today += timedelta(days=moved_on if scope == "city" else 0)
        ledger.run_all(connection)
        with connection.cursor(binary=True) as cursor:
            rules, position = RulesReader(ledger.schemas).at(cursor), ledger.head()
            known = households_at(cursor, ledger.schemas, life.residents, ledger.today, position)
            rows = {one: recognised_of(cursor, ledger.schemas, one) for one in life.residents}
    for one, row in rows.items():
        if row is None or row.home is None:
            continue
        own = in_force(known[one].rows)
        found = recognise(own, PLACES, ledger.today, rules.under, rules.coverage, known[one].family)
        wanted = {each.place: Fraction(each.recognised, 10**each.trial.scale) for each in found}

        assert {place: Fraction(row.there(place, rules).recognised, 10**row.scale) for place in PLACES} == wanted
        assert {each.place: each.trial.validity for each in found if each.trial.documents} == {
            place: row.there(place, rules).validity for place in PLACES if rules.under(place, row.as_of).documents
        }

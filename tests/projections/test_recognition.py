"""recognition: what counts at home, in the rest of the city, in the rest of the province; and what it rests on."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain import facts
from domain.facts import Fact
from projections.recognition import RecognisedOf, RecognisedThere, recognised_of
from projections.rules import RulesReader
from tests.projections.given import GivenLedger, subject
from tests.projections.tables import city, district, family, province

YINZHOU, HAISHU, QIANWAN, RUIAN, SHANGHAI = "330212", "330203", "3302QW", "330381", "310101"
ONE = subject(1)
MONTHS = tuple(facts.InsuranceMonthPaid(month=f"2025-{month:02d}", place=YINZHOU) for month in range(1, 5))
BLOOD = facts.BloodDonated(donated_on=date(2025, 2, 1), place=HAISHU, millilitres=200)
ISSUED = facts.PermitIssued(on=date(2025, 7, 1), place=YINZHOU, permit="P")
Read = Callable[[], RecognisedOf | None]


@pytest.fixture
def recognised(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Read:
    ledger.publish(province(), city(), district())

    def read() -> RecognisedOf | None:
        ledger.run_all(runner_connection)
        with runner_connection.cursor(binary=True) as cursor:
            return recognised_of(cursor, ledger.schemas, ONE)

    return read


def there(ledger: GivenLedger, connection: psycopg.Connection, found: RecognisedOf, place: str) -> RecognisedThere:
    with connection.cursor(binary=True) as cursor:
        return found.there(place, RulesReader(ledger.schemas).at(cursor))


def told(ledger: GivenLedger, connection: psycopg.Connection, read: Read, *said: Fact) -> dict[str, Any]:
    """Say facts of somebody, and give what counts in each place, with what stays behind and the validity."""
    ledger.append(ONE, *said)
    found = read()
    assert found is not None
    places = [there(ledger, connection, found, place) for place in (YINZHOU, HAISHU, QIANWAN, RUIAN, SHANGHAI)]
    return {each.place: (each.recognised, each.left_behind, each.validity) for each in places}


def test_the_provinces_points_count_everywhere_the_citys_in_the_city_the_districts_at_home(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    honour = facts.HonourReceived(received_on=date(2025, 3, 1), place=YINZHOU, level="city")

    assert told(ledger, runner_connection, recognised, ISSUED, *MONTHS, BLOOD, honour) == {
        YINZHOU: (900, 0, "effective"),
        HAISHU: (400, 500, "effective"),
        QIANWAN: (400, 500, "effective"),
        RUIAN: (200, 700, "effective"),
        SHANGHAI: (0, 900, None),
    }


def test_without_a_permit_nothing_is_recognised_anywhere_and_the_points_accrue(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    lives = facts.ResidenceRegistered(registered_on=date(2025, 1, 1), place=YINZHOU, spell="R")
    found = told(ledger, runner_connection, recognised, lives, *MONTHS)

    assert {place: found[place][0] for place in found} == dict.fromkeys(found, 0)
    assert (found[YINZHOU][2], found[RUIAN][2]) == ("accruing", "accruing")


@pytest.mark.parametrize(
    ("moved", "validity", "recognised_there"),
    [
        (facts.PermitSuspended(on=date(2025, 12, 1), place=YINZHOU, permit="P"), "paused", 200),
        (facts.PermitEnded(on=date(2025, 12, 1), place=YINZHOU, permit="P"), "lost", 0),
        (facts.DeathRecorded(on=date(2025, 12, 1)), "lost", 0),
        (facts.LocalHukouGained(on=date(2025, 12, 1), place=YINZHOU), "lost", 0),
    ],
)
def test_what_becomes_of_the_permit_is_said_in_every_place(
    ledger: GivenLedger,
    runner_connection: psycopg.Connection,
    recognised: Read,
    moved: Fact,
    validity: str,
    recognised_there: int,
) -> None:
    found = told(ledger, runner_connection, recognised, ISSUED, *MONTHS, moved)

    assert (found[RUIAN][0], {found[place][2] for place in (YINZHOU, HAISHU, RUIAN)}) == (
        recognised_there,
        {validity},
    )


def test_a_deduction_of_the_city_lessens_what_counts_in_the_city_alone(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    offence = facts.RestrictedFact(category="offence", level="minor", place=HAISHU, acted_on=date(2025, 3, 1))
    found = told(ledger, runner_connection, recognised, ISSUED, *MONTHS, BLOOD, BLOOD, offence)

    assert (found[HAISHU][0], found[RUIAN][0]) == (0, 200)


def test_where_rows_of_the_citys_table_read_the_district_alone_each_place_is_looked_at(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    ledger.publish(city(scope="district"))
    found = told(ledger, runner_connection, recognised, ISSUED, BLOOD)

    assert (found[YINZHOU][0], found[HAISHU][0], found[QIANWAN][0]) == (0, 200, 0)


def test_who_is_gone_has_no_row(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    told(ledger, runner_connection, recognised, ISSUED, BLOOD)
    ledger.destroy_key(ONE)

    assert recognised() is None


def test_what_relatives_have_counts_with_the_table_that_counts_them(
    ledger: GivenLedger, runner_connection: psycopg.Connection, recognised: Read
) -> None:
    ledger.publish(family())
    spouse: UUID = subject(2)
    ledger.append(spouse, *MONTHS)
    tie = facts.FamilyTieRecorded(tie="spouse", subject=ONE, other=spouse, since=date(2020, 1, 1), spell="T")
    ledger.append(subject(3), tie)
    found = told(ledger, runner_connection, recognised, ISSUED)

    assert (found[YINZHOU][:2], found[HAISHU][:2]) == ((400, 0), (0, 400))

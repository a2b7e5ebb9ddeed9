"""Lists, counts and the feed over what is kept of everybody."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import psycopg
import pytest

from domain import facts
from domain.facts import Fact, Stream
from ledger.streams import named
from projections.prospects import Prospects
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.programmes import loan, rental
from tests.projections.tables import province

YINZHOU, HAISHU = "330212", "330203"


def holder(ledger: GivenLedger, number: int, place: str = YINZHOU, issued_on: str = "2025-01-20") -> None:
    told: list[Fact] = [
        facts.ParticularsCorrected(born_on=date(1990, 1, 1), sex="female"),
        facts.PermitIssued(on=date.fromisoformat(issued_on), place=place, permit=f"P{number}"),
    ]
    ledger.append(subject(number), *told)


@pytest.fixture
def prospects(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Iterator[Prospects]:
    ledger.publish(province())
    ledger.offer(loan(), rental())
    for number in range(12):
        holder(ledger, number)
    for number in (12, 13):
        holder(ledger, number, HAISHU, "2024-06-01")
    ledger.run_all(runner_connection)
    with ledger.connect() as asking:
        yield Prospects(asking, ledger.schemas)


def test_pages_of_the_feed_give_every_reminder_once_in_the_order_in_which_they_began(prospects: Prospects) -> None:
    since = date(2025, 1, 1)
    whole = prospects.feed(since, TODAY)
    paged, page = [], prospects.feed(since, TODAY, limit=5)
    while page:
        paged += page
        page = prospects.feed(since, TODAY, after=page[-1].key, limit=5)

    assert paged == whole
    assert all(first.key < then.key for first, then in pairwise(whole))
    assert {one.reminder.kind for one in whole} == {"permit-due", "permit-suspended"}


def test_the_feed_is_of_the_places_and_days_that_are_asked_for(prospects: Prospects) -> None:
    of_haishu = prospects.feed(date(2025, 1, 1), TODAY, prefixes=[HAISHU])
    of_december = prospects.feed(date(2025, 12, 1), TODAY)

    assert {one.subject for one in of_haishu} == {subject(12), subject(13)}
    assert {one.reminder.kind for one in of_december} == {"permit-due"}
    assert prospects.feed(date(2025, 1, 1), TODAY, prefixes=[]) == []


def test_who_meets_a_programme_is_listed_page_by_page(prospects: Prospects) -> None:
    first = prospects.listed("loan", TODAY, met=True, limit=7)
    rest = prospects.listed("loan", TODAY, met=True, after=first[-1].subject, limit=7)

    assert sorted(one.subject for one in (*first, *rest)) == sorted(subject(number) for number in range(12))


def test_few_are_not_counted_nor_what_would_give_them_away(prospects: Prospects) -> None:
    by_place = {one.place: one for one in prospects.counts("loan", TODAY, 30)}

    assert (by_place[YINZHOU].met, by_place[HAISHU].met, by_place[HAISHU].others) == (12, 0, None)
    assert by_place["all"].others is None


def windows_of(ledger: GivenLedger, connection: psycopg.Connection, number: int) -> list[tuple[str, str]]:
    """Give what a resident is told of the subsidy, and until when."""
    ledger.run_all(connection)
    with ledger.connect() as asking:
        fed = Prospects(asking, ledger.schemas).feed(date(2025, 1, 1), ledger.today, subject=subject(number))
    return [(one.reminder.kind, one.reminder.on.isoformat()) for one in fed if one.reminder.programme]


def test_a_round_that_the_ledger_opens_is_told_of_until_it_is_extended_over_or_cancelled(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.publish(province())
    ledger.offer(rental())
    holder(ledger, 0)
    holder(ledger, 1, HAISHU)  # of another district: the programme is not for them
    before = windows_of(ledger, runner_connection, 0)
    stream = named(Stream.ROUND, "yz.rental")
    ledger.open_round("yz.rental", "rental", YINZHOU, date(2025, 12, 20), date(2026, 1, 31))
    opened = windows_of(ledger, runner_connection, 0)
    elsewhere = windows_of(ledger, runner_connection, 1)
    ledger.append(stream, facts.RoundExtended(round="yz.rental", closes_on=date(2026, 2, 5), reason="系统维护"))
    extended = windows_of(ledger, runner_connection, 0)
    ledger.today = date(2026, 2, 6)
    over = windows_of(ledger, runner_connection, 0)
    ledger.open_round("yz.again", "rental", YINZHOU, date(2026, 2, 20), date(2026, 3, 31))
    announced = windows_of(ledger, runner_connection, 0)
    ledger.append(
        named(Stream.ROUND, "yz.again"), facts.RoundCancelled(round="yz.again", on=ledger.today, reason="取消")
    )
    cancelled = windows_of(ledger, runner_connection, 0)

    assert (before, opened, elsewhere) == ([], [("round-open", "2026-01-31")], [])
    assert (extended, over, announced, cancelled) == (
        [("round-open", "2026-02-05")],
        [],
        [("round-opens", "2026-02-20")],
        [],
    )

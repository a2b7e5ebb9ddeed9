"""scores: live rows, whom a batch scores again, and sweeps over everybody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from domain import facts
from domain.facts import BY_TOPIC, InsuranceMonthPaid, Stream
from domain.scoring import score
from ledger.streams import named
from projections import score_rows, scorer, scores
from projections.quarantine import Held, ask_release, listed
from projections.rolls import Rolled, rolled
from projections.runner import Runner
from projections.scores import Scores
from projections.standing import standing
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import city, family, province

YINZHOU, HAISHU = "330212", "330203"
ONE, TWO, THREE = subject(1), subject(2), subject(3)
Row = dict[str, Any]


def insurance(month: str = "2025-03", place: str = YINZHOU) -> InsuranceMonthPaid:
    return InsuranceMonthPaid(month=month, place=place)


def settled(ledger: GivenLedger, resident: UUID, place: str = YINZHOU, born_on: str = "1990-06-01") -> None:
    """Somebody with a permit, a registration and a birth date."""
    name = str(resident.int % 10**6)
    ledger.append(
        resident,
        facts.ParticularsCorrected(born_on=date.fromisoformat(born_on)),
        facts.ResidenceRegistered(registered_on=date(2025, 6, 1), place=place + "002", spell=f"R{name}"),
        facts.PermitIssued(on=date(2025, 7, 1), place=place, permit=f"P{name}"),
    )


@pytest.fixture
def scored(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Callable[[], dict[tuple[UUID, str], Row]]:
    """Run every projection and read the live scores."""
    ledger.publish(province())

    def scored() -> dict[tuple[UUID, str], Row]:
        ledger.run_all(runner_connection)
        return table(runner_connection, ledger)

    return scored


def table(connection: psycopg.Connection, ledger: GivenLedger) -> dict[tuple[UUID, str], Row]:
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(ledger.schemas.sql("SELECT * FROM {projections}.scores")).fetchall()
    return {(row["subject"], row["place"]): row for row in rows}


def test_a_resident_is_scored_where_the_permit_and_the_registration_are(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE)
    ledger.append(ONE, insurance("2025-01"), insurance("2025-02"))

    row = scored()[ONE, YINZHOU]
    assert (row["total"], row["province"], row["city"], row["district"]) == (2100, 2100, 0, 0)
    assert (row["validity"], row["permit_state"], row["trial"], row["as_of"]) == (
        "effective",
        "normal",
        False,
        TODAY,
    )
    assert {item["item"]: item["points"] for item in row["items"]} == {"age": 2000, "insurance": 100}


def test_the_figure_of_another_place_than_the_permits_is_a_trial(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE)
    ledger.append(ONE, facts.ResidenceRegistered(registered_on=date(2025, 9, 1), place=HAISHU, spell="second"))

    assert {place: row["trial"] for (_, place), row in scored().items()} == {YINZHOU: False, HAISHU: True}


def test_who_lives_nowhere_here_has_no_live_score(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    ledger.append(ONE, insurance())

    assert scored() == {}


def test_a_place_without_rulebooks_has_no_live_score(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    settled(ledger, ONE, place="310101")

    assert scored() == {}


def test_an_ended_registration_takes_its_score_away(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    registered = facts.ResidenceRegistered(registered_on=date(2025, 6, 1), place=HAISHU, spell="R1")
    ledger.append(ONE, registered)
    before = scored()
    ledger.append(ONE, facts.ResidenceEnded(ended_on=date(2025, 12, 1), place=HAISHU, spell="R1"))

    assert (list(before), scored()) == ([(ONE, HAISHU)], {})


def test_an_entry_scores_again_whom_it_touches_and_nobody_else(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE)
    settled(ledger, TWO)
    before = scored()
    ledger.append(ONE, insurance())
    after = scored()

    assert after[ONE, YINZHOU]["total"] - before[ONE, YINZHOU]["total"] == 50
    assert after[TWO, YINZHOU] == before[TWO, YINZHOU]


def test_a_void_from_another_stream_scores_its_target_again(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    settled(ledger, ONE)
    paid = ledger.append(ONE, insurance())
    scored()
    ledger.append(TWO, facts.FactVoided(reason="wrong-person"), refers_to=paid)

    assert scored()[ONE, YINZHOU]["total"] == 2000


def test_an_expunged_offence_and_a_destroyed_key_leave_the_scores(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    ledger.publish(city())
    settled(ledger, ONE)
    settled(ledger, TWO)
    offence = facts.RestrictedFact(category="offence", level="minor", place=YINZHOU, acted_on=date(2025, 8, 1))
    listed_one = ledger.append(ONE, offence)
    before = scored()[ONE, YINZHOU]["deductions"]
    ledger.expunge(listed_one)
    ledger.destroy_key(TWO)

    after = scored()
    assert (before, after[ONE, YINZHOU]["deductions"]) == (-500, 0)
    assert list(after) == [(ONE, YINZHOU)]


def test_a_new_rulebook_scores_everybody_again(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    for resident in (ONE, TWO):
        settled(ledger, resident)
        ledger.append(resident, insurance())
    before = scored()
    ledger.publish(replace(province("1")))
    after = scored()

    assert [row["total"] for row in before.values()] == [2050, 2050]
    assert [row["total"] for row in after.values()] == [2100, 2100]
    assert before[ONE, YINZHOU]["rulebooks"] != after[ONE, YINZHOU]["rulebooks"]


def test_a_complete_feed_turns_no_data_into_zero_and_its_void_turns_it_back(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE)

    def state() -> Any:
        return {item["item"]: item["state"] for item in scored()[ONE, YINZHOU]["items"]}["insurance"]

    before = state()
    feed = ledger.deliver("insurance-month-paid", "330000", "2015-01", "2026-01")
    covered = state()
    ledger.append(named(Stream.ORGAN, "test-organ"), facts.FactVoided(reason="source-error"), refers_to=feed)

    assert (before, covered, state()) == ("no_data", "zero", "no_data")


def test_a_new_day_scores_again_whom_it_moves_and_nobody_else(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE, born_on="1985-01-02")
    settled(ledger, TWO)
    before = scored()
    ledger.today = TODAY + timedelta(days=1)
    after = scored()

    assert (before[ONE, YINZHOU]["next_change_on"], before[ONE, YINZHOU]["total"]) == (ledger.today, 2000)
    assert (after[ONE, YINZHOU]["as_of"], after[ONE, YINZHOU]["total"]) == (ledger.today, 1900)
    assert after[TWO, YINZHOU] == before[TWO, YINZHOU]


def test_a_roll_over_several_days_is_one(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    settled(ledger, ONE, born_on="1985-01-02")
    ledger.append(ONE, facts.ResidenceEnded(ended_on=date(2026, 2, 1), place=YINZHOU, spell=f"R{ONE.int % 10**6}"))
    scored()
    ledger.today = date(2027, 3, 1)
    row = scored()[ONE, YINZHOU]

    assert (row["as_of"], row["total"], row["permit_state"]) == (ledger.today, 1800, "suspended")


def test_a_window_opens_for_somebody_without_a_score(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    moves_in = TODAY + timedelta(days=20)
    ledger.append(ONE, facts.ResidenceRegistered(registered_on=moves_in, place=HAISHU, spell="ahead"))
    before = scored()
    ledger.today = moves_in - timedelta(days=1)
    still = scored()
    ledger.today = moves_in

    assert (before, still, list(scored())) == ({}, {}, [(ONE, HAISHU)])


def test_a_rulebook_that_comes_into_force_on_the_day_scores_everybody_again(
    ledger: GivenLedger, scored: Callable[[], Any]
) -> None:
    settled(ledger, ONE)
    ledger.publish(province("1", since="2026-01-04"))
    ledger.append(ONE, insurance())
    before = scored()[ONE, YINZHOU]["total"]
    ledger.today = date(2026, 1, 4)

    assert (before, scored()[ONE, YINZHOU]["total"]) == (2050, 2100)


def test_a_relatives_day_moves_who_counts_them(ledger: GivenLedger, scored: Callable[[], Any]) -> None:
    wed_on, paid_on = TODAY + timedelta(days=5), date(2026, 2, 1)
    ledger.publish(family())
    settled(ledger, ONE)
    ledger.append(TWO, insurance("2026-02"))
    tie = facts.FamilyTieRecorded(tie="spouse", subject=ONE, other=TWO, since=wed_on, spell="T")
    ledger.append(named(Stream.FAMILY, f"{ONE} {TWO}"), tie)
    rows = []
    for ledger.today in (TODAY, wed_on, paid_on):
        rows.append(scored()[ONE, YINZHOU])

    assert [row["next_change_on"] for row in rows[:2]] == [wed_on, paid_on]
    assert [row["district"] for row in rows] == [0, 0, 100]


def test_a_sweep_goes_on_where_it_was_stopped_on_the_next_day_too(
    ledger: GivenLedger, scored: Callable[[], Any], runner_connection: psycopg.Connection
) -> None:
    for number in range(10):
        settled(ledger, subject(number))
    scored()
    runner_connection.execute(ledger.schemas.sql("DELETE FROM {projections}.sweeps"))
    runner_connection.execute(ledger.schemas.sql("UPDATE {projections}.scores SET total = 0"))

    def runner() -> Runner:
        return ledger.runner(
            Scores(ledger.schemas, lambda: ledger.today, chunk=4, plan_chunk=2, plan_swept=4), runner_connection
        )

    def right() -> int:
        return sum(row["total"] > 0 for row in table(runner_connection, ledger).values())

    runner().step()
    halfway = right()
    ledger.today += timedelta(days=1)
    second, steps = runner(), 1
    while second.step().busy:
        steps += 1

    assert (halfway, right(), steps) == (4, 10, 3)
    assert rolled(runner_connection, ledger.schemas, ledger.today) == Rolled(
        ledger.today, sweeping=False, scored=10, due=0
    )


def test_a_roll_goes_on_where_it_was_stopped(
    ledger: GivenLedger, scored: Callable[[], Any], runner_connection: psycopg.Connection
) -> None:
    for number in range(10):
        settled(ledger, subject(number), born_on="1985-01-02")
    scored()
    ledger.today = TODAY + timedelta(days=1)
    before = rolled(runner_connection, ledger.schemas, ledger.today)

    def runner() -> Runner:
        return ledger.runner(
            Scores(ledger.schemas, lambda: ledger.today, chunk=4, plan_chunk=2, plan_swept=4), runner_connection
        )

    runner().step()
    halfway = rolled(runner_connection, ledger.schemas, ledger.today)
    runner().catch_up()
    after = rolled(runner_connection, ledger.schemas, ledger.today)

    assert [one.due for one in (before, halfway, after)] == [10, 6, 0]
    assert [one.stands_on(ledger.today) for one in (before, halfway, after)] == [False, False, True]


def test_far_behind_everybody_is_swept_once_instead_of_followed(
    ledger: GivenLedger, runner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "LEAP", 20)
    ledger.publish(province())
    for number in range(10):
        settled(ledger, subject(number))
    *sources, last = standing(ledger.schemas, lambda: TODAY)
    for source in sources:
        ledger.runner(source, runner_connection).catch_up()

    assert ledger.runner(last, runner_connection, batch=3).catch_up() == 0
    assert len(table(runner_connection, ledger)) == 10


def test_a_leap_takes_out_who_was_erased_meanwhile(
    ledger: GivenLedger, scored: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        settled(ledger, subject(number))
    scored()
    ledger.destroy_key(ONE)
    monkeypatch.setattr(scores, "LEAP", 20)
    for number in range(5, 15):
        settled(ledger, subject(number))

    assert {resident for resident, _ in scored()} == {subject(number) for number in range(15)} - {ONE}


def test_scores_wait_for_what_they_are_computed_from(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    settled(ledger, ONE)
    live = ledger.runner(Scores(ledger.schemas, lambda: TODAY), runner_connection)

    assert live.step().position == 0


def test_a_live_score_knows_what_was_known_at_its_checkpoint_and_no_more(
    ledger: GivenLedger, scored: Callable[[], Any], runner_connection: psycopg.Connection
) -> None:
    settled(ledger, ONE)
    before = ledger.head()
    ledger.append(ONE, insurance())
    *sources, live = standing(ledger.schemas, lambda: TODAY)
    for source in sources:
        ledger.runner(source, runner_connection).catch_up()
    ledger.runner(live, runner_connection).catch_up(before)
    then = table(runner_connection, ledger)[ONE, YINZHOU]

    assert (then["total"], then["position"]) == (2000, before)
    assert scored()[ONE, YINZHOU]["total"] == 2050


def test_who_stands_still_has_no_live_score_until_released(
    ledger: GivenLedger,
    scored: Callable[[], Any],
    runner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    topic = "insurance-month-paid.v9"
    settled(ledger, ONE)
    settled(ledger, TWO)
    scored()
    ledger.append_stored([replace(ledger.stored(ONE, insurance()), topic=topic)])
    without = scored()
    monkeypatch.setitem(BY_TOPIC, topic, InsuranceMonthPaid)
    ask_release(runner_connection, ledger.schemas, ONE)
    *_, live = projections = standing(ledger.schemas, lambda: TODAY)
    for one in projections:
        downstream = [live.name] if one is not live else []
        ledger.runner(one, runner_connection, downstream=downstream).catch_up()

    assert list(without) == [(TWO, YINZHOU)]
    assert table(runner_connection, ledger)[ONE, YINZHOU]["total"] == 2050


def test_a_resident_whose_rows_cannot_be_scored_stands_still_alone(
    ledger: GivenLedger,
    scored: Callable[[], Any],
    runner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled(ledger, ONE)
    settled(ledger, TWO)

    def failing(knowledge: Any, rulebooks: Any, *rest: Any) -> Any:
        if any(permit.row.ref_stream == ONE for permit in knowledge.permits):
            raise ZeroDivisionError
        return score(knowledge, rulebooks, *rest)

    monkeypatch.setattr(score_rows, "score", failing)

    assert list(scored()) == [(TWO, YINZHOU)]
    assert [held.reason for held in listed(runner_connection, ledger.schemas)] == ["ZeroDivisionError"]
    assert listed(runner_connection, ledger.schemas)[0]._replace(position=0) == Held(
        "scores", ONE, 0, "ZeroDivisionError", None
    )


def test_far_behind_packs_follow_and_everybody_is_scored_once_after(
    ledger: GivenLedger, scored: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        settled(ledger, subject(number))
    scored()
    monkeypatch.setattr(scores, "LEAP", 20)
    by_reference: list[UUID] = []

    def noted(resident: UUID, *known: Any) -> Any:
        by_reference.append(resident)
        return score_rows.by_reference(resident, *known)

    monkeypatch.setattr(scorer, "by_reference", noted)
    for month in range(1, 5):
        ledger.append_all((subject(number), insurance(f"2025-{month:02d}")) for number in range(8))
    void = ledger.append(ONE, insurance("2025-05"))
    ledger.append(ONE, facts.FactVoided(reason="source-error"), refers_to=void)
    raced = ledger.append(subject(5), insurance("2025-05"))
    for right in ("2025-04", "2025-06"):
        correction = facts.FactCorrected(reason="source-error", replacement=insurance(right))
        ledger.append(raced.stream, correction, refers_to=raced)
    ledger.destroy_key(TWO)
    totals = {resident: row["total"] for (resident, _), row in scored().items()}

    assert totals == {subject(number): 2200 for number in range(8) if number != 2}
    assert by_reference == []

"""Disputes: one at a time for an item, a clock that waits for the organ, and a ruler who recorded nothing."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import dispute as disputes
from domain.dispute import Cited, Dispute, Reasons, Rule, Ruling
from domain.dispute.marks import disputed_items
from domain.dispute.refusals import (
    CheckPending,
    DisputeNotOpen,
    DisputeStands,
    NoSuchCheck,
    NothingCited,
    NothingToSuppose,
    RulerRecordedTheFact,
)
from domain.dispute.supposed import claimed
from domain.factrow import rows_of
from domain.facts import BloodDonated, Fact, FactCorrected, InsuranceMonthPaid, Known, Ref
from domain.knowledge import in_force
from domain.notation import Label
from domain.workdays import CalendarEnds, WorkCalendar
from ledger.calendars import read_calendar

CHINA = read_calendar(Path(__file__).parents[2] / "terms" / "working-days.yaml")
PLAIN = WorkCalendar(date(2024, 1, 1), date(2026, 12, 31))
PLACE, ITEM = "330212", "zj.common/insurance"
MONDAY = date(2025, 3, 3)
MAINTAINED = Ruling("maintained", "缴费记录与社保系统一致", "nb-hrss", "ab" * 32, 42)
CORRECTED = MAINTAINED._replace(outcome="corrected", reason="数源部门已更正", cites=(7,))


def opened(on: date = MONDAY, number: str = "D-1", item: str = ITEM) -> Dispute:
    fact = disputes.file({}, number, PLACE, item, on, says="no-data", year=2025, months=["2024-01"])
    return disputes.evolve(Dispute(), fact)


def accepted(on: date = MONDAY, calendar: WorkCalendar = PLAIN) -> Dispute:
    dispute = opened(on)
    return disputes.evolve(dispute, disputes.accept(dispute, on, calendar))


def after(dispute: Dispute, *facts: Fact) -> Dispute:
    for fact in facts:
        dispute = disputes.evolve(dispute, fact)
    return dispute


def test_one_dispute_of_an_item_is_open_at_a_time_and_another_item_is_free() -> None:
    first = opened()

    with pytest.raises(DisputeStands):
        disputes.file({"D-1": first}, "D-2", PLACE, ITEM, MONDAY, says="wrong-value", year=2025)
    other = disputes.file(
        {"D-1": first}, "D-2", PLACE, "zj.common/education", MONDAY, says="wrong-value", year=2025
    )
    withdrawn = after(first, disputes.withdraw(first, MONDAY))
    again = disputes.file({"D-1": withdrawn}, "D-2", PLACE, ITEM, MONDAY, says="no-data", year=2025)

    assert (other.dispute, again.dispute) == ("D-2", "D-2")


def test_ten_working_days_are_two_weeks_where_no_holiday_lies_between() -> None:
    clock = disputes.clock(accepted(), MONDAY, PLAIN)

    assert (clock.due_on, clock.left) == (MONDAY + timedelta(days=14), 10)


def test_over_the_national_holiday_the_weekends_that_are_worked_count() -> None:
    """2025-10-01 to 10-08 are free, and Sunday 09-28 and Saturday 10-11 are worked (国办发明电〔2024〕12号)."""
    dispute = accepted(date(2025, 9, 26), CHINA)

    assert disputes.clock(dispute, date(2025, 9, 26), CHINA).due_on == date(2025, 10, 16)
    assert dispute.accepted is not None
    assert dispute.accepted.rule_by == date(2025, 10, 16)


def test_beyond_the_published_calendar_nothing_is_guessed() -> None:
    with pytest.raises(CalendarEnds):
        accepted(PLAIN.last - timedelta(days=3), PLAIN)


def test_the_clock_stands_still_while_the_organ_checks_and_both_waits_are_told() -> None:
    dispute = accepted()
    asked = after(dispute, disputes.ask_source(dispute, "C-1", "nb-hrss", MONDAY + timedelta(days=2)))
    waiting = disputes.clock(asked, MONDAY + timedelta(days=9), PLAIN)
    answered = after(asked, disputes.answer_source(asked, "C-1", "nb-hrss", MONDAY + timedelta(days=9), [7]))
    running = disputes.clock(answered, MONDAY + timedelta(days=9), PLAIN)

    assert (waiting.due_on, waiting.ours, waiting.theirs) == (None, 2, 5)
    assert (running.ours, running.theirs, running.due_on) == (3, 4, MONDAY + timedelta(days=18))


@given(pauses=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 15)), max_size=3), until=st.integers(0, 60))
def test_every_working_day_is_somebodys_wait_and_nobodys_twice(
    pauses: Sequence[tuple[int, int]], until: int
) -> None:
    dispute, on = accepted(), MONDAY + timedelta(days=until)
    for number, (start, length) in enumerate(pauses):
        asked = MONDAY + timedelta(days=start)
        dispute = after(dispute, disputes.ask_source(dispute, f"C-{number}", "nb-hrss", asked))
        answered = disputes.answer_source(dispute, f"C-{number}", "nb-hrss", asked + timedelta(days=length))
        dispute = after(dispute, answered)
    clock = disputes.clock(dispute, on, PLAIN)
    worked = sum(PLAIN.is_working(MONDAY + timedelta(days=ahead)) for ahead in range(1, until + 1))

    assert clock.ours + clock.theirs == worked
    if clock.due_on is not None:
        at_due = disputes.clock(dispute, clock.due_on, PLAIN)
        assert at_due.ours == clock.days
        assert disputes.clock(dispute, clock.due_on - timedelta(days=1), PLAIN).ours == clock.days - 1


def test_nobody_rules_on_what_they_recorded_or_filed() -> None:
    with pytest.raises(RulerRecordedTheFact):
        disputes.rule(accepted(), MONDAY, MAINTAINED, ["officer:a"], {"officer:a", "officer:b"})

    assert disputes.rule(accepted(), MONDAY, MAINTAINED, ["officer:c"], {"officer:a"}).outcome == "maintained"


def test_a_ruling_waits_for_the_organ_and_a_correction_cites_what_corrects() -> None:
    dispute = accepted()
    asked = after(dispute, disputes.ask_source(dispute, "C-1", "nb-hrss", MONDAY))

    with pytest.raises(CheckPending):
        disputes.rule(asked, MONDAY, MAINTAINED, ["officer:c"], ())
    with pytest.raises(NothingCited):
        disputes.rule(dispute, MONDAY, CORRECTED._replace(cites=()), ["officer:c"], ())


def test_only_the_organ_that_was_asked_answers_and_once() -> None:
    dispute = accepted()
    asked = after(dispute, disputes.ask_source(dispute, "C-1", "nb-hrss", MONDAY))

    with pytest.raises(NoSuchCheck):
        disputes.answer_source(asked, "C-1", "nb-police", MONDAY)
    answered = after(asked, disputes.answer_source(asked, "C-1", "nb-hrss", MONDAY))
    with pytest.raises(NoSuchCheck):
        disputes.answer_source(answered, "C-1", "nb-hrss", MONDAY)


def test_a_served_ruling_names_the_last_days_of_the_remedies() -> None:
    """60 days for reconsideration (行政复议法 art. 20), six months for a lawsuit (行政诉讼法 art. 46)."""
    dispute = accepted()
    ruled = after(dispute, disputes.rule(dispute, MONDAY, MAINTAINED, ["officer:c"], ()))
    served = disputes.serve(ruled, date(2025, 3, 31))

    assert (served.reconsideration_by, served.lawsuit_by) == (date(2025, 5, 30), date(2025, 9, 30))


def test_the_city_looks_again_with_a_clock_of_its_own() -> None:
    dispute = accepted()
    ruled = after(dispute, disputes.rule(dispute, MONDAY, MAINTAINED, ["officer:c"], ()))
    later = date(2025, 6, 2)
    escalated = after(ruled, disputes.escalate(ruled, later, "nb-office"))

    assert (escalated.state, escalated.is_open) == ("escalated", True)
    assert disputes.clock(escalated, later, PLAIN).due_on == later + timedelta(days=14)
    assert after(escalated, disputes.rule(escalated, later, CORRECTED, ["officer:d"], ())).state == "ruled"


@pytest.mark.parametrize("step", ["accept", "decline", "evidence", "serve", "escalate", "remedy", "ask"])
def test_a_step_out_of_turn_is_refused(step: str) -> None:
    dispute = after(opened(), disputes.withdraw(opened(), MONDAY))
    steps: dict[str, Callable[[], Fact]] = {
        "accept": lambda: disputes.accept(dispute, MONDAY, PLAIN),
        "decline": lambda: disputes.decline(dispute, MONDAY, "重复"),
        "evidence": lambda: disputes.add_evidence(dispute, MONDAY, "ab" * 32, "application/pdf", 1),
        "serve": lambda: disputes.serve(dispute, MONDAY),
        "escalate": lambda: disputes.escalate(dispute, MONDAY, "nb-office"),
        "remedy": lambda: disputes.decide_remedy(dispute, "court", MONDAY, "upheld"),
        "ask": lambda: disputes.ask_source(dispute, "C-1", "nb-hrss", MONDAY),
    }

    with pytest.raises(DisputeNotOpen):
        steps[step]()


def test_an_item_is_marked_while_its_dispute_is_open() -> None:
    dispute = accepted()
    ruled = disputes.rule(dispute, MONDAY + timedelta(days=9), MAINTAINED, ["officer:c"], ())
    facts = [dispute.filed, ruled]
    rows = [
        row
        for version, fact in enumerate(facts, start=1)
        if fact is not None
        for row in rows_of(Known(fact, version, Ref(stream=UUID(int=1), version=version)))
    ]
    known = in_force(rows)

    assert disputed_items(known, MONDAY - timedelta(days=1)) == ()
    assert disputed_items(known, MONDAY) == (ITEM,)
    assert disputed_items(known, MONDAY + timedelta(days=9)) == ()


@given(st.permutations(range(6)))
def test_evolution_refuses_nothing_in_any_order(order: Sequence[int]) -> None:
    dispute = accepted()
    asked = disputes.ask_source(dispute, "C-1", "nb-hrss", MONDAY)
    facts: list[Fact] = [
        disputes.withdraw(dispute, MONDAY),
        asked,
        disputes.answer_source(after(dispute, asked), "C-1", "nb-hrss", MONDAY),
        disputes.rule(dispute, MONDAY, MAINTAINED, ["officer:c"], ()),
        disputes.accept(opened(), MONDAY, PLAIN),
        disputes.decline(opened(), MONDAY, "重复"),
    ]
    found = disputes.fold([facts[index] for index in order])

    assert set(found) == {"D-1"}


def test_what_the_city_rules_is_of_another_instance_and_starts_its_own_clock() -> None:
    first = accepted()
    ruled = after(first, disputes.rule(first, MONDAY, MAINTAINED, ["officer:c"], ()))
    served = after(ruled, disputes.serve(ruled, MONDAY))
    again = after(served, disputes.escalate(served, MONDAY + timedelta(days=7), "nb-office"))

    assert (first.instance, again.instance, again.served) == (1, 2, None)
    assert disputes.clock(again, MONDAY + timedelta(days=7), PLAIN).due_on == MONDAY + timedelta(days=21)


def reasons(*cited: Fact) -> Reasons:
    """Give the reasons of a ruling that cites facts, as entries 7, 8 and so on."""
    ruling = disputes.rule(accepted(), MONDAY, CORRECTED, ["officer:c"], ())
    rule = Rule(ITEM, Label(zh="缴纳社保", en="Social insurance"), "第四条", None, "cd" * 32, date(2023, 7, 26))
    at = datetime(2025, 3, 3, tzinfo=UTC)
    entries = [
        Cited(Ref(stream=UUID(int=1), version=number), 40 + number, fact.kind_name(), "nb-hrss", at, fact)
        for number, fact in enumerate(cited, 7)
    ]
    return Reasons(ruling, rule, tuple(entries))


def test_written_reasons_name_clause_version_position_entries_and_department_in_both_tongues() -> None:
    told = reasons(InsuranceMonthPaid(month="2024-01", place="330203")).as_json()
    chinese, english = ("\n".join(told[tongue]) for tongue in ("zh", "en"))

    for said in ("第四条", ITEM, "cdcdcdcdcdcd", "abababababab", "42", "nb-hrss", "@47", "2024-01"):
        assert said in chinese
        assert said in english
    assert ("海曙区" in chinese, "Social insurance" in english) == (True, True)


def test_of_a_sensitive_entry_that_is_cited_only_the_kind_is_told() -> None:
    donated = BloodDonated(donated_on=date(2024, 5, 1), place="330212", millilitres=400)
    corrected = FactCorrected(reason="source-error", replacement=donated)
    told = [one["says"]["zh"] for one in reasons(donated, corrected).as_json()["inputs"]]

    assert told == ["无偿献血", "更正"]


class Counting(NamedTuple):
    """A measure as far as it says which insurances it counts."""

    insurance: list[str]


def test_what_is_claimed_is_supposed_of_an_insurance_that_the_item_counts() -> None:
    filed = opened().filed
    assert filed is not None
    [bare], [fund] = claimed(filed), claimed(filed, Counting(["housing-fund", "pension"]))

    assert (bare.insurance, fund.insurance) == ("pension", "housing-fund")
    assert (fund.month, fund.place) == ("2024-01", PLACE)
    with pytest.raises(NothingToSuppose):
        claimed(filed.model_copy(update={"months": None}))

"""A year's assessment: taking part, claims and rechecks with their clocks, two examiners, the certified score."""

from datetime import date

import pytest

from domain.assessment import (
    AssessmentNotOpen,
    ClaimsAreOpen,
    ClaimStandsAlready,
    DidNotTakePart,
    NoSuchClaim,
    OneExaminer,
    Year,
    answer,
    answer_by,
    certify,
    claim,
    evolve,
    fold,
    join,
)
from domain.facts import AssessmentOpened, Fact
from domain.score import Score
from domain.workdays import CalendarEnds, WorkCalendar
from tests.domain.given import YINZHOU, ZHEJIANG, Given, born, insured, permit


def day(text: str) -> date:
    return date.fromisoformat(text)


OPENED = AssessmentOpened(
    year=2026,
    place=YINZHOU,
    opens_on=day("2026-03-01"),
    closes_on=day("2026-03-31"),
    counted_on=day("2026-03-31"),
)
OPT_IN = OPENED.model_copy(update={"opt_in": True})
INSURANCE, VOLUNTEER = "zj.common/insurance", "nb.common/volunteer"
# An invented week of holidays, Monday to Friday, with the Saturday before it worked.
CALENDAR = WorkCalendar(
    day("2026-01-01"),
    day("2026-12-31"),
    frozenset(day(f"2026-03-{n}") for n in range(16, 21)),
    frozenset({day("2026-03-14")}),
)


def scored() -> Score:
    life = Given(born("1990-01-01"), permit("permit-issued", "2026-01-01"), *insured("2025-01", 12))
    return life.scored(ZHEJIANG, on="2026-03-31").score


def filed(asks: str = "claim", on: str = "2026-03-09") -> Year:
    item = VOLUNTEER if asks == "claim" else INSURANCE
    return evolve(Year(), claim(OPENED, Year(), "C1", item, asks, day(on)))  # type: ignore[arg-type] # a word of two


@pytest.mark.parametrize("on", ["2026-02-28", "2026-04-01"])
def test_outside_its_window_nobody_joins_and_nothing_is_claimed(on: str) -> None:
    with pytest.raises(AssessmentNotOpen):
        join(OPENED, day(on))
    with pytest.raises(AssessmentNotOpen):
        claim(OPENED, Year(), "C1", VOLUNTEER, "claim", day(on))


def test_who_has_not_joined_did_not_take_part() -> None:
    joined = evolve(Year(), join(OPENED, day("2026-03-02")))

    assert [Year().state, joined.state] == ["not_taken_part", "open"]


def test_of_one_item_one_claim_is_open_at_a_time() -> None:
    with pytest.raises(ClaimStandsAlready, match="volunteer"):
        claim(OPENED, filed(), "C2", VOLUNTEER, "claim", day("2026-03-10"))
    refused = evolve(
        filed(), answer(OPENED, filed(), "C1", day("2026-03-10"), "refused", ("officer:1", None), "证明不符")
    )
    assert claim(OPENED, refused, "C2", VOLUNTEER, "claim", day("2026-03-11")).claim == "C2"
    assert claim(OPENED, filed(), "C2", INSURANCE, "recheck", day("2026-03-10")).asks == "recheck"


@pytest.mark.parametrize(("asks", "by"), [("claim", "2026-03-27"), ("recheck", "2026-03-14")])
def test_ten_and_five_working_days_pass_over_weekends_and_holidays(asks: str, by: str) -> None:
    # From Monday 9 March: 10-13 are four, Saturday 14 is worked, then a week off; 23-27 are five more.
    assert answer_by(OPENED, filed(asks).claims["C1"], CALENDAR) == day(by)


def test_beyond_the_calendar_nothing_is_guessed() -> None:
    short = WorkCalendar(day("2026-03-01"), day("2026-03-13"))

    with pytest.raises(CalendarEnds, match="2026-03-14"):
        answer_by(OPENED, filed().claims["C1"], short)


@pytest.mark.parametrize("second", [None, "officer:1"])
def test_a_new_item_is_granted_by_two_different_people(second: str | None) -> None:
    with pytest.raises(OneExaminer):
        answer(OPENED, filed(), "C1", day("2026-03-10"), "granted", ("officer:1", second))


def test_a_recheck_of_an_automatic_item_is_answered_by_one() -> None:
    told = answer(OPENED, filed("recheck"), "C1", day("2026-03-10"), "granted", ("officer:1", None))

    assert evolve(filed("recheck"), told).claims["C1"].state == "granted"


def test_what_is_answered_is_not_answered_again_unless_it_was_returned_and_its_day_has_not_passed() -> None:
    examiners = ("officer:1", "officer:2")
    granted = evolve(filed(), answer(OPENED, filed(), "C1", day("2026-03-10"), "granted", examiners))
    returned = evolve(
        filed(),
        answer(OPENED, filed(), "C1", day("2026-03-10"), "returned", examiners, "缺证明", day("2026-03-20")),
    )

    with pytest.raises(NoSuchClaim):
        answer(OPENED, granted, "C1", day("2026-03-11"), "refused", examiners)
    assert answer(OPENED, returned, "C1", day("2026-03-20"), "granted", examiners).answer == "granted"
    with pytest.raises(NoSuchClaim):
        answer(OPENED, returned, "C1", day("2026-03-21"), "granted", examiners)


def test_a_score_is_not_certified_while_a_claim_is_open() -> None:
    with pytest.raises(ClaimsAreOpen):
        certify(OPENED, filed(), scored(), day("2026-04-20"), 100)


def test_where_taking_part_is_asked_for_nobody_else_is_certified() -> None:
    with pytest.raises(DidNotTakePart):
        certify(OPT_IN, Year(), scored(), day("2026-04-20"), 100)
    joined = evolve(Year(), join(OPT_IN, day("2026-03-02")))
    assert certify(OPT_IN, joined, scored(), day("2026-04-20"), 100).points_e4 == 260_000


def test_a_score_is_certified_again_and_the_later_counts() -> None:
    joined = join(OPENED, day("2026-03-02"))
    first = certify(OPENED, Year(), scored(), day("2026-04-20"), 100)
    second = certify(OPENED, Year(), scored(), day("2026-05-20"), 200, valid_to=day("2027-03-31"))
    history: list[Fact] = [joined, first, second]
    year = fold(history)

    assert (year.state, year.certified[-1].as_at, year.certified[-1].counted_on) == (
        "certified",
        200,
        day("2026-03-31"),
    )

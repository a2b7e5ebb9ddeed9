"""Living here with a permit: the conditions, the decisions, the two clocks, a move with conversion the same day."""

from datetime import date
from typing import Any

import pytest

from domain import facts
from domain.errors import Refusal
from domain.facts import Fact
from domain.permit import Permit, permit_on
from domain.residency import (
    apply_for_permit,
    clocks,
    convert,
    end,
    endorse,
    entitlement,
    request_points,
    restore,
    stage_of,
    suspend,
)
from domain.residency.conditions import registered_months
from domain.residency.refusals import (
    EndorsementTooEarly,
    NoPermit,
    NothingToConvert,
    NothingToReinstate,
    NotRegisteredHere,
    PermitAlreadyHeld,
    PermitConditionsUnmet,
    PermitIsOver,
    PermitIsSuspended,
    PermitNotSuspended,
)
from tests.domain.given import CIXI, YINZHOU, Given, employment, insurance, permit, residence, residence_ended

OUHAI, SHANGYU = "330304", "330604"


def day(text: str) -> date:
    return date.fromisoformat(text)


def study(on: str, place: str = YINZHOU) -> Fact:
    return facts.StudyStarted(started_on=day(on), place=place, spell="X1")


def now(*moves: Fact, on: str) -> Permit:
    return permit_on(Given(*moves).known().permits, day(on))


REGISTERED = residence("2024-01-15")
ISSUED = permit("permit-issued", "2021-01-01")
SUSPENDED = permit("permit-suspended", "2021-03-01")
RESTORED = permit("permit-restored", "2021-04-01")


@pytest.mark.parametrize(
    ("given", "on", "met", "lacks", "earliest"),
    [
        ([], "2024-07-15", False, ("registration", "registered-months", "ground"), "2025-01-15"),
        ([REGISTERED, employment("2024-02-01")], "2024-07-14", False, ("registered-months",), "2024-07-15"),
        ([REGISTERED, employment("2024-02-01")], "2024-07-15", True, (), "2024-07-15"),
        ([REGISTERED], "2024-08-01", False, ("ground",), "2024-08-01"),
        ([REGISTERED, insurance("2024-07")], "2024-08-01", True, (), "2024-08-01"),
        ([REGISTERED, insurance("2024-06")], "2024-08-01", False, ("ground",), "2024-08-01"),
        ([REGISTERED, employment("2024-02-01", "2024-08-01")], "2024-08-01", False, ("ground",), "2024-08-01"),
        ([REGISTERED, study("2024-05-01")], "2024-07-15", True, (), "2024-07-15"),
    ],
)
def test_half_a_year_registered_and_one_ground(
    given: list[Fact], on: str, met: Any, lacks: tuple[str, ...], earliest: str
) -> None:
    found = entitlement(Given(*given).known(), YINZHOU, day(on))

    assert (found.is_met, found.lacks, found.earliest) == (met, lacks, day(earliest))


def test_in_cixi_study_is_a_ground_after_a_year() -> None:
    known = Given(residence("2024-01-15", place=CIXI), study("2024-03-01", CIXI)).known()
    found = [entitlement(known, CIXI, day(on)) for on in ("2024-08-01", "2025-03-01")]

    assert [(each.is_met, each.earliest) for each in found] == [
        (False, day("2025-03-01")),
        (True, day("2025-03-01")),
    ]


def test_an_approved_talent_needs_no_half_year() -> None:
    talent = facts.Attested(scheme="approved_talent", place=YINZHOU, valid_from=day("2024-01-01"))

    assert entitlement(Given(residence("2024-05-01"), talent).known(), YINZHOU, day("2024-05-02")).is_met


def test_registered_again_after_a_gap_the_half_year_begins_anew() -> None:
    known = Given(
        residence("2023-01-01"),
        residence_ended("2024-01-01"),
        residence("2024-01-02", spell="R2"),
        employment("2023-01-01"),
    ).known()

    assert entitlement(known, YINZHOU, day("2024-06-01")).registered_since == day("2024-01-02")


def test_from_registration_to_the_end_there_is_one_word_for_each_day() -> None:
    known = Given(
        residence("2020-06-01"),
        employment("2020-06-01", "2022-02-01"),
        ISSUED,
        permit("permit-ended", "2022-03-01"),
    ).known()
    days = ("2020-05-31", "2020-06-01", "2020-12-01", "2021-01-01", "2021-12-01", "2022-01-01", "2022-03-01")

    assert [stage_of(known, YINZHOU, day(on)).value for on in days] == [
        *("none", "registered", "eligible", "normal", "due", "suspended", "ended"),
    ]


def test_a_permit_is_issued_to_who_meets_the_conditions() -> None:
    known = Given(REGISTERED, employment("2024-02-01")).known()

    assert apply_for_permit(known, YINZHOU, day("2024-07-15"), "P1") == permit("permit-issued", "2024-07-15")


def test_a_permit_is_not_issued_too_early_nor_twice() -> None:
    given = Given(REGISTERED, employment("2024-02-01"))

    with pytest.raises(PermitConditionsUnmet, match="registered-months"):
        apply_for_permit(given.known(), YINZHOU, day("2024-07-14"), "P1")
    with pytest.raises(PermitAlreadyHeld):
        apply_for_permit(
            given.then(permit("permit-issued", "2024-07-15")).known(), YINZHOU, day("2024-08-01"), "P2"
        )


def test_a_move_from_wenzhou_converts_the_permit_of_2014_on_the_same_day() -> None:
    endorsed = [permit("permit-endorsed", f"{year}-05-20", OUHAI) for year in range(2015, 2021)]
    before = [
        residence("2014-01-01", place=OUHAI),
        permit("permit-issued", "2014-06-01", OUHAI),
        *endorsed,
        residence("2021-02-20", spell="R2", place=SHANGYU),
    ]
    conversion = convert(Given(*before).known(), SHANGYU, day("2021-02-20"), "P2")
    after = now(*before, conversion, on="2021-02-20")

    assert (conversion.by, conversion.from_permit) == ("existing-permit", "P1")
    assert (after.number, after.place, after.state(day("2021-02-20")).value) == ("P2", SHANGYU, "normal")


def test_registrations_that_add_up_to_six_months_convert_without_a_permit() -> None:
    first = [residence("2024-01-01", place=OUHAI), residence_ended("2024-04-16", place=OUHAI)]
    second = residence("2024-06-01", spell="R2", place=SHANGYU)
    known = Given(*first, second).known()

    assert registered_months(known, SHANGYU, day("2024-08-16")) == 6
    assert convert(known, SHANGYU, day("2024-08-16"), "P2").by == "registered-months"
    with pytest.raises(NothingToConvert):
        convert(known, SHANGYU, day("2024-08-15"), "P2")


def test_nobody_converts_where_he_is_not_registered() -> None:
    with pytest.raises(NotRegisteredHere):
        convert(Given(residence("2014-01-01", place=OUHAI)).known(), SHANGYU, day("2021-02-20"), "P2")


def test_an_endorsement_after_the_full_year_is_late() -> None:
    assert [endorse(now(ISSUED, on=on), day(on)).late for on in ("2021-12-05", "2022-06-01")] == [False, True]


def test_a_late_endorsement_restarts_the_unbroken_clock_and_not_the_points_clock() -> None:
    given = Given(ISSUED, permit("permit-endorsed", "2022-06-01"))
    read = clocks(given.known(), day("2022-08-01"))

    assert (read.cumulative_months, read.unbroken_months, read.unbroken_since) == (14, 2, day("2022-06-01"))


def test_while_suspended_there_is_no_unbroken_month() -> None:
    assert clocks(Given(ISSUED).known(), day("2022-03-01")) == (12, 0, None)


def test_points_are_asked_back_once_after_the_police_have_restored_the_permit() -> None:
    asked = request_points(now(ISSUED, SUSPENDED, RESTORED, on="2021-04-02"), day("2021-04-02"))

    assert now(ISSUED, SUSPENDED, RESTORED, on="2021-04-02").awaits_request
    assert not now(ISSUED, SUSPENDED, RESTORED, asked, on="2021-04-02").awaits_request


ENDED = permit("permit-ended", "2021-05-01")


@pytest.mark.parametrize(
    ("decide", "moves", "on", "refusal"),
    [
        (endorse, [], "2021-06-01", NoPermit),
        (endorse, [ISSUED], "2021-06-01", EndorsementTooEarly),
        (endorse, [ISSUED, SUSPENDED], "2021-12-10", PermitIsSuspended),
        (endorse, [ISSUED, ENDED], "2021-12-10", PermitIsOver),
        (suspend, [ISSUED, SUSPENDED], "2021-03-02", PermitIsSuspended),
        (suspend, [ISSUED], "2022-01-01", PermitIsSuspended),
        (restore, [ISSUED], "2021-03-02", PermitNotSuspended),
        (request_points, [ISSUED, SUSPENDED], "2021-03-02", PermitIsSuspended),
        (request_points, [ISSUED], "2021-03-02", NothingToReinstate),
    ],
)
def test_what_the_state_does_not_allow_is_refused(
    decide: Any, moves: list[Fact], on: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        decide(now(*moves, on=on), day(on))


def test_each_decision_gives_the_fact_that_it_names() -> None:
    held, on = now(ISSUED, on="2021-03-01"), day("2021-03-01")

    assert suspend(held, on) == SUSPENDED
    assert restore(now(ISSUED, SUSPENDED, on="2021-04-01"), day("2021-04-01")) == RESTORED
    assert end(held, on, "left").reason == "left"


def test_an_existing_permit_is_named_exactly_when_it_is_what_converts() -> None:
    with pytest.raises(ValueError, match="from-permit"):
        facts.PermitConverted(on=day("2021-01-01"), place=YINZHOU, permit="P2", by="existing-permit")


@pytest.mark.parametrize(
    "event",
    [facts.DeathRecorded(on=day("2021-05-01")), facts.LocalHukouGained(on=day("2021-05-01"), place=YINZHOU)],
)
def test_death_and_local_hukou_end_whatever_permit_is_held(event: Fact) -> None:
    days = ("2021-04-30", "2021-05-01", "2021-12-05")

    assert [now(ISSUED, event, on=on).state(day(on)).value for on in days] == ["normal", "ended", "ended"]


def test_a_death_recorded_before_the_permit_ends_no_later_one() -> None:
    hukou = facts.LocalHukouGained(on=day("2020-05-01"), place=YINZHOU)

    assert now(hukou, ISSUED, on="2021-02-01").state(day("2021-02-01")).value == "normal"


def test_a_death_that_is_void_ends_nothing() -> None:
    known = Given(ISSUED, facts.DeathRecorded(on=day("2021-05-01"))).voided(2).known()

    assert permit_on(known.permits, day("2021-06-01")).state(day("2021-06-01")).value == "normal"

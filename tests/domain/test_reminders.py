"""What a resident should do soon: the permit, rounds, school age, a subsidy whose conditions are met."""

from datetime import date
from typing import Any

from domain.facts import DeathRecorded, Fact, LocalHukouGained
from domain.programme import Case, Person, given_points
from domain.reminders import Window, reminders, windows_of
from ledger.programmes import read_programmes
from tests.domain.given import CIXI, HOUSE, YINZHOU, Given, born, employment, permit, residence

FOLDER = HOUSE / "programmes" / CIXI
[RENTAL] = read_programmes(FOLDER / "2022-06-14.rental.yaml")
[SCHOOL] = read_programmes(FOLDER / "2025-04-01.school.yaml")
ISSUED = permit("permit-issued", "2022-01-10", CIXI)


def day(text: str) -> date:
    return date.fromisoformat(text)


def told(*known: Fact, on: str, place: str = YINZHOU, windows: Any = ()) -> list[tuple[str, str]]:
    return [(each.kind, each.on.isoformat()) for each in reminders(Given(*known).known(), place, day(on), windows)]


def rental(*known: Fact) -> Window:
    person = Person(Given(*known).known(), "male", given_points(40))
    case = Case(person, CIXI, day("2022-06-14"), day("2022-06-14"), zone="centre")
    return Window(RENTAL.programme, day("2022-06-14"), day("2022-06-30"), case)


def test_a_permit_is_due_then_suspended_and_then_its_points_wait() -> None:
    restored = permit("permit-endorsed", "2023-02-01", CIXI)

    assert told(ISSUED, on="2022-12-09") == []
    assert told(ISSUED, on="2022-12-10") == [("permit-due", "2023-01-10")]
    assert told(ISSUED, on="2023-01-10") == [("permit-suspended", "2023-01-10")]
    assert told(ISSUED, restored, on="2023-02-02") == [("points-wait-for-request", "2023-02-01")]


def test_who_could_have_a_permit_soon_is_told_from_when() -> None:
    known = [residence("2024-01-15"), employment("2024-02-01")]

    assert told(*known, on="2024-06-14") == []
    assert told(*known, on="2024-06-20") == [("permit-possible", "2024-07-15")]


def test_a_round_opens_is_open_and_over() -> None:
    window = rental()

    days = ("2022-04-13", "2022-04-14", "2022-06-14", "2022-06-30", "2022-07-01")

    assert [told(on=on, windows=[window]) for on in days] == [
        [],
        [("round-opens", "2022-06-14")],
        [("subsidy-open", "2022-06-30")],
        [("subsidy-open", "2022-06-30")],
        [],
    ]


def test_whose_conditions_are_met_hears_it() -> None:
    known = [born("1985-03-01"), ISSUED, employment("2022-03-01", place=CIXI)]

    assert told(*known, on="2022-06-20", windows=[rental(*known)]) == [("conditions-met", "2022-06-30")]


def test_a_child_of_school_age_is_told_while_the_round_is_open() -> None:
    child = Person(Given(born("2018-10-01")).known())
    case = Case(child, CIXI, day("2025-04-30"), day("2025-05-10"), town="330282111")
    window = Window(SCHOOL.programme, day("2025-05-01"), day("2025-05-31"), case)

    assert told(on="2025-05-10", windows=[window]) == [("school-age", "2025-05-31")]


def test_reminders_are_said_in_both_tongues() -> None:
    [first] = reminders(Given().known(), CIXI, day("2022-06-14"), [rental()])

    assert first.text() == "公租房租赁补贴(2022年) 受理中,2022-06-30 截止"
    assert first.as_json()["text"]["en"] == "Rental subsidy (2022): open until 2022-06-30"


def test_a_reminder_is_the_same_on_every_day_on_which_it_stands() -> None:
    known = [residence("2024-01-15"), employment("2024-02-01")]
    permits = Given(ISSUED).known()
    days = [day(f"2024-08-{number:02d}") for number in (1, 9, 30)]

    assert len({tuple(reminders(Given(*known).known(), YINZHOU, on)) for on in days}) == 1
    assert len({tuple(reminders(permits, CIXI, on)) for on in days}) == 1


def test_a_reminder_says_since_when_it_stands_and_why() -> None:
    [due] = reminders(Given(ISSUED).known(), CIXI, day("2022-12-20"))

    assert (due.as_json()["raised_on"], due.cause("en")) == (
        "2022-12-10",
        "a permit is endorsed once a year (art. 19)",
    )


def test_nobody_who_died_or_became_local_is_told_to_apply() -> None:
    known = [residence("2024-01-15"), employment("2024-02-01")]

    assert told(*known, DeathRecorded(on=day("2024-07-01")), on="2024-08-01") == []
    assert told(*known, LocalHukouGained(on=day("2024-07-01"), place=YINZHOU), on="2024-08-01") == []


def test_the_days_of_a_round_take_the_place_of_published_ones_that_they_touch() -> None:
    published = rental().case
    days = [(day("2022-06-20"), day("2022-07-05")), (day("2022-09-01"), day("2022-09-30"))]

    def opened(*chosen: tuple[date, date]) -> list[str]:
        return [each.closes_on.isoformat() for each in windows_of(RENTAL.programme, published, chosen)]

    assert opened() == ["2022-06-30"]
    assert opened(days[0]) == ["2022-07-05"]
    assert opened(days[1]) == ["2022-09-30", "2022-06-30"]

"""Two permits at once: flagged while both could be used; a conversion and what follows an end are none."""

from datetime import date

from domain.facts import Fact, PermitConverted
from domain.permits_at_once import second_permits
from tests.domain.given import CIXI, YINZHOU, Given, permit

ISSUED = permit("permit-issued", "2024-01-10", CIXI)
ON = date(2024, 7, 1)


def second(on: str = "2024-06-01", place: str = YINZHOU) -> Fact:
    return permit("permit-issued", on, place, number="P2")


def flagged(*known: Fact, on: date = ON) -> list[tuple[str, str]]:
    return [(one.older, one.number) for one in second_permits(Given(*known).known().permits, on)]


def test_a_permit_issued_while_another_is_in_use_is_flagged_until_that_ends_or_its_year_is_over() -> None:
    ended = permit("permit-ended", "2024-08-01", CIXI)

    assert flagged(ISSUED, second()) == [("P1", "P2")]
    assert flagged(ISSUED, second(), on=date(2025, 1, 9)) == [("P1", "P2")]
    assert flagged(ISSUED, second(), on=date(2025, 1, 10)) == []
    assert [flagged(ISSUED, second(), ended, on=on) for on in (date(2024, 7, 31), date(2024, 8, 1))] == [
        [("P1", "P2")],
        [],
    ]


def test_who_gave_the_old_one_up_or_converted_it_holds_one() -> None:
    ended = permit("permit-ended", "2024-06-01", CIXI)
    converted = PermitConverted(
        on=date(2024, 6, 1), place=YINZHOU, permit="P2", by="existing-permit", from_place=CIXI, from_permit="P1"
    )

    assert flagged(ISSUED, ended, second()) == []
    assert flagged(ISSUED, converted) == []


def test_a_permit_that_had_lapsed_or_is_of_another_province_stands_beside_none() -> None:
    assert flagged(ISSUED, second("2025-02-01"), on=date(2025, 3, 1)) == []
    assert flagged(ISSUED, second(place="310115")) == []

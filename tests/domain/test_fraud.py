"""After fraud a bar stands until its day: at filing, and as a condition of a programme."""

from datetime import date

import pytest
from pydantic import ValidationError

from domain.facts import FraudFound
from domain.fraud import barred_until
from domain.programme import evaluate
from tests.domain.given import CIXI, YINZHOU
from tests.domain.test_programme import case, condition, person, programme

UNTIL = date(2027, 6, 1)


def found(place: str = YINZHOU, use: str | None = None) -> FraudFound:
    return FraudFound(
        place=place, found_on=date(2025, 6, 1), barred_until=UNTIL, programme=use, basis="租赁合同系伪造"
    )


@pytest.mark.parametrize(
    ("fact", "on", "until"),
    [
        (found(), "2025-05-31", None),
        (found(), "2025-06-01", UNTIL),
        (found(), "2027-05-31", UNTIL),
        (found(), "2027-06-01", None),
        (found(place="330200"), "2026-01-01", UNTIL),
        (found(place=CIXI), "2026-01-01", None),
        (found(use="use"), "2026-01-01", UNTIL),
        (found(use="loan"), "2026-01-01", None),
    ],
)
def test_a_bar_holds_where_and_for_what_it_says_until_its_day(
    fact: FraudFound, on: str, until: date | None
) -> None:
    day = date.fromisoformat(on)
    told = evaluate(programme(condition("not_barred")), case(person(fact), on))

    assert barred_until([None, fact], YINZHOU, "use", day) == until
    assert told.met == (until is None)


def test_a_bar_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValidationError, match="bar-ends-before"):
        FraudFound(place=CIXI, found_on=UNTIL, barred_until=UNTIL, basis="租赁合同系伪造")

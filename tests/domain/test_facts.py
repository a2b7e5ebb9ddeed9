"""What every kind promises, and the pages made from it."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from api.reference import pages
from domain.facts import ALL, BY_TOPIC, Fact, InsuranceMonthPaid, VolunteerHoursServed
from domain.facts.reference import schema


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.topic())
def test_a_kind_is_named_versioned_and_explained_in_chinese(fact: type[Fact]) -> None:
    name, _, version = fact.topic().rpartition(".")

    assert (name, version) == (fact.kind_name(), "v1")
    assert (fact.__doc__ or "").startswith(f"{fact.about.zh}: ")
    assert set(fact.about.key) <= set(fact.model_fields)


def test_every_kind_stands_once_in_the_registry() -> None:
    assert len(BY_TOPIC) == len(ALL)


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.topic())
def test_its_json_schema_is_a_schema(fact: type[Fact]) -> None:
    Draft202012Validator.check_schema(schema(fact))


def test_the_schema_accepts_what_the_class_writes_and_refuses_a_wrong_month() -> None:
    validator = Draft202012Validator(schema(InsuranceMonthPaid))
    good = InsuranceMonthPaid(month="2025-03", place="330212").model_dump(mode="json", exclude_none=True)

    assert validator.is_valid(good)
    assert not validator.is_valid({**good, "month": "2025-13"})


@pytest.mark.parametrize("place", ["３３０２１２", "33021", "330212\n", "330212 ", "XX0212"])
def test_a_place_is_a_code_in_plain_digits(place: str) -> None:
    with pytest.raises(ValueError, match="place"):
        InsuranceMonthPaid(month="2025-03", place=place)


@pytest.mark.parametrize(
    "note", ["call 138 0013 8000", "11010119000307123X", "a\u202eb", "a\x00b", "zero\u200bwidth"]
)
def test_plain_text_takes_no_personal_digits_and_nothing_invisible(note: str) -> None:
    line = json.dumps(
        {
            "kind": "volunteer-hours-served.v1",
            "served_on": "2025-03-01",
            "place": "330212",
            "minutes": 60,
            "activity": note,
        }
    )

    with pytest.raises(ValueError, match=r"personal-digits|invisible-characters"):
        VolunteerHoursServed.model_validate_json(line)


@pytest.mark.parametrize(("path", "text"), list(pages().items()), ids=lambda value: getattr(value, "name", ""))
def test_the_generated_pages_are_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make docs`"

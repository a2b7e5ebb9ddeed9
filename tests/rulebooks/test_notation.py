"""The notation of docs/rulebooks.md, tried on its own sample, and facts in one word."""

import re
from datetime import date

import pytest

from domain.examples import check_document
from domain.rulebook.content import set_hash
from domain.shorthand import NotShort, expand
from ledger.rulebooks import read_text
from tests.domain.given import HOUSE

ON = date(2025, 3, 31)


def sample() -> bytes:
    text = (HOUSE / "docs/rulebooks.md").read_text()
    return text.split("```yaml\n", 1)[1].split("```", 1)[0].encode()


def test_the_sample_of_the_guide_is_sound_and_its_examples_hold() -> None:
    documents = read_text(sample(), "docs/rulebooks.md")

    assert [document.rulebook.doc for document in documents] == ["zj.sample", "nb.sample"]
    assert [problem for document in documents for problem in check_document(document)] == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("education-awarded/bachelor", [{"level": "bachelor", "awarded_on": "2025-02-28"}]),
        ("education-awarded/college@2010-07-01", [{"level": "college", "awarded_on": "2010-07-01"}]),
        (
            "residence-registered*24mo",
            [{"registered_on": "2023-03-31", "place": "330212", "spell": "residence-registered-0419-1"}],
        ),
        ("volunteer-hours-served=90", [{"served_on": "2025-02-28", "place": "330212", "minutes": 90}]),
        (
            "restricted-fact/offence/minor",
            [{"category": "offence", "level": "minor", "acted_on": "2025-02-28", "place": "330212"}],
        ),
        ("permit-issued*6mo", [{"on": "2024-09-30", "place": "330212", "permit": "P1"}]),
        (
            "insurance-month-paid*2",
            [{"month": "2025-02", "place": "330212"}, {"month": "2025-01", "place": "330212"}],
        ),
        ("insurance-month-paid/medical@2020-12", [{"month": "2020-12", "place": "330212", "insurance": "medical"}]),
        (
            "attested/training=6",
            [{"scheme": "training", "quantity": 6, "valid_from": "2025-02-28", "place": "330212"}],
        ),
    ],
)
def test_a_fact_in_one_word(word: str, expected: list[dict[str, object]]) -> None:
    [kind] = re.findall("^[a-z-]+", word)

    assert expand(word, ON, "330212") == [{"kind": kind, **fields} for fields in expected]


def test_a_repeated_fact_lies_a_month_earlier_each_time() -> None:
    assert [fact["received_on"] for fact in expand("honour-received/city*3", ON, "330212")] == [
        "2025-02-28",
        "2025-01-28",
        "2024-12-28",
    ]


@pytest.mark.parametrize(
    "word",
    [
        "",
        "shoes-bought",
        "education-awarded/bachelor/extra",
        "education-awarded=7",
        "education-awarded*24mo",
        "education-awarded@2025-02-30",
        "education-awarded *2",
        "insurance-month-paid*0",
    ],
)
def test_what_is_no_fact_in_one_word(word: str) -> None:
    with pytest.raises(NotShort):
        expand(word, ON, "330212")


def test_the_identity_of_a_set_does_not_depend_on_the_order_of_its_hashes() -> None:
    assert set_hash(["b", "a"], restricted=True) == set_hash(["a", "b"], restricted=True)

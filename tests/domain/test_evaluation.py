"""A file of residents scored without a ledger."""

import json
from datetime import date
from typing import Any

import pytest

from domain.evaluation import evaluate_lines
from domain.rulebook import RulebookSet
from tests.domain.given import YINZHOU, attested, library, table

ON = date(2025, 6, 1)
BACHELOR = {"kind": "education-awarded", "level": "bachelor", "awarded_on": "2010-07-01"}


def evaluated(line: dict[str, Any] | str, place: str | None = YINZHOU, as_at: int | None = None) -> dict[str, Any]:
    text = line if isinstance(line, str) else json.dumps(line, ensure_ascii=False)
    [result] = evaluate_lines([text], library().documents, ON, place, as_at)
    return result


def line_of(result: dict[str, Any], item: str) -> dict[str, Any]:
    return next(line for line in result["lines"] if line.get("item") == item)


def problem_of(line: dict[str, Any] | str, place: str | None = YINZHOU) -> tuple[str, str]:
    [problem] = evaluated(line, place)["problems"]
    return problem["field"], problem["code"]


def test_a_resident_is_scored() -> None:
    result = evaluated({"subject": "r1", "born_on": "1990-01-01", "facts": [BACHELOR]})

    assert (result["subject"], result["line"], result["total"]) == ("r1", 1, "30.00")


def test_a_resident_without_facts_is_scored_too() -> None:
    assert evaluated({"subject": "r1"})["total"] == "0.00"


def test_a_kind_may_name_its_version() -> None:
    fact = {**BACHELOR, "kind": "education-awarded.v1"}

    assert line_of(evaluated({"subject": "r1", "facts": [fact]}), "edu")["points"] == "10.00"


def test_a_fact_is_named_by_its_id_or_by_its_place_in_the_list() -> None:
    college = {**BACHELOR, "level": "college"}
    line = line_of(evaluated({"subject": "r1", "facts": [{**BACHELOR, "id": "diploma"}, college]}), "edu")

    assert (line["used"], line["ignored"]) == (
        ["diploma"],
        [{"fact": "facts[1]", "why": "smaller", "because": "diploma"}],
    )


def test_a_void_names_its_target_by_id() -> None:
    void = {"kind": "fact-voided", "reason": "source-error", "refers_to": "diploma"}
    line = line_of(evaluated({"subject": "r1", "facts": [{**BACHELOR, "id": "diploma"}, void]}), "edu")

    assert (line["points"], line["ignored"]) == (
        "0.00",
        [{"fact": "diploma", "why": "void", "because": "facts[1]"}],
    )


def test_a_correction_carries_its_replacement() -> None:
    replacement = {"kind": "education-awarded.v1", "level": "college", "awarded_on": "2010-07-01"}
    correction = {"kind": "fact-corrected", "reason": "source-error", "refers_to": "d", "replacement": replacement}
    line = line_of(evaluated({"subject": "r1", "facts": [{**BACHELOR, "id": "d"}, correction]}), "edu")

    assert line["points"] == "8.00"


def test_positions_may_be_given_and_cut() -> None:
    facts = [{**BACHELOR, "position": 7}, {**BACHELOR, "level": "college", "position": 3}]

    scores = [line_of(evaluated({"subject": "r1", "facts": facts}, as_at=at), "edu")["points"] for at in (2, 3, 7)]

    assert scores == ["0.00", "8.00", "10.00"]


def test_a_complete_feed_makes_nothing_found_a_zero() -> None:
    feed = {
        "kind": "feed-delivered",
        "organ": "hr",
        "fact_kind": "skill-awarded",
        "place": "330200",
        "first_month": "2000-01",
        "last_month": "2025-05",
        "coverage": "complete",
        "rows": 0,
    }

    states = [line_of(evaluated({"subject": "r1", "facts": facts}), "skill")["state"] for facts in ([], [feed])]

    assert states == ["no_data", "zero"]


def test_a_line_may_name_its_place() -> None:
    result = evaluated({"subject": "r1", "place": "330282002", "facts": []})

    assert [doc for doc, _ in result["rulebooks"]["documents"]] == ["zj.common", "nb.common", "cx.individual"]


def test_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    lines = ["", json.dumps({"subject": "a"}), "  ", json.dumps({"subject": "b"})]

    assert [r["line"] for r in evaluate_lines(lines, library().documents, ON, YINZHOU)] == [2, 4]


BROKEN: list[tuple[dict[str, Any] | str, str, str]] = [
    ("{", "", "not-json"),
    ("[]", "", "not-json"),
    ('{"subject": "a", "subject": "b"}', "", "duplicate-key"),
    ('{"subject": "a", "facts": [{"kind": NaN}]}', "", "not-json"),
    ("[" * 100_000, "", "not-json"),
    ({"facts": []}, "subject", "missing"),
    ({"subject": 7}, "subject", "wrong-type"),
    ({"subject": "a", "born": "1990-01-01"}, "born", "unknown-field"),
    ({"subject": "a", "10000019770707777X": 1}, "", "unknown-field"),
    ({"subject": "a", "born_on": "19900101"}, "born_on", "not-a-day"),
    ({"subject": "a", "born_on": 1990}, "born_on", "not-a-day"),
    ({"subject": "a", "place": "33-02"}, "place", "bad-form"),
    ({"subject": "a", "facts": {}}, "facts", "wrong-type"),
    ({"subject": "a", "facts": [{"kind": "shoes-bought"}]}, "facts[0].kind", "unknown-kind"),
    ({"subject": "a", "facts": [{"kind": "education-awarded.v9"}]}, "facts[0].kind", "unknown-kind"),
    ({"subject": "a", "facts": [BACHELOR, {**BACHELOR, "level": "phd"}]}, "facts[1].level", "literal-error"),
    (
        {"subject": "a", "facts": [{**BACHELOR, "awarded_on": "2010-02-30"}]},
        "facts[0].awarded_on",
        "date-parsing",
    ),
    ({"subject": "a", "facts": [{**BACHELOR, "shoes": 1}]}, "facts[0].shoes", "extra-forbidden"),
    (
        {
            "subject": "a",
            "facts": [
                {"kind": "volunteer-hours-served", "served_on": "2024-01-01", "place": YINZHOU, "minutes": 1.5}
            ],
        },
        "facts[0].minutes",
        "int-type",
    ),
    ({"subject": "a", "facts": [{**BACHELOR, "position": 0}]}, "facts[0].position", "wrong-type"),
    ({"subject": "a", "facts": [{**BACHELOR, "id": "x"}, {**BACHELOR, "id": "x"}]}, "facts[1].id", "duplicate-id"),
    ({"subject": "a", "facts": [{"kind": "fact-voided", "reason": "duplicate"}]}, "facts[0].refers_to", "missing"),
    (
        {"subject": "a", "facts": [{"kind": "fact-voided", "reason": "duplicate", "refers_to": "y"}]},
        "facts[0].refers_to",
        "unknown-id",
    ),
]


@pytest.mark.parametrize(("line", "field", "code"), BROKEN, ids=[f"{n}-{row[2]}" for n, row in enumerate(BROKEN)])
def test_a_broken_line_names_its_field_and_its_fault(line: dict[str, Any] | str, field: str, code: str) -> None:
    assert problem_of(line) == (field, code)


def test_without_any_place_a_resident_is_scored_where_the_permit_is_or_where_the_documents_meet() -> None:
    permit = {"kind": "permit-issued", "on": "2020-01-01", "place": "330282", "permit": "P1"}

    ningbo = [
        document for document in library().documents if document.rulebook.authority.startswith(("330000", "3302"))
    ]

    assert evaluated({"subject": "a", "facts": [permit]}, place=None)["place"] == "330282"
    assert next(evaluate_lines(['{"subject": "a"}'], ningbo, ON))["place"] == "330200"


def test_where_nobody_says_where_a_resident_is_scored_where_the_facts_lie_or_where_most_documents_are() -> None:
    months = [{"kind": "insurance-month-paid", "month": "2025-01", "place": place} for place in (YINZHOU, "330203")]

    assert evaluated({"subject": "a", "facts": months[:1]}, place=None)["place"] == YINZHOU
    assert evaluated({"subject": "a", "facts": months}, place=None)["place"] == "330200"
    assert evaluated({"subject": "a"}, place=None)["place"] == "330000"


def test_a_problem_never_repeats_what_stood_there() -> None:
    result = evaluated(
        {"subject": "a", "facts": [{**BACHELOR, "certificate": "secret-value", "level": "secret-level"}]}
    )

    assert "secret" not in json.dumps(result["problems"])


SERVED = {"kind": "volunteer-hours-served", "served_on": "2024-05-01", "place": YINZHOU, "minutes": 600}


def family_table() -> RulebookSet:
    row = {"measure": {"kind": "sum", "of": "volunteer-hours-served", "unit": "hours", "subjects": "both"}}
    return table({**row, "id": "hours", "award": {"as": "per", "points": 1}})


def test_a_line_may_carry_the_family() -> None:
    family = {"spouse": {"born_on": "1990-01-01", "facts": [{**SERVED, "id": "hers"}]}}
    line = {"subject": "r1", "facts": [SERVED], "family": family}

    [told] = evaluate_lines([json.dumps(line)], family_table().documents, ON, YINZHOU)

    assert (told["total"], line_of(told, "hours")["used"]) == ("20.00", ["facts[0]", "family.spouse.hers"])


def test_parents_stand_in_for_the_couple() -> None:
    line = {"subject": "r1", "facts": [SERVED], "family": {"parents": [{"facts": [SERVED]}, {"facts": []}]}}

    [told] = evaluate_lines([json.dumps(line)], family_table().documents, ON, YINZHOU)

    assert (told["total"], line_of(told, "hours")["used"]) == ("10.00", ["family.parents[0].facts[0]"])


@pytest.mark.parametrize(
    ("family", "problem"),
    [
        ([], ("family", "wrong-type")),
        ({"uncle": {}}, ("family.uncle", "unknown-field")),
        ({"spouse": 1}, ("family.spouse", "wrong-type")),
        ({"spouse": {"name": "x"}}, ("family.spouse.name", "unknown-field")),
        ({"spouse": {"born_on": "1990"}}, ("family.spouse.born_on", "not-a-day")),
        ({"parents": {}}, ("family.parents", "wrong-type")),
        ({"parents": [{"facts": 1}]}, ("family.parents[0].facts", "wrong-type")),
        ({"parents": [{"facts": [{"kind": "x"}]}]}, ("family.parents[0].facts[0].kind", "unknown-kind")),
    ],
)
def test_a_family_that_cannot_be_read_names_the_field(family: Any, problem: tuple[str, str]) -> None:
    assert problem_of({"subject": "r1", "family": family}) == problem


def test_a_line_may_name_the_use_of_points() -> None:
    row = {
        "id": "minor",
        "applies_to": ["hukou"],
        "measure": {"kind": "levels", "of": "restricted-fact/offence"},
        "award": {"as": "by_level", "take": "sum", "points": {"minor": -1}},
    }
    book = table(attested("good"), schemes=[{"id": "good"}], deductions=[row])
    facts = [
        {"kind": "attested", "scheme": "good", "place": YINZHOU, "valid_from": "2024-01-01", "quantity": 10},
        {
            "kind": "restricted-fact",
            "category": "offence",
            "level": "minor",
            "place": YINZHOU,
            "acted_on": "2024-01-01",
        },
    ]
    lines = [json.dumps({"subject": "r1", "facts": facts, "use": use}) for use in ("hukou", "school")]

    assert [told["total"] for told in evaluate_lines(lines, book.documents, ON, YINZHOU)] == ["9.00", "10.00"]

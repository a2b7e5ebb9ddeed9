"""The rulebooks that are shipped: sound, cited, worked through, and in force when they say."""

from datetime import date

import pytest

from domain.awards import ByLevel
from domain.examples import check_document
from domain.rulebook import Document, RulebookSet, read_tree
from domain.rulebook.difference import changes
from ledger.rulebooks import check_directory
from tests.domain.given import (
    CIXI,
    FENGHUA,
    HOUSE,
    QIANWAN,
    WENZHOU_RUIAN,
    YINZHOU,
    Given,
    education,
    in_force_at,
    library,
    points,
)

DOCUMENTS = library().documents
NINGBO_300 = {"nb.pilot", "nb.common", "nh.pilot", "cx.individual", "fh.individual", "xs.individual"}


def names(place: str, on: str) -> list[str]:
    return [document.rulebook.doc for document in in_force_at(place, on).documents]


def by_doc(document: Document) -> str:
    return f"{document.rulebook.doc} {document.rulebook.effective.from_}"


def test_no_file_has_a_problem() -> None:
    assert check_directory(HOUSE / "rulebooks")[1] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_doc)
def test_every_worked_example_holds_with_restricted_rows_on_and_off(document: Document) -> None:
    assert document.rulebook.examples
    assert check_document(document) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_doc)
def test_every_row_names_its_clause_and_the_table_its_source(document: Document) -> None:
    rows = [*document.rulebook.items, *document.rulebook.deductions]

    assert document.rulebook.source
    assert all(row.clause and row.label.en for row in rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_doc)
def test_a_document_read_back_from_its_canonical_tree_is_the_same(document: Document) -> None:
    again = read_tree(document.tree)

    assert again.hash == document.hash
    assert (again.rulebook.items, again.rulebook.holds) == (document.rulebook.items, document.rulebook.holds)


@pytest.mark.parametrize("document", DOCUMENTS, ids=by_doc)
def test_every_table_loads_without_its_restricted_rows(document: Document) -> None:
    off = RulebookSet.of([document]).without_restricted().rulebooks[0]

    assert [row.id for row in (*off.items, *off.deductions) if row.is_restricted] == []


@pytest.mark.parametrize(
    ("place", "on", "expected"),
    [
        (YINZHOU, "2021-09-07", []),
        (YINZHOU, "2021-09-08", ["nb.pilot"]),
        ("330226", "2022-03-31", ["nb.pilot", "nh.pilot"]),
        (YINZHOU, "2022-04-01", ["nb.province-2022", "nb.common"]),
        (CIXI, "2022-04-01", ["nb.province-2022", "nb.common", "cx.individual"]),
        (FENGHUA, "2023-07-25", ["nb.province-2022", "nb.common", "fh.individual"]),
        (FENGHUA, "2023-07-26", ["zj.common", "nb.common", "fh.individual"]),
        ("330225", "2024-01-01", ["zj.common", "nb.common", "xs.individual"]),
        ("330282002", "2024-01-01", ["zj.common", "nb.common", "cx.individual"]),
        (QIANWAN, "2024-01-01", ["zj.common", "nb.common"]),
        (WENZHOU_RUIAN, "2023-07-25", []),
        (WENZHOU_RUIAN, "2024-01-01", ["zj.common", "ra.individual"]),
        ("310115", "2017-12-31", []),
    ],
)
def test_what_is_in_force(place: str, on: str, expected: list[str]) -> None:
    assert names(place, on) == expected


def test_before_and_after_the_provinces_own_table_a_resident_of_ningbo_has_the_same_common_points() -> None:
    resident = Given(education("high_school"))

    scores = [
        resident.scored(in_force_at(YINZHOU, on), on=on).tier("province") for on in ("2023-07-25", "2023-07-26")
    ]

    assert scores == [points("5"), points("5")]


def test_the_interim_table_and_the_provinces_say_the_same_numbers() -> None:
    assert changes(library().document("nb.province-2022"), library().document("zj.common")) == []


def test_the_disputed_transcription_differs_in_three_places() -> None:
    found = changes(library().document("zj.common"), library().document("zj.common.beilun"))

    assert [str(change) for change in found] == [
        "items[edu].award.points.below 5 → -",
        "items[edu].award.points.high_school 5 → -",
        "items[skill].award.points.special_high 8 → 3",
    ]


def test_a_changed_number_is_told_by_its_place() -> None:
    old = library().document("zj.common")
    tree = {
        **old.tree,
        "items": [{**item, "cap": 20} if item["id"] == "insurance" else item for item in old.tree["items"]],
    }

    assert [str(change) for change in changes(old, read_tree(tree))] == ["items[insurance].cap 30 → 20"]


@pytest.mark.parametrize(
    ("doc", "cap", "categories"),
    [
        ("zj.common", 100, {}),
        ("nb.common", 150, {"housing": 20}),
        ("nb.pilot", 150, {"base": 100, "bonus": 50}),
        ("nh.pilot", 30, {}),
        ("cx.individual", 50, {}),
        ("fh.individual", 50, {}),
        ("xs.individual", 50, {}),
    ],
)
def test_the_published_structure(doc: str, cap: int, categories: dict[str, int]) -> None:
    rulebook = library().document(doc).rulebook

    assert rulebook.cap == cap
    assert {category.id: category.cap for category in rulebook.categories} == categories


def test_only_rows_with_published_numbers_are_no_placeholders() -> None:
    real = {
        document.rulebook.doc: [item.id for item in document.rulebook.items if not item.placeholder]
        for document in DOCUMENTS
        if document.rulebook.doc in NINGBO_300
    }

    assert {doc: rows for doc, rows in real.items() if rows} == {"nb.common": ["employment", "housing"]}


def test_the_pilot_does_not_know_the_indicator_that_was_repealed() -> None:
    text = str(library().document("nb.pilot").tree)

    assert "违法生育" not in text


def test_the_city_can_score_a_city_item_again_in_its_districts_table() -> None:
    row = next(item for item in library().document("xs.individual").rulebook.items if item.id == "housing_again")

    assert isinstance(row.award, ByLevel)


def test_a_document_is_in_force_on_its_first_day_and_not_on_its_last() -> None:
    effective = library().document("nb.pilot").rulebook.effective

    assert [effective.holds_on(day) for day in (date(2021, 9, 8), date(2022, 3, 31), date(2022, 4, 1))] == [
        True,
        True,
        False,
    ]

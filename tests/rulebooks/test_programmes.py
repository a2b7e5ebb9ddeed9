"""The programmes that are shipped: sound, cited, worked through by hand, and every number held by an example."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from domain.programme import ProgrammeDocument, check_programme, read_programme
from domain.programme.checks import every_condition
from domain.rulebook import Unsound
from ledger.programmes import check_programmes

FOLDER = Path(__file__).parents[2] / "programmes"
DOCUMENTS, PROBLEMS = check_programmes(FOLDER)
NUMBERS = {
    *("at_least", "at_most", "below", "male", "female", "need", "months", "fen_per_month"),
    *("percent", "square_metres", "fen_per_square_metre", "round_up_to_fen"),
}


def name_of(document: ProgrammeDocument) -> str:
    return f"{document.programme.doc} {document.programme.effective.from_}"


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


def test_no_file_has_a_problem_and_every_example_holds() -> None:
    assert PROBLEMS == []


def test_every_use_that_the_founding_documents_name_is_there() -> None:
    known = {document.programme.doc for document in DOCUMENTS}

    assert known >= {
        *("cx.school", "cx.rental", "cx.loan", "cx.checkup", "cx.films", "cx.convalescence", "cx.performances"),
        *("yz.rental", "fh.rental", "fh.checkup", "zh.rental", "zh.hukou", "ra.school_top", "yq.school"),
        *("yq.school_direct", "yq.diploma", "yj.passes", "cx.medical", "cx.training_duty"),
    }


@each_document
def test_every_condition_and_every_amount_names_its_clause_and_the_document_its_source(
    document: ProgrammeDocument,
) -> None:
    programme = document.programme
    conditions = [condition for _, condition in every_condition(programme)]

    assert programme.source
    assert programme.examples
    assert all(condition.clause and condition.label.zh and condition.label.en for condition in conditions)


@each_document
def test_a_document_read_back_from_its_canonical_tree_is_the_same(document: ProgrammeDocument) -> None:
    again = read_programme(document.tree)

    assert again.hash == document.hash
    assert again.programme.model_dump(exclude={"examples"}) == document.programme.model_dump(exclude={"examples"})
    assert check_programme(again) == []


def numbers(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the place of each number that decides, outside examples and what is marked a placeholder."""
    if isinstance(tree, dict):
        if tree.get("placeholder") is True:
            return
        for key, value in tree.items():
            if key in NUMBERS and not isinstance(value, dict):
                yield (*path, key)
            elif key != "examples":
                yield from numbers(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from numbers(value, (*path, index))


def moved(tree: dict[str, Any], path: tuple[Any, ...], by: int) -> dict[str, Any] | None:
    other: Any = deepcopy(tree)
    part = other
    for step in path[:-1]:
        part = part[step]
    value = part[path[-1]]
    if isinstance(value, int):
        part[path[-1]] = value + by
    elif value.endswith("mo"):
        part[path[-1]] = f"{int(value[:-2]) + by}mo"
    else:
        return None
    return dict(other)


def is_told(tree: dict[str, Any] | None) -> bool:
    """Say whether an example notices; a number that cannot be moved so far is not tried."""
    if tree is None:
        return False
    try:
        return bool(check_programme(read_programme(tree)))
    except Unsound:
        return False


@pytest.mark.parametrize(
    ("document", "path"),
    [
        pytest.param(document, path, id=f"{name_of(document)} {'.'.join(map(str, path))}")
        for document in DOCUMENTS
        for path in numbers(document.tree)
        if moved(document.tree, path, 1) is not None
    ],
)
def test_a_number_that_is_one_too_many_or_too_few_breaks_an_example(
    document: ProgrammeDocument, path: tuple[Any, ...]
) -> None:
    assert any(is_told(moved(document.tree, path, by)) for by in (1, -1))

"""Every block of docs/rulebooks.md runs: whole documents as they are, fragments inside the page's frame."""

import json
import re
from datetime import date
from itertools import chain
from typing import get_args

import pytest

from domain.awards import FITS, Award
from domain.evaluation import evaluate_lines
from domain.examples import check_document
from domain.lint import lint
from domain.measures import Measure
from domain.rulebook.model import Deduction, Hold, Item, Rulebook
from ledger.rulebooks import read_text
from tests.domain.given import HOUSE, library

PAGE = (HOUSE / "docs/rulebooks.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```yaml( frame)?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
[FRAME] = [text for marked, text in BLOCKS if marked]
FRAGMENTS = [text for marked, text in BLOCKS if not marked and not text.startswith("doc:")]


def framed(fragment: str) -> bytes:
    frame = FRAME.replace("cap: null\n", "") if fragment.startswith("cap:") else FRAME
    return (frame + fragment).encode()


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_a_block_of_the_page_runs(fragment: str) -> None:
    [document] = read_text(framed(fragment), "page")

    assert [str(problem) for problem in check_document(document)] == []


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=range(len(FRAGMENTS)))
def test_every_row_of_a_block_is_tried_by_its_examples(fragment: str) -> None:
    [document] = read_text(framed(fragment), "page")

    assert [str(w) for w in lint(document) if w.code in ("not-tried", "gives-nothing")] == []


def named(union: object, field: str) -> set[str]:
    kinds = get_args(get_args(union)[0])
    return {word for kind in kinds for word in get_args(kind.model_fields[field].annotation)}


@pytest.mark.parametrize("word", sorted(named(Measure, "kind") | named(Award, "as_")))
def test_every_kind_is_shown_in_a_block(word: str) -> None:
    assert re.search(rf"\b(kind|as): {word}\b", "".join(text for _, text in BLOCKS))


@pytest.mark.parametrize("model", [Rulebook, Item, Deduction, Hold], ids=lambda model: model.__name__)
def test_every_field_of_a_document_is_named_on_the_page(model: type[Rulebook | Item | Deduction | Hold]) -> None:
    fields = {info.alias or name for name, info in model.model_fields.items()}

    assert {field for field in fields if not re.search(rf"`[^`\n]*\b{field}\b[^`\n]*`|\b{field}:", PAGE)} == set()


def test_every_option_of_a_measure_is_named_on_the_page() -> None:
    measures, awards = get_args(get_args(Measure)[0]), get_args(get_args(Award)[0])
    options = {info.alias or name for kind in chain(measures, awards) for name, info in kind.model_fields.items()}

    assert {option for option in options if not re.search(rf"\b{option}\b", PAGE)} == set()


def test_the_table_of_awards_says_what_each_fits() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| ([a-z, ]+) \|$", PAGE, re.MULTILINE))
    told = {award: set(after.split(", ")) for award, after in rows.items() if award in named(Award, "as_")}
    fits = {award: {measure for measure, awards in FITS.items() if award in awards} for award in told}

    assert told == fits
    assert set(told) == named(Award, "as_")


def test_the_line_of_residents_on_the_page_is_one() -> None:
    [text] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    line = json.dumps(json.loads(text), ensure_ascii=False)

    [told] = evaluate_lines([line], [library().document("zj.common")], date(2025, 1, 1))

    assert told["total"] == "30.00"

"""docs/programmes.md runs: its sample is sound, and every kind and field is named on it."""

import re
from datetime import date
from typing import get_args

import pytest

from domain.programme import check_programme, read_programme
from domain.programme.conditions import Condition, ConditionKind
from domain.programme.lines import FIELDS, evaluate_applicants
from domain.programme.model import (
    Applicant,
    Benefit,
    Example,
    Money,
    OrderKey,
    Programme,
    Provisional,
    Quota,
    ScoreUse,
)
from domain.rulebook import RulebookSet
from ledger.rulebooks.yaml_tree import trees
from tests.domain.given import HOUSE

PAGE = (HOUSE / "docs/programmes.md").read_text(encoding="utf-8")
[SAMPLE] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
[LINE] = re.findall(r"^```json\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
CONDITIONS = get_args(get_args(ConditionKind)[0])
KINDS = [get_args(kind.model_fields["kind"].annotation)[0] for kind in CONDITIONS]
ORDERS = [get_args(kind.model_fields["by"].annotation)[0] for kind in get_args(get_args(OrderKey)[0])]
MODELS = (Programme, ScoreUse, Quota, Provisional, Benefit, Money, Example, Applicant, Condition, *CONDITIONS)


def test_the_sample_is_sound_and_its_examples_hold() -> None:
    [(tree, marks)] = trees(SAMPLE.encode(), "page")

    assert check_programme(read_programme(tree, marks)) == []


def test_the_line_of_the_page_is_read() -> None:
    [(tree, marks)] = trees(SAMPLE.encode(), "page")
    programme = read_programme(tree, marks).programme
    [(told, found, _)] = evaluate_applicants([LINE], programme, date(2022, 6, 20), lambda _p, _d: RulebookSet(()))

    assert found is not None
    assert told["unmet"] == ["points", "insured"]


@pytest.mark.parametrize("word", [*KINDS, *ORDERS])
def test_every_kind_is_on_the_page(word: str) -> None:
    assert re.search(rf"`{word}`|by: {word}\b", PAGE)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_is_named_on_the_page(model: type[Programme]) -> None:
    fields = {info.alias or name for name, info in model.model_fields.items()}

    assert {field for field in fields if not re.search(rf"`[^`\n]*\b{field}\b[^`\n]*`|\b{field}:", PAGE)} == set()


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_a_line_is_named_on_the_page(field: str) -> None:
    assert field in PAGE

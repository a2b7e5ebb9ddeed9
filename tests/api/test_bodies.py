"""Bodies are closed: whatever the evaluator says of any shipped example is described, to the last field."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api.bodies.scores import ExplanationBody, ScoreBody
from domain.examples import known_of
from domain.rulebook import Document
from domain.rulebook.resolution import RulebookSet
from domain.scoring import score
from domain.shorthand import expand
from ledger.rulebooks import read_documents
from projections.answers import Answer

RULEBOOKS = Path(__file__).parent.parent.parent / "rulebooks"
DOCUMENTS = [document for path in sorted(RULEBOOKS.rglob("*.yaml")) for document in read_documents(path)]


def answers(document: Document) -> list[Answer]:
    alone, found = RulebookSet.of([document]), []
    for example in document.rulebook.examples:
        place = example.place or document.rulebook.authority
        facts: list[dict[str, Any]] = []
        for written in example.facts:
            facts += [written] if isinstance(written, dict) else expand(written, example.as_of, place)
        scored = score(known_of(facts, example.born), alone, place, example.as_of)
        found.append(Answer(UUID(int=1), 1, trial=False, score=scored))
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: f"{one.rulebook.doc} {one.hash[:8]}")
def test_every_shipped_examples_score_is_described_whole(document: Document) -> None:
    for answer in answers(document):
        told = ExplanationBody.told(answer, "zh").model_dump(mode="json", exclude={"language", "sentences"})
        said = answer.score.as_json()

        assert {name: without_nothing(told[name]) for name in said} == {
            name: without_nothing(value) for name, value in said.items()
        }


def without_nothing(value: Any) -> Any:
    """Leave out what is None: a line says nothing of periods it does not have."""
    if isinstance(value, dict):
        return {name: without_nothing(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [without_nothing(inner) for inner in value]
    return value


def test_the_examples_have_every_kind_of_line() -> None:
    kinds = {
        line.line
        for document in DOCUMENTS
        for answer in answers(document)
        for line in ExplanationBody.told(answer, "en").lines
    }

    assert kinds >= {"item", "deduction", "item_cap", "hold"}


def test_a_score_alone_has_no_lines() -> None:
    answer = answers(DOCUMENTS[0])[0]

    assert "lines" not in ScoreBody.of(answer).model_dump()

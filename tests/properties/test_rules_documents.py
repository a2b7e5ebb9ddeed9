"""Laws of documents: layout does not matter, reading never crashes, resolution is what a naive search finds."""

import json
import random
from contextlib import suppress
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.rulebook import Problem, Published, Unsound, canonical_tree, content_hash, read_tree, resolve
from ledger.rulebooks import read_text
from tests.domain.given import YINZHOU, library

DOCUMENTS = library().documents
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=8) | st.decimals(-99, 99, places=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def shuffled(value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        pairs = list(value.items())
        chance.shuffle(pairs)
        return {key: shuffled(part, chance) for key, part in pairs}
    return [shuffled(part, chance) for part in value] if isinstance(value, list) else value


@given(values)
def test_a_canonical_tree_is_its_own_canonical_tree(value: Any) -> None:
    assert canonical_tree(canonical_tree(value)) == canonical_tree(value)


@given(values, st.randoms())
def test_the_order_of_fields_does_not_change_the_hash(value: Any, chance: random.Random) -> None:
    assert content_hash(shuffled(value, chance)) == content_hash(value)


@given(st.sampled_from(DOCUMENTS), st.randoms(), st.sampled_from([None, 1, 4]))
def test_a_document_written_as_json_is_the_same(document: Any, chance: random.Random, indent: int | None) -> None:
    text = json.dumps(shuffled(document.tree, chance), ensure_ascii=False, indent=indent)

    [again] = read_text(text.encode(), "t.yaml")

    assert again.hash == document.hash


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_reading_anything_gives_documents_or_problems(content: bytes) -> None:
    with suppress(Unsound):
        read_text(content, "t.yaml")


def problems_of(tree: Any) -> list[Problem]:
    try:
        read_tree(tree)
    except Unsound as error:
        return error.problems
    return []


@given(st.sampled_from(DOCUMENTS), st.data())
def test_a_spoilt_document_gives_problems_with_texts_and_never_crashes(document: Any, data: st.DataObject) -> None:
    tree = json.loads(json.dumps(document.tree))
    spot: Any = tree
    while True:
        keys = sorted(spot) if isinstance(spot, dict) else range(len(spot))
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(spot[key], dict | list) and spot[key] and data.draw(st.booleans()):
            spot = spot[key]
            continue
        spot[key] = data.draw(values)
        break

    assert all(p.message("zh") and p.message("en") and p.hint("zh") and p.hint("en") for p in problems_of(tree))


lives = st.builds(
    Published,
    document=st.sampled_from([d for d in DOCUMENTS if d.rulebook.doc in ("zj.common", "nb.common")]),
    position=st.integers(1, 9),
    effective_from=st.dates(date(2024, 1, 1), date(2024, 1, 9)),
    effective_to=st.none() | st.dates(date(2024, 1, 5), date(2024, 1, 20)),
    retired_on=st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 20)),
    retired_at=st.integers(1, 9),
)


@given(st.lists(lives, max_size=6), st.dates(date(2023, 12, 30), date(2024, 1, 20)), st.integers(0, 10))
def test_resolution_against_a_naive_search(published: list[Published], on: date, as_at: int) -> None:
    expected = set()
    for doc in {version.document.rulebook.doc for version in published}:
        begun = [
            version
            for version in published
            if version.document.rulebook.doc == doc and version.effective_from <= on and version.position <= as_at
        ]
        if not begun:
            continue
        newest = max(begun, key=lambda version: (version.effective_from, version.position))
        rivals = [v for v in begun if (v.effective_from, v.position) == (newest.effective_from, newest.position)]
        if len(rivals) > 1:
            return
        over = newest.effective_to is not None and on >= newest.effective_to
        gone = newest.retired_on is not None and on >= newest.retired_on and (newest.retired_at or 0) <= as_at
        if not over and not gone:
            expected.add(doc)

    assert {d.rulebook.doc for d in resolve(published, YINZHOU, on, as_at).documents} == expected

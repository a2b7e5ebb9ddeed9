"""The content hash: what is said, not how it is laid out."""

import pytest

from domain.rulebook import RulebookSet, content_hash
from ledger.rulebooks import read_text
from tests.domain.given import library
from tests.rulebooks.test_bad_rulebooks import GOOD


def hash_of(text: str) -> str:
    [document] = read_text(text.encode(), "t.yaml")
    return document.hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("cap: 50", "cap:    50   # fifty"),
        ("cap: 50", "cap: 50.0"),
        ("cap: 50", "cap: 0x32"),
        ("scale: 2\ncap: 50", "cap: 50\nscale: 2"),
        ("{zh: 测试表, en: Test table}", "\n  zh: 测试表\n  en: Test table"),
        ("cap: 50", "cap: 5.0e1"),
        ("effective: {from: 2024-01-01}", 'effective: {from: "2024-01-01"}'),
    ],
)
def test_layout_and_comments_do_not_matter(old: str, new: str) -> None:
    assert hash_of(GOOD.replace(old, new)) == hash_of(GOOD)


@pytest.mark.parametrize(
    ("old", "new"), [("cap: 50", "cap: 51"), ("points: 5}", "points: 5.5}"), ("人武", "人武部")]
)
def test_a_changed_word_or_number_matters(old: str, new: str) -> None:
    assert hash_of(GOOD.replace(old, new, 1)) != hash_of(GOOD)


def test_composed_and_decomposed_text_is_the_same() -> None:
    assert content_hash({"label": "é"}) == content_hash({"label": "é"})


def test_a_known_vector() -> None:
    # sha256sum of {"a":"分","b":[1,true,null]}
    assert content_hash({"b": [1, True, None], "a": "分"}) == (
        "8ae1dd9eb340de28353b7230c8db95e880f0c595552545f84aa19ba44980215e"
    )


def test_a_set_is_its_documents_in_any_order() -> None:
    documents = library().documents[:4]

    assert RulebookSet.of(documents).hash == RulebookSet.of(reversed(documents)).hash


def test_a_set_with_restricted_rows_off_is_another_set() -> None:
    documents = RulebookSet.of(library().documents[:4])

    assert documents.hash != documents.without_restricted().hash


def test_the_words_of_yaml_1_1_stay_text() -> None:
    text = GOOD.replace("{zh: 兵役, en: Service}, owner: 人武", "{zh: no, en: on}, owner: 12:30:45")
    [document] = read_text(text.encode(), "t.yaml")

    scheme = document.rulebook.schemes[0]

    assert (scheme.label.zh, scheme.label.en, scheme.owner) == ("no", "on", "12:30:45")


def test_decimals_come_from_their_literal_text() -> None:
    text = GOOD.replace("points: 5}", "points: 0.1}", 1).replace("as: per, points: 5", "as: per, points: 0.1")
    [document] = read_text(text.encode(), "t.yaml")

    assert document.tree["items"][1]["award"]["points"] == "0.1"


def test_two_documents_of_one_file_are_two() -> None:
    again = GOOD.replace("doc: test.table", "doc: test.second")

    assert [document.rulebook.doc for document in read_text(f"{GOOD}---\n{again}".encode(), "t.yaml")] == [
        "test.table",
        "test.second",
    ]

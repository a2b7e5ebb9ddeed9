"""Two versions compared: by the ids of rows, by path, by number; wording and order do not matter."""

from domain.rulebook.difference import library_changes
from ledger.rulebooks import read_text

TABLE = """\
doc: test.table
label: {zh: 测试表, en: Test table}
authority: "330212"
tier: district
effective: {from: 2024-01-01}
scale: 2
cap: 50
items:
- {id: age, clause: 一, label: {zh: 年, en: Age}, measure: {kind: age},
   award: {as: ladder, from: 55, to: 60, points: 5}, cap: 20}
- {id: months, clause: 二, label: {zh: 月, en: Months}, measure: {kind: months, of: insurance-month-paid},
   award: {as: per, points: 0.5}}
"""


def compared(*changes: tuple[str, str]) -> list[str]:
    new = TABLE
    for old, replacement in changes:
        assert old in new
        new = new.replace(old, replacement)
    return [str(change) for change in library_changes(read_text(TABLE.encode(), "a"), read_text(new.encode(), "b"))]


def test_a_number_that_changed_is_named_by_the_id_of_its_row() -> None:
    assert compared(("points: 0.5", "points: 0.4")) == ["test.table items[months].award.points 0.5 → 0.4"]


def test_a_field_that_came_or_went_stands_beside_nothing() -> None:
    assert compared((", cap: 20", ""), ("paid}", "paid, run: last}")) == [
        "test.table items[age].cap 20 → -",
        "test.table items[months].measure.run - → last",
    ]


def test_wording_layout_and_the_order_of_fields_do_not_matter() -> None:
    assert (
        compared(("zh: 年", "zh: 年龄"), ("clause: 二", "clause: 三"), ("scale: 2\ncap: 50", "cap: 50\nscale: 2"))
        == []
    )


def test_the_days_of_effect_are_compared_too() -> None:
    assert compared(("2024-01-01}", "2024-01-01, to: 2025-01-01}")) == ["test.table effective.to - → 2025-01-01"]


def test_documents_that_came_or_went_are_named() -> None:
    both = TABLE + "---\n" + TABLE.replace("test.table", "test.other")
    [change] = library_changes(read_text(TABLE.encode(), "a"), read_text(both.encode(), "b"))

    assert (change.doc, change.change.old, len(change.change.new)) == ("test.other", None, 64)


def test_one_document_against_one_is_compared_whatever_their_names() -> None:
    renamed = TABLE.replace("test.table", "test.other").replace("cap: 50", "cap: 40")
    changes = library_changes(read_text(TABLE.encode(), "a"), read_text(renamed.encode(), "b"))

    assert [change.as_json() for change in changes] == [{"doc": "test.table", "path": "cap", "old": 50, "new": 40}]

"""Every way a programme can be wrong has a name, a line and a hint in both languages; nothing of it is taken."""

from pathlib import Path

import pytest

from domain.programme import check_programme
from domain.rulebook import Problem, Unsound
from domain.rulebook.programme_texts import PROGRAMMES
from ledger.programmes import check_programmes, read_programmes

GOOD = """\
doc: test.use
programme: rental
label: {zh: 补贴, en: Subsidy}
authority: "330212"
effective: {from: 2024-01-01}
source: 某号文
counted_on: {day: applied_on, clause: 申请之日}
score: {clause: 积分}
require:
- {id: permit, kind: permit, clause: 有效居住证, label: {zh: 居住证, en: Permit}}
- {id: points, kind: score, clause: 30分, label: {zh: 积分, en: Points}, at_least: 30}
- {id: insured, kind: measured, clause: 6个月, label: {zh: 参保, en: Insured},
   measure: {kind: months, of: insurance-month-paid}, at_least: 6}
tiers:
- {id: one, clause: 一, label: {zh: 一, en: One},
   when: [{id: a, kind: permit, clause: 一, label: {zh: 一, en: One}, who: parents, need: 2}]}
- {id: two, clause: 二, label: {zh: 二, en: Two},
   when: [{id: a, kind: permit, clause: 二, label: {zh: 二, en: Two}, who: parents}]}
order_by:
- {by: tier}
- {by: score}
quota: {places: 10, ties_at_line: admit_all, clause: 10名}
benefit:
  clause: 补贴
  starts: month_after_application
  months: 36
  pays: monthly
  money:
  - {id: centre, zone: centre, label: {zh: 内, en: Inside}, clause: 317元, fen_per_month: 31700}
  - {id: other, zone: other, label: {zh: 外, en: Outside}, clause: 231元, fen_per_month: 23100}
examples:
- label: 例
  applied_on: 2024-06-01
  applicants:
  - {points: 30, facts: [permit-issued*6mo, insurance-month-paid*6], parents: [{facts: [permit-issued*6mo]}]}
  expect: {met: true, tier: two}
"""
POINTS = "kind: score, clause: 30分, label: {zh: 积分, en: Points}, at_least: 30"
AGE = "kind: age, clause: 30分, label: {zh: 积分, en: Points}"
BORN = "kind: born, clause: 学龄, label: {zh: 学龄, en: Age}, from: 2019-09-01, to: 2018-09-01"
SCORE = "score: {clause: 积分}"
WINDOW = f"{SCORE}\nwindow: {{from: 2024-02-01, to: 2024-01-01, clause: 窗口}}"
GIFTS = """  in_kind:
  - {id: a, label: {zh: 甲, en: A}, clause: 前十, to_rank: 10}
  - {id: b, label: {zh: 乙, en: B}, clause: 十, from_rank: 10, to_rank: 20}
  money:"""
GAP = "untranslatable:\n- {clause: 其他, text: 其他, handled_by: not-modelled}\nexamples:"
MEASURE = "{kind: months, of: insurance-month-paid}"
BY_TIER = "- {by: tier}\n"
TIER_ONE = "who: parents, need: 2}]"
CONTRADICTION = "is: [normal]}, {id: b, kind: permit, clause: 一, label: {zh: 一, en: One}, is: [ended]}]"
BAD = [
    ("not-a-programme-day", {"kind: permit, clause: 有效居住证": "kind: permit, on: [today], clause: 有效居住证"}),
    ("not-a-need", {"who: parents, need: 2": "who: parents, need: some"}),
    ("unknown-condition", {"pays: monthly": "pays: monthly\n  recheck_of: [contract]"}),
    ("bound-missing", {"at_least: 6}": "at_least: 6, at_most: 9}"}),
    (
        "bound-missing",
        {POINTS: AGE},
    ),
    ("measure-not-here", {MEASURE: "{kind: grants}"}),
    ("measure-not-here", {MEASURE: "{kind: months, of: insurance-month-paid, subjects: spouse}"}),
    (
        "days-order",
        {SCORE: WINDOW},
    ),
    (
        "days-order",
        {POINTS: BORN},
    ),
    ("score-missing", {"score: {clause: 积分}\n": ""}),
    ("year-missing", {"score: {clause: 积分}": "score: {kind: certified, clause: 积分}"}),
    ("order-missing", {"order_by:\n- {by: tier}\n- {by: score}\n": ""}),
    ("tiers-not-ordered", {BY_TIER: ""}),
    ("tier-never-reached", {TIER_ONE: "who: parents}]"}),
    ("tier-impossible", {TIER_ONE: CONTRADICTION}),
    ("money-incomplete", {"fen_per_month: 23100": "square_metres: 36"}),
    ("money-incomplete", {"fen_per_month: 23100": "fen_per_month: 23100, percent: 40"}),
    ("zone-twice", {"zone: other": "zone: centre"}),
    ("benefit-incomplete", {"  months: 36\n": ""}),
    (
        "ranks-overlap",
        {"  money:": GIFTS},
    ),
    ("programme-example", {"met: true": "met: false"}),
    ("programme-expects", {"tier: two}": "colour: red}"}),
    ("duplicate-id", {"id: points, kind": "id: permit, kind"}),
    ("effective-order", {"{from: 2024-01-01}": "{from: 2024-01-01, to: 2023-01-01}"}),
    ("unknown-scheme", {MEASURE: "{kind: months, of: attested/nobody}"}),
    (
        "not-accepted",
        {"examples:": GAP},
    ),
    ("unknown-field", {"quota: {places": "quota: {palces: 1, places"}),
    ("unknown-kind", {"kind: permit, clause: 有效居住证": "kind: permits, clause: 有效居住证"}),
    ("missing-field", {"source: 某号文\n": ""}),
    ("example-fact", {"permit-issued*6mo, insurance": "permit-vanished, insurance"}),
    ("unquoted-code", {'authority: "330212"': "authority: 330212"}),
]


def problems(tmp_path: Path, text: str) -> list[Problem]:
    path = tmp_path / "programme.yaml"
    path.write_text(text, encoding="utf-8")
    return check_programmes(path)[1]


def test_the_good_one_is_good(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(("code", "changes"), BAD, ids=[f"{code}-{n}" for n, (code, _) in enumerate(BAD)])
def test_what_is_wrong_is_named_with_its_line_and_a_hint(
    tmp_path: Path, code: str, changes: dict[str, str]
) -> None:
    text = GOOD
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    found = {problem.code: problem for problem in problems(tmp_path, text)}

    assert code in found, found
    assert found[code].line > 0
    assert all(found[code].message(language) and found[code].hint(language) for language in ("zh", "en"))


def test_every_text_of_programmes_is_tried() -> None:
    assert {code for code, _ in BAD} >= set(PROGRAMMES)


def test_a_document_with_problems_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "programme.yaml"
    path.write_text(GOOD.replace(BY_TIER, ""), encoding="utf-8")

    with pytest.raises(Unsound):
        read_programmes(path)
    assert check_programmes(path)[0] == []


def test_a_folder_is_laid_out_by_authority_day_and_name_and_a_version_stands_once(tmp_path: Path) -> None:
    folder = tmp_path / "330212"
    folder.mkdir()
    (folder / "2024-01-01.rental.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "again.yaml").write_text(GOOD, encoding="utf-8")
    codes = [problem.code for problem in check_programmes(tmp_path)[1]]

    assert codes == ["misplaced"]
    (folder / "2024-01-01.rental.yaml").write_text(f"{GOOD}---\n{GOOD}", encoding="utf-8")
    assert "version-twice" in [problem.code for problem in check_programmes(tmp_path)[1]]


def test_layout_and_comments_do_not_change_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "programme.yaml"
    hashes = set()
    for text in (GOOD, f"# 说明\n{GOOD}\n", GOOD.replace("source: 某号文", 'source: "某号文"')):
        path.write_text(text, encoding="utf-8")
        [document] = read_programmes(path)
        assert check_programme(document) == []
        hashes.add(document.hash)

    assert len(hashes) == 1

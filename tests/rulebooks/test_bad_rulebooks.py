"""Every way a rulebook can be wrong has a name, a line and a hint in both languages."""

import json
from pathlib import Path
from time import perf_counter

import pytest

from domain.examples import check_document
from domain.rulebook import Problem, Unsound
from domain.rulebook.problems import TEXTS
from ledger.rulebooks import check_directory, read_text
from ledger.rulebooks.yaml_tree import BYTES_MAX

SECONDS_MOST = 30
GOOD = """\
doc: test.table
label: {zh: 测试表, en: Test table}
authority: "330212"
tier: district
effective: {from: 2024-01-01}
scale: 2
cap: 50
schemes:
- {id: military, label: {zh: 兵役, en: Service}, owner: 人武}
categories:
- {id: bonus, label: {zh: 加分, en: Bonus}, cap: 30}
items:
- id: age
  clause: 第一条
  label: {zh: 年龄, en: Age}
  measure: {kind: age}
  award: {as: ladder, from: 55, to: 60, points: 5, younger: 1}
  cap: 20
- id: service
  category: bonus
  clause: 第二条
  label: {zh: 兵役, en: Service}
  measure: {kind: state, of: attested/military}
  award: {as: per, points: 5}
- id: hours
  clause: 第三条
  label: {zh: 志愿, en: Volunteering}
  measure: {kind: sum, of: volunteer-hours-served, unit: hours, window: 36mo}
  award: {as: bands, rows: [{from: 10, points: 1}, {from: 20, points: 3}]}
  cap_per_year: 2
deductions:
- id: offence
  clause: 第四条
  label: {zh: 违法, en: Offence}
  measure: {kind: levels, of: restricted-fact/offence}
  award: {as: by_level, take: sum, points: {minor: -5}}
examples:
- {as_of: 2025-01-01, born: 1984-01-01, facts: [attested/military], expect: {age: 19, service: 5, total: 24}}
"""


def problems_of(content: str | bytes) -> list[Problem]:
    content = content.encode() if isinstance(content, str) else content
    try:
        documents = read_text(content, "t.yaml")
    except Unsound as error:
        return error.problems
    return [problem for document in documents for problem in check_document(document)]


def test_the_table_that_is_spoilt_below_is_sound() -> None:
    assert problems_of(GOOD) == []


LADDER = "{as: ladder, from: 55, to: 60, points: 5, younger: 1}"
PHD = "{as: by_level, take: max, points: {phd: 5}}"
PER = "{as: per, points: 1}"
SPELLS_WINDOW = "{kind: spells, of: residence-registered, window: {last: 36mo, from: decided_on}}"
POOLED_RUN = "{kind: spells, of: residence-registered, join: pooled, run: last}"
PAID_BLOOD = "{kind: sum, of: blood-donated, paid: half, unit: ml"
LIVED_STANDING = "{kind: months, of: residence-registered, standing: [normal]}"
INSURED_PART = "{kind: months, of: insurance-month-paid, part: whole_month}"
MINUS_NAVY = "{kind: months, of: insurance-month-paid, minus: [{of: attested/navy}]}"
BOMB = "cap: &a [1, 1]\n" + "".join(f"x{n}: [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n" for n in range(9))
SPOILT = [
    # code, what is put in the place of what, a word of the line that is named, a word of the hint
    ("alias", {"cap: 50": "cap: &fifty 50"}, "&fifty", "write"),
    ("alias", {"cap: 20": "cap: *fifty", "cap: 50": "cap: &fifty 50"}, "&fifty", "write"),
    ("tag", {"cap: 50": "cap: !!python/object:os.system 50"}, "!!python", "tag"),
    ("too-deep", {"cap: 50": "cap: " + "[" * 60 + "]" * 60}, "[[[", "24"),
    ("duplicate-key", {"cap: 50": "cap: 50\ncap: 60"}, "cap: 60", "keep one"),
    ("key-not-text", {"cap: 50": "cap: 50\n1: 60"}, "1: 60", '"1"'),
    ("yaml-syntax", {"cap: 50": "cap: [50"}, "schemes", "quotes"),
    ("number-too-long", {"cap: 50": "cap: " + "9" * 60}, "999", "7"),
    ("unquoted-code", {'"330212"': "330212"}, "authority", '"330212"'),
    ("unknown-field", {"cap: 20": "capp: 20"}, "capp", "cap?"),
    ("unknown-field", {"cap: 20": "cpa: 20"}, "cpa", "cap?"),
    ("unknown-field", {"{kind: age}": "{kind: age, shoes: 1}"}, "shoes", "docs/rulebooks.md"),
    ("missing-field", {"scale: 2\n": ""}, "doc:", "scale"),
    ("missing-field", {"{as: per, points: 5}": "{as: per}"}, "{as: per}", "points"),
    ("unknown-kind", {"{kind: age}": "{kind: shoe_size}"}, "shoe_size", "months"),
    ("unknown-kind", {"{as: per, points: 5}": "{as: gift, points: 5}"}, "gift", "by_level"),
    ("missing-kind", {"{kind: age}": "{of: age}"}, "{of: age}", "kind"),
    ("unknown-value", {"tier: district": "tier: town"}, "tier: town", "city"),
    ("wrong-type", {"scale: 2": "scale: two"}, "scale: two", "docs/rulebooks.md"),
    ("bad-form", {"doc: test.table": "doc: Test Table"}, "Test Table", "a-z"),
    ("not-a-number", {"cap: 50": "cap: fifty"}, "fifty", "6 decimals"),
    ("not-a-number", {"cap: 50": "cap: .nan"}, ".nan", "6 decimals"),
    ("not-a-number", {"cap: 50": "cap: 1e400"}, "1e400", "6 decimals"),
    ("not-a-number", {"cap: 50": "cap: true"}, "true", "6 decimals"),
    ("not-a-day", {"2024-01-01": "2024-02-30"}, "2024-02-30", "2026-01-31"),
    ("not-a-duration", {"36mo": "3y"}, "3y", "36mo"),
    ("unknown-fact", {"of: volunteer-hours-served": "of: shoes-bought"}, "shoes-bought", "blood-donated"),
    ("unknown-variant", {"restricted-fact/offence": "restricted-fact/gossip"}, "gossip", "restricted-fact/credit"),
    ("unit-does-not-fit", {"unit: hours": "unit: ml"}, "unit: ml", "minutes"),
    (
        "award-does-not-fit",
        {"{as: per, points: 5}": "{as: ladder, from: 1, to: 2, points: 5, younger: 1}"},
        "{as: ladder, from: 1,",
        "per",
    ),
    ("unknown-level", {"{kind: age}": "{kind: levels, of: education-awarded}", LADDER: PHD}, "phd", "doctor"),
    (
        "levels-not-declared",
        {
            "{kind: state, of: attested/military}": "{kind: levels, of: attested/military}",
            "{as: per, points: 5}": PHD,
        },
        "kind: levels, of: attested",
        "levels",
    ),
    ("unknown-category", {"category: bonus": "category: malus"}, "malus", "categories"),
    ("unknown-scheme", {"attested/military}": "attested/navy}"}, "navy", "schemes"),
    ("duplicate-id", {"- id: service": "- id: hours"}, "- id: hours", "another"),
    ("duplicate-id", {"- id: offence": "- id: age"}, "- id: age", "another"),
    ("reserved-id", {"- id: service": "- id: total"}, "- id: total", "another"),
    ("cap-scale", {"cap: 20": "cap: 20.005"}, "20.005", "scale"),
    ("cap-negative", {"cap: 20": "cap: -20"}, "-20", "positive"),
    ("points-sign", {"{minor: -5}": "{minor: 5}"}, "minor: 5", "deductions"),
    ("points-sign", {"{as: per, points: 5}": "{as: per, points: -5}"}, "points: -5", "items"),
    ("year-cap-does-not-fit", {"  cap: 20\n": "  cap: 20\n  cap_per_year: 5\n"}, "cap_per_year: 5", "sum"),
    ("effective-order", {"{from: 2024-01-01}": "{from: 2024-01-01, to: 2024-01-01}"}, "to: 2024", "half-open"),
    ("bands-order", {"{from: 20, points: 3}": "{from: 10, points: 3}"}, "rows:", "from"),
    ("ladder-order", {"from: 55, to: 60": "from: 60, to: 55"}, "from: 60", "to"),
    (
        "not-accepted",
        {"cap: 50": "cap: 50\nuntranslatable: [{clause: 其他, text: x, handled_by: manual-grant}]"},
        "untranslatable",
        "accepted",
    ),
    ("disputed-incomplete", {"cap: 50": "cap: 50\ntranscription: disputed"}, "transcription", "differs"),
    (
        "example-fact",
        {"[attested/military]": "[attested military]"},
        "attested military",
        "insurance-month-paid*61",
    ),
    ("example-fact", {"[attested/military]": "[shoes-bought/red]"}, "shoes-bought", "insurance-month-paid*61"),
    ("example-fact", {"[attested/military]": "[{kind: skill-awarded, level: x}]"}, "level: x", "for example"),
    ("example-expects", {"{age: 19,": "{shoes: 19,"}, "shoes", "service"),
    ("example-fails", {"age: 19": "age: 18"}, "age: 18", "correct"),
    ("example-fails", {"total: 24": "total: 24, validity: paused"}, "paused", "correct"),
    ("window-from", {"{kind: age}": SPELLS_WINDOW, LADDER: PER}, "decided_on", "36mo"),
    ("pooled-run", {"{kind: age}": POOLED_RUN, LADDER: PER}, "pooled", "remove"),
    ("paid-does-not-fit", {"{kind: sum, of: volunteer-hours-served, unit: hours": PAID_BLOOD}, "paid", "volunteer"),
    ("month-set-option", {"{kind: age}": LIVED_STANDING, LADDER: PER}, "standing", "insured"),
    ("month-set-option", {"{kind: age}": INSURED_PART, LADDER: PER}, "part", "spells"),
    ("unknown-scheme", {"{kind: age}": MINUS_NAVY, LADDER: PER}, "navy", "schemes"),
    ("choice-of-one", {"cap: 30}": "cap: 30, choose: one}"}, "choose: one", "add an item"),
    ("empty-match", {"of: volunteer-hours-served": "of: volunteer-hours-served, only: {}"}, "only: {}", "level"),
    ("not-a-counting-day", {"{kind: age}": "{kind: age, as_of: yesterday}"}, "yesterday", "end_of_last_month"),
    ("not-a-counting-day", {"{kind: age}": "{kind: age, as_of: 2025-02-30}"}, "2025-02-30", "end_of_last_month"),
    # what people write in spreadsheets and other dialects
    ("ambiguous-word", {"{minor: -5}": "{no: -5}"}, "no: -5", "another word"),
    ("ambiguous-word", {"owner: 人武}": "owner: 人武, levels: [low, 'off']}"}, "levels:", "another word"),
    ("key-not-text", {"{minor: -5}": "{false: -5}"}, "false: -5", '"false"'),
    ("key-not-text", {"{minor: -5}": "{1.10: -5}"}, "1.10: -5", '"1.10"'),
    ("unquoted-code", {'"330212"': "330212.0"}, "authority", '"330212.0"'),
    ("unquoted-code", {'"330212"': "3302e2"}, "authority", "quotes"),
    ("unquoted-code", {"owner: 人武": "owner: 007"}, "007", "quotes"),
    ("unquoted-code", {"doc: test.table": "doc: 1.10"}, "1.10", '"1.10"'),
    ("bands-order", {"{from: 20, points: 3}": "{from: 5, points: 3}"}, "rows:", "from"),
    ("unknown-field", {"{from: 10, points: 1}": "{from: 10, to: 25, points: 1}"}, "to: 25", "docs/rulebooks.md"),
    ("cap-negative", {"cap: 50": "cap: -1"}, "cap: -1", "positive"),
    ("cap-scale", {"cap_per_year: 2": "cap_per_year: 2.001"}, "2.001", "scale"),
    ("not-a-number", {"cap: 50": "cap: 1000000000000"}, "1000000000000", "7 digits"),
    ("unknown-value", {"tier: district": "tier: district\nscope: village"}, "scope: village", "province"),
    ("unknown-value", {"unit: hours": "unit: hours, scope: country"}, "country", "city"),
    ("unknown-value", {"{kind: age}": "{kind: age, subjects: uncle}"}, "uncle", "best_parent"),
    ("missing-field", {"  clause: 第一条\n": ""}, "- id: age", "clause"),
    ("missing-field", {"label: {zh: 年龄, en: Age}": "label: {zh: 年龄}"}, "zh: 年龄", "en"),
    ("effective-order", {"{from: 2024-01-01}": "{from: 2024-01-01, to: 2023-12-31}"}, "to: 2023", "half-open"),
    ("not-a-day", {"{from: 2024-01-01}": "{from: 2024-1-1}"}, "2024-1-1", "2026-01-31"),
    ("not-a-day", {"{from: 2024-01-01}": "{from: 01/02/2024}"}, "01/02/2024", "2026-01-31"),
    ("not-a-day", {"as_of: 2025-01-01": "as_of: today"}, "today", "2026-01-31"),
    ("not-a-duration", {"36mo": "0mo"}, "0mo", "36mo"),
    ("not-a-duration", {"36mo": "99999mo"}, "99999mo", "36mo"),
    ("wrong-type", {"cap: 50": "cap: 50\nholds: all"}, "holds: all", "docs/rulebooks.md"),
    ("wrong-type", {"{from: 10, points: 1}": "10"}, "rows:", "docs/rulebooks.md"),
    ("alias", {"cap: 50": BOMB}, "&a", "write"),
    ("yaml-syntax", {"cap: 50": "cap: 50\n\tscale: 3"}, "\tscale", "quotes"),
    ("yaml-syntax", {"cap: 50": "cap: %50"}, "%50", "quotes"),
    ("bad-form", {"- id: age": "- id: 年龄"}, "年龄", "a-z"),
    ("unknown-kind", {"{kind: age}": "{kind: '=SUM(A1:A9)'}"}, "SUM", "months"),
    ("not-a-mapping", {GOOD: "- 1\n- 2\n"}, "- 1", "doc:"),
    ("no-document", {GOOD: "# nothing\n"}, "# nothing", "doc:"),
]


@pytest.mark.parametrize(
    ("code", "changes", "on", "hint"), SPOILT, ids=[f"{n}-{r[0]}" for n, r in enumerate(SPOILT)]
)
def test_a_spoilt_rulebook_is_named_with_its_line_and_a_hint(
    code: str, changes: dict[str, str], on: str, hint: str
) -> None:
    content = GOOD
    for old, new in changes.items():
        assert content.count(old) == 1, old
        content = content.replace(old, new)

    [problem] = problems_of(content)

    assert (problem.code, problem.file) == (code, "t.yaml")
    assert on in content.splitlines()[problem.line - 1]
    assert hint in problem.hint("en")
    assert problem.message("zh")
    assert problem.hint("zh")


def test_a_file_that_is_not_utf_8_names_the_line() -> None:
    [problem] = problems_of(GOOD.encode().replace("加分".encode(), "加分".encode("gb18030")))

    assert (problem.code, problem.line) == ("not-utf8", 11)


@pytest.mark.parametrize("size", [BYTES_MAX, 10_000_000])
def test_a_file_over_1_mb_is_refused(size: int) -> None:
    [problem] = problems_of(GOOD + "#" * size)

    assert problem.code == "too-large"


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("cap: 50", "cap: " + "[" * 100_000),
        GOOD.replace("cap: 50", "cap: " + "{a: " * 100_000),
        GOOD.replace("cap: 50", "- " * 200_000),
        GOOD.replace("cap: 50", "cap: " + "9" * 900_000),
        GOOD.replace("cap: 50", "cap: 1e-999"),
        GOOD.replace("cap: 50", "cap: 1e999"),
        GOOD.replace("第一条", "长" * 300_000),
        GOOD.replace("step: 1", "x")
        + "- {as_of: 2025-01-01, facts: [insurance-month-paid*9999], expect: {age: 0}}\n",
        GOOD.replace("items:", "items:" + "\n- {}" * 2_000 + "\nolder:"),
        GOOD * 40,
        "\ufeff" * 3 + GOOD,
        "---\n" * 10_000 + GOOD,
        "? " * 50_000,
        "&a " * 10_000,
        "!!binary " + "QUJD" * 1000,
        "'" + "x" * 900_000,
        "|\n" + " x\n" * 100_000,
    ],
    ids=range(17),
)
def test_what_is_huge_deep_or_strange_is_told_in_seconds(content: str) -> None:
    began = perf_counter()

    found = problems_of(content)

    assert perf_counter() - began < SECONDS_MOST
    assert all(problem.message("zh") and problem.hint("en") for problem in found)


def test_a_byte_that_yaml_does_not_allow_is_refused() -> None:
    [problem] = problems_of(GOOD.replace("第一条", "第\x00条"))

    assert problem.code == "yaml-syntax"


def test_every_problem_of_a_file_is_told_at_once() -> None:
    spoilt = GOOD.replace("category: bonus", "category: malus").replace("{minor: -5}", "{minor: 5}")

    assert [problem.code for problem in problems_of(spoilt)] == ["unknown-category", "points-sign"]


def test_a_problem_is_printed_like_a_compilers() -> None:
    [problem] = problems_of(GOOD.replace("category: bonus", "category: malus"))

    assert str(problem) == (
        "t.yaml:20:3: unknown-category items[1].category: there is no category malus (declare it in categories)"
    )


def test_a_problem_as_json_has_both_languages() -> None:
    [problem] = problems_of(GOOD.replace("category: bonus", "category: malus"))

    assert json.loads(json.dumps(problem.as_json()))["message"] == {
        "zh": "没有类别 malus",
        "en": "there is no category malus",
    }


def test_every_text_has_four_parts_that_are_not_empty() -> None:
    assert all(len(parts) == 4 and all(parts) for parts in TEXTS.values())


def written(directory: Path, path: str, content: str) -> Path:
    file = directory / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return directory


def test_a_file_in_the_wrong_place_is_named(tmp_path: Path) -> None:
    _, [problem] = check_directory(written(tmp_path, "330213/2024-01-01.yaml", GOOD))

    assert (problem.code, problem.line, "330212/2024-01-01.yaml" in problem.message("en")) == ("misplaced", 5, True)


def test_a_version_that_stands_twice_is_named(tmp_path: Path) -> None:
    written(tmp_path, "330212/2024-01-01.yaml", GOOD)
    written(tmp_path, "330212/2024-01-01.again.yaml", GOOD.replace("cap: 50", "cap: 40"))

    _, problems = check_directory(tmp_path)

    assert [problem.code for problem in problems] == ["version-twice"]


def test_a_disputed_transcription_must_say_where_it_differs(tmp_path: Path) -> None:
    differs = '{path: "items[age].cap", text: x, accepted: true}'
    disputed = GOOD.replace("doc: test.table", "doc: test.other").replace(
        "cap: 50", f"cap: 40\ntranscription: disputed\ndisputed: {{of: test.table, differs: [{differs}]}}"
    )
    written(tmp_path, "330212/2024-01-01.yaml", GOOD)
    written(tmp_path, "330212/2024-01-01.other.yaml", disputed)

    _, problems = check_directory(tmp_path)

    assert sorted(problem.context["path"] for problem in problems) == ["cap", "items[age].cap"]


def test_the_sound_files_of_a_directory_are_read_beside_the_spoilt(tmp_path: Path) -> None:
    written(tmp_path, "330212/2024-01-01.yaml", GOOD)
    written(tmp_path, "330212/2025-01-01.yaml", "doc: [")

    library, problems = check_directory(tmp_path)

    assert ([d.rulebook.doc for d in library.documents], [p.code for p in problems]) == (
        ["test.table"],
        ["yaml-syntax"],
    )

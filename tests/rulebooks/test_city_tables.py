"""The tables of the cities: worked through by hand, the same from files alone, and the same for ever."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.cli import run
from api.cli.output import Exit
from domain.coverage import Coverage
from domain.evaluation import read_resident
from domain.examples import check_document
from domain.rulebook import Document, RulebookSet
from domain.rulebook.checks import RESERVED
from domain.rulebook.difference import changes
from domain.rulebook.model import Example, Relative
from domain.shorthand import expand
from ledger.rulebooks import read_documents
from tests.domain.given import HOUSE, in_force_at, library
from tests.properties.population_cases import Case
from tests.properties.test_plan_equals_reference import agree
from tests.rulebooks.golden import day_of, lines_for, name_of, scored_under, written

DOCUMENTS = library().documents
OPERATORS = sorted((HOUSE / "tests/rulebooks/operators").glob("*.yaml"))
SAMPLES = [document for path in OPERATORS for document in read_documents(path)]
each_table = pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)


# --- worked out by hand from the published text ---

# Residents of tests/rulebooks/golden/residents.py: their totals, each row in its order, added up on paper.
BY_HAND: dict[str, dict[str, tuple[str, ...]]] = {
    "zj.common 2023-07-26": {
        "r01": ("20", "10", "12", "6"),  # age 30; bachelor; 24 x 0.5; 24 x 0.25
        "r02": ("15", "8", "8", "30", "9"),  # age 45 = 5 + 10; college; l3; 61 x 0.5 capped; 36 x 0.25
        "r03": ("5", "5", "30"),  # age 58; high school; 120 x 0.25
    },
    "zj.common.beilun 2023-07-26": {
        "r01": ("20", "10", "12", "6"),
        "r02": ("15", "8", "8", "30", "9"),
        "r03": ("5", "30"),  # this copy has no row for high school
    },
    "nb.province-2022 2022-04-01": {
        "r01": ("20", "10", "12", "6"),
        "r02": ("15", "8", "8", "30", "9"),
        "r03": ("5", "5", "30"),
    },
    "nb.pilot 2021-09-08": {
        "r01": ("20", "6", "6", "10"),  # 24 x 0.25; 24 x 3/12
        "r02": ("15", "9", "15.25", "8", "8", "10", "4"),  # 61 x 3/12; rented; blood 2 + 2 x 1
        "r03": ("5", "20", "5", "10", "10", "-20"),  # 120 x 0.25 capped; 13 months of work; 100 hours, 10 a year
    },
    "nb.common 2022-04-01": {
        "r01": (),
        "r02": ("10", "4"),
        "r03": ("10", "10", "-20"),
    },
    "nh.pilot 2021-09-08": {
        "r01": (),
        "r04": ("11",),  # one patrol in 2022, eleven in 2021 of which ten count
        "r05": ("3",),
    },
    "fh.individual 2022-04-01": {
        "r01": (),
        "r04": ("5", "5", "4", "2"),  # honour; party; 4500 yuan; one spring
        "r05": ("15", "10", "6"),  # bravery; military; three springs
    },
    "xs.individual 2022-04-01": {
        "r02": ("5",),
        "r04": ("5", "4", "5", "2"),
        "r05": ("10", "5", "6"),
    },
    "cx.individual 2022-04-01": {
        "r01": (),
        "r04": ("1",),
        "r05": ("2",),  # 18 hours / 6 = 3, at most 2
    },
    "bl.points 2021-01-01": {
        "r01": ("5", "30"),  # age 30; bachelor
        "r02": ("20", "20"),  # 45 is past 35; college; l3
        "r03": ("10", "10"),  # high school; 100 hours
    },
    "yy.points 2021-01-01": {
        "r01": ("2", "20", "3.6"),  # (24 - 12) x 0.3
        "r02": ("2", "10", "20", "10", "2"),  # 49 x 0.3 = 14.7 capped; rented
        "r03": ("0.5",),  # (13 - 12) x 0.5
    },
    "hz.points 2018-01-01": {
        "r01": ("30", "50", "6", "6"),  # 24 x 0.25; 2 years x 3
        "r02": (
            "27",
            "40",
            "15.25",
            "18",
            "9",
            "2",
        ),  # skill before education; 61 x 0.25; rent 3 x 6; 3 x 3; 1 + 2 x 0.5
        "r03": ("5", "10", "30", "10", "-60"),  # 10 x 3; 5 x 2; below zero is zero
    },
    "hz.points 2021-11-01": {
        "r01": ("30", "50", "12", "10"),
        "r02": ("27", "40", "30.5", "18", "15", "2"),
        "r03": ("5", "10", "50", "10", "-60"),
    },
    "yk.points 2023-01-01": {
        "r01": ("9", "5", "4", "2"),  # two years of insurance, two of registration
        "r02": ("9", "3", "10", "3"),
        "r03": ("6", "2", "10", "5"),  # 100 hours / 2 x 0.1
    },
    "ra.points-2020 2020-01-01": {
        "r01": ("12", "12"),
        "r03": ("50",),
        "r14": ("50", "-30"),  # 100 x 0.5; twice
    },
    "ra.individual 2023-07-26": {
        "r01": ("12", "12"),
        "r03": ("60", "5"),  # 120 x 0.5; one full year of work
        "r14": ("50", "-30"),
    },
    "sh.permit 2018-01-01": {
        "r01": ("30", "60", "6"),
        "r02": ("27", "50", "15"),  # 61 months are 5 years
        "r03": ("5", "-50"),  # below zero is zero
    },
    "sh.permit.older 2018-01-01": {
        "r01": ("30", "60", "6"),
        "r02": ("27", "50", "15"),
        "r03": ("5", "-50"),
    },
    "gz.points 2020-07-09": {
        "r01": ("30", "50", "2"),
        "r02": ("10", "35", "20", "5", "6"),
        "r03": ("20",),
    },
    "gz.points 2021-11-16": {
        "r01": ("30", "30", "4"),
        "r02": ("20", "20", "10", "10", "15", "2"),  # 30 - 5 x 2; college; l3; 5 x 2; 3 x 5; one donation
        "r03": ("10", "2"),  # 30 - 18 x 2 is below zero; 100 hours give 4, at most 2 a year; no use is named
    },
}


@each_table
def test_at_least_three_residents_have_what_was_worked_out_by_hand(document: Document) -> None:
    by_hand = BY_HAND[name_of(document)]
    told = scored_under(document).residents

    assert len(by_hand) >= 3
    assert {name: Decimal(told[name]["total"]) for name in by_hand} == {
        name: max(Decimal(0), sum(map(Decimal, rows), Decimal(0))) for name, rows in by_hand.items()
    }


@each_table
def test_twenty_residents_have_what_they_had(document: Document) -> None:
    assert scored_under(document).residents == written()[name_of(document)]


@pytest.mark.parametrize("use", [None, "hukou"])
@each_table
def test_the_plan_means_the_same(document: Document, use: str | None) -> None:
    people = [(document.rulebook.authority, read_resident(line).rows) for line in lines_for(document)]

    agree(Case(RulebookSet.of([document]), people, day_of(document), None, Coverage(), use))


def test_no_table_is_written_down_that_is_not_shipped() -> None:
    assert sorted(written()) == sorted(map(name_of, DOCUMENTS))


# --- the operators, each by itself ---


@pytest.mark.parametrize("path", OPERATORS, ids=lambda path: path.stem)
def test_an_operator_alone_does_what_its_examples_say(path: Path) -> None:
    [document] = read_documents(path)

    assert len(document.rulebook.examples) >= 2
    assert check_document(document) == []


def test_every_operator_that_was_seen_has_a_sample() -> None:
    assert [path.stem for path in OPERATORS] == [
        "as-of-per-item",
        "base-band-then-step",
        "both-parents",
        "escalating-by-count",
        "four-parts-with-veto",
        "half-counting",
        "half-month-rounding",
        "look-back-to-month-end",
        "rate-change-after-months",
        "retro-band-rate",
        "state-at-time",
    ]


# --- `points evaluate` from files alone ---


@pytest.mark.parametrize("document", [*DOCUMENTS, *SAMPLES], ids=name_of)
def test_the_command_gives_every_example_from_files_alone(
    document: Document, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "table.yaml"
    table.write_text(json.dumps(document.tree, ensure_ascii=False), encoding="utf-8")
    examples = document.rulebook.examples
    for day in sorted({example.as_of for example in examples}):
        of_day = [example for example in examples if example.as_of == day]
        residents = tmp_path / "residents.ndjson"
        residents.write_text("".join(line_of(document, example) for example in of_day), encoding="utf-8")
        capsys.readouterr()

        arguments = ["--rulebooks", str(table), "--facts", str(residents), "--as-of", day.isoformat(), "--disputed"]
        code = run(["evaluate", *arguments])
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]

        assert code == Exit.DONE
        in_force = document.rulebook.effective.holds_on(day)
        assert [list(unmet(example, one)) for example, one in zip(of_day, told, strict=True) if in_force] == (
            [[]] * len(of_day) * in_force
        )


def line_of(document: Document, example: Example) -> str:
    place = example.place or document.rulebook.authority
    line: dict[str, Any] = {
        "subject": example.label or "example",
        "place": place,
        "facts": plain(example.facts, example, place),
    }
    if example.born is not None:
        line["born_on"] = example.born.isoformat()
    if example.use is not None:
        line["use"] = example.use
    if example.family is not None:
        line["family"] = {"parents": [relative_of(parent, example, place) for parent in example.family.parents]}
        if example.family.spouse is not None:
            line["family"]["spouse"] = relative_of(example.family.spouse, example, place)
    return json.dumps(line, ensure_ascii=False) + "\n"


def relative_of(relative: Relative, example: Example, place: str) -> dict[str, Any]:
    born_on = {} if relative.born is None else {"born_on": relative.born.isoformat()}
    return {"facts": plain(relative.facts, example, place), **born_on}


def plain(facts: list[str | dict[str, Any]], example: Example, place: str) -> list[dict[str, Any]]:
    written_out = [[fact] if isinstance(fact, dict) else expand(fact, example.as_of, place) for fact in facts]
    return [fact for several in written_out for fact in several]


def unmet(example: Example, told: dict[str, Any]) -> Iterator[str]:
    points = {line["item"]: line["points"] for line in told["lines"] if "item" in line}
    points |= {"total": told["total"], "deductions": told["deductions"], "tier": told["tables"][0]["points"]}
    others = {"validity": told["validity"], "held": any("hold" in line for line in told["lines"])}
    for name, expected in example.expect.items():
        if name in others:
            met = others[name] == expected
        else:
            assert name in points or name not in RESERVED
            met = Decimal(points[name]) == Decimal(str(expected))
        if not met:
            yield f"{example.label}: {name}"


# --- what the tables are ---


@pytest.mark.parametrize(
    ("place", "on", "expected"),
    [
        ("330206", "2021-06-01", ["bl.points"]),
        ("330206", "2021-09-08", ["nb.pilot"]),
        ("330281", "2021-09-07", ["yy.points"]),
        ("330281", "2022-04-01", ["nb.province-2022", "nb.common"]),
        ("330106", "2021-10-31", ["hz.points"]),
        ("330106", "2024-01-01", ["zj.common", "hz.points"]),
        ("330784", "2023-07-25", ["yk.points"]),
        ("330784", "2024-01-01", ["zj.common"]),
        ("330381", "2020-12-31", ["ra.points-2020"]),
        ("330381", "2021-01-01", []),
        ("330381", "2023-07-26", ["zj.common", "ra.individual"]),
        ("310115", "2018-01-01", ["sh.permit"]),
        ("440106", "2020-07-08", []),
        ("440106", "2021-11-15", ["gz.points"]),
        ("440106", "2026-11-16", []),
    ],
)
def test_what_is_in_force_where(place: str, on: str, expected: list[str]) -> None:
    assert [document.rulebook.doc for document in in_force_at(place, on).documents] == expected


@pytest.mark.parametrize(("doc", "versions"), [("hz.points", 2), ("gz.points", 2), ("sh.permit", 1)])
def test_a_version_exists_only_where_the_days_of_effect_differ(doc: str, versions: int) -> None:
    spans = sorted(
        (document.rulebook.effective.from_, document.rulebook.effective.to)
        for document in DOCUMENTS
        if document.rulebook.doc == doc
    )

    assert len(spans) == versions
    assert [ends for _, ends in spans[:-1]] == [begins for begins, _ in spans[1:]]


def test_hangzhous_rates_changed_in_november_2021() -> None:
    old, new = sorted(
        (document for document in DOCUMENTS if document.rulebook.doc == "hz.points"),
        key=lambda document: document.rulebook.effective.from_,
    )

    assert [str(change) for change in changes(old, new)] == [
        "items[insurance].award.points 0.25 → 0.5",
        "items[insurance].cap 75 → 120",
        "items[residence].award.points 3 → 5",
        "items[residence].cap 45 → 100",
        "items[blood].cap 10 → 20",
        "items[volunteer].cap 10 → 20",
    ]


def test_the_page_of_tables_names_every_document_that_is_shipped() -> None:
    page = (HOUSE / "docs/tables.md").read_text(encoding="utf-8")

    assert [document.rulebook.doc for document in DOCUMENTS if f"`{document.rulebook.doc}`" not in page] == []

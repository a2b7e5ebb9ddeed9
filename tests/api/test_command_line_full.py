"""Full files: what a source no longer lists is voided, after somebody has looked at the plan."""

import json
from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from tests.api.commands import Said, open_ledger
from tests.faults.test_kill_batches import KINDS, in_force, months
from tests.ledger.deliveries import resident

JANUARY = ["--full", "330200/2025-01"]


class Source:
    """A source that sends full files for January."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def call(self, name: str, *more: str) -> Said:
        return Said(self.capsys, "import", f"{name}.csv", *KINDS, *JANUARY, "--voids-max", "1", *more, "--json")

    def sends(self, name: str, people: range, *more: str) -> dict[str, Any]:
        """Write a file, look at its plan, and take it."""
        months(self.folder / f"{name}.csv", people, "2025-01")
        plan = self.call(name, *more).object["full"]["confirm"]
        return self.call(name, "--plan", plan, *more).object


@pytest.fixture
def source(points: Path, capsys: pytest.CaptureFixture[str]) -> Source:
    open_ledger(capsys)
    return Source(points, capsys)


def test_the_first_run_shows_the_plan_and_writes_nothing(source: Source) -> None:
    source.sends("first", range(1, 21))
    months(source.folder / "next.csv", range(1, 9), "2025-01")
    before = in_force()
    looked = source.call("next")

    assert (looked.code, looked.object["full"]["absent"], looked.object["scores"]["down"]) == (Exit.DONE, 12, 12)
    assert in_force() == before


def test_in_force_is_what_the_last_full_file_lists(source: Source) -> None:
    source.sends("first", range(1, 11))
    source.sends("second", range(5, 16))
    after_second = in_force()["2025-01"]
    third = source.sends("third", range(3, 8))

    assert (after_second, in_force()["2025-01"]) == (11, 5)
    assert (third["full"]["absent"], third["receipt"]["accepted"], third["receipt"]["duplicate"]) == (8, 2, 3)


def test_other_months_kinds_places_and_organs_are_left_alone(
    source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    months(source.folder / "february.csv", range(1, 4), "2025-02")
    Said(capsys, "import", "february.csv", *KINDS)
    Said(capsys, "grant", "nb-other", "insurance-month-paid", "3302")
    months(source.folder / "others.csv", range(1, 4), "2025-01")
    Said(capsys, "import", "others.csv", "--organ", "nb-other", "--kind", "insurance-month-paid")
    source.sends("first", range(11, 13))

    assert in_force() == {"2025-01": 5, "2025-02": 3}


def test_a_fact_stands_by_its_correction(source: Source, capsys: pytest.CaptureFixture[str]) -> None:
    source.sends("first", range(1, 3))
    month = {"kind": "insurance-month-paid", "month": "2025-01", "place": "330212"}
    who = {"document_number": resident(1), "name": "居民1"}
    correction = {"kind": "fact-corrected", "reason": "source-error", "refers_to": month, "source_id": "C-1"}
    row = {**correction, **who, "replacement": {**month, "standing": "back-paid"}}
    (source.folder / "c.ndjson").write_text(json.dumps(row), encoding="utf-8")
    Said(capsys, "import", "c.ndjson", "--organ", "nb-hrss")
    same = source.sends("same", range(1, 3), "--again", "1")
    without = source.sends("without", range(2, 3))

    assert (same["full"]["absent"], without["full"]["absent"]) == (0, 1)


def test_more_voids_than_the_bound_are_refused(source: Source, capsys: pytest.CaptureFixture[str]) -> None:
    source.sends("first", range(1, 11))
    months(source.folder / "half.csv", range(1, 6), "2025-01")
    call = ["import", "half.csv", *KINDS, *JANUARY, "--yes"]
    refused = Said(capsys, *call)
    raised = Said(capsys, *call, "--voids-max", "0.5")

    assert (refused.code, "full-voids-too-many" in refused.err) == (Exit.REFUSED, True)
    assert (raised.code, in_force()["2025-01"]) == (Exit.DONE, 5)


@pytest.mark.parametrize(
    ("declared", "code"), [(["--rows", "9"], Exit.REFUSED), (["--sum", "9"], Exit.REFUSED), (["--rows", "10"], 0)]
)
def test_what_the_organ_declared_must_add_up(source: Source, declared: list[str], code: int) -> None:
    months(source.folder / "file.csv", range(1, 11), "2025-01")

    assert source.call("file", "--yes", *declared).code == code


def test_a_file_with_a_bad_row_or_a_row_from_elsewhere_voids_nothing(source: Source) -> None:
    source.sends("first", range(1, 11))
    good = f"{resident(1)},居民1,2025-01,330212\n"
    refused = []
    for name, row in [
        ("bad", f"{resident(2)},居民2,2025-13,330212\n"),
        ("held", f"{resident(2)},别名,2025-01,330212\n"),
        ("later", f"{resident(2)},居民2,2025-02,330212\n"),
    ]:
        text = "document_number,name,month,place\n" + good + row
        (source.folder / f"{name}.csv").write_text(text, encoding="utf-8")
        refused.append(source.call(name, "--yes").object["error"]["code"])

    assert refused == ["full-file-unsound", "full-file-unsound", "full-file-out-of-scope"]
    assert in_force() == {"2025-01": 10}


def test_a_plan_of_another_file_is_refused(source: Source) -> None:
    source.sends("first", range(1, 11))
    months(source.folder / "a.csv", range(1, 10), "2025-01")
    months(source.folder / "b.csv", range(1, 8), "2025-01")
    plan = source.call("a").object["full"]["confirm"]
    told = source.call("b", "--plan", plan)

    assert (told.code, told.object["error"]["code"]) == (Exit.REFUSED, "full-plan-changed")


def test_the_same_full_file_again_changes_nothing(source: Source) -> None:
    first = source.sends("first", range(1, 11))
    before = in_force()
    again = source.call("first", "--yes").object

    assert (again["repeated"], again["receipt"], in_force()) == (True, first["receipt"], before)


@pytest.mark.parametrize(
    "full", ["330200", "330200/2025", "330200/2025-03..2025-01", "33020/2025-01", "330200/2025-13", "/2025-01"]
)
def test_a_scope_that_makes_no_sense_is_told(source: Source, capsys: pytest.CaptureFixture[str], full: str) -> None:
    months(source.folder / "file.csv", range(1, 3), "2025-01")
    said = Said(capsys, "import", "file.csv", *KINDS, "--full", full)

    assert said.code == Exit.USAGE


def test_an_organ_speaks_only_for_places_within_its_grants(
    source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    months(source.folder / "file.csv", range(1, 3), "2025-01")
    said = Said(capsys, "import", "file.csv", *KINDS, "--full", "330000/2025-01", "--yes")

    assert said.code == Exit.REFUSED

"""The doctor names feeds that are overdue, and feeds that are not what they declared."""

from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import Said, open_ledger
from tests.faults.test_kill_batches import KINDS, months

AGREED = ["feed", "agree", "nb-hrss", "insurance-month-paid", "330200", "--since", "2025-01"]


@pytest.fixture
def ledger(points: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    open_ledger(capsys)
    months(points / "january.csv", range(1, 6), "2025-01")
    return points


def full(capsys: pytest.CaptureFixture[str], name: str, period: str) -> None:
    call = ["import", name, *KINDS, "--full", f"330200/{period}", "--yes"]
    assert Said(capsys, *call).code == Exit.DONE


@pytest.mark.usefixtures("ledger")
def test_what_is_overdue_is_listed_until_it_is_delivered(capsys: pytest.CaptureFixture[str]) -> None:
    Said(capsys, *AGREED)
    Said(capsys, "feed", "end", *AGREED[2:5], "--since", "2025-01", "--last", "2025-02")
    before = Said(capsys, "doctor", "--json")
    full(capsys, "january.csv", "2025-01")
    after = Said(capsys, "doctor", "--json")

    assert (before.code, after.code) == (Exit.INCOMPLETE, Exit.INCOMPLETE)
    assert [one["first_month"] for one in before.object["feeds_overdue"]] == ["2025-01", "2025-02"]
    assert [one["first_month"] for one in after.object["feeds_overdue"]] == ["2025-02"]


def test_a_feed_that_declared_other_rows_is_named(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full(capsys, "january.csv", "2025-01")
    sound = Said(capsys, "doctor", "--feeds", "--json")
    header = "organ,fact_kind,place,first_month,last_month,coverage,rows,control_sum\n"
    row = "nb-hrss,insurance-month-paid,330200,2025-01,2025-01,complete,6,6\n"
    (ledger / "feed.csv").write_text(header + row, encoding="utf-8")
    sent = Said(capsys, "import", "feed.csv", "--organ", "nb-hrss", "--kind", "feed-delivered")
    differing = Said(capsys, "doctor", "--feeds", "--json")
    told = Said(capsys, "doctor", "--feeds")

    assert sent.code == Exit.DONE, sent.out + sent.err
    assert (sound.code, sound.object["feeds_differing"]) == (Exit.DONE, [])
    assert [(one["rows"], one["stands"]) for one in differing.object["feeds_differing"]] == [(6, [5, 5])]
    assert (differing.code, "6 rows, sum 6 declared" in told.out) == (Exit.WRONG, True)


def test_agreements_are_listed_and_ended_by_their_names(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, again = Said(capsys, *AGREED, "--json"), Said(capsys, *AGREED, "--json")
    other = Said(capsys, *AGREED, "--every", "year")
    unknown = Said(capsys, "feed", "end", *AGREED[2:5], "--since", "2024-01", "--last", "2025-01")
    wrong = Said(capsys, *AGREED[:-1], "2025-13")

    assert first.object == again.object == Said(capsys, "feed", "list", "--json").object
    assert (other.code, unknown.code, wrong.code) == (Exit.USAGE, Exit.USAGE, Exit.USAGE)
    assert ledger.exists()

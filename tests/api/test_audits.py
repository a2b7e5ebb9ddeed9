"""Traces over HTTP and on the command line: every entry and what it did; samples and lists for auditors."""

from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import MONTHS, Said, open_ledger, subject_of
from tests.api.house import House, month, number

IMPORT = ["import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid"]
WHO = {"document_type": "resident-card", "document_number": number(871), "name": "居民甲"}


def test_a_trace_adds_up_to_the_score_and_says_who_sent_what(home: House) -> None:
    home.post(month("trace-1", WHO, month="2024-01"))
    home.post(month("trace-2", WHO, month="2024-02"))
    home.catch_up()
    subject = home.subject(WHO)
    trace = home.get(f"/v1/residents/{subject}/trace?place=330212", f"resident:{subject}").json()
    score = home.get(f"/v1/residents/{subject}/score?place=330212", f"resident:{subject}").json()
    sums = [(step["kind"], step["difference"]) for step in trace["steps"]]

    assert trace["total"] == score["total"]
    assert sums[-2:] == [("insurance-month-paid.v1", "0.50")] * 2
    assert [moved["of"] for moved in trace["steps"][-1]["moved"] if moved["effect"] == "earned"] == ["insurance"]


def test_staff_say_why_they_trace(home: House) -> None:
    subject = home.subject(WHO)

    assert (
        home.get(f"/v1/residents/{subject}/trace?place=330212", "auditor", {}).json()["code"] == "purpose-missing"
    )


def test_a_sample_is_drawn_again_by_whoever_knows_seed_and_span(home: House) -> None:
    first = home.get("/v1/audit/sample?seed=spot&count=3", "auditor").json()
    again = home.get(
        f"/v1/audit/sample?seed=spot&count=2&since=0&until={first['span']['until']}", "auditor:b-1"
    ).json()

    assert first["drawn"][:2] == again["drawn"]


@pytest.mark.parametrize("query", ["seed=100000199001010014", "seed=x&of=people", "seed=x&since=1e3", ""])
def test_what_makes_no_sample_is_refused(home: House, query: str) -> None:
    told = home.get(f"/v1/audit/sample?{query}", "auditor")

    assert told.status_code in {400, 422}
    assert "100000199001010014" not in told.text


@pytest.fixture
def subject(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    assert Said(capsys, *IMPORT).code == Exit.DONE
    return subject_of(capsys, monkeypatch)


def test_the_verb_tells_each_entry_with_its_effect(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    call = ["trace", subject, "--place", "330212"]
    told, shown = Said(capsys, *call, "--json").object, Said(capsys, *call)
    months = [step for step in told["steps"] if step["entry"]["kind"] == "insurance-month-paid.v1"]

    assert [step["difference"] for step in months] == [
        "0.50",
        "0.50",
        "0.00",
    ]  # one month at two places counts once
    assert (
        told["total"] == Said(capsys, "score", subject, "--place", "330212", "--json").object["scores"][0]["total"]
    )
    assert "+0.50" in shown.out


def test_the_verbs_of_auditors_draw_and_list(capsys: pytest.CaptureFixture[str], subject: str) -> None:
    drawn = Said(capsys, "audit", "sample", "spot", "-n", "2", "--json").object["drawn"]
    people = Said(capsys, "audit", "sample", "spot", "--of", "subjects", "--json").object["drawn"]
    listed = Said(capsys, "audit", "anomalies", "--json").object
    beyond = Said(capsys, "audit", "anomalies", "--since", "99999")

    assert len(drawn) == 2
    assert [one["stream"] for one in people] == [subject]
    assert [(one["facts"], one["organ"]) for one in listed["late"]] == [(3, "nb-hrss")]
    assert (listed["corrected"], beyond.code) == ([], Exit.USAGE)

"""Results of old systems: shown as such in histories and explanations, and never counted."""

import json
from pathlib import Path

import pytest

from tests.api.commands import Said, open_ledger, subject_of
from tests.api.house import House, event, fresh, month
from tests.ledger.deliveries import resident

NUMBER = resident(7)
WHO = {"document_number": NUMBER, "name": "居民甲"}
SCORE = {"system": "old-points-2014", "place": "330212", "scored_on": "2020-12-31", "points": "87.50"}
DECISION = {"system": "old-points-2014", "programme": "积分入学", "place": "330212", "decided_on": "2021-05-01"}


def test_they_are_told_and_not_counted(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    Said(capsys, "grant", "nb-archive", "*", "3302")
    rows = [
        {"kind": "insurance-month-paid", "month": "2025-01", "place": "330212"},
        {"kind": "legacy-score-recorded", **SCORE, "reference": "旧案 1 号"},
        {"kind": "legacy-decision-recorded", **DECISION, "outcome": "granted", "points": "87.5"},
        {"kind": "legacy-score-recorded", **SCORE, "scored_on": "2019-12-31", "source_id": "L-1"},
        {"kind": "fact-voided", "reason": "source-error", "refers_to": "L-1"},
    ]
    text = "".join(json.dumps(row | WHO, ensure_ascii=False) + "\n" for row in rows)
    (points / "old.ndjson").write_text(text, encoding="utf-8")
    taken = Said(capsys, "import", "old.ndjson", "--organ", "nb-archive", "--json").object["receipt"]
    subject = subject_of(capsys, monkeypatch, NUMBER)
    explained = Said(capsys, "explain", subject, "--place", "330212")
    told = Said(capsys, "explain", subject, "--place", "330212", "--json").object
    history = Said(capsys, "history", subject)

    assert taken["accepted"] == 5
    assert told["scores"][0]["total"] == "19.50"  # age and one month
    assert [one["kind"] for one in told["legacy"]] == ["legacy-score-recorded.v1", "legacy-decision-recorded.v1"]
    assert explained.out.count("Result of an old system (evidence, not counted)") == 2
    assert [one in explained.out for one in ("87.50 points", "积分入学: granted, 87.5 points")] == [True, True]
    assert history.out.count("Result of an old system") == 3
    assert "旧案" not in json.dumps(told, ensure_ascii=False)


def test_an_explanation_over_http_lists_them_beside_the_lines(home: House) -> None:
    who = fresh()
    subject = home.post(month("legacy-month", who)).json()["stream"]
    sent = home.post(event("legacy-1", "legacy-score-recorded.v1", {**SCORE, "person": who}))
    home.catch_up()
    told = home.get(f"/v1/residents/{subject}/explanation?place=330212", f"resident:{subject}").json()

    assert sent.status_code == 201
    assert (told["total"], len(told["legacy"])) == ("0.50", 1)
    assert told["legacy"][0]["label"]["zh"] == "历史系统结果(仅作证据,不计分)"
    assert [line for line in told["sentences"] if "87.50" in line] != []

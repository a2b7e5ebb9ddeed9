"""Taking a batch back over HTTP takes two people; agreements on feeds are kept by one and read by the organ."""

from pathlib import Path
from typing import Any

import pytest

from api.routes import batches as routes
from tests.api.canary import NAME, NUMBER
from tests.api.house import HRSS, POLICE, House

FIRST, SECOND = "officer:first", "officer:second"
ASKED = {"reason": "source-error", "note": "误报整月"}
FEED = {"organ": HRSS, "fact_kind": "insurance-month-paid", "place": "330200", "first_month": "2025-01"}


@pytest.fixture
def batch(home: House, tmp_path: Path) -> str:
    return home.delivery(tmp_path)


def test_one_asks_and_another_approves(home: House, batch: str) -> None:
    before = home.get(f"/v1/batches/{batch}/undoing", "auditor").json()
    proposed = home.ask(f"/v1/batches/{batch}/undoing", ASKED, FIRST)
    approved = home.ask(f"/v1/batches/{batch}/undoing/approval", {}, SECOND)
    again = home.ask(f"/v1/batches/{batch}/undoing/approval", {}, SECOND)

    assert (before["entries"], before["standing"], before["proposed_at"]) == (3, 3, None)
    assert (proposed.status_code, proposed.json()["standing"], proposed.json()["proposed_at"] > 0) == (200, 3, True)
    assert (approved.status_code, approved.json()["voided"]) == (200, 3)
    assert again.json() == approved.json()
    assert home.get(f"/v1/batches/{batch}", f"organ:{HRSS}").json()["undone"] == approved.json()
    assert home.get(f"/v1/batches/{batch}/undoing", SECOND).json()["standing"] == 0


def test_nobody_approves_what_they_asked_for(home: House, batch: str) -> None:
    home.ask(f"/v1/batches/{batch}/undoing", ASKED, FIRST)
    told = home.ask(f"/v1/batches/{batch}/undoing/approval", {}, FIRST)

    assert (told.status_code, told.json()["code"]) == (403, "same-person")
    assert home.get(f"/v1/batches/{batch}", FIRST).json()["undone"] is None


def test_nobody_approves_with_another_account_what_they_asked_for(home: House, batch: str) -> None:
    before = home.desk.ledger.recorder.max_notification_id()
    home.ask(f"/v1/batches/{batch}/undoing", ASKED, "officer:twice-one", person="person-of-two-accounts")
    asked = home.desk.ledger.recorder.max_notification_id()
    path = f"/v1/batches/{batch}/undoing/approval"
    same = home.ask(path, {}, "officer:twice-two", person="person-of-two-accounts")
    unknown = home.ask(path, {}, "officer:nobody-known")
    stored = home.desk.ledger.recorder.max_notification_id()
    other = home.ask(path, {}, "officer:third", person="0072")

    assert [(told.status_code, told.json()["code"]) for told in (same, unknown)] == [
        (403, "same-person"),
        (403, "account-without-person"),
    ]
    assert (before != asked, asked == stored, other.json()["voided"]) == (True, True, 3)
    assert "person-of-two-accounts" not in same.text + unknown.text


def test_nothing_is_approved_that_nobody_asked_for(home: House, batch: str) -> None:
    told = home.ask(f"/v1/batches/{batch}/undoing/approval", {}, SECOND)

    assert told.json()["code"] == "nothing-proposed"


def test_what_is_too_large_for_one_request_is_left_to_the_command_line(
    home: House, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "UNDONE_MAX", 2)
    home.ask(f"/v1/batches/{batch}/undoing", ASKED, FIRST)
    told = home.ask(f"/v1/batches/{batch}/undoing/approval", {}, SECOND)

    assert (told.status_code, told.json()["code"]) == (409, "batch-too-large-here")


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"reason": "just so"}, "body.reason"),
        ({}, "body.reason"),
        ({"reason": "revoked", "note": f"of {NUMBER}"}, "body.note"),
        ({"reason": "revoked", NAME: 1}, "body"),
        ([], "body"),
    ],
)
def test_a_body_that_does_not_fit_is_told_where_and_not_told_back(
    home: House, batch: str, body: Any, where: str
) -> None:
    told = home.ask(f"/v1/batches/{batch}/undoing", body, FIRST)

    assert (told.status_code, [one["where"] for one in told.json()["errors"]]) == (422, [where])
    assert NUMBER not in told.text
    assert NAME not in told.text


def test_a_body_of_another_type_is_not_read(home: House, batch: str) -> None:
    told = home.ask(f"/v1/batches/{batch}/undoing", ASKED, FIRST, kind="text/plain")

    assert (told.status_code, told.json()["code"]) == (415, "act-media-type")


def test_a_parameter_that_is_not_known_is_answered_with_those_that_are(home: House) -> None:
    told = home.get(f"/v1/batches?{NUMBER}=1", "auditor")

    assert [one["expected"] for one in told.json()["errors"]] == ["before | lang | limit"]
    assert NUMBER not in told.text


def test_an_agreement_is_made_ended_and_read_by_its_organ_alone(home: House) -> None:
    made = home.ask("/v1/feeds", {**FEED, "due_days": 15}, FIRST)
    ended = home.ask("/v1/feeds/end", {**FEED, "last_month": "2026-12"}, FIRST)
    own, others = (home.get("/v1/feeds", f"organ:{organ}").json()["agreements"] for organ in (HRSS, POLICE))

    assert (made.status_code, ended.status_code) == (200, 200)
    assert {**FEED, "months": 1, "due_days": 15, "last_month": "2026-12"} in own
    assert all(one["organ"] == POLICE for one in others)


@pytest.mark.parametrize(
    ("field", "value"), [("fact_kind", "no-kind"), ("place", "33"), ("first_month", "2025-13"), ("organ", "X x")]
)
def test_an_agreement_that_does_not_fit_is_told_where(home: House, field: str, value: str) -> None:
    told = home.ask("/v1/feeds", {**FEED, field: value}, FIRST)

    assert (told.status_code, [one["where"] for one in told.json()["errors"]]) == (422, [f"body.{field}"])

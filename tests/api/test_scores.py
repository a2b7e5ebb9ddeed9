"""Scores and explanations at any coordinate, and what a reader has already."""

from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from tests.api.house import House, fresh, month, person
from tests.api.life import Life


def item(told: httpx.Response, name: str) -> dict[str, Any]:
    return next(line for line in told.json()["lines"] if line.get("item") == name)


def test_a_score_is_as_of_a_day_as_at_a_position_at_a_place(home: House, life: Life) -> None:
    told = home.get(
        life.path("score", place="330212", as_of="2025-12-31", as_at=life.positions[2]), life.actor
    ).json()

    assert (told["place"], told["as_of"], told["as_at"], told["trial"]) == (
        "330212",
        "2025-12-31",
        life.positions[2],
        True,
    )


def test_a_look_at_whom_somebody_was_merged_into_is_written_down_for_both(home: House) -> None:
    kept, merged = home.subject(fresh()), home.subject(fresh())
    home.merge(kept, merged)
    home.catch_up()
    told = home.get(f"/v1/residents/{merged}/score?place=330212", "auditor:a-9")
    readers = [
        home.get(f"/v1/residents/{one}/readers", f"resident:{one}").json()["readings"] for one in (kept, merged)
    ]

    assert told.json()["subject"] == str(kept)
    assert [[one["reader"] for one in found] for found in readers] == [["auditor:a-9"], ["auditor:a-9"]]


def test_a_fact_voided_later_still_counts_as_at_before(home: House, life: Life) -> None:
    before, after = (
        item(home.get(life.path("explanation", place="330212", as_at=at), life.actor), "insurance")["quantity"]
        for at in (life.positions[2], life.positions[3])
    )

    assert (before, after) == (3, 2)


def test_an_instant_stands_for_what_was_recorded_up_to_it(home: House, life: Life) -> None:
    at = home.get(life.path("history", after=1, limit=1), life.actor).json()["entries"][0]["recorded_at"]
    told = home.get(life.path("score", place="330212", as_at=at), life.actor)

    assert told.json()["as_at"] == life.positions[0]


def test_an_instant_whose_plus_was_not_escaped_is_read_as_meant(home: House, life: Life) -> None:
    recorded = home.get(life.path("history", after=1, limit=1), life.actor).json()["entries"][0]["recorded_at"]
    at = datetime.fromisoformat(recorded).astimezone(timezone(timedelta(hours=8))).isoformat()
    told = home.get(f"/v1/residents/{life.subject}/score?place=330212&as_at={at}", life.actor)

    assert "+08:00" in at
    assert told.json()["as_at"] == life.positions[0]


def test_without_a_place_the_score_is_that_of_the_permits(home: House, life: Life) -> None:
    told = home.get(life.path("score"), life.actor).json()

    assert (told["place"], told["trial"], told["permit"]["state"]) == ("330212", False, "normal")


def test_who_is_at_home_nowhere_is_asked_for_a_place(home: House) -> None:
    subject = home.subject(person(951))
    home.catch_up()
    told = home.get(f"/v1/residents/{subject}/score", f"resident:{subject}")

    assert (told.status_code, told.json()["code"]) == (409, "place-needed")


def test_an_explanation_rests_on_entries_of_the_history(home: House, life: Life) -> None:
    used = item(home.get(life.path("explanation", place="330212"), life.actor), "insurance")["used"]
    known = {entry["version"]: entry for entry in home.get(life.path("history"), life.actor).json()["entries"]}

    assert [known[one["version"]]["fact"]["month"] for one in used] == ["2025-01", "2025-03"]


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("zh", "en", "zh"),
        ("en", "zh", "en"),
        (None, "en-GB,zh;q=0.5", "en"),
        (None, "fr,zh;q=0.3", "zh"),
        (None, "", "zh"),
    ],
)
def test_an_explanation_is_told_in_the_readers_language(
    home: House, life: Life, asked: str | None, accepted: str, language: str
) -> None:
    path = life.path("explanation", place="330212", **({} if asked is None else {"lang": asked}))
    told = home.get(path, life.actor, {"Accept-Language": accepted}).json()

    assert (told["language"], told["sentences"][0][:2]) == (language, {"zh": "截至", "en": "As"}[language])


def test_who_has_the_answer_already_is_told_so(home: House, life: Life) -> None:
    for noun in ("score", "explanation"):
        path = life.path(noun, place="330212", as_at=life.positions[-1])
        tag = home.get(path, life.actor).headers["etag"]
        told = home.get(path, life.actor, {"If-None-Match": f'"other", W/{tag}'})

        assert (told.status_code, told.content, told.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize(
    "other",
    [{"as_of": "2025-06-30"}, {"place": "330282"}, {"as_at": "POSITION"}],
    ids=["another day", "another place", "another position"],
)
def test_another_coordinate_has_another_tag(home: House, life: Life, other: dict[str, Any]) -> None:
    here = {"place": "330212", "as_of": "2026-01-15", "as_at": life.positions[-1]}
    there = here | {name: life.positions[1] if value == "POSITION" else value for name, value in other.items()}
    tags = {home.get(life.path("score", **at), life.actor).headers["etag"] for at in (here, there)}

    assert len(tags) == 2


def test_what_was_just_written_is_waited_for(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.answering.WAIT_SECONDS_MAX", 0.1)
    who = person(952)
    receipt = home.post(month("waited", who)).json()
    path = f"/v1/residents/{receipt['stream']}/score?place=330212&wait={receipt['position']}"
    behind = home.get(path, f"resident:{receipt['stream']}")
    home.catch_up()

    assert (behind.status_code, behind.json()["code"], behind.headers["retry-after"]) == (
        503,
        "projection-behind",
        "2",
    )
    assert home.get(path, f"resident:{receipt['stream']}").status_code == 200


def test_a_position_that_the_ledger_has_not_reached_is_unknown(home: House, life: Life) -> None:
    told = [
        home.get(life.path("score", place="330212", **{name: 2**63 - 1}), life.actor) for name in ("wait", "as_at")
    ]

    assert [(one.status_code, one.json()["code"]) for one in told] == [(404, "position-unknown")] * 2


@pytest.mark.parametrize(
    "asked",
    [
        {"as_of": "2025-02-30"},
        {"as_of": "20250201"},
        {"as_of": "0001-01-01"},
        {"as_of": "9999-12-31"},
        {"as_of": "2025-02-01T00:00:00"},
        {"as_of": "1738368000"},
        {"as_at": "-1"},
        {"as_at": 2**63},
        {"as_at": "9" * 400},
        {"as_at": "2025-02-01T00:00:00"},
        {"as_at": "2025-02-01"},
        {"as_at": "0001-01-01T00:00:00Z"},
        {"as_at": "9999-12-31T23:59:59Z"},
        {"as_at": "２０２５"},
        {"as_at": ""},
        {"place": "33021"},
        {"place": "330212\x00"},
        {"place": "' OR 1=1"},
        {"wait": "soon"},
        {"wait": 2**63},
    ],
    ids=lambda asked: str(asked)[:40],
)
def test_a_coordinate_that_is_not_written_as_expected_is_refused(
    home: House, life: Life, asked: dict[str, Any]
) -> None:
    told = home.get(life.path("score", **({"place": "330212"} | asked)), life.actor)

    assert (told.status_code, told.json()["code"], told.json()["detail"]) == (
        400,
        "bad-coordinate",
        next(iter(asked)),
    )


def test_an_erased_persons_score_is_gone_for_good(home: House) -> None:
    subject = home.subject(person(953))
    home.catch_up()
    home.erase(subject)
    home.catch_up()
    told = home.get(f"/v1/residents/{subject}/score?place=330212", f"resident:{subject}")

    assert (told.status_code, told.json()["code"]) == (410, "subject-erased")


def test_a_score_for_a_programme_says_so_and_is_another_representation(home: House, life: Life) -> None:
    plain = home.get(life.path("score", place="330212"), life.actor)
    school = home.get(life.path("score", place="330212", use="school"), life.actor)

    assert (plain.json()["use"], school.json()["use"]) == (None, "school")
    assert plain.headers["ETag"] != school.headers["ETag"]


@pytest.mark.parametrize("use", ["", "School", "学位", "a b", "x" * 61])
def test_a_programme_is_named_by_its_id(home: House, life: Life, use: str) -> None:
    told = home.get(life.path("score", use=use), life.actor)

    assert (told.status_code, told.json()["code"]) == (400, "bad-coordinate")

"""Histories: everything in order, in pages, and to each reader what it may see."""

import httpx
import pytest

from api.bodies.histories import WITHHELD
from domain.facts import BY_TOPIC
from tests.api.house import House, event, month, person
from tests.api.life import Life


def test_a_history_holds_everything_in_order_and_says_what_is_void(home: House, life: Life) -> None:
    told = home.get(life.path("history"), life.actor).json()

    assert [(entry["kind"].rpartition(".")[0], entry["voided"]) for entry in told["entries"]] == [
        ("identity-minted", False),
        ("insurance-month-paid", False),
        ("insurance-month-paid", True),
        ("insurance-month-paid", False),
        ("fact-voided", False),
        ("permit-issued", False),
    ]


def test_pages_of_a_history_lead_from_one_to_the_next(home: House, life: Life) -> None:
    versions, path = [], life.path("history", limit=2)
    for _ in range(4):
        told = home.get(path, life.actor)
        versions += [entry["version"] for entry in told.json()["entries"]]
        if told.json()["next"] is None:
            break
        path = told.links["next"]["url"]

    assert versions == [1, 2, 3, 4, 5, 6]
    assert "link" not in told.headers


def test_a_history_as_at_a_position_knows_nothing_later(home: House, life: Life) -> None:
    told = home.get(life.path("history", as_at=life.positions[2], limit=2, after=1), life.actor).json()
    rest = home.get(told["next"], life.actor).json()

    assert [entry["voided"] for entry in [*told["entries"], *rest["entries"]]] == [False, False, False]


def test_a_history_is_given_line_by_line_where_that_is_asked_for(home: House, life: Life) -> None:
    told = home.get(life.path("history", limit=3), life.actor, {"Accept": "application/x-ndjson"})
    plain = home.get(life.path("history", limit=3), life.actor).json()["entries"]

    assert (
        told.headers["content-type"],
        [httpx.Response(200, text=line).json() for line in told.text.splitlines()],
    ) == (
        "application/x-ndjson",
        plain,
    )


def test_a_person_reads_what_is_sealed_of_their_own_and_staff_do_not(home: House, life: Life) -> None:
    own, staff = (
        home.get(life.path("history", after=1, limit=1), actor).json()["entries"][0]
        for actor in (life.actor, "auditor:a-1")
    )

    assert (own["fact"]["payer"], own["withheld"], "payer" in staff["fact"], staff["withheld"]) == (
        "某某有限公司",
        [],
        False,
        ["payer"],
    )


@pytest.mark.parametrize(("reason", "hidden_from"), [("wrong-person", "person"), ("sealed-by-law", "staff")])
def test_content_that_somebody_may_not_see_is_not_seen_as_at_an_earlier_position_either(
    home: House, reason: str, hidden_from: str
) -> None:
    who = person(954 if hidden_from == "staff" else 955)
    paid = home.post(month(f"seen-{reason}", who, payer="某某有限公司")).json()
    void = {"reason": reason, "person": who}
    home.post(event(f"void-{reason}", "fact-voided.v1", void, refersto=f"seen-{reason}"))
    path = f"/v1/residents/{paid['stream']}/history?after=1&limit=1&as_at={paid['position']}"
    entries = {
        "person": home.get(path, f"resident:{paid['stream']}").json()["entries"][0],
        "staff": home.get(path, "auditor").json()["entries"][0],
    }
    hidden = entries.pop(hidden_from)
    [seen] = entries.values()

    assert (hidden["fact"], "month" in hidden["withheld"]) == ({"kind": "insurance-month-paid.v1"}, True)
    assert seen["fact"]["month"] == "2025-03"


def test_every_sealed_field_is_decided_on_for_staff() -> None:
    sealed = {name for fact in BY_TOPIC.values() for name in fact.sealed_fields()}

    given = {"document_type", "born_on", "sex", "base_fen", "component", "donated_on", "millilitres"}
    given |= {"category", "level", "place", "acted_on", "decided_on", "effective_on", "completed_on"}
    given |= {"fen", "fen_per_month", "months", "gift", "reason", "from_date", "basis", "digest"}

    assert sealed - given == set(WITHHELD)

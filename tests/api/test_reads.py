"""Scores, explanations, histories and rulebooks, at any coordinate, and what a reader has already."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.answering import Answering
from api.bodies.histories import WITHHELD
from domain.facts import BY_TOPIC
from tests.api.house import HRSS, House, event, month, person

WHO = person(950)
PAID = ("2025-01", "2025-02", "2025-03")


@dataclass(frozen=True)
class Life:
    """Somebody with a few months of insurance, a certificate that was voided, and where each stands."""

    subject: str
    positions: list[int]

    @property
    def actor(self) -> str:
        return f"resident:{self.subject}"

    def path(self, noun: str, **asked: Any) -> str:
        query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
        return f"/v1/residents/{self.subject}/{noun}?{query}"


@pytest.fixture(scope="session")
def life(home: House) -> Life:
    """Three months, then a void of the second, then a permit that came late."""
    told = [home.post(month(f"life-{paid}", WHO, month=paid, payer="某某有限公司")).json() for paid in PAID]
    void = event("life-void", "fact-voided.v1", {"reason": "source-error", "person": WHO}, refersto="life-2025-02")
    permit = {"permit": "P-1", "on": "2025-12-01", "place": "330212", "person": WHO}
    told += [home.post(void).json(), home.post(event("life-permit", "permit-issued.v1", permit)).json()]
    home.catch_up()
    return Life(told[0]["stream"], [one["position"] for one in told])


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
    told = home.get(f"/v1/residents/{life.subject}/score?place=330212&as_at=2099-01-01T00:00:00+08:00", life.actor)

    assert told.status_code == 200


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
    given |= {"fen", "gift"}

    assert sealed - given == set(WITHHELD)


def test_an_erased_persons_score_is_gone_for_good(home: House) -> None:
    subject = home.subject(person(953))
    home.catch_up()
    home.erase(subject)
    home.catch_up()
    told = home.get(f"/v1/residents/{subject}/score?place=330212", f"resident:{subject}")

    assert (told.status_code, told.json()["code"]) == (410, "subject-erased")


def test_rulebooks_in_force_lead_to_their_content(home: House) -> None:
    told = home.get("/v1/rulebooks?place=330212&as_of=2025-01-01", "policy:p-1").json()
    [document] = told["documents"]
    content = home.get(f"/v1/rulebooks/{document['doc']}/{document['hash']}", "policy:p-1").json()

    assert (document["doc"], content["hash"], content["state"], content["document"]["doc"]) == (
        "zj.common",
        document["hash"],
        "published",
        "zj.common",
    )


def test_no_rulebook_is_in_force_before_the_first(home: House) -> None:
    told = home.get("/v1/rulebooks?place=330212&as_of=2020-01-01", "policy:p-1").json()

    assert told["documents"] == []


def test_rulebooks_need_a_place(home: House) -> None:
    told = home.get("/v1/rulebooks", "policy:p-1")

    assert (told.status_code, [one["where"] for one in told.json()["errors"]]) == (422, ["query.place"])


def test_a_proposal_is_for_the_policy_office_and_auditors(home: House) -> None:
    document = home.propose()
    path = f"/v1/rulebooks/{document.rulebook.doc}/{document.hash}"
    told = {role: home.get(path, role).status_code for role in (f"organ:{HRSS}", "policy:p-1", "auditor")}

    assert told == {f"organ:{HRSS}": 404, "policy:p-1": 200, "auditor": 200}


def test_a_kinds_schema_is_that_of_the_reference(home: House) -> None:
    told = home.get("/v1/kinds/insurance-month-paid.v1/schema", "policy:p-1").json()

    assert told["$id"] == "urn:points-ledger:fact:insurance-month-paid.v1"


def test_an_unknown_kind_is_not_found(home: House) -> None:
    assert home.get("/v1/kinds/no-such.v1/schema", "policy:p-1").json()["code"] == "kind-unknown"


def test_readiness_says_how_far_scores_are_behind(home: House) -> None:
    home.catch_up()

    assert home.get("/readyz").json() == {"status": "ready", "lag": 0}


def test_a_service_without_its_migrations_is_not_ready(home: House) -> None:
    with home.desk.database.connect() as admin:
        forgotten = admin.execute(
            f"DELETE FROM {home.desk.database.schema}.migrations WHERE name LIKE '0060%' RETURNING *"
        ).fetchall()
        told = home.get("/readyz")
        for row in forgotten:
            places = ", ".join(["%s"] * len(row))
            admin.execute(f"INSERT INTO {home.desk.database.schema}.migrations VALUES ({places})", row)

    assert (told.status_code, [(one["where"], one["code"]) for one in told.json()["errors"]]) == (
        503,
        [("migrations", "not-current")],
    )


def test_a_service_far_behind_is_not_ready(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "lag", lambda _: 1_000_000)
    told = home.get("/readyz")

    assert (told.status_code, told.json()["errors"][0]["where"]) == (503, "projections")

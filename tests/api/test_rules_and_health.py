"""Rulebooks, kinds, and whether the service can serve."""

import pytest

from api.answering import Answering
from tests.api.house import HRSS, House


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

"""The description: OpenAPI 3.1, every address with a name, bodies that are what is really answered."""

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api import refusals as door_refusals
from api.problems import MEDIA_TYPE
from domain.errors import Refusal
from ledger.entry import Hand
from ledger.opening import KEEPER_ORGAN
from tests.api.house import HRSS, PURPOSE, House, month, person
from tests.projections.programmes import loan

DOCS = Path(__file__).parent.parent.parent / "docs" / "http.md"
METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def description(home: House) -> dict[str, Any]:
    told: dict[str, Any] = home.get("/openapi.json").json()
    return told


def operations(description: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for methods in description["paths"].values()
        for operation in methods.values()
    }


def test_it_is_openapi_3_1_and_every_operation_has_a_name_of_its_own(description: dict[str, Any]) -> None:
    named = operations(description)

    assert description["openapi"].startswith("3.1.")
    assert len(named) == sum(len(methods) for methods in description["paths"].values())
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in named)


def test_every_operation_is_summed_up_and_says_how_it_refuses(description: dict[str, Any]) -> None:
    for operation in operations(description).values():
        refused = operation["responses"]["default"]["content"]

        assert operation["summary"]
        assert operation["description"]
        assert refused == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


OURS = ("programmes", "rounds", "applications", "benefits", "decisions", "moves")
"""What an office does: each of its operations is called in tests/api/test_rounds_over_http.py."""
CONTESTED = "disputes"
"""And these in tests/api/test_disputes_over_http.py."""

ASKED = ("requests",)
"""What a person may ask for by law: called in tests/api/test_requests_over_http.py."""

ASSESSED = ("assessments", "frauds")
"""What an office does in a year's assessment: called in tests/api/test_assessments_over_http.py."""

SHOWN = "statements"
"""What residents show to others: called in tests/api/test_statements_over_http.py."""

LOG = {"readCheckpoint", "readTile", "readReadsCheckpoint", "readReadsTile"}
"""The log's public files: texts and bytes, which tests/api/test_transparency.py reads."""
PROOFS = {"receiptProof", "disputeReceipt", "readReceipt"}
"""Texts: for an organ, which the same file reads; for a resident, in test_disputes_over_http.py, test_reads.py."""


def test_only_health_public_notices_checks_and_the_logs_public_part_are_open_to_everybody(
    description: dict[str, Any],
) -> None:
    open_to_all = {name for name, one in operations(description).items() if "security" not in one}

    assert open_to_all == {"livez", "readyz", "notice", "checkStatement", "answerQuestion", *LOG}


def test_every_example_of_a_body_is_one(description: dict[str, Any]) -> None:
    schemas = description["components"]["schemas"]
    checked = 0
    for schema in schemas.values():
        for example in schema.get("examples", []):
            validator(description, schema).validate(example)
            checked += 1

    assert checked >= 2


def validator(description: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": description["components"]})


def offered(home: House) -> str:
    """Publish a programme of a place where nobody lives; give its name."""
    document, hands = (
        loan(authority="330383"),
        [Hand(recorded_by=f"officer:{n}", organ=KEEPER_ORGAN) for n in (1, 2)],
    )
    home.desk.programmes.propose(document, hands[0], "2026")
    home.desk.programmes.approve(document.doc, document.hash, hands[1])
    home.catch_up()
    return document.doc


def test_every_answer_is_as_described(home: House, description: dict[str, Any], tmp_path: Path) -> None:
    who, delivered = person(980), home.delivery(tmp_path)
    agreement = {"organ": HRSS, "fact_kind": "tax-paid", "place": "330200", "first_month": "2025-01"}
    subject = home.post(month("described", who)).json()["stream"]
    home.catch_up()
    own, rules = f"resident:{subject}", "policy:p-1"
    [document] = home.get("/v1/rulebooks?place=330212", rules).json()["documents"]
    asked = {
        "score": home.get(f"/v1/residents/{subject}/score?place=330212", own),
        "explanation": home.get(f"/v1/residents/{subject}/explanation?place=330212", own),
        "history": home.get(f"/v1/residents/{subject}/history", own),
        **{
            noun: home.get(f"/v1/residents/{subject}/{noun}", own)
            for noun in ("eligibility", "recognition", "reminders")
        },
        "eligibleCounts": home.get(f"/v1/programmes/{offered(home)}/eligible/counts", rules),
        "reminderFeed": home.get("/v1/reminders", f"organ:{HRSS}", PURPOSE),
        "trace": home.get(f"/v1/residents/{subject}/trace?place=330212", own),
        "sample": home.get("/v1/audit/sample?seed=spot", "auditor"),
        "anomalies": home.get("/v1/audit/anomalies", "auditor"),
        "readers": home.get(f"/v1/residents/{subject}/readers", "auditor"),
        "receipt": home.get("/v1/receipts?source=/tests&id=described", f"organ:{HRSS}"),
        "appendEvents": home.post([month("described", who), 5]),
        "batches": home.get("/v1/batches", f"organ:{HRSS}"),
        "batch": home.get(f"/v1/batches/{home.batch()}", f"organ:{HRSS}"),
        "undoing": home.get(f"/v1/batches/{delivered}/undoing", "auditor"),
        "proposeUndoing": home.ask(f"/v1/batches/{delivered}/undoing", {"reason": "revoked"}, "officer:one"),
        "approveUndoing": home.ask(f"/v1/batches/{delivered}/undoing/approval", {}, "officer:two"),
        "agreeFeed": home.ask("/v1/feeds", agreement, "officer:one"),
        "endFeed": home.ask("/v1/feeds/end", {**agreement, "last_month": "2026-12"}, "officer:one"),
        "feeds": home.get("/v1/feeds", "auditor"),
        "rulebooksInForce": home.get("/v1/rulebooks?place=330212", rules),
        "rulebook": home.get(f"/v1/rulebooks/{document['doc']}/{document['hash']}", rules),
        "kinds": home.get("/v1/kinds", rules),
        "kindSchema": home.get("/v1/kinds/attested.v1/schema", rules),
        "livez": home.get("/livez"),
        "readyz": home.get("/readyz"),
    }
    named = operations(description)
    for name, told in asked.items():
        assert told.status_code == 200, name
        schema = named[name]["responses"]["200"]["content"]["application/json"]["schema"]
        validator(description, schema).validate(told.json())

    elsewhere = {
        name for name, one in named.items() if one["tags"][0] in (*OURS, *ASKED, *ASSESSED, CONTESTED, SHOWN)
    }
    assert set(asked) | LOG | PROOFS | elsewhere == set(named)


def test_a_refusal_is_as_described(home: House, description: dict[str, Any]) -> None:
    problem = description["components"]["schemas"]["Problem"]
    told = [home.get("/v1/kinds"), home.post(5), home.get("/v1/rulebooks", "policy:p-1"), home.get("/no")]

    assert [list(validator(description, problem).iter_errors(one.json())) for one in told] == [[]] * 4


def own_refusals() -> list[type[Refusal]]:
    named = vars(door_refusals).values()
    return [one for one in named if isinstance(one, type) and issubclass(one, Refusal) and one is not Refusal]


@pytest.mark.parametrize("refusal", own_refusals(), ids=lambda one: one.code())
def test_every_refusal_of_the_door_speaks_both_tongues_and_is_documented(refusal: type[Refusal]) -> None:
    chinese, english = refusal().message("zh"), refusal().message("en")

    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english.isascii()
    assert f"`{refusal.code()}`" in DOCS.read_text(encoding="utf-8")

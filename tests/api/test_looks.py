"""Whatever shows staff a person writes the look down; what shows nobody is listed here, with the reason.

A new address or verb makes these tests fail until somebody has said which of the two it is.
"""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from api.app import NOUNS
from api.cli import app
from api.cli.output import Exit
from tests.api.commands import MONTHS, ROOT, Said, open_ledger, subject_of
from tests.api.house import House, person

RESIDENTS = {
    "score": "score?place=330212",
    "explanation": "explanation?place=330212",
    "history": "history",
    "trace": "trace?place=330212",
    "readers": "readers",
    "readReceipt": "readers/1/receipt",
    "eligibility": "eligibility",
    "recognition": "recognition",
    "reminders": "reminders",
    "moveTrial": "move-trial?to=330203",
}
"""Addresses below a resident's, each asked here."""
OF_THE_OFFICE = {
    *("application", "benefit", "decision", "candidates", "reminderFeed", "assessmentYear"),
    *("disputes", "dispute", "previewDispute", "disputeReceipt", "rightsRequests", "rightsRequest"),
}
"""Addresses that tests/api/office.py watches wherever a test asks them."""
OWN = {"issueStatement", "printStatement", "authoriseQuestion", "fetchCopy"}
"""Addresses that take a reason as those of residents do, and answer the resident alone."""
SHOWS_NOBODY = {
    "an organ's own events and their receipts": {"appendEvents", "receipt", "receiptProof"},
    "deliveries in numbers": {"batches", "batch", "undoing", "proposeUndoing", "approveUndoing"},
    "agreements with organs": {"feeds", "agreeFeed", "endFeed"},
    "positions and sums": {"sample", "anomalies", "eligibleCounts", "replayDecision"},
    "rules": {
        *("rulebooksInForce", "rulebook", "kinds", "kindSchema", "programmes", "programmeVersions", "programme"),
        *("proposeProgramme", "approveProgramme"),
    },
    "numbers of applications, and nobody": {
        *("round", "applications", "ranking", "lateFacts", "notice", "decisions"),
    },
    "what waits for an answer, by its day": {"assessment"},
    "acts on a round or a year": {
        "openAssessment",
        *("openRound", "closeRound", "lockRound", "publishRanking", "offerPlaces", "extendRound", "declarePlaces"),
        *("publishSeed", "cancelRound", "hangNotice"),
    },
    "acts, which are in the person's history themselves": {
        *("fileApplication", "withdrawApplication", "reviewItem", "supplementItem", "answerOffer", "transferPlace"),
        *("startBenefit", "recheckBenefit", "payBenefit", "failPayment", "stopBenefit", "recoverPayment"),
        *("settleDecision", "joinAssessment", "fileClaim", "answerClaim", "certifyScore", "findFraud"),
        *("openDispute", "addEvidence", "withdrawDispute", "acceptDispute", "declineDispute", "askSource"),
        *("answerSource", "ruleDispute", "serveRuling", "escalateDispute", "recordRemedy"),
        *("askReview", "recordReview", "askRight", "answerRequest", "refuseRequest", "withdrawRequest"),
    },
    "hashes": {"readCheckpoint", "readTile", "readReadsCheckpoint", "readReadsTile"},
    "a paper that somebody shows, by its number": {"checkStatement"},
    "what is the resident's own, to the resident": OWN,
    "yes or no, noted as the code's": {"answerQuestion"},
    "the process": {"livez", "readyz"},
}
VERBS_OPEN = {
    *("score", "explain", "diff", "history", "trace", "reads show", "reads receipt", "assessment show"),
    *("benefit show", "decision show", "decision candidates", "decision bundle"),
    *(
        "dispute list",
        "dispute show",
        "dispute preview",
        "eligible",
        "recognition",
        "reminders",
        "simulate",
        "export",
    ),
    *("rebuild diff", "statement issue", "statement print", "statement answer", "erase entry", "erase subject"),
    *("request list", "request show", "request answer", "request copy", "archive round", "archive decision"),
    *("hold list", "round provisional"),
}
"""Verbs that open a person's history, or what was computed from it."""
VERBS_SHOW_NOBODY = {
    "the ledger and its processes": {
        *("demo", "init", "db migrate", "db status", "serve", "token", "worker", "roll", "doctor", "verify"),
        *("rebuild start", "rebuild status", "rebuild switch", "rebuild rollback", "rebuild drop"),
        *("key status", "key make", "key change", "log key", "log run", "log checkpoint", "log prove"),
        *("witness key", "witness serve"),
    },
    "organs, deliveries and rules": {
        *("grant", "withdraw", "grants", "import", "batch list", "batch show", "batch undo", "batch approve"),
        *("feed agree", "feed end", "feed list", "account assign", "account list"),
        *("rulebook approve", "rulebook retire", "rulebook check", "rulebook diff", "rulebook show"),
        *("rulebook propose", "rulebook list"),
        *("programme approve", "programme retire", "programme check", "programme publish", "programme list"),
        *("programme show", "programme diff", "programme evaluate"),
    },
    "in which table something is left": {"erase verify"},
    "files that the caller has": {"evaluate", "move-trial"},
    "an id for a number that the caller has, or ids that a row may be of": {
        *("find", "held list", "held show", "held decide"),
    },
    "positions and sums": {"audit sample", "audit anomalies", "decision list", "decision replay", "receipt"},
    "numbers of applications, and nobody": {
        "round show",
        "round rank",
        "round late",
        "round notice",
        "round board",
    },
    "acts, which are in the person's history themselves": {
        *("assessment open", "assessment join", "assessment claim", "assessment answer", "assessment certify"),
        *("round open", "round extend", "round places", "round close", "round lock", "round seed", "round cancel"),
        *("round apply", "round withdraw", "round review", "round supplement", "round answer", "round transfer"),
        *("round offer", "benefit start", "benefit recheck", "benefit pay", "benefit stop", "benefit fail"),
        *("benefit recover", "fraud find", "decision settle", "statement authorise", "reads defer"),
        *("dispute accept", "dispute decline", "dispute ask", "dispute answer", "dispute rule", "dispute serve"),
        *("dispute escalate", "dispute remedy", "dispute review", "dispute open", "dispute evidence"),
        *("erase restrict", "erase unrestrict", "hold place", "hold lift"),
        *("dispute withdraw", "request open", "request withdraw", "request refuse", "request arrange"),
    },
}
SAY_IT_THEMSELVES = {
    *("statement answer", "erase entry", "erase subject", "request answer", "request copy", "hold list"),
    "round provisional",
}
"""Verbs that are for one purpose, and say it."""
WRITES = {"look_at", "note", "looked"}
"""What writes a look down, by the name it is called by; `history` does too, called of a desk."""


def test_every_address_opens_a_history_in_writing_or_shows_nobody() -> None:
    addresses = {route.operation_id for noun in NOUNS for route in noun.router.routes}
    listed = [*RESIDENTS, *OF_THE_OFFICE, *(one for each in SHOWS_NOBODY.values() for one in each)]

    assert (sorted(listed), len(set(listed))) == (sorted(addresses), len(addresses))


def test_an_address_asks_why_where_and_only_where_it_opens_a_history(home: House) -> None:
    paths = home.get("/openapi.json").json()["paths"]
    asking = {
        operation["operationId"]
        for methods in paths.values()
        for operation in methods.values()
        if any(one["name"] == "Reading-Purpose" for one in operation.get("parameters", []))
    }

    assert asking == {*RESIDENTS, *OF_THE_OFFICE, *OWN}


@pytest.mark.parametrize("operation", RESIDENTS)
def test_what_an_auditor_asks_of_a_resident_is_written_down_first(home: House, operation: str) -> None:
    subject = str(home.subject(person(910 + sorted(RESIDENTS).index(operation))))
    home.catch_up()
    home.get(f"/v1/residents/{subject}/{RESIDENTS[operation]}", "auditor:a-3")
    [look] = home.get(f"/v1/residents/{subject}/readers", f"resident:{subject}").json()["readings"]

    assert (look["nth"], look["reader"], look["purpose"], look["reference"]) == (
        1,
        "auditor:a-3",
        "audit",
        "2026-1",
    )


def verbs() -> Iterator[tuple[str, Any]]:
    """Give every verb with its command."""

    def below(command: Any, names: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield " ".join(names), command
            return
        for name in inner:
            yield from below(inner[name], (*names, name))

    yield from below(typer.main.get_command(app), ())


def test_every_verb_opens_a_history_in_writing_or_shows_nobody() -> None:
    listed = [*VERBS_OPEN, *(one for each in VERBS_SHOW_NOBODY.values() for one in each)]
    found = [name for name, _ in verbs()]

    assert sorted(listed) == sorted(found)


def test_a_verb_asks_why_where_and_only_where_it_opens_a_history() -> None:
    asking = {name for name, command in verbs() if any(one.name == "purpose" for one in command.params)}

    assert asking == VERBS_OPEN - SAY_IT_THEMSELVES


@pytest.mark.parametrize("verb", sorted(VERBS_OPEN))
def test_a_verb_that_opens_a_history_comes_to_what_writes(verb: str) -> None:
    [command] = [command for name, command in verbs() if name == verb]
    function = inspect.unwrap(command.callback)

    assert writes(function, set())


def writes(function: Callable[..., Any], seen: set[str]) -> bool:
    """Follow the calls of a function through the command line's own modules to one that writes a look down."""
    key = f"{function.__module__}.{function.__qualname__}"
    module = sys.modules[function.__module__]
    if key in seen or not function.__module__.startswith("api.cli"):
        return False
    seen.add(key)
    called = [node.func for node in ast.walk(tree_of(function)) if isinstance(node, ast.Call)]
    names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in called}
    of_a_desk = {ast.unparse(one) for one in called}
    if names & WRITES or any(one.endswith("desk.history") for one in of_a_desk):
        return True
    return any(writes(one, seen) for name in sorted(names) if (one := function_of(module, name)) is not None)


def tree_of(function: Callable[..., Any]) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def function_of(module: ModuleType, name: str) -> Callable[..., Any] | None:
    found = getattr(module, name, None)
    return inspect.unwrap(found) if inspect.isfunction(found) else None


def test_what_a_verb_shows_of_a_resident_is_written_down(
    points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    who, before = subject_of(capsys, monkeypatch), 0
    calls: list[list[str]] = [
        *([verb, who, "--place", "330212"] for verb in ("score", "explain", "trace", "recognition")),
        ["diff", who, "--place", "330212", "--from-as-of", "2025-01-01", "--to-as-of", "2025-06-01"],
        ["history", who],
        ["dispute", "list", who, "--calendar", str(ROOT / "terms" / "working-days.yaml")],
        ["eligible", who],
        ["reads", "show", who],
        ["export", "--format", "ndjson", "--to", "one.ndjson", "--subject", who, "--sealed"],
        ["erase", "subject", who, "--basis", "个人请求", "--by", "officer:a", "--dry-run"],
    ]
    for call in calls:
        said = Said(capsys, *call)
        assert said.code in {Exit.DONE, Exit.INCOMPLETE}, said.err
        [last, *_] = Said(capsys, "reads", "show", who, "--json").object["readings"]
        assert last["nth"] >= before + 2, call
        before = last["nth"]

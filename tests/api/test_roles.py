"""Who may do what: the whole table of roles and operations, and what a resident cannot learn of another."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import NOUNS
from api.auth import MAY, Operation, Role
from domain.facts import Stream
from ledger.streams import named
from tests.api.house import HRSS, PURPOSE, House, month, number, person

WHO = person(900)
OTHER = person(901)


@pytest.fixture(scope="session")
def subjects(home: House) -> dict[str, str]:
    """Somebody, somebody else, and nobody."""
    known = {"own": str(home.subject(WHO)), "other": str(home.subject(OTHER)), "nobody": str(uuid4())}
    home.catch_up()
    return known


def actor_of(role: str, subjects: dict[str, str]) -> str | None:
    names = {
        "organ": f"organ:{HRSS}",
        "resident": f"resident:{subjects['own']}",
        "policy": "policy:p-1",
        "officer": "officer:o-1",
    }
    return None if role == "nobody" else names.get(role, role)


def about(noun: str, whom: str) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    return lambda home, actor, subjects: home.get(f"/v1/residents/{subjects[whom]}/{noun}", actor, PURPOSE)


def about_round(path: str) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    return lambda home, actor, _: home.get(path, actor, PURPOSE)


def at(path: str) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    return lambda home, actor, _: home.get(path, actor)


def year_of(whom: str) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    return lambda home, actor, subjects: home.get(f"{NO_YEAR}/residents/{subjects[whom]}", actor, PURPOSE)


def appended(home: House, actor: str | None, _: dict[str, str]) -> httpx.Response:
    return home.post(month("matrix", WHO, month="2022-01"), actor)


def batch(home: House, actor: str | None, _: dict[str, str]) -> httpx.Response:
    return home.post([month("matrix", WHO, month="2022-01")], actor)


KNOWN = f"/v1/receipts?source=/tests&id=who-{WHO['document_number'][-6:]}"


def sent(path: str, body: Any = None) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    return lambda home, actor, _: home.client.post(path, json=body or {}, headers=home.headers(actor))


def acted(noun: str, whose: str) -> Callable[[House, str | None, dict[str, str]], httpx.Response]:
    """Send to an address of a person what no act takes."""
    return lambda home, actor, subjects: sent(f"/v1/residents/{subjects[whose]}/{noun}", {"no": 1})(
        home, actor, subjects
    )


NO_ROUND = "/v1/rounds/cx.none"
NO_BENEFIT = f"{NO_ROUND}/applications/A-1/benefit"
NO_DECISION = f"/v1/decisions/{'0' * 64}"
BY_ORGAN, BY_POLICY = (401, 422, 403, 403, 403, 403), (401, 403, 403, 403, 422, 403)
BY_OFFICER = (401, 403, 403, 403, 403, 403)
FEED = {"organ": HRSS, "fact_kind": "skill-awarded", "place": "330200", "first_month": "2025-01"}
BY_APPLICANT = (401, 422, 422, 403, 403, 403)
BY_ASSESSOR = (401, 422, 403, 403, 403, 403)
NO_YEAR = "/v1/assessments/330282/2024"
OFFICE = {
    "programmes": (at("/v1/programmes"), (401, 200, 200, 200, 200, 403)),
    "a programme's versions": (at("/v1/programmes/cx.none"), (401, 404, 404, 404, 404, 403)),
    "a programme": (at(f"/v1/programmes/cx.none/{'0' * 64}"), (401, 404, 404, 404, 404, 403)),
    "a programme put forward": (sent("/v1/programmes"), BY_POLICY),
    "a programme approved": (sent(f"/v1/programmes/cx.none/{'0' * 64}/approval"), (401, 403, 403, 403, 404, 403)),
    "a round opened": (sent("/v1/rounds"), BY_ORGAN),
    "a round": (at(NO_ROUND), (401, 404, 404, 404, 404, 403)),
    "its notice": (at(f"{NO_ROUND}/notice"), (404,) * 6),
    **{
        f"its {what}": (at(f"{NO_ROUND}/{what}"), (401, 404, 403, 404, 403, 403))
        for what in ("applications", "ranking", "late-facts", "decisions")
    },
    **{
        f"an act: {what}": (sent(f"{NO_ROUND}/{what}", {"no": 1}), BY_ORGAN)
        for what in (
            *("extension", "places", "closing", "lock", "seed", "publication", "notice", "offers", "cancellation"),
            *("applications/A-1/reviews", "applications/A-1/transfer"),
        )
    },
    **{
        f"an act of an applicant: {what}": (sent(f"{NO_ROUND}/{what}", {"no": 1}), BY_APPLICANT)
        for what in ("applications", *(f"applications/A-1/{x}" for x in ("withdrawal", "supplements", "answer")))
    },
    **{
        f"a benefit: {what}": (sent(f"{NO_BENEFIT}/{what}", {"no": 1}), BY_ORGAN)
        for what in ("start", "rechecks", "payments", "failures", "stop", "recoveries")
    },
    "its candidates": (about_round(f"{NO_ROUND}/candidates"), (401, 404, 403, 404, 403, 403)),
    "an application": (about_round(f"{NO_ROUND}/applications/A-1"), (401, 404, 404, 404, 403, 403)),
    "a benefit": (about_round(NO_BENEFIT), (401, 404, 404, 404, 403, 403)),
    "a decision": (about_round(NO_DECISION), (401, 404, 404, 404, 403, 403)),
    "a decision replayed": (at(f"{NO_DECISION}/replay"), (401, 403, 403, 404, 403, 403)),
    "a decision settled": (sent(f"{NO_DECISION}/settlement", {"no": 1}), BY_ORGAN),
    **{
        f"{whose} {noun}": (about(noun, whose), expected)
        for noun in ("eligibility", "recognition", "reminders")
        for whose, expected in (("own", (401, 403, 200, 200, 403, 403)), ("other", (401, 403, 404, 200, 403, 403)))
    },
    "who meets a programme, counted": (
        at("/v1/programmes/cx.none/eligible/counts"),
        (401, 404, 403, 404, 404, 403),
    ),
    "the feed of reminders": (about_round("/v1/reminders"), (401, 200, 403, 403, 403, 403)),
    "a year opened": (sent("/v1/assessments"), BY_ASSESSOR),
    "a year": (at(NO_YEAR), (401, 404, 403, 404, 403, 403)),
    "a year joined": (sent(f"{NO_YEAR}/participations", {"no": 1}), BY_APPLICANT),
    "a claim": (sent(f"{NO_YEAR}/claims", {"no": 1}), BY_APPLICANT),
    **{f"{whose} year": (year_of(whose), (401, 404, 404, 404, 403, 403)) for whose in ("own", "other")},
    "a claim answered": (sent(f"{NO_YEAR}/residents/{uuid4()}/claims/C-1/answer"), BY_ASSESSOR),
    "a score certified": (sent(f"{NO_YEAR}/residents/{uuid4()}/certificate", {"no": 1}), BY_ASSESSOR),
    "fraud found": (sent("/v1/frauds"), BY_OFFICER),
    "own move, tried": (about("move-trial?to=330203", "own"), (401, 403, 404, 404, 403, 403)),
    "another's move, tried": (about("move-trial?to=330203", "other"), (401, 403, 404, 404, 403, 403)),
}
DISPUTE = "disputes/D-1"
BY_RESIDENT = (*("disputes", "reviews"), *(f"{DISPUTE}/{act}" for act in ("evidence", "withdrawal")))
BY_RULERS = (
    *(f"{DISPUTE}/{act}" for act in ("acceptance", "refusal", "checks", "ruling", "service", "escalation")),
    *(f"{DISPUTE}/remedies", f"reviews/{'0' * 64}"),
)
DISPUTES = {
    "own disputes": (about("disputes", "own"), (401, 200, 200, 200, 403, 403, 200)),
    "another's disputes": (about("disputes", "other"), (401, 200, 404, 200, 403, 403, 200)),
    "nobody's disputes": (about("disputes", "nobody"), (401, 404, 404, 404, 403, 403, 404)),
    "no dispute of one's own": (about(DISPUTE, "own"), (401, 404, 404, 404, 403, 403, 404)),
    "another's dispute": (about(DISPUTE, "other"), (401, 404, 404, 404, 403, 403, 404)),
    "no act's receipt": (about(f"{DISPUTE}/receipts/1", "own"), (401, 404, 404, 404, 403, 403, 404)),
    "another's act's receipt": (about(f"{DISPUTE}/receipts/1", "other"), (401, 404, 404, 404, 403, 403, 404)),
    "no dispute supposed": (about(f"{DISPUTE}/preview", "own"), (401, 403, 404, 404, 403, 403, 404)),
    "another's dispute supposed": (about(f"{DISPUTE}/preview", "other"), (401, 403, 404, 404, 403, 403, 404)),
    **{f"own, {act}": (acted(act, "own"), (401, 403, 422, 403, 403, 403, 422)) for act in BY_RESIDENT},
    **{f"another's, {act}": (acted(act, "other"), (401, 403, 404, 403, 403, 403, 422)) for act in BY_RESIDENT},
    **{f"own, ruled, {act}": (acted(act, "own"), (401, 403, 403, 403, 403, 403, 422)) for act in BY_RULERS},
    "a source check answered": (acted(f"{DISPUTE}/answers", "own"), (401, 422, 403, 403, 403, 403, 403)),
}
REQUEST = "requests/R-1"
REQUESTS = {
    "own requests": (about("requests", "own"), (401, 403, 200, 200, 403, 403, 200)),
    "another's requests": (about("requests", "other"), (401, 403, 404, 200, 403, 403, 200)),
    "nobody's requests": (about("requests", "nobody"), (401, 403, 404, 404, 403, 403, 404)),
    "no request of one's own": (about(REQUEST, "own"), (401, 403, 404, 404, 403, 403, 404)),
    "another's request": (about(REQUEST, "other"), (401, 403, 404, 404, 403, 403, 404)),
    "no copy of one's own": (about(f"{REQUEST}/copy", "own"), (401, 403, 409, 403, 403, 403, 403)),
    "another's copy": (about(f"{REQUEST}/copy", "other"), (401, 403, 404, 403, 403, 403, 403)),
    **{
        f"own, {act}": (acted(act, "own"), (401, 403, 422, 403, 403, 403, 422))
        for act in ("requests", f"{REQUEST}/withdrawal")
    },
    **{
        f"another's, {act}": (acted(act, "other"), (401, 403, 404, 403, 403, 403, 422))
        for act in ("requests", f"{REQUEST}/withdrawal")
    },
    **{
        f"own, decided, {act}": (acted(act, "own"), (401, 403, 403, 403, 403, 403, 422))
        for act in (f"{REQUEST}/answer", f"{REQUEST}/refusal")
    },
}
PAPER = "statements/S-AAAAAAAAAAAAA"
SHOWN = {
    **{
        f"{whose} {noun}": (acted(noun, whose), (401, 403, status, 403, 403, 403))
        for noun in ("statements", "authorisations")
        for whose, status in (("own", 422), ("other", 404))
    },
    **{
        f"{whose} statement, printed": (about(PAPER, whose), (401, 403, 404, 403, 403, 403))
        for whose in ("own", "other")
    },
    "a statement checked": (at(f"/v1/{PAPER}"), (404,) * 6),
    "an answer": (sent("/v1/answers", {"no": 1}), (422,) * 6),
}
COLUMNS = ("nobody", "organ", "resident", "auditor", "policy", "operator", "officer")
DUTY = {
    "batches": 200,
    "a batch of nobody's": 404,
    "an undoing, looked at": 404,
    "asking for an undoing": 404,
    "approving an undoing": 404,
    "agreements": 200,
    "agreeing": 200,
    "ending an agreement": 422,
    **{name: told[-1] for name, (_, told) in (DISPUTES | REQUESTS).items()},
    "a year opened": 422,
    "a claim answered": 422,
    "a score certified": 422,
    "fraud found": 422,
}
"""What an officer gets; of all else what an operator gets."""
MATRIX = {
    "append an event": (appended, (401, {200, 201}, 403, 403, 403, 403)),
    "append a batch": (batch, (401, 200, 403, 403, 403, 403)),
    "a receipt of one's own": (at(KNOWN), (401, 200, 403, 403, 403, 403)),
    "a proof of nobody's": (at("/v1/receipts/proof?source=/tests&id=nothing"), (401, 404, 403, 403, 403, 403)),
    "a receipt of nobody's": (at("/v1/receipts?source=/tests&id=nothing"), (401, 404, 403, 403, 403, 403)),
    "batches": (at("/v1/batches"), (401, 200, 403, 200, 403, 403)),
    "a batch of nobody's": (at(f"/v1/batches/{uuid4()}"), (401, 404, 403, 404, 403, 403)),
    "own score": (about("score?place=330212", "own"), (401, 403, 200, 200, 403, 403)),
    "another's score": (about("score?place=330212", "other"), (401, 403, 404, 200, 403, 403)),
    "nobody's score": (about("score?place=330212", "nobody"), (401, 403, 404, 404, 403, 403)),
    "own explanation": (about("explanation?place=330212", "own"), (401, 403, 200, 200, 403, 403)),
    "another's explanation": (about("explanation?place=330212", "other"), (401, 403, 404, 200, 403, 403)),
    "own history": (about("history", "own"), (401, 403, 200, 200, 403, 403)),
    "another's history": (about("history", "other"), (401, 403, 404, 200, 403, 403)),
    "another's history, further": (about("history?after=1&limit=1", "other"), (401, 403, 404, 200, 403, 403)),
    "nobody's history": (about("history", "nobody"), (401, 403, 404, 404, 403, 403)),
    "own trace": (about("trace?place=330212", "own"), (401, 403, 200, 200, 403, 403)),
    "another's trace": (about("trace?place=330212", "other"), (401, 403, 404, 200, 403, 403)),
    "nobody's trace": (about("trace?place=330212", "nobody"), (401, 403, 404, 404, 403, 403)),
    "a sample": (at("/v1/audit/sample?seed=x"), (401, 403, 403, 200, 403, 403)),
    "what is out of the ordinary": (at("/v1/audit/anomalies"), (401, 403, 403, 200, 403, 403)),
    "a look's receipt, one's own": (about("readers/999/receipt", "own"), (401, 403, 404, 404, 403, 403)),
    "a look's receipt, another's": (about("readers/1/receipt", "other"), (401, 403, 404, 404, 403, 403)),
    "who looked at one's own": (about("readers", "own"), (401, 403, 200, 200, 403, 403)),
    "who looked at another's": (about("readers", "other"), (401, 403, 404, 200, 403, 403)),
    "rulebooks": (at("/v1/rulebooks?place=330212"), (401, 200, 200, 200, 200, 403)),
    "a rulebook": (at("/v1/rulebooks/zj.common/no"), (401, 404, 404, 404, 404, 403)),
    **OFFICE,
    **SHOWN,
    **{name: (ask, told[:-1]) for name, (ask, told) in (DISPUTES | REQUESTS).items()},
    "an undoing, looked at": (at(f"/v1/batches/{uuid4()}/undoing"), (401, 404, 403, 404, 403, 403)),
    "asking for an undoing": (sent(f"/v1/batches/{uuid4()}/undoing", {"reason": "revoked"}), BY_OFFICER),
    "approving an undoing": (sent(f"/v1/batches/{uuid4()}/undoing/approval"), BY_OFFICER),
    "agreements": (at("/v1/feeds"), (401, 200, 403, 200, 403, 403)),
    "agreeing": (sent("/v1/feeds", FEED), BY_OFFICER),
    "ending an agreement": (sent("/v1/feeds/end", FEED), BY_OFFICER),
    "kinds": (at("/v1/kinds"), (401, 200, 200, 200, 200, 403)),
    "a kind": (at("/v1/kinds/attested.v1/schema"), (401, 200, 200, 200, 200, 403)),
    "a head of the log": (at("/log/checkpoint"), tuple([{200, 404}] * 6)),
    "a tile of the log": (at("/log/tile/9/000"), (404,) * 6),
    "a head of the log of reads": (at("/log/reads/checkpoint"), tuple([{200, 404}] * 6)),
    "a tile of the log of reads": (at("/log/reads/tile/9/000"), (404,) * 6),
    "alive": (at("/livez"), (200, 200, 200, 200, 200, 200)),
    "ready": (at("/readyz"), (200, 200, 200, 200, 200, 200)),
    "the description": (at("/openapi.json"), (200, 200, 200, 200, 200, 200)),
}


@pytest.mark.parametrize("operation", MATRIX)
def test_every_role_gets_what_the_table_says(home: House, subjects: dict[str, str], operation: str) -> None:
    ask, told = MATRIX[operation]
    wanted = (*told, DUTY.get(operation, told[-1]))
    got = [ask(home, actor_of(role, subjects), subjects).status_code for role in COLUMNS]

    assert [
        status in expected if isinstance(expected, set) else status == expected
        for status, expected in zip(got, wanted, strict=True)
    ] == [True] * len(COLUMNS), got


def test_the_table_has_every_address(home: House) -> None:
    asked = {route.path.replace(":path}", "}") for noun in NOUNS for route in noun.router.routes}
    described = set(home.get("/openapi.json").json()["paths"])

    assert (described, len(MATRIX) >= len(described)) == (asked, True)


def test_every_operation_is_somebodys_and_an_operators_is_none() -> None:
    assert set(MAY) == set(Operation)
    assert not [operation for operation, roles in MAY.items() if Role.OPERATOR in roles]


def test_only_organs_write() -> None:
    assert MAY[Operation.APPEND] == {Role.ORGAN}


def test_what_is_refused_stores_nothing(home: House, subjects: dict[str, str]) -> None:
    before = home.entries()
    for role in ("nobody", "resident", "auditor", "policy", "operator"):
        appended(home, actor_of(role, subjects), subjects)

    assert home.entries() == before


def answered(response: httpx.Response) -> tuple[int, dict[str, str], set[str]]:
    """Give what can be told of an answer, but for the number of the request."""
    body = response.json()
    body.pop("instance")
    return response.status_code, body, set(response.headers) - {"date", "request-id"}


@pytest.mark.parametrize("noun", ["score", "explanation", "history", "trace", "readers"])
def test_another_residents_record_and_nobodys_are_answered_alike(
    home: House, subjects: dict[str, str], noun: str
) -> None:
    actor = actor_of("resident", subjects)
    other, nobody = (home.get(f"/v1/residents/{subjects[whom]}/{noun}", actor) for whom in ("other", "nobody"))

    assert answered(other) == answered(nobody)


def test_for_another_residents_record_nothing_is_looked_up_so_that_no_time_tells(
    home: House, subjects: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def looked_up(*_: object) -> None:
        raise AssertionError

    for place in (
        "api.answering.Answering.ask",
        "api.answering.Answering.wait",
        "ledger.history.Reads.note",
        "ledger.history.Reads.history",
        "ledger.history.Reads.of",
        "ledger.recorder.EntryRecorder.select_events",
    ):
        monkeypatch.setattr(place, looked_up)
    nouns = ("score?place=330212", "score?wait=1", "explanation", "history", "readers")
    told = [home.get(f"/v1/residents/{subjects['other']}/{noun}", actor_of("resident", subjects)) for noun in nouns]

    assert [one.status_code for one in told] == [404] * len(nouns)
    assert home.get(f"/v1/residents/{subjects['own']}/history", actor_of("resident", subjects)).status_code == 500


def test_staff_who_do_not_say_why_read_nothing(home: House, subjects: dict[str, str]) -> None:
    said = [{}, *({"Reading-Purpose": text} for text in ("", "%00", "%ff", "x" * 201, f"about {number(900)}"))]
    told = [
        home.get(f"/v1/residents/{subjects['own']}/{noun}", "auditor", purpose).json()["code"]
        for purpose in said
        for noun in ("score", "explanation", "history", "readers")
    ]

    assert set(told) == {"purpose-missing"}


def test_every_reading_by_staff_is_written_down_for_the_person(home: House) -> None:
    subject = str(home.subject(person(902)))
    home.catch_up()
    for noun in ("score?place=330212", "explanation?place=330212", "history"):
        home.get(f"/v1/residents/{subject}/{noun}", "auditor:a-17")
    told = home.get(f"/v1/residents/{subject}/readers", f"resident:{subject}").json()["readings"]

    assert [(one["reader"], one["purpose"]) for one in told] == [("auditor:a-17", "audit")] * 3


def test_a_person_reading_for_themselves_is_not_written_down(home: House) -> None:
    subject = str(home.subject(person(903)))
    home.get(f"/v1/residents/{subject}/history", f"resident:{subject}")

    assert home.get(f"/v1/residents/{subject}/readers", f"resident:{subject}").json()["readings"] == []


def test_staff_are_not_given_who_somebody_is(home: House, subjects: dict[str, str]) -> None:
    told = home.get(f"/v1/residents/{subjects['own']}/history", "auditor")
    [minted] = [entry for entry in told.json()["entries"] if entry["kind"] == "identity-minted.v1"]

    assert (minted["withheld"], minted["fact"]["born_on"]) == (["document_number", "name"], "1985-03-14")
    assert WHO["document_number"] not in told.text
    assert WHO["name"] not in told.text


def test_an_organs_stream_is_nobodys_history(home: House) -> None:
    stream = named(Stream.ORGAN, HRSS)

    assert home.desk.ledger.history(stream)
    assert home.get(f"/v1/residents/{stream}/history", "auditor").status_code == 404


def test_two_tokens_are_no_token(home: House) -> None:
    token = home.headers("auditor")["Authorization"]
    told = home.client.get("/v1/kinds", headers=[("Authorization", token), ("Authorization", token)])

    assert (told.status_code, told.headers["www-authenticate"]) == (401, 'Bearer realm="points-ledger"')

"""What cannot be taken is refused by name, stores nothing, and nothing personal is in any answer or log."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlparse

import pytest

from api import guard
from api.guard import BATCH_BYTES_MAX, BODY_BYTES_MAX
from tests.api.canary import CANARIES, CANARY, NAME, NUMBER, PAYER, is_a_problem, sent
from tests.api.house import BATCH, HRSS, STRUCTURED, House, event, month, person

pytestmark = pytest.mark.usefixtures("said")
WHOLE = json.dumps(month("bad", CANARY, payer=PAYER))
BODIES: dict[str, tuple[bytes, str, int, str]] = {
    "nothing": (b"", STRUCTURED, 400, "not-json"),
    "half": (WHOLE.encode()[:-20], STRUCTURED, 400, "not-json"),
    "two": ((WHOLE + WHOLE).encode(), STRUCTURED, 400, "not-json"),
    "UTF-16": (WHOLE.encode("utf-16"), STRUCTURED, 400, "not-json"),
    "GB18030": (
        json.dumps(month("bad", CANARY), ensure_ascii=False).encode("gb18030"),
        STRUCTURED,
        400,
        "not-json",
    ),
    "a BOM": (b"\xef\xbb\xbf" + WHOLE.encode(), STRUCTURED, 400, "not-json"),
    "a key twice": (WHOLE.replace('"id"', '"id": "x", "id"', 1).encode(), STRUCTURED, 400, "duplicate-key"),
    "NaN": (WHOLE.replace('"2025-03"', "NaN").encode(), STRUCTURED, 400, "number-not-finite"),
    "1e400": (WHOLE.replace('"2025-03"', "1e400").encode(), STRUCTURED, 400, "number-not-finite"),
    "2^63": (WHOLE.replace('"2025-03"', str(2**63)).encode(), STRUCTURED, 400, "number-too-large"),
    "-2^63": (WHOLE.replace('"2025-03"', str(-(2**63))).encode(), STRUCTURED, 422, "event-invalid"),
    "NUL": (WHOLE.replace("2025-03", "\\u0000").encode(), STRUCTURED, 400, "characters-not-allowed"),
    "a lone surrogate": (WHOLE.replace("2025-03", "\\ud800").encode(), STRUCTURED, 400, "characters-not-allowed"),
    "deep": (b"[" * 50_000, STRUCTURED, 400, "nested-too-deep"),
    "a deep field": (WHOLE.replace('"2025-03"', "[" * 12 + "]" * 12).encode(), STRUCTURED, 400, "nested-too-deep"),
    "a list": (f"[{WHOLE}]".encode(), STRUCTURED, 422, "event-invalid"),
    "a text": (json.dumps(NUMBER).encode(), STRUCTURED, 422, "event-invalid"),
    "an object as a batch": (WHOLE.encode(), BATCH, 400, "not-json"),
    "too many": (b"[" + b"1," * 10_000 + b"1]", BATCH, 413, "body-too-large"),
    "too large": (b'"' + b"x" * BODY_BYTES_MAX + b'"', STRUCTURED, 413, "body-too-large"),
    "too large a batch": (b'["' + b"x" * BATCH_BYTES_MAX + b'"]', BATCH, 413, "body-too-large"),
    "plain JSON": (WHOLE.encode(), "application/json", 415, "media-type-unknown"),
    "a form": (b"id=1", "application/x-www-form-urlencoded", 415, "media-type-unknown"),
    "XML": (b"<a/>", "application/xml", 415, "media-type-unknown"),
    "no kind": (WHOLE.encode(), "", 415, "media-type-unknown"),
    "a name of wide digits": (
        WHOLE.replace('"2025-03"', '"２０２５-１３"').encode(),
        STRUCTURED,
        422,
        "event-invalid",
    ),
    "year 0001": (WHOLE.replace("2025-03", "0001-01").encode(), STRUCTURED, 422, "event-invalid"),
    "year 9999": (WHOLE.replace("2025-03", "9999-12").encode(), STRUCTURED, 422, "event-invalid"),
    "bidi": (WHOLE.replace("2025-03", "2025\\u202e-03").encode(), STRUCTURED, 422, "event-invalid"),
    "an unknown field with a number for its name": (
        WHOLE.replace('"month"', f'"{NUMBER}"').encode(),
        STRUCTURED,
        422,
        "event-invalid",
    ),
    "an unknown field with a number for its name, and what cannot be seen for its value": (
        WHOLE.replace('"month"', f'"{NUMBER}": "\\u001f", "month"').encode(),
        STRUCTURED,
        422,
        "event-invalid",
    ),
    "an unknown field with somebody's name for its name, and what cannot be seen for its value": (
        WHOLE.replace('"month"', f'"{NAME}": "\\u001f", "month"').encode(),
        STRUCTURED,
        422,
        "event-invalid",
    ),
    "a number in an open field": (WHOLE.replace("2025-03", NUMBER).encode(), STRUCTURED, 422, "event-invalid"),
    "a number for an id": (WHOLE.replace('"bad"', f'"{NUMBER}"').encode(), STRUCTURED, 422, "event-invalid"),
    "a name for a kind": (
        WHOLE.replace("insurance-month-paid.v1", "金丝雀").encode(),
        STRUCTURED,
        422,
        "event-invalid",
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_cannot_be_taken_is_refused_by_name_and_stores_nothing(home: House, name: str) -> None:
    body, kind, status, code = BODIES[name]
    before = home.entries()
    told = sent(home, body, kind)

    assert (told.status_code, told.json()["code"], home.entries()) == (status, code, before)
    is_a_problem(told)


def test_a_body_announced_too_large_is_refused_before_it_is_sent(home: House) -> None:
    """A client that waits for leave to send is told at once."""
    with socket.create_connection(address(home), timeout=5) as wire:
        token = home.headers(f"organ:{HRSS}")["Authorization"]
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: {STRUCTURED}\r\n"
        wire.sendall(f"{head}Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n".encode())

        assert wire.recv(64).startswith(b"HTTP/1.1 413")


def test_a_body_without_a_length_is_counted_as_it_comes(home: House) -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 65_536

    told = home.client.post(
        "/v1/events", content=parts(), headers={**home.headers(f"organ:{HRSS}"), "Content-Type": STRUCTURED}
    )

    assert told.json()["code"] == "body-too-large"


def test_a_body_that_does_not_come_is_not_waited_for_long(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS_MAX", 0.2)
    with socket.create_connection(address(home), timeout=5) as wire:
        token = home.headers(f"organ:{HRSS}")["Authorization"]
        head = f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\nContent-Type: {STRUCTURED}\r\n"
        wire.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())

        assert wire.recv(64).startswith(b"HTTP/1.1 408")


def test_a_crowd_is_told_to_come_again(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "REQUESTS_MAX", 0)
    told = home.get("/livez")

    assert (told.status_code, told.json()["code"]) == (503, "overloaded")
    is_a_problem(told)


def address(home: House) -> tuple[str, int]:
    parsed = urlparse(home.url)
    return str(parsed.hostname), parsed.port or 0


PATHS: dict[str, tuple[str, int]] = {
    "no such address": (f"/v1/{NUMBER}", 404),
    "a trailing slash": ("/v1/kinds/", 404),
    "up and away": ("/v1/../../etc/passwd", 404),
    "NUL in the path": ("/v1/kinds/%00/schema", 404),
    "bytes in the path": ("/v1/kinds/%ff%fe/schema", 404),
    "a number for a subject": (f"/v1/residents/{NUMBER}/score", 404),
    "no subject": ("/v1/residents//score", 404),
    "a long subject": (f"/v1/residents/{'a' * 3000}/score", 404),
    "an unknown parameter": (f"/v1/kinds?{NUMBER}={NAME}", 400),
    "a parameter twice": ("/v1/rulebooks?place=330212&place=330282", 400),
    "no limit": ("/v1/residents/{subject}/history?limit=", 422),
    "a negative limit": ("/v1/residents/{subject}/history?limit=-1", 422),
    "a limit of 2^63": (f"/v1/residents/{{subject}}/history?limit={2**63}", 422),
    "a limit of many digits": (f"/v1/residents/{{subject}}/history?limit={'9' * 5000}", 422),
    "a limit in words": (f"/v1/residents/{{subject}}/history?limit={NUMBER}x", 422),
    "a cursor of 2^63": (f"/v1/residents/{{subject}}/history?after={2**63}", 422),
    "a cursor before the first": (f"/v1/residents/{{subject}}/history?after={-(2**63)}", 422),
    "an unknown language": (f"/v1/kinds?lang={NUMBER}", 422),
    "a place that is none": (f"/v1/rulebooks?place={NUMBER}", 400),
    "a day that is none": (f"/v1/rulebooks?place=330212&as_of={NUMBER}", 400),
    "a receipt with NUL": ("/v1/receipts?source=%00&id=%00", 404),
    "a receipt of half a character": ("/v1/receipts?source=%ed%a0%80&id=x", 404),
    "a receipt of a long id": (f"/v1/receipts?source=x&id={'x' * 500}", 422),
    "a rulebook by a number": (f"/v1/rulebooks/{NUMBER}/{NUMBER}", 404),
    "a rulebook with NUL": ("/v1/rulebooks/%00/%00", 404),
}


@pytest.mark.parametrize("name", PATHS)
def test_an_address_that_cannot_be_read_is_refused_by_name(home: House, name: str) -> None:
    path, status = PATHS[name]
    subject = str(home.subject(CANARY))
    actor = f"organ:{HRSS}" if "receipts" in path else f"resident:{subject}"
    told = home.get(path.format(subject=subject), actor)

    assert told.status_code == status
    is_a_problem(told)


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_known_there_is_refused(home: House, method: str) -> None:
    told = home.client.request(method, "/v1/events", headers=home.headers(f"organ:{HRSS}"))

    assert (told.status_code, told.headers["allow"]) == (405, "POST")
    is_a_problem(told)


def test_a_problem_is_told_in_the_readers_language_and_in_both(home: House) -> None:
    told = {tongue: home.get(f"/v1/kinds?lang={tongue}").json() for tongue in ("zh", "en")}

    assert told["zh"]["titles"] == told["en"]["titles"]
    assert (told["zh"]["title"], told["en"]["title"]) == (told["zh"]["titles"]["zh"], told["zh"]["titles"]["en"])


def test_an_error_of_the_programs_own_says_nothing_of_what_it_met(
    home: House, monkeypatch: pytest.MonkeyPatch, said: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ValueError(f"{NUMBER} {NAME}")

    monkeypatch.setattr("api.intake.Intake.take", fails)
    told = home.post(month("fails", CANARY))
    noted = [record.getMessage() for record in said.records if record.levelno == logging.ERROR]

    assert (told.status_code, told.json()["code"], "ValueError" in noted[0]) == (500, "unexpected", True)
    assert told.headers["request-id"] in noted[0]


def test_what_the_database_says_is_not_passed_on(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        with home.desk.database.connect() as admin:
            admin.execute("SELECT 1/0 AS failed, %s::text", [NUMBER])

    monkeypatch.setattr("api.intake.Intake.take", fails)
    told = home.post(month("fails", CANARY))

    assert told.status_code == 500
    is_a_problem(told)


def test_the_fixture_sees_what_would_be_logged(said: pytest.LogCaptureFixture) -> None:
    logging.getLogger("points.http").info("something")

    assert [record.getMessage() for record in said.get_records("call")] == ["something"]


def test_the_log_of_requests_names_routes_and_no_subject(home: House, said: pytest.LogCaptureFixture) -> None:
    subject = str(home.subject(CANARY))
    said.clear()
    home.get(f"/v1/residents/{subject}/history", f"resident:{subject}")
    until = time.monotonic() + 2
    while (
        not (
            logged := [told for r in said.records if r.name == "points.http" and "GET" in (told := r.getMessage())]
        )
        and time.monotonic() < until
    ):
        time.sleep(0.01)

    assert "/v1/residents/{subject}/history 200" in logged[0]
    assert subject not in logged[0]


def test_the_canary_is_in_the_ledger_and_only_sealed(home: House) -> None:
    home.post([month("canary", CANARY, payer=PAYER), event("canary-2", "blood-donated.v1", {"person": CANARY})])
    subject = home.subject(CANARY)
    own = home.get(f"/v1/residents/{subject}/history", f"resident:{subject}").text
    staff = home.get(f"/v1/residents/{subject}/history", "auditor").text

    assert (NUMBER in own, NAME in own, PAYER in own) == (True, True, True)
    assert not [canary for canary in CANARIES if canary in staff]


def test_somebody_else_is_somebody_else(home: House) -> None:
    assert home.subject(CANARY) != home.subject(person(778))

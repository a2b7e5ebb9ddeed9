"""Somebody whose name and number must turn up nowhere: planted, and looked for."""

from urllib.parse import quote

import httpx

from api.problems import MEDIA_TYPE, TYPE
from tests.api.house import HRSS, STRUCTURED, House, number

NUMBER, NAME, PAYER = number(777, "19770707"), "某某金丝雀", "金丝雀有限公司"
CANARIES = (NUMBER, NAME, PAYER, quote(NAME), NUMBER[:17], "金丝雀")
CANARY = {"document_type": "resident-card", "document_number": NUMBER, "name": NAME}


def is_a_problem(told: httpx.Response) -> None:
    """Check what holds of every refusal."""
    body = told.json()
    assert told.headers["content-type"] == MEDIA_TYPE
    assert (body["status"], body["type"]) == (told.status_code, TYPE + body["code"])
    assert body["title"]
    assert body["instance"] == f"urn:uuid:{told.headers['request-id']}"
    assert (told.status_code == 503) == ("retry-after" in told.headers)
    whole = told.text + str(told.headers)
    assert not [canary for canary in CANARIES if canary in whole]


def sent(home: House, body: bytes, kind: str = STRUCTURED, actor: str | None = f"organ:{HRSS}") -> httpx.Response:
    return home.client.post("/v1/events", content=body, headers={**home.headers(actor), "Content-Type": kind})

"""A ledger behind a real uvicorn on loopback: what the tests of the door stand on."""

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import uvicorn
from eventsourcing.persistence import JSONTranscoder
from fastapi import APIRouter

from api.app import create_app
from api.auth import Actor, DevelopmentIssuer
from api.cli.serving import config
from api.door import Door, opened
from domain.facts import BatchCommitted, IdentitiesMerged, OrganGranted, Stream
from domain.identifiers import resident_check_character
from domain.retention import NOTHING_KEPT
from domain.rulebook import Document
from ledger.database import Database, Role
from ledger.entry import Entry, Hand, Request
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.mapper import EntryMapper
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found, runner_keys
from ledger.rulebooks import read_documents
from ledger.streams import named
from ledger.vault.erasure import content_of_destroying
from projections.reading import Opener
from projections.standing import catch_up, maker

TODAY = date(2026, 1, 15)
HRSS, POLICE = "nb-hrss", "police-yinzhou"
TABLE = Path(__file__).parent.parent.parent / "rulebooks" / "330000" / "2023-07-26.yaml"
PURPOSE = {"Reading-Purpose": quote("审计抽查 2026-1")}
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def number(sequence: int, born: str = "19850314") -> str:
    """Make a document number that passes GB 11643 and belongs to nobody."""
    body = f"100000{born}{sequence:03d}"
    return body + resident_check_character(body)


class House:
    """One ledger, its door, its address."""

    def __init__(self, desk: Desk, door: Door, issuer: DevelopmentIssuer, url: str, key_file: Path) -> None:
        self.desk = desk
        self.door = door
        self.issuer = issuer
        self.url = url
        self._key_file = key_file
        self.client = httpx.Client(base_url=url, timeout=20.0)

    def headers(self, actor: str | None, person: str | None = None) -> dict[str, str]:
        """Give the headers of somebody who asks; `person`: whose account the token says it is."""
        if actor is None:
            return {}
        named = replace(Actor.read(actor), person=person)
        token = self.issuer.token(named, datetime.now(UTC), timedelta(hours=1))  # noqa: TID251 - as a client
        return {"Authorization": f"Bearer {token}"}

    def get(self, path: str, actor: str | None = None, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Ask as somebody; an auditor says why unless told otherwise."""
        said = PURPOSE if actor is not None and actor.startswith("auditor") and headers is None else headers or {}
        return self.client.get(path, headers={**self.headers(actor), **said})

    def post(self, event: Any, actor: str | None = f"organ:{HRSS}", **headers: str) -> httpx.Response:
        """Send one event, or a list of them as a batch."""
        kind = BATCH if isinstance(event, list) else STRUCTURED
        return self.client.post(
            "/v1/events", json=event, headers={**self.headers(actor), "Content-Type": kind, **headers}
        )

    def ask(
        self, path: str, body: Any, actor: str | None, kind: str = "application/json", person: str | None = None
    ) -> httpx.Response:
        """Send an object as somebody on duty."""
        headers = {**self.headers(actor, person), "Content-Type": kind}
        return self.client.post(path, content=json.dumps(body).encode(), headers=headers)

    def grant(self, organ: str, kind: str, prefix: str) -> None:
        """Let an organ speak."""
        self.desk.competences.grant(_granted(organ, kind, prefix), _hand("officer:keeper"))

    def propose(self) -> Document:
        """Put the city's table forward, and leave it at that."""
        document = read_documents(TABLE.parent.parent / "330200" / "2022-04-01.yaml")[0]
        self.desk.publication.propose(document, _hand("officer:a"), "tests")
        return document

    def erase(self, subject: UUID) -> None:
        """Destroy somebody's key by two people."""
        content = content_of_destroying(self.desk.keys.suite, subject)
        self.desk.approvals.propose("destroy-key", content, _hand("officer:a"), "tests")
        self.desk.approvals.approve("destroy-key", content, _hand("officer:b"))
        self.desk.erasure.destroy_key(subject, "个人信息保护法", _hand("officer:b"), TODAY)

    def merge(self, kept: UUID, merged: UUID) -> None:
        """Say that two subjects are one person."""
        stream, request = named(Stream.FAMILY, f"{kept}/{merged}"), Request("tests", f"{kept}/{merged}", "merge")
        fact = IdentitiesMerged(kept=kept, merged=merged)
        self.desk.ledger.record(Entry(stream, _hand("officer:keeper"), request, fact))

    def batch(self) -> UUID:
        """Write the receipt of a delivery without rows."""
        counts = dict.fromkeys(("rows", "accepted", "duplicate", "conflict", "held", "invalid"), 0)
        receipt = BatchCommitted(batch_id=uuid4(), digest="5c" * 32, kind="batch-committed.v1", **counts)
        LedgerImportDesk(self.desk).commit(receipt, Hand("clerk:1", HRSS))
        return receipt.batch_id

    def delivery(self, folder: Path) -> str:
        """Import a file of three months that nobody has sent yet; give its batch."""
        file = folder / "months.csv"
        rows = "".join(f"{number(n)},居民,2019-0{n},330212,{uuid4().hex}\n" for n in (1, 2, 3))
        file.write_text(f"document_number,name,month,place,source_id\n{rows}", encoding="utf-8")
        order = ImportOrder(HRSS, "clerk:1", TODAY)
        report = run_import(LedgerImportDesk(self.desk), open_delivery(file, kind="insurance-month-paid"), order)
        return str(report.receipt.batch_id)

    def entries(self) -> int:
        """Count the entries of the ledger."""
        with self.desk.database.connect(Role.AUDITOR) as connection:
            row = connection.execute("SELECT count(*) FROM entries").fetchone()
        return int(row[0]) if row else 0

    def catch_up(self) -> None:
        """Run the projections to where the ledger is."""
        sessions, keys = runner_keys(self.desk.database, self._key_file, os.urandom)
        try:
            mapper = EntryMapper(JSONTranscoder(), keys, os.urandom)
            catch_up(maker(self.desk.database, lambda: Opener(mapper), lambda: TODAY))
        finally:
            sessions.close()

    def subject(self, person: Mapping[str, str]) -> UUID:
        """Say who somebody is, by sending a fact about them."""
        sent = self.post(month(f"who-{person['document_number'][-6:]}", person, month="2020-01"))
        assert sent.status_code in {200, 201}, sent.text
        return UUID(sent.json()["stream"])


def person(sequence: int, name: str = "居民甲〇一", born: str = "19850314") -> dict[str, str]:
    """Give somebody who is nobody."""
    return {"document_type": "resident-card", "document_number": number(sequence, born), "name": name}


_NEXT = count(1)


def fresh() -> dict[str, str]:
    """Give somebody whom no other test knows."""
    index = next(_NEXT)
    return person(index % 1000, born=f"19{60 + index // 1000}0101")


def codes(verdict: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give where and what the errors of an answer are."""
    return [(one["where"], one["code"]) for one in verdict["errors"]]


def event(event_id: str, kind: str, data: Mapping[str, Any], **attributes: Any) -> dict[str, Any]:
    """Write a CloudEvent."""
    bare = {"specversion": "1.0", "type": kind, "source": "/tests", "id": event_id, "data": dict(data)}
    return {**bare, **attributes}


def month(event_id: str, who: Mapping[str, str], **fields: Any) -> dict[str, Any]:
    """Write an event of one insured month."""
    data = {"month": "2025-03", "place": "330212", "insurance": "pension", **fields}
    return event(event_id, "insurance-month-paid.v1", {**data, "person": dict(who)})


@contextmanager
def house(database: Database, folder: Path) -> Iterator[House]:
    """Found a ledger, grant, publish the province's table, and open its door."""
    with ExitStack() as stack:
        key_file = folder / "key-encryption.key"
        found(database, key_file, "intl", "officer:keeper", os.urandom)
        desk = stack.enter_context(at_work(database, key_file, os.urandom, schedule=NOTHING_KEPT))
        for organ, kind, prefix in ((HRSS, "*", "3302"), (POLICE, "*", "330212")):
            desk.competences.grant(_granted(organ, kind, prefix), _hand("officer:keeper"))
        publish(desk, TABLE)
        issuer = DevelopmentIssuer.create(folder / "development-issuer.key", database.ledger)
        door = stack.enter_context(opened(desk, issuer.tokens, lambda: TODAY))
        url = stack.enter_context(running(door))
        home = House(desk, door, issuer, url, key_file)
        stack.callback(home.client.close)
        home.catch_up()
        yield home


@contextmanager
def running(door: Door, *others: APIRouter) -> Iterator[str]:
    """Run uvicorn in a thread, as `points serve` configures it, with other routes too; give its address."""
    app = create_app(door)
    for router in others:
        app.include_router(router)
    server = uvicorn.Server(config(app, "127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 10
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        [port] = {one.getsockname()[1] for running in server.servers for one in running.sockets}
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def publish(desk: Desk, path: Path) -> None:
    """Publish the documents of a file by two people."""
    for document in read_documents(path):
        desk.publication.propose(document, _hand("officer:a"), "tests")
        desk.publication.approve(document.rulebook.doc, document.hash, _hand("officer:b"))


def _granted(organ: str, kind: str, prefix: str) -> OrganGranted:
    return OrganGranted(
        organ=organ, fact_kind=kind, place_prefix=prefix, valid_from=date(2020, 1, 1), basis="tests"
    )


def _hand(by: str) -> Hand:
    return Hand(by, KEEPER_ORGAN, channel="tests", source_class="manual")

"""A ledger in which much was decided: residents with some facts each, a programme, decisions at several positions.

Made by the real paths: facts appended and folded, each decision decided on what was known and recorded sealed.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple
from uuid import UUID

import psycopg

from domain import facts
from domain.civil import month_text
from domain.decision import Decision
from domain.facts import Fact, Stream
from domain.programme import ProgrammeDocument
from ledger.bulk import BulkAppender
from ledger.database import Database, Role
from ledger.entry import Entry, Hand, Request, StoredEntry
from ledger.programmes import read_programmes
from ledger.rulebooks import read_documents
from ledger.streams import named
from projections.cases import Asked, Cases, Snapshot
from projections.schemas import Schemas
from tests.domain.given import CIXI, HOUSE
from tests.projections.given import ORGAN, GivenLedger, subject

LOAN = HOUSE / "programmes" / CIXI / "2020-01-01.loan.yaml"
TABLES = (HOUSE / "rulebooks" / "330000" / "2023-07-26.yaml", HOUSE / "rulebooks" / CIXI / "2022-04-01.yaml")
MONTHS = 12
FIRST_DAY = 10
DAYS = 15
"""Days of March 2026 on which applications are filed, so that what is read differs."""
PART = 500
HAND = Hand(recorded_by="officer:loan", organ=ORGAN)


class Slice(NamedTuple):
    """Decisions [first, last) of a ledger, made on what was known at a position."""

    first: int
    last: int
    as_at: int
    residents: int


def lives(numbers: Iterable[int]) -> Iterator[tuple[UUID, Fact]]:
    """Tell of residents: birth, registration, permit, work, and as many insured months as each number says."""
    for number in numbers:
        who = subject(number)
        yield who, facts.ParticularsCorrected(born_on=date(1970 + number % 30, 1, 1 + number % 28))
        yield who, facts.ResidenceRegistered(registered_on=date(2015 + number % 8, 3, 1), place=CIXI, spell="R1")
        yield who, facts.PermitIssued(on=date(2025, 9, 1 + number % 28), place=CIXI, permit="P1")
        yield who, facts.EmploymentStarted(started_on=date(2020, 1, 1), place=CIXI, spell="E1")
        for month in range(number % (MONTHS + 1)):
            yield who, facts.InsuranceMonthPaid(month=month_text(2025 * 12 + month), place=CIXI)


def settle_down(ledger: GivenLedger, residents: int) -> None:
    """Append residents, publish the tables and the programme, and fold everything."""
    bulk = BulkAppender(ledger.application.entry_factory.ledger_datastore)
    for _ in bulk.append(ledger.stored(who, fact) for who, fact in lives(range(residents))):
        pass
    ledger.publish(*(document for path in TABLES for document in read_documents(path)))
    [document] = read_programmes(LOAN)
    doc, content = document.programme.doc, document.hash
    ledger.append(
        named(Stream.PROGRAMME, doc),
        facts.ProgrammeProposed(doc=doc, content=content, document=document.tree),
        facts.ProgrammeApproved(doc=doc, content=content, approval=content),
        facts.ProgrammePublished(doc=doc, content=content, effective_from=document.programme.effective.from_),
    )
    fold(ledger)


def fold(ledger: GivenLedger) -> None:
    """Bring what decisions read to where the ledger is; nobody asks for scores here."""
    with ledger.connect() as connection:
        for projection in ledger.projections(ledger.schemas, ledger.plan_from):
            if projection.name != "scores":
                ledger.runner(projection, connection).catch_up()


@contextmanager
def open_cases(url: str) -> Iterator[Cases]:
    """Open what decisions read, in whichever process: keys are made of subjects' ids here."""
    ledger = GivenLedger(Database(url, embedded=True))
    try:
        with ledger.database.connect(Role.RUNNER) as connection:
            yield cases_of(ledger, connection)
    finally:
        ledger.close()


def cases_of(ledger: GivenLedger, connection: psycopg.Connection) -> Cases:
    """Give what decisions read, on a connection."""
    return Cases(connection, Schemas.of(ledger.database), ledger.opener)


def decide_slice(url: str, wanted: Slice) -> int:
    """Make and record decisions; give how many."""
    ledger = GivenLedger(Database(url, embedded=True))
    [document] = read_programmes(LOAN)
    bulk = BulkAppender(ledger.application.entry_factory.ledger_datastore)
    with ledger.database.connect(Role.RUNNER) as connection:
        cases = cases_of(ledger, connection)
        for first in range(wanted.first, wanted.last, PART):
            part = range(first, min(first + PART, wanted.last))
            with cases.at(wanted.as_at) as snapshot:
                stored = list(_stored(ledger, snapshot, document, part, wanted))
            for _ in bulk.append(iter(stored)):
                pass
    ledger.close()
    return wanted.last - wanted.first


def _stored(
    ledger: GivenLedger, snapshot: Snapshot, document: ProgrammeDocument, part: Sequence[int], wanted: Slice
) -> Iterator[StoredEntry]:
    asked = [
        Asked(
            subject=subject(number % wanted.residents),
            place=CIXI,
            applied_on=date(2026, 3, FIRST_DAY + number % DAYS),
            application=f"L-{number}",
        )
        for number in part
    ]
    for one, (_, decision) in zip(asked, snapshot.decided(document, asked), strict=True):
        request = Request("decided", f"{decision.hash}/{one.application}", "decision-made", str(one.subject))
        yield ledger.mapper.to_stored_event(Entry(one.subject, HAND, request, _fact(decision, one)))


def _fact(decision: Decision, one: Asked) -> facts.DecisionMade:
    record = decision.record
    return facts.DecisionMade(
        decision=decision.hash,
        programme="loan",
        doc=record["programme"]["doc"],
        content=record["programme"]["hash"],
        place=CIXI,
        application=one.application,
        as_of=date.fromisoformat(record["as_of"]),
        as_at=int(record["as_at"]),
        leaf="0" * 64,
        rulebooks=record["rulebooks"],
        engine=record["engine"],
        decided_on=date(2026, 4, 1),
        record=dict(record),
    )

"""A ledger for the tests of projections: the real application, over a vault in memory."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from domain import facts
from domain.facts import (
    EntryExpunged,
    Fact,
    FeedDelivered,
    ProgrammeApproved,
    ProgrammeProposed,
    ProgrammePublished,
    Ref,
    RulebookApproved,
    RulebookProposed,
    RulebookPublished,
    Stream,
    SubjectKeyDestroyed,
)
from domain.programme import ProgrammeDocument
from domain.rulebook.document import Document
from ledger.application import Ledger
from ledger.database import Database, Role
from ledger.entry import Entry, Hand, Receipt, Request, StoredEntry
from ledger.recorder import EntryRecorder
from ledger.streams import named
from ledger.suites import SUITES, Suite
from projections.projection import Projection
from projections.reading import Opener
from projections.rebuild import Rebuild
from projections.rebuild.layout import Layout
from projections.runner import Pace, Runner
from projections.schemas import Schemas
from projections.scores import PLAN_FROM, Scores
from projections.standing import NAMES, standing
from tests.projections.programmes import loan, rental
from tests.projections.tables import city, province

ORGAN = "test-organ"
TODAY = date(2026, 1, 1)


@dataclass
class Keys:
    """A vault in memory, with subjects' keys that can be destroyed and salts that can be expunged."""

    suite: Suite = field(default_factory=lambda: SUITES["intl"])
    ledger_key: bytes = b"l" * 32
    destroyed: set[UUID] = field(default_factory=set)
    salts: dict[bytes, bytes] = field(default_factory=dict)

    def owner_key(self, stream: UUID) -> bytes | None:
        return None if stream in self.destroyed else hashlib.sha256(b"owner" + stream.bytes).digest()

    def keep_salt(self, key: bytes, salt: bytes) -> bytes:
        return self.salts.setdefault(key, salt)

    def kept_salt(self, key: bytes) -> bytes | None:
        return self.salts.get(key)


def subject(number: int) -> UUID:
    """Give a subject for a number, spread like random ids."""
    return UUID(bytes=hashlib.sha256(b"subject%d" % number).digest()[:16], version=4)


class GivenLedger:
    """Appends facts and runs projections over them. `today` may be moved on."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.schemas = Schemas.of(database)
        self.keys = Keys()
        self.today = TODAY
        self.plan_from: int | None = PLAN_FROM
        self._drawn = 0
        self.application = Ledger(database, self.keys, self._random_bytes)
        self.mapper = self.application.entry_mapper
        self.opener = Opener(self.mapper)
        self.keys_of: dict[Ref, bytes] = {}

    def close(self) -> None:
        self.application.close()

    def append(self, stream: UUID, *facts: Fact, refers_to: Ref | None = None) -> Ref:
        """Append facts to a stream in one turn; give the reference of the last."""
        return self.append_all([(stream, fact) for fact in facts], refers_to)[-1].ref

    def append_all(self, facts: Iterable[tuple[UUID, Fact]], refers_to: Ref | None = None) -> list[Receipt]:
        """Append facts of many streams in one turn."""
        return self.append_stored([self.stored(stream, fact, refers_to) for stream, fact in facts])

    def append_stored(self, entries: Sequence[StoredEntry]) -> list[Receipt]:
        """Append ready entries, whatever is in them."""
        assert isinstance(self.application.recorder, EntryRecorder)
        receipts = self.application.recorder.append(entries)
        self.keys_of |= {receipt.ref: entry.key for receipt, entry in zip(receipts, entries, strict=True)}
        return receipts

    def stored(self, stream: UUID, fact: Fact, refers_to: Ref | None = None) -> StoredEntry:
        """Seal a fact, ready to append."""
        self._drawn += 1
        hand = Hand(recorded_by="clerk:1", organ=ORGAN, refers_to=refers_to)
        request = Request("tests", str(self._drawn), "", str(stream))
        return self.mapper.to_stored_event(Entry(stream, hand, request, fact))

    def unknown(self, stream: UUID, topic: str = "insurance-month-paid.v9") -> StoredEntry:
        """Give an entry of a newer release: its topic is not known here."""
        return replace(self.stored(stream, SubjectKeyDestroyed(approval="a" * 64, basis="none")), topic=topic)

    def publish(self, *documents: Document) -> None:
        """Propose, approve and publish rulebooks."""
        for document in documents:
            doc, content = document.rulebook.doc, document.hash
            effective = document.rulebook.effective
            self.append(
                named(Stream.RULEBOOK, doc),
                RulebookProposed(doc=doc, content=content, document=document.tree),
                RulebookApproved(doc=doc, content=content, approval=content),
                RulebookPublished(
                    doc=doc, content=content, effective_from=effective.from_, effective_to=effective.to
                ),
            )

    def offer(self, *documents: ProgrammeDocument) -> None:
        """Propose, approve and publish programmes."""
        for document in documents:
            doc, content, effective = document.doc, document.hash, document.programme.effective
            self.append(
                named(Stream.PROGRAMME, doc),
                ProgrammeProposed(doc=doc, content=content, document=document.tree),
                ProgrammeApproved(doc=doc, content=content, approval=content),
                ProgrammePublished(
                    doc=doc, content=content, effective_from=effective.from_, effective_to=effective.to
                ),
            )

    def open_round(self, name: str, programme: str, place: str, opens_on: date, closes_on: date) -> None:
        """Open a round of a use, in its own stream."""
        opened = facts.RoundOpened(
            round=name,
            programme=programme,
            content="0" * 64,
            place=place,
            opens_on=opens_on,
            closes_on=closes_on,
            counted_on=closes_on,
        )
        self.append(named(Stream.ROUND, name), opened)

    def deliver(self, kind: str, place: str, first: str, last: str) -> Ref:
        """Say that a feed was complete."""
        feed = FeedDelivered(
            organ=ORGAN,
            fact_kind=kind,
            place=place,
            first_month=first,
            last_month=last,
            coverage="complete",
            rows=0,
        )
        return self.append(named(Stream.ORGAN, ORGAN), feed)

    def destroy_key(self, stream: UUID) -> None:
        """Destroy a subject's key, as two people would: the entry first, then the key."""
        self.append(stream, SubjectKeyDestroyed(approval="a" * 64, basis="PIPL 47"))
        self.keys.destroyed.add(stream)

    def expunge(self, ref: Ref) -> None:
        """Expunge one restricted entry: the entry that says so first, then the salt."""
        stream = named(Stream.VAULT, f"expunge/{ref.stream}/{ref.version}")
        self.append(stream, EntryExpunged(approval="a" * 64, basis="sealed by law"), refers_to=ref)
        del self.keys.salts[self.keys_of[ref]]

    def skip_positions(self, count: int) -> None:
        """Leave a hole in the positions, as a failed save does."""
        with self.database.connect() as admin:
            admin.execute(
                f"SELECT nextval(pg_get_serial_sequence('{self.database.schema}.entries', 'notification_id'))"
                f" FROM generate_series(1, {count})"
            )

    def head(self) -> int:
        """Give the last position."""
        return self.application.recorder.max_notification_id() or 0

    def connect(self) -> psycopg.Connection:
        """Open a connection as the runner."""
        return self.database.connect(Role.RUNNER)

    def runner(
        self,
        projection: Projection,
        connection: psycopg.Connection,
        *,
        schemas: Schemas | None = None,
        downstream: Sequence[str] = (),
        batch: int = 5_000,
        monotonic: Callable[[], float] = lambda: 0.0,
    ) -> Runner:
        """Give a runner of a projection on a connection."""
        return Runner(
            projection,
            connection,
            schemas or self.schemas,
            self.opener,
            downstream=downstream,
            instance="test:1",
            pace=Pace(batch=batch, idle_s_min=0.001, idle_s_max=0.01, standby_s=0.01),
            monotonic=monotonic,
        )

    def projections(self, schemas: Schemas, plan_from: int | None) -> list[Projection]:
        """Give every projection; `plan_from` residents at once are scored by the plan (None: nobody ever is)."""
        *others, _ = standing(schemas, lambda: self.today)
        return [*others, Scores(schemas, lambda: self.today, plan_from=plan_from)]

    def laid_out(self) -> Schemas:
        """Lay empty tables out beside the live ones, as a rebuild does."""
        beside = self.schemas.beside("again")
        with self.database.connect() as admin, admin.transaction(), admin.cursor() as cursor:
            Layout(self.database, self.schemas, beside).lay_out(cursor, NAMES)
        return beside

    def rebuild(self, plan_from: int | None = PLAN_FROM, **how: Any) -> Rebuild:
        """Give what rebuilds this ledger. No test waits for others to have worked, unless it asks for that."""
        return Rebuild(
            self.database,
            lambda schemas: self.projections(schemas, plan_from),
            self.opener,
            lambda: self.today,
            **{"yielding": False} | how,
        )

    def run_all(self, connection: psycopg.Connection, batch: int = 5_000, schemas: Schemas | None = None) -> None:
        """Bring every projection to where the ledger is."""
        for projection in self.projections(schemas or self.schemas, self.plan_from):
            self.runner(projection, connection, schemas=schemas, batch=batch).catch_up()

    def _random_bytes(self, count: int) -> bytes:
        self._drawn += 1
        return hashlib.sha256(b"random%d" % self._drawn).digest()[:count]


def lived_in(ledger: GivenLedger, connection: psycopg.Connection) -> GivenLedger:
    """Let a bit of everything happen in a ledger, folded as it came."""
    for number in range(4):
        resident = subject(number)
        ledger.append(
            resident,
            facts.ParticularsCorrected(born_on=date(1985, 1, 1 + number)),
            facts.PermitIssued(on=date(2025, 7, 1), place="330212", permit=f"P{number}"),
            facts.InsuranceMonthPaid(month="2025-01", place="330212"),
            facts.RestrictedFact(category="offence", level="minor", place="330212", acted_on=date(2025, 8, 1)),
        )
        ledger.run_all(connection)
    married = facts.FamilyTieRecorded(
        tie="spouse", subject=subject(1), other=subject(2), since=date(2020, 1, 1), spell="M1"
    )
    ledger.append(named(Stream.FAMILY, "M1"), married)
    for number in (1, 2):
        filed = facts.ApplicationFiled(round="nb.school-2026", application=f"A-{number}", filed_on=date(2026, 1, 1))
        joined = facts.AssessmentJoined(year=2025, place="330212", joined_on=date(2025, 3, 1))
        ledger.append(subject(number), joined)
        told = ledger.append(subject(number), filed)
    ledger.run_all(connection)
    ledger.append(subject(2), facts.FactVoided(reason="duplicate"), refers_to=told)
    ledger.open_round("nb.rental-2026", "rental", "330212", date(2026, 1, 10), date(2026, 1, 31))
    ledger.publish(province(), city())
    ledger.offer(loan(), rental())
    ledger.deliver("insurance-month-paid", "330000", "2020-01", "2025-12")
    ledger.run_all(connection)
    return ledger

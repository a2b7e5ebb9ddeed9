"""What the bundle of a decision needs, gathered from the ledger, its log and the projections."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.coverage import Feed
from domain.decision import Inputs
from domain.facts import DecisionMade
from domain.programme import ProgrammeDocument
from domain.rulebook.resolution import RulebookSet
from ledger import rows
from ledger.entry import StoredEntry
from ledger.evidence.bundle import AS_AT, Bundle, Place, Somebody, written
from ledger.evidence.entries import ShownEntry, header_of, shown
from ledger.evidence.reliance import Delivery, relied_on
from ledger.mapper import EntryMapper
from ledger.transparency.log import Head, LogReader, NotInTheLog
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import LogProof
from projections.cases import Cases, Snapshot
from projections.decisions import Kept, asked_by
from projections.ties import streams_between

Prepare = Callable[[set[UUID], list[bytes]], None]


class Trusted(NamedTuple):
    """The policy that the bundle's head must meet, and its text."""

    policy: Policy
    text: str


class Bundler:
    """Makes bundles in one snapshot. `prepare` reads the keys of streams and the kept salts of entries at once."""

    def __init__(self, cases: Cases, snapshot: Snapshot, mapper: EntryMapper, prepare: Prepare, suite: Any) -> None:
        self._cases = cases
        self._snapshot = snapshot
        self._mapper = mapper
        self._prepare = prepare
        self._log = LogReader(snapshot.cursor.connection, suite)

    def bundle(
        self, kept: Kept, document: ProgrammeDocument, trusted: Trusted, stamp: bytes | None = None
    ) -> tuple[Bundle, bytes]:
        """Make the bundle of a decision that can be opened; give it and its bytes.

        Raises NotInTheLog where no head that the policy trusts covers it, SubjectErased and its kind.
        """
        if kept.fact is None:
            raise ValueError(kept.name)
        inputs, tables = self._read(kept, kept.fact, document)
        placed = self._place(kept.position)
        index = self._log.index(kept.position)
        head = head_over(self._log, index, trusted.policy)
        looked = self._anchor(kept.fact.as_at)
        streams, proofs = {}, {AS_AT: self._log.proven(self._log.index(looked[0]), head)}
        needed = _needed(kept, placed)
        people, kin = set(needed), self._kin(kept, kept.fact.as_at)
        for stream, versions in kin.items():
            needed.setdefault(stream, set()).update(versions)
        for stream in sorted(needed, key=str):
            opened = needed[stream]
            entries = self._entries(stream, max(opened), kept.fact.as_at, head)
            streams[stream] = self._shown(entries, opened, placed if stream in people else None)
            proofs |= self._proofs(
                entries, kept.fact.as_at, opened & {placed.version} if stream == placed.stream else set(), head
            )
        bundle = Bundle(
            decision=placed,
            people=tuple(Somebody.of(role, found) for role, found, _ in inputs.known()),
            feeds=tuple(sorted(feed for feed in inputs.feeds if feed.position <= inputs.as_at)),
            streams=streams,
            proofs=proofs,
            as_at_leaf=looked[1],
            checkpoint=head.note.whole(),
            policy=trusted.text,
            record=kept.decision.bytes,
            rulebooks=tuple(one.tree for one in tables.documents),
            programme=document.tree,
            stamp=stamp,
            kin=tuple(sorted(kin.keys() - people, key=str)),
            deliveries=self._deliveries(relied_on(kept.decision, document, tables, inputs), head),
        )
        return bundle, written(bundle, tables, document)

    def _read(self, kept: Kept, fact: DecisionMade, document: ProgrammeDocument) -> tuple[Inputs, RulebookSet]:
        known = self._cases.within(self._snapshot.cursor, fact.as_at)
        asked = asked_by(kept.decision, kept.subject)
        [inputs] = known.inputs(document, [asked])
        return inputs, known.tables(asked.town or asked.place, fact.as_of)

    def _place(self, position: int) -> Place:
        [found] = self._ask("notification_id = %s", [position])
        return Place(found.originator_id, found.originator_version)

    def _anchor(self, as_at: int) -> tuple[int, bytes]:
        """Give position and leaf of the last entry at which the decision looked."""
        [last] = self._ask("notification_id <= %s ORDER BY notification_id DESC LIMIT 1", [as_at])
        return last.position or 0, last.leaf or b""

    def _entries(self, stream: UUID, last: int, as_at: int, head: Head) -> list[StoredEntry]:
        """Read a stream from its first entry to the last that is needed, and one past what was known."""
        found = self._ask(
            "originator_id = %s AND notification_id <= %s ORDER BY originator_version", [stream, head.position]
        )
        known = sum((entry.position or 0) <= as_at for entry in found)
        return found[: max(last, known + 1)]

    def _kin(self, kept: Kept, as_at: int) -> dict[UUID, list[int]]:
        """Name the streams that tie together whoever was read, and all of their entries that were known."""
        people = kept.decision.record["inputs"]["people"]
        subjects = {kept.subject, *(UUID(stream) for person in people for stream, _ in person["entries"])}
        if len(subjects) == 1:
            return {}
        said = streams_between(self._snapshot.cursor, self._snapshot.schemas, subjects, as_at)
        return {
            stream: [
                entry.originator_version
                for entry in self._ask("originator_id = %s AND notification_id <= %s", [stream, as_at])
                if stream not in subjects or entry.originator_version in versions
            ]
            for stream, versions in said.items()
        }

    def _deliveries(self, feeds: list[Feed], head: Head) -> tuple[Delivery, ...]:
        """Show deliveries alone, each with its proof."""
        where = "notification_id = ANY(%s) ORDER BY notification_id"
        entries = self._ask(where, [[feed.position for feed in feeds]]) if feeds else []
        found = []
        for entry in entries:
            index = self._log.index(entry.position or 0)
            found.append(Delivery(shown(entry, self._mapper), index, self._log.proven(index, head).path))
        return tuple(found)

    def _shown(self, entries: list[StoredEntry], opened: set[int], placed: Place | None) -> list[ShownEntry]:
        """Show entries. The decision binds the positions of what it read of people, not its own, nor a tie's."""
        told = [entry for entry in entries if entry.originator_version in opened]
        self._prepare({entry.originator_id for entry in told}, [entry.key for entry in told])
        return [
            shown(
                entry,
                self._mapper,
                None
                if placed is None or (entry.originator_id, entry.originator_version) == placed
                else entry.position,
            )
            if entry.originator_version in opened
            else header_of(entry)
            for entry in entries
        ]

    def _proofs(self, entries: list[StoredEntry], as_at: int, more: set[int], head: Head) -> dict[str, LogProof]:
        """Prove the last entry, those on both sides of what was known, and whichever else is asked for."""
        known = sum((entry.position or 0) <= as_at for entry in entries)
        wanted = {len(entries), known, known + 1, *more} & {entry.originator_version for entry in entries}
        return {
            Place(entry.originator_id, entry.originator_version).name: self._log.proven(
                self._log.index(entry.position or 0), head
            )
            for entry in entries
            if entry.originator_version in wanted
        }

    def _ask(self, where: str, given: list[Any]) -> list[StoredEntry]:
        cursor: Cursor[Any] = self._snapshot.cursor
        schemas = self._snapshot.schemas
        text = schemas.sql(f"SELECT notification_id,{rows.NAMES} FROM {{ledger}}.entries WHERE {where}")  # noqa: S608 - names alone
        return [rows.stored_entry(row) for row in cursor.execute(text, given).fetchall()]


def head_over(log: LogReader, index: int, policy: Policy) -> Head:
    """Give the first head that covers the leaf and is witnessed enough: later ones change nothing.

    Raises NotInTheLog.
    """
    for head in log.heads_over(index):
        try:
            policy.check(head.note)
        except NoteRefused:
            continue
        return head
    raise NotInTheLog("no head that the policy trusts covers the decision yet")


def _needed(kept: Kept, placed: Place) -> dict[UUID, set[int]]:
    """Give the versions that are opened, by stream: what the decision read, and the decision itself."""
    needed: dict[UUID, set[int]] = {placed.stream: {placed.version}}
    people: Iterable[Any] = kept.decision.record["inputs"]["people"]
    for person in people:
        for stream, version in person["entries"]:
            needed.setdefault(UUID(stream), set()).add(int(version))
    return needed

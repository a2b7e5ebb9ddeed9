"""Checking entries one by one, in the order of streams and versions. Needs no database."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.errors import SubjectUnknown
from domain.facts import BY_TOPIC, Ref
from ledger.canonical import NotCanonical, canonical, parse
from ledger.entry import FORMAT, Head, StoredEntry, content_hash
from ledger.mapper import EntryMapper, is_restricted_row
from ledger.suites import SUITES
from ledger.vault.ring import VaultKeyRing
from ledger.verification.findings import Fault, Finding, Report

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


class Link(NamedTuple):
    """What the next entry of a stream is held against. `computed` None: this entry gives no leaf."""

    position: int | None
    originator_id: UUID
    originator_version: int
    leaf: bytes | None
    computed: bytes | None


class EntryCheck:
    """Fills a report. `taken_away` names the entries of this batch whose key or salt is gone, `before` the last."""

    def __init__(self, mapper: EntryMapper | None) -> None:
        self.report = Report()
        self.taken_away: list[StoredEntry] = []
        self.before: Link | None = None
        self._mapper = mapper

    def batch(self, entries: Sequence[StoredEntry]) -> None:
        """Check a batch; its keys are read at once."""
        self._prepare(entries)
        for entry in entries:
            self._entry(entry)

    def passed(self, last: Link, entries: int, streams: int) -> None:
        """Take a batch into account of which somebody has computed that its hashes and links are sound."""
        self.report.entries += entries
        self.report.streams += streams
        self.before, self.taken_away = last, []

    def contents(self, entries: Sequence[StoredEntry]) -> None:
        """Check the contents alone of such a batch."""
        self._prepare(entries)
        for entry in entries:
            try:
                self._check_content(entry)
            except _UNREADABLE:
                self._add(entry, Fault.UNREADABLE)

    def _prepare(self, entries: Sequence[StoredEntry]) -> None:
        self.taken_away = []
        keys = None if self._mapper is None else self._mapper.keys
        if isinstance(keys, VaultKeyRing):
            streams = {entry.originator_id for entry in entries}
            keys.prepare(streams, [entry.key for entry in entries if _has_kept_salt(entry)])

    def finish(self) -> None:
        """Judge the last entry's leaf, which no later entry names."""
        self._judge_leaf(None)

    def unsaid(self, said: set[Ref]) -> None:
        """Name what was taken away with no entry that says so; `said` are the ones that an entry speaks of."""
        for entry in self.taken_away:
            if Ref(stream=entry.originator_id, version=entry.originator_version) not in said:
                self._add(entry, Fault.UNSAID)

    def _entry(self, entry: StoredEntry) -> None:
        self.report.entries += 1
        computed = None
        try:
            self._check_place(entry)
            computed = self._check_hashes(entry)
            self._check_content(entry)
        except _UNREADABLE:
            # What no release can have written must be named like any other difference, not end the check.
            self._add(entry, Fault.UNREADABLE)
        self.before = Link(entry.position, entry.originator_id, entry.originator_version, entry.leaf, computed)

    def _add(self, entry: StoredEntry | Link, what: Fault, column: str | None = None) -> None:
        self.report.add(Finding(entry.position, entry.originator_id, entry.originator_version, what, column))

    def _check_place(self, entry: StoredEntry) -> None:
        before = self.before
        if before is None or before.originator_id != entry.originator_id:
            self._judge_leaf(None)
            self.report.streams += 1
            before = self.before = None
        else:
            self._judge_leaf(entry.prev)
        version, leaf = (0, None) if before is None else (before.originator_version, before.leaf)
        if entry.originator_version != version + 1:
            self._add(entry, Fault.VERSION, "originator_version")
        elif entry.prev != leaf and (before is None or entry.prev != before.computed):
            self._add(entry, Fault.PREV, "prev")
        if before is not None and (entry.position or 0) <= (before.position or 0):
            self._add(entry, Fault.ORDER, "notification_id")

    def _judge_leaf(self, named_next: bytes | None) -> None:
        """Say of the entry before, whose leaf is not its header's, which of the two was changed."""
        before = self.before
        if before is not None and before.computed is not None and before.computed != before.leaf:
            leaf_alone = named_next == before.computed
            self._add(before, Fault.LEAF if leaf_alone else Fault.HEADER, "leaf" if leaf_alone else None)

    def _check_hashes(self, entry: StoredEntry) -> bytes | None:
        """Compute content hash and leaf; give the leaf, to be judged when the next entry is seen."""
        suite = SUITES.get(entry.suite)
        if entry.format != FORMAT:
            self._add(entry, Fault.UNKNOWN_FORMAT, "format")
            return None
        if suite is None or (self._mapper is not None and suite is not self._mapper.keys.suite):
            self._add(entry, Fault.OTHER_SUITE, "suite")
            return None
        if content_hash(suite, entry.salt, entry.state, entry.sealed) != entry.content_hash:
            self._add(entry, Fault.CONTENT)
        return Head.of(entry).leaf(entry.originator_version, entry.prev, _instant(entry))

    def _check_content(self, entry: StoredEntry) -> None:
        kind = BY_TOPIC.get(entry.topic)
        if kind is None:
            self._add(entry, Fault.UNKNOWN_KIND, "topic")
        elif not is_canonical(entry.state):
            self._add(entry, Fault.NOT_CANONICAL, "state")
        elif self._mapper is not None:
            try:
                self._check_fact(entry, self._mapper)
            except SubjectUnknown:
                self._add(entry, Fault.NO_KEY, "originator_id")

    def _check_fact(self, entry: StoredEntry, mapper: EntryMapper) -> None:
        taken_away = mapper.owner_key(entry.originator_id) is None or mapper.sealing_salt(entry) is None
        fact = mapper.opened(entry)
        if taken_away:
            self.report.sealed_away += 1
            self.taken_away.append(entry)
            if fact is None and entry.sealed is None:
                self._add(entry, Fault.DOES_NOT_OPEN, "state")
        elif fact is None:
            self._add(entry, Fault.DOES_NOT_OPEN)
        else:
            self.report.bound += 1
            if mapper.binding_of(entry, fact) != entry.binding:
                self._add(entry, Fault.BINDING, "binding")


def _has_kept_salt(entry: StoredEntry) -> bool:
    try:
        return is_restricted_row(entry)
    except (ValueError, TypeError, LookupError):
        return False


def is_canonical(state: bytes) -> bool:
    """Say whether bytes are the one spelling of a value."""
    try:
        return canonical(parse(state)) == state
    except (NotCanonical, ValueError):
        return False


def _instant(entry: StoredEntry) -> datetime:
    if entry.recorded_at is None:
        raise TypeError("an entry has its instant")
    return entry.recorded_at

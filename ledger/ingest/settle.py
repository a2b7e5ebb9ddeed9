"""A buffer of candidates gets its verdicts: who they are about, what they name, what the ledger answers."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.facts import (
    Fact,
    FactCorrected,
    FactVoided,
    FamilyTieEnded,
    FamilyTieRecorded,
    Ref,
    RestrictedFact,
    Stream,
)
from domain.person import Person
from ledger.entry import Entry, Hand
from ledger.ingest.again import returned
from ledger.ingest.checks import check_restricted
from ledger.ingest.delivery import Row
from ledger.ingest.desk import Appended, ImportDesk, Spell, Standing
from ledger.ingest.examine import Candidate, hides_basis
from ledger.ingest.spells import closing_of, opening_of
from ledger.ingest.ties import TIES, stream_of_tie, tied
from ledger.ingest.verdicts import Code, Finding, RowRefused, refused
from ledger.ingest.waiting import kept_content
from ledger.streams import named
from ledger.vault.held import Origin, RowToHold
from ledger.vault.identities import Outcome, Resolution, Why

HELD = {
    Why.OTHER_NAME: Code.NAME_DIFFERS,
    Why.SEVERAL_PERSONS: Code.SEVERAL_PERSONS,
    Why.UNKNOWN_NUMBER: Code.NAME_MISSING,
}
_REMEMBERED = 50_000


class Accepted(NamedTuple):
    """A row that is in the ledger now. `position` is None in a dry run."""

    position: int | None


SEALED_BASIS = "sealed"
"""What the envelope says where the legal basis stands in the seal."""

Verdict = Accepted | Finding


def entry_of(candidate: Candidate, stream: UUID, hand: Hand, target: Ref | None) -> Entry:
    """Put a candidate into the batch's hand."""
    fact = candidate.fact
    if target is not None or candidate.source_time is not None or candidate.legal_basis is not None:
        hand = replace(
            hand,
            refers_to=target,
            source_time=candidate.source_time,
            legal_basis=SEALED_BASIS if candidate.legal_basis and hides_basis(fact) else candidate.legal_basis,
        )
    return Entry(stream, hand, candidate.request, fact)


Asked = tuple[Person, int]
"""A person to be looked up: once in a buffer by name; without a name once for each row, as rows before it count."""


def asked_of(index: int, person: Person) -> Asked:
    """Ask for the person of a row."""
    return person, 0 if person.name is not None else index + 1


class Settler:
    """Settles the rows of one delivery, a buffer at a time and in their order. `hand` is the batch's.

    `again`: how often rows that were taken back may have come back, this time included. `file` is its name, for
    those who decide about rows that are held.
    """

    def __init__(self, desk: ImportDesk, hand: Hand, batch_id: UUID, again: int = 0, file: str = "") -> None:
        self._desk = desk
        self.file = file
        self.hand = replace(hand, batch_id=batch_id)
        self._batch_id = batch_id
        self._again = again
        self._reached = 0
        """The last position that a row of this file has: what stands later was appended by an earlier attempt."""
        self._known: dict[Person, UUID] = {}
        self.corrected: dict[bytes, bytes] = {}
        """Keys of entries that rows of this file correct, and the keys of those corrections."""

    def resolve(self, persons: Collection[Asked]) -> dict[Asked, Resolution]:
        """Ask the vault for those not met before. Who is destroyed meanwhile is found out when rows are sealed."""
        asked = [one for one in dict.fromkeys(persons) if one[0] not in self._known]
        answers = self._desk.resolve([person for person, _ in asked]) if asked else []
        found = dict(zip(asked, answers, strict=True))
        return found | {
            one: Resolution(Outcome.KNOWN, self._known[one[0]]) for one in persons if one[0] in self._known
        }

    def remember(self, found: Mapping[Asked, Resolution]) -> None:
        """Keep who is known by now; forget all when there are too many."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known |= {person: one.subject for (person, _), one in found.items() if one.subject is not None}

    def settle(self, candidates: Sequence[Candidate], lines: Sequence[int] = ()) -> list[Verdict]:
        """Give one verdict for each, in order; `lines` are their lines in the file.

        What is accepted is durable when this returns.
        """
        if self._again:
            candidates = returned(self._desk, self.hand.organ, candidates, self._again)
        return _Buffer(self, self._desk, self.hand, candidates, lines).settled()

    def reached(self, position: int) -> None:
        """Note that the rows of this file stand up to this position."""
        self._reached = max(self._reached, position)

    def verdict(self, answer: Appended | Code) -> Verdict:
        """Turn the ledger's answer on one row into its verdict.

        A row that stands under this very batch is a repeat within the file, unless its place lies beyond all that
        this attempt has met: then an attempt that did not end had appended it, and it is this row.
        """
        if isinstance(answer, Code):
            return Finding(answer)
        ours = answer.batch_id == self._batch_id
        if answer.new or (ours and answer.position is not None and answer.position > self._reached):
            self._reached = max(self._reached, answer.position or 0)
            return Accepted(answer.position)
        if ours:
            return Finding(Code.REPEATED_IN_FILE)
        return Finding(Code.ORIGINAL_VOID if answer.voided else Code.ALREADY_RECORDED)


def settled(
    buffer: list[tuple[Row, Candidate | Finding]], settler: Settler
) -> Iterator[tuple[Row, Candidate | None, Verdict]]:
    """Settle judged rows; give each its verdict, in order."""
    rows = [(row.line, judgement) for row, judgement in buffer if isinstance(judgement, Candidate)]
    verdicts = iter(settler.settle([candidate for _, candidate in rows], [line for line, _ in rows]))
    for row, judgement in buffer:
        if isinstance(judgement, Candidate):
            yield row, judgement, next(verdicts)
        else:
            yield row, None, judgement


class _Buffer:
    """One buffer on its way through the desk."""

    def __init__(
        self, settler: Settler, desk: ImportDesk, hand: Hand, candidates: Sequence[Candidate], lines: Sequence[int]
    ) -> None:
        self._settler = settler
        self._lines = lines
        self._desk = desk
        self._hand = hand
        self._candidates = list(candidates)
        self._verdicts: list[Verdict | None] = [None] * len(candidates)
        self._pending: list[tuple[int, Entry]] = []
        self._pending_keys: set[bytes] = set()
        self._opened: dict[Spell, date] = {}
        self._targets: dict[bytes, Standing] = {}
        self._awaited: set[bytes] = set()
        self._held: list[RowToHold] = []
        self._exists: dict[UUID, bool] = {}

    def settled(self) -> list[Verdict]:
        streams = self._streams()
        self._look_up(streams)
        for index, (candidate, stream) in enumerate(zip(self._candidates, streams, strict=True)):
            if stream is None:
                continue
            try:
                entry = self._entry(candidate, stream)
            except RowRefused as refusal:
                self._verdicts[index] = refusal.finding
                continue
            self._pending.append((index, entry))
            if self._awaited:
                self._pending_keys.add(self._desk.key_of(self._hand.organ, candidate.request))
        self._flush()
        return [verdict for verdict in self._verdicts if verdict is not None]

    def _streams(self) -> list[UUID | None]:
        """Say whose stream each belongs to; give the others their verdicts. Holds and mints on the way."""
        found = self._settler.resolve(
            [
                asked_of(index, person)
                for index, one in enumerate(self._candidates)
                for person in (one.person, one.other)
                if person is not None
            ]
        )
        minted = {
            one.subject: person
            for (person, _), one in reversed(found.items())
            if one.outcome is Outcome.MINTED and one.subject is not None
        }
        if minted and self._hand.batch_id is not None:
            self._desk.record_minted(minted, self._hand.recorded_by, self._hand.batch_id)
        self._settler.remember(found)
        streams = [self._stream(index, found) for index in range(len(self._candidates))]
        if self._held:
            self._desk.hold(self._held)
        return streams

    def _stream(self, index: int, found: Mapping[Asked, Resolution]) -> UUID | None:
        candidate = self._candidates[index]
        match candidate.fact:
            case FamilyTieRecorded(spell=spell):
                first = self._whose(index, candidate.person, candidate.subject_id, found)
                other = None
                if first is not None:
                    other = self._whose(index, candidate.other, candidate.other_id, found, "other_")
                if first is None or other is None:
                    return None
                if first == other:
                    self._verdicts[index] = Finding(Code.ONE_SUBJECT, "other")
                    return None
                self._candidates[index] = tied(candidate, first, other)
                return stream_of_tie(self._hand.organ, spell)
            case FamilyTieEnded(spell=spell):
                return stream_of_tie(self._hand.organ, spell)
            case _ if candidate.person is None and candidate.subject_id is None:
                return named(Stream.ORGAN, self._hand.organ)
            case _:
                return self._whose(index, candidate.person, candidate.subject_id, found)

    def _whose(
        self,
        index: int,
        person: Person | None,
        subject_id: UUID | None,
        found: Mapping[Asked, Resolution],
        prefix: str = "",
    ) -> UUID | None:
        """Give the subject that a row names, or give the row its verdict. `prefix` begins the person's fields."""
        if person is None:
            return None if subject_id is None else self._existing(index, subject_id, prefix or "subject")
        resolution = found[asked_of(index, person)]
        if resolution.why is not None:
            self._held.append(self._row_to_hold(index, person, resolution.why))
            self._verdicts[index] = Finding(HELD[resolution.why], f"{prefix}name")
        elif resolution.subject is None:
            self._verdicts[index] = Finding(Code.PERSON_ERASED, f"{prefix}document_number")
        return resolution.subject

    def _row_to_hold(self, index: int, person: Person, why: Why) -> RowToHold:
        candidate, hand = self._candidates[index], self._hand
        origin = Origin(self._settler.file, self._lines[index]) if self._lines else None
        content = kept_content(candidate)
        return RowToHold(person, hand.organ, why, content, candidate.request, hand.batch_id, origin)

    def _existing(self, index: int, subject_id: UUID, field: str) -> UUID | None:
        if subject_id not in self._exists:
            self._exists[subject_id] = self._desk.exists(subject_id)
        if self._exists[subject_id]:
            return subject_id
        self._verdicts[index] = Finding(Code.UNKNOWN_SUBJECT, field.rstrip("_"))
        return None

    def _look_up(self, streams: Sequence[UUID | None]) -> None:
        """Read, once for the buffer, the entries that are named, those that name them, and spells to be closed."""
        rows = [(c, s) for c, s in zip(self._candidates, streams, strict=True) if s is not None]
        naming = [(candidate.request, candidate.target) for candidate, _ in rows if candidate.target is not None]
        self._awaited = {self._desk.key_of(self._hand.organ, target) for _, target in naming}
        if self._awaited:
            own = {self._desk.key_of(self._hand.organ, request) for request, _ in naming}
            self._targets = self._desk.standing(self._awaited | own)
        closing = {stream for candidate, stream in rows if closing_of(stream, candidate.fact) is not None}
        if closing:
            self._opened = self._desk.openings(closing)

    def _entry(self, candidate: Candidate, stream: UUID) -> Entry:
        """Build the entry. Raises RowRefused."""
        fact = candidate.fact
        self._check_spell(fact, stream)
        restricted = fact.replacement if isinstance(fact, FactCorrected) else fact
        if isinstance(restricted, RestrictedFact):
            check_restricted(restricted, candidate.legal_basis, self._desk.born_on(stream))
        refers_to = self._target(candidate, stream)
        stream = stream if refers_to is None else refers_to.stream
        return entry_of(candidate, stream, self._hand, refers_to)

    def _check_spell(self, fact: Fact, stream: UUID) -> None:
        closed, opened = closing_of(stream, fact), opening_of(stream, fact)
        if closed is not None:
            spell, ends = closed
            start = self._opened.get(spell)
            if start is not None and ends < start:
                raise refused(Code.END_BEFORE_START, expected=f"≥ {start}")
        if opened is not None:
            spell, start = opened
            self._opened[spell] = min(start, self._opened.get(spell, start))

    def _target(self, candidate: Candidate, stream: UUID) -> Ref | None:
        """Find the entry that a void or a correction names; it may be a row of this buffer."""
        if candidate.target is None:
            return None
        key = self._desk.key_of(self._hand.organ, candidate.target)
        if key in self._pending_keys:
            stood = self._pending_keys & self._awaited  # all that rows to come name, not this row's target alone
            self._flush()
            self._targets |= self._desk.standing(stood)
        standing = self._targets.get(key)
        if standing is None or not (standing.ref.stream == stream or _voids_tie(candidate, standing)):
            raise refused(Code.UNKNOWN_TARGET, field="refers_to")
        if standing.topic == FactVoided.topic():
            raise refused(Code.TARGET_IS_VOID, field="refers_to")
        self._check_corrected(candidate, key, standing)
        return standing.ref

    def _check_corrected(self, candidate: Candidate, target: bytes, standing: Standing) -> None:
        """Refuse what names an entry that was corrected, unless the row stands already.

        Of two replacements of one entry only the first counts, and a void of it would leave that one in force.
        """
        own = self._desk.key_of(self._hand.organ, candidate.request)
        if own in self._targets:
            return
        first = self._settler.corrected.get(target, standing.corrected_by)
        if first not in (None, own):
            raise refused(Code.TARGET_CORRECTED, field="refers_to")
        if isinstance(candidate.fact, FactCorrected):
            self._settler.corrected[target] = own

    def _flush(self) -> None:
        answers = self._desk.append([entry for _, entry in self._pending])
        for (index, _), answer in zip(self._pending, answers, strict=True):
            self._verdicts[index] = self._settler.verdict(answer)
        self._pending.clear()
        self._pending_keys.clear()


def _voids_tie(candidate: Candidate, standing: Standing) -> bool:
    """Say whether a void that names no person names a tie: it stands in the tie's own stream."""
    nobody = candidate.person is None and candidate.subject_id is None
    return nobody and isinstance(candidate.fact, FactVoided) and standing.topic in TIES

"""Rights requests 个人信息权利请求 as the office answers them: a copy, an explanation, a correction, a deletion."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.facts import Ref, RightsAnswered
from domain.facts.rights import Relation, Right
from domain.rights import Asked, Kinsman, NothingDone, RightsRequest, relation
from domain.rights.refusals import CopyChanged, RequestNotOpen
from ledger.commit import tuples
from ledger.entry import Hand, Receipt
from ledger.said import head_of
from projections.cases import Snapshot
from projections.copies import Wanted, copy_of
from projections.office.base import Office
from projections.ties import kin_of


@dataclass(frozen=True)
class Copied:
    """A copy that was handed out: the zip, and the receipt of the answer."""

    content: bytes
    answered: RightsAnswered
    receipt: Receipt | None = None


def kinsman(office: Office, deceased: UUID, relative: UUID) -> Kinsman:
    """Say who a relative is to somebody, as ties show it, and what that person had arranged."""
    died_on = office.rights.died_on(deceased)

    def look(snapshot: Snapshot) -> Relation | None:
        kin = kin_of(snapshot.cursor, snapshot.schemas, [deceased, relative], snapshot.position)
        now = kin.merged
        if died_on is None:
            return None
        ties = [
            one._replace(subject=now.get(one.subject, one.subject), other=now.get(one.other, one.other))
            for one in kin.ties
        ]
        return relation(now.get(deceased, deceased), now.get(relative, relative), ties, died_on)

    return Kinsman(relative, office.ask(look), died_on, office.rights.standing(deceased).arranged)


def ask(office: Office, subject: UUID, asked: Asked, on: date, hand: Hand, relative: UUID | None = None) -> Receipt:
    """Receive a request of the person, or of a near relative. Raises as Rights.ask does."""
    who = None if relative is None else kinsman(office, subject, relative)
    return office.rights.ask(subject, asked, on, hand, who)


def open_request(office: Office, subject: UUID, number: str, *wanted: Right) -> RightsRequest:
    """Give a request that waits, for one of these rights. Raises RequestNotOpen."""
    found = office.rights.of(subject).get(number)
    if found is None or not found.is_open or (wanted and found.asked.right not in wanted):
        raise RequestNotOpen(number)
    return found


def answer_copy(office: Office, subject: UUID, number: str, on: date, hand: Hand) -> Copied:
    """Make the copy of everything that is recorded by now, and record what was handed out.

    Raises RequestNotOpen, ExportMismatch.
    """
    request = open_request(office, subject, number, "copy")
    as_at = office.knowing.follow()
    with office.desk.ledger.connection() as connection:
        streams = _streams(office, subject, as_at)
        row = tuples(connection).execute(_COUNT, [streams]).fetchone()
    readings = 0 if request.asked.relative is not None or row is None else int(row[0])
    entries, content = _copy(office, subject, request, (as_at, readings, on))
    digest = hashlib.sha256(content).hexdigest()
    told = {"entries": entries, "readings": readings, "digest": digest, "as_at": as_at}
    receipt = office.rights.answer(subject, number, on, hand, **told)
    answered = office.rights.of(subject)[number].answered
    if answered is None:
        raise RequestNotOpen(number)
    return Copied(content, answered, receipt)


def copied_again(office: Office, subject: UUID, number: str) -> Copied:
    """Give the copy as it was handed out, byte for byte. Raises RequestNotOpen, CopyChanged."""
    request = office.rights.of(subject).get(number)
    answered = None if request is None else request.answered
    if request is None or answered is None or answered.as_at is None or answered.digest is None:
        raise RequestNotOpen(number)
    office.knowing.follow()
    known = (answered.as_at, answered.readings or 0, answered.answered_on)
    _, content = _copy(office, subject, request, known)
    if hashlib.sha256(content).hexdigest() != answered.digest:
        raise CopyChanged(number)
    return Copied(content, answered)


def answer_deletion(office: Office, subject: UUID, number: str, on: date, hand: Hand, basis: str) -> Receipt | None:
    """Delete as two people: the first call asks (None), another person's same call does it and answers.

    Entries are expunged one by one; without entries named everything is destroyed, which answers by itself.
    Raises RequestNotOpen and whatever the erasure refuses: what must be kept is kept.
    """
    request = open_request(office, subject, number, "delete")
    erasure, versions = office.desk.erasure, request.asked.versions
    if not versions:
        return erasure.destroy_by_two(subject, basis, hand, on)
    for version in versions:  # what cannot be expunged is refused before anything is
        erasure.can_be_expunged(Ref(stream=subject, version=version))
    done = [erasure.expunge_by_two(Ref(stream=subject, version=version), basis, hand, on) for version in versions]
    if None in done:
        return None
    # If we stop here, the same call by either person finds the entries expunged and answers.
    return office.rights.answer(subject, number, on, hand, cites=versions)


def answer_correction(
    office: Office, subject: UUID, number: str, on: date, hand: Hand, cites: Sequence[int], reason: str | None
) -> Receipt:
    """Answer by the entries that correct. Raises RequestNotOpen, NothingDone."""
    open_request(office, subject, number, "correct")
    if any(version > head_of(office.desk.ledger, subject) for version in cites):
        raise NothingDone
    return office.rights.answer(subject, number, on, hand, cites=tuple(cites), reason=reason)


_COUNT = "SELECT count(*) FROM read_log WHERE subject = ANY(%s)"


def _streams(office: Office, subject: UUID, as_at: int) -> list[UUID]:
    """Give the streams of one person: their own, and those of whom they were found to be."""

    def look(snapshot: Snapshot) -> list[UUID]:
        merged = kin_of(snapshot.cursor, snapshot.schemas, [subject], as_at).merged
        return [subject, *sorted(other for other, kept in merged.items() if kept == subject)]

    return office.knowing.ask(lambda _, snapshot: look(snapshot), as_at)


def _copy(office: Office, subject: UUID, request: RightsRequest, known: tuple[int, int, date]) -> tuple[int, bytes]:
    as_at, readings, day = known
    arranged = office.rights.standing(subject).arranged
    withheld = () if request.asked.relative is None or arranged is None else arranged.kinds
    streams = _streams(office, subject, as_at)
    office.desk.keys.prepare(streams)
    with office.desk.ledger.connection() as connection:
        wanted = Wanted(subject, streams, as_at, readings, day.isoformat(), request.asked.relative, withheld)
        return copy_of(connection, office.desk.ledger.entry_mapper, wanted)

"""Rights requests 个人信息权利请求 as the office answers them: a copy, an explanation, a correction, a deletion."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from domain.facts import Fact, Ref, RightsAnswered, RightsRefused, RightsRequested, RightsWithdrawn
from domain.facts.rights import Because, Relation, Right
from domain.rights import Asked, Kinsman, RightsRequest, relation
from domain.rights.deciding import waiting
from domain.rights.refusals import BasisMissing, CopyChanged, RequestNotOpen
from ledger.commit import tuples
from ledger.entry import Hand, Receipt
from ledger.said import said_of
from projections.cases import Snapshot
from projections.copies import Wanted, copy_of
from projections.office.base import Office, again, once
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


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer says in answer to a request."""

    number: str
    on: date
    hand: Hand
    cites: tuple[int, ...] = ()
    reason: str | None = None


def ask(office: Office, subject: UUID, asked: Asked, on: date, hand: Hand, relative: UUID | None = None) -> Receipt:
    """Receive a request of the person, or of a near relative; the same once more gives the first receipt.

    Raises as Rights.ask does.
    """
    who = None if relative is None else kinsman(office, subject, relative)
    told: dict[str, Any] = {
        "request": asked.number,
        "right": asked.right,
        "place": asked.place,
        "versions": asked.versions,
    }
    told |= {"asked_on": on, "relative": relative, "statement": asked.statement}
    return _once(office, subject, RightsRequested, lambda: office.rights.ask(subject, asked, on, hand, who), **told)


def withdraw(office: Office, subject: UUID, number: str, on: date, hand: Hand) -> Receipt:
    """Take a request back. Raises RequestNotOpen."""
    told = {"request": number, "withdrawn_on": on}
    return _once(
        office, subject, RightsWithdrawn, lambda: office.rights.withdraw(subject, number, on, hand), **told
    )


def refuse(
    office: Office, subject: UUID, number: str, on: date, hand: Hand, because: Because, reason: str
) -> Receipt:
    """Refuse a request. Raises RequestNotOpen."""
    told = {"request": number, "refused_on": on, "because": because, "reason": reason}
    told |= {"decided_by": hand.recorded_by}
    refusing = partial(office.rights.refuse, subject, number, on, hand, because, reason)
    return _once(office, subject, RightsRefused, refusing, **told)


def answer(office: Office, subject: UUID, said: Answer) -> Receipt | None:
    """Do what was asked for and record it. None: of a deletion, one of two people has asked.

    Copies and explanations the person fetches.
    Raises RequestNotOpen, AnsweredBeforeAsked, NothingDone, BasisMissing.
    """
    told = {"request": said.number, "answered_on": said.on, "decided_by": said.hand.recorded_by}
    asked: list[None] = []

    def act() -> Receipt:
        receipt = _answer(office, subject, said)
        if receipt is None:
            asked.append(None)
            raise RequestNotOpen(said.number)
        return receipt

    try:
        return _once(office, subject, RightsAnswered, act, **told)
    except RequestNotOpen:
        if asked:
            return None
        raise


def _answer(office: Office, subject: UUID, said: Answer) -> Receipt | None:
    number, on, hand = said.number, said.on, said.hand
    match waiting(open_request(office, subject, number), on).asked.right:
        case "copy":
            return answer_copy(office, subject, number, on, hand).receipt
        case "explain":
            return office.rights.answer(subject, number, on, hand, as_of=on, as_at=office.knowing.follow())
        case "correct":
            return answer_correction(office, subject, said)
        case "delete":
            return answer_deletion(office, subject, said)


def _once(office: Office, subject: UUID, kind: type[Fact], act: Callable[[], Receipt], **told: Any) -> Receipt:
    return once(lambda: again(act), lambda: said_of(office.desk.ledger, subject, [kind.kind_name()]), kind, **told)


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


def answer_deletion(office: Office, subject: UUID, said: Answer) -> Receipt | None:
    """Delete as two people: the first call asks (None), another person's same call does it and answers.

    Entries are expunged one by one; without entries named everything is destroyed, which answers by itself.
    Raises RequestNotOpen, BasisMissing, and whatever the erasure refuses: what must be kept is kept.
    """
    if said.reason is None:
        raise BasisMissing
    request = open_request(office, subject, said.number, "delete")
    erasure, versions, basis = office.desk.erasure, request.asked.versions, said.reason
    if not versions:
        return erasure.destroy_by_two(subject, basis, said.hand, said.on)
    refs = [Ref(stream=subject, version=version) for version in versions]
    for ref in refs:  # what cannot be expunged, or must be kept, is refused before anything is
        erasure.check_expunging(ref, said.hand, said.on)
    done = [erasure.expunge_by_two(ref, basis, said.hand, said.on) for ref in refs]
    if None in done:
        return None
    # If we stop here, the same call by either person finds the entries expunged and answers.
    return office.rights.answer(subject, said.number, said.on, said.hand, cites=versions)


def answer_correction(office: Office, subject: UUID, said: Answer) -> Receipt:
    """Answer by the entries that correct. Raises RequestNotOpen, NothingDone."""
    open_request(office, subject, said.number, "correct")
    return office.rights.answer(subject, said.number, said.on, said.hand, cites=said.cites, reason=said.reason)


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

"""Rights requests 个人信息权利请求 in their subjects' streams: each step is decided on what stands there.

After an erasure what was never sealed is still read: which right was asked for, and until when an answer was due.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain import rights
from domain.facts import (
    AfterDeathArranged,
    DeathRecorded,
    Fact,
    RightsRequested,
    SubjectKeyDestroyed,
)
from domain.facts.rights import KINDS, Because
from domain.rights import Asked, Kinsman, RightsRequest
from ledger import rows
from ledger.application import Ledger
from ledger.calendars import read_calendar
from ledger.canonical import parse
from ledger.commit import tuples
from ledger.entry import Entry, Hand, Receipt, StoredEntry
from ledger.rounds.rounds import request_of
from ledger.said import head_of, said_of
from ledger.terms import CALENDAR, read_terms

_ENDED = SubjectKeyDestroyed.topic()
_STEPS = {kind.topic(): kind for kind in KINDS} | {_ENDED: SubjectKeyDestroyed}
OVERDUE_MAX = 1_000


class Waiting(NamedTuple):
    """A request that waits for an answer, whose it is, and by how many days it is overdue."""

    subject: UUID
    request: RightsRequest
    days_over: int


class Standing(NamedTuple):
    """The requests of one history: each with the version at which it was made, and what was arranged for death."""

    requests: dict[str, RightsRequest]
    versions: dict[str, int]
    arranged: AfterDeathArranged | None


class Rights:
    """The use cases of whoever asks and of officers who answer."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def standing(self, subject: UUID) -> Standing:
        """Fold what was said of a subject's rights."""
        said = [(row.originator_version, self._fact(row)) for row in self._rows(subject)]
        versions = {fact.request: version for version, fact in said if isinstance(fact, RightsRequested)}
        facts = [fact for _, fact in said]
        return Standing(rights.fold(facts), versions, rights.arranged(facts))

    def of(self, subject: UUID) -> dict[str, RightsRequest]:
        """Give a subject's requests by number."""
        return self.standing(subject).requests

    def died_on(self, subject: UUID) -> date | None:
        """Say on which day somebody died, as far as is recorded."""
        said = [entry.fact for entry in said_of(self.ledger, subject, [DeathRecorded.kind_name()])]
        return max((fact.on for fact in said if isinstance(fact, DeathRecorded)), default=None)

    def ask(self, subject: UUID, asked: Asked, on: date, hand: Hand, kinsman: Kinsman | None = None) -> Receipt:
        """Receive a request, under the term that its place declares now; one number is one request.

        Raises NoTermDeclared, and as `domain.rights.ask` does.
        """
        seen = head_of(self.ledger, subject)
        term = rights.term_for(read_terms(), asked.place, asked.right)
        fact = rights.ask(self.of(subject), asked, on, term, read_calendar(CALENDAR), kinsman)
        return self._record(subject, fact, hand, seen, asked.number)

    def answer(self, subject: UUID, number: str, on: date, hand: Hand, **told: Any) -> Receipt:
        """Record that what was asked for was done. Raises RequestNotOpen, NothingDone."""
        seen, found = head_of(self.ledger, subject), self.standing(subject)
        cites = tuple(told.pop("cites", ()))
        if any(version > seen for version in cites):
            raise rights.NothingDone
        since = found.versions.get(number, 0)
        fact = rights.answer(found.requests.get(number), on, hand.recorded_by, since, cites=cites, **told)
        return self._record(subject, fact, hand, seen, number)

    def refuse(self, subject: UUID, number: str, on: date, hand: Hand, because: Because, reason: str) -> Receipt:
        """Refuse a request, with reason and remedy. Raises RequestNotOpen."""
        seen = head_of(self.ledger, subject)
        fact = rights.refuse(self.of(subject).get(number), on, hand.recorded_by, because, reason)
        return self._record(subject, fact, hand, seen, number)

    def withdraw(self, subject: UUID, number: str, on: date, hand: Hand) -> Receipt:
        """Take a request back. Raises RequestNotOpen."""
        seen = head_of(self.ledger, subject)
        return self._record(subject, rights.withdraw(self.of(subject).get(number), on), hand, seen, number)

    def arrange(self, subject: UUID, fact: AfterDeathArranged, hand: Hand) -> Receipt:
        """Record what near relatives may not do after the person's death."""
        return self._record(subject, fact, hand, head_of(self.ledger, subject), fact.arranged_on)

    def waiting(self, today: date) -> list[Waiting]:
        """Give the requests that wait for an answer, the most overdue first, OVERDUE_MAX at most."""
        found = [
            Waiting(subject, one, one.days_over(today))
            for subject in self._who_asked()
            for one in self.of(subject).values()
            if one.is_open
        ]
        return sorted(found, key=lambda one: (one.request.asked.answer_by, str(one.subject)))[:OVERDUE_MAX]

    def _who_asked(self) -> list[UUID]:
        """Name whose requests have fewer ends than beginnings: the index of migrations/0175 holds them all."""
        text = (
            "SELECT originator_id FROM entries WHERE topic IN ('rights-requested.v1', 'rights-answered.v1',"
            " 'rights-refused.v1', 'rights-withdrawn.v1') GROUP BY originator_id"
            " HAVING count(*) FILTER (WHERE topic = 'rights-requested.v1')"
            " > count(*) FILTER (WHERE topic <> 'rights-requested.v1')"
        )
        with self.ledger.connection() as connection:
            return [row[0] for row in tuples(connection).execute(text).fetchall()]

    def _rows(self, subject: UUID) -> Iterator[StoredEntry]:
        text = f"{rows.SELECT} WHERE originator_id = %s AND topic = ANY(%s) ORDER BY originator_version"
        with self.ledger.connection() as connection:
            read = tuples(connection).execute(text.encode(), [subject, list(_STEPS)]).fetchall()
        return map(rows.stored_entry, read)

    def _fact(self, row: StoredEntry) -> Fact | None:
        fact = self.ledger.entry_mapper.opened(row)
        return fact if fact is not None else _STEPS[row.topic].from_parts(parse(row.state), {})

    def _record(self, subject: UUID, fact: Fact, hand: Hand, seen: int, *names: object) -> Receipt:
        # The resident is part of the name: everybody numbers their requests from the first.
        request = request_of(fact, subject, getattr(fact, "place", ""), *names, subject=str(subject))
        [receipt] = self.ledger.record(Entry(subject, hand, request, fact, seen + 1))
        return receipt

"""Reading a person's history as staff: the one way, and it is written down.

The desk's role may read no entry but through `read_history` (migrations/0160), which writes the log in the same
transaction. What is computed from entries (a score, a trace) is read elsewhere, after `note`: the line is committed
before anything is asked for. Either way, if we stop anywhere, there may be a line without a look, never a look
without a line (docs/decisions/0210).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Connection
from psycopg.rows import DictRow

from domain.facts import RestrictionLifted, SubjectRestricted
from domain.looking import Purpose, read_purpose
from domain.retention import SubjectIsRestricted
from ledger import rows
from ledger.commit import tuples
from ledger.datastore import LedgerDatastore
from ledger.entry import StoredEntry
from ledger.mapper import KeyRing
from ledger.reads import SELECT, Read, read_of, said_of

READS_MAX = 500
"""Reads of a page."""
_HISTORY = f"SELECT notification_id,{rows.NAMES} FROM read_history(%s, %s, %s, %s, %s, %s)"  # noqa: S608 - column names alone
_NOTE = "SELECT note_read(%s, %s, %s, %s, %s, %s, %s, %s)"
_PLACED, _LIFTED = SubjectRestricted.topic(), RestrictionLifted.topic()
_SHOWN = "(shown_on IS NULL OR shown_on <= %s)"


class Looked(NamedTuple):
    """Who looked at a person, the latest first: a page of it, and how many reads are not shown yet."""

    reads: list[Read]
    deferred: int
    bases: dict[tuple[str, date | None], str]
    """Of reads that are shown later: the legal basis, by the reader and the day from which on they are shown."""


class Reads:
    """What staff read of people, and the log of it. `store` is a datastore of the desk's role."""

    def __init__(self, store: LedgerDatastore, keys: KeyRing, random_bytes: Callable[[int], bytes]) -> None:
        self._store = store
        self._keys = keys
        self._random_bytes = random_bytes

    def history(
        self, subject: UUID, reader: str, purpose: Purpose | str, *, though_restricted: bool = False
    ) -> Sequence[StoredEntry]:
        """Read a stream whole and write down who did, and why.

        `reader` is a pseudonymous id. `though_restricted`: for auditors, and for who looks after the restriction
        itself. Raises SubjectIsRestricted, and the library's IntegrityError where reader or purpose is missing;
        then nothing is given out. A look that was refused to a restricted person stands in the log all the same.
        """
        line = self._line(subject, reader, purpose)

        def ask(connection: Connection[DictRow]) -> list[StoredEntry]:
            # In autocommit the log is committed when the answer is here: nothing is handed on before it.
            return [rows.stored_entry(row) for row in tuples(connection).execute(_HISTORY, line).fetchall()]

        found = self._store.ask(ask)
        if not though_restricted and _is_restricted([entry.topic for entry in found]):
            raise SubjectIsRestricted
        return found

    def note(self, reader: str, purpose: Purpose | str, *subjects: UUID, though_restricted: bool = False) -> None:
        """Write down that somebody reads about persons, before anything is given out. Raises as `history` does."""
        if self.noted(reader, purpose, subjects) and not though_restricted:
            raise SubjectIsRestricted

    def noted(self, reader: str, purpose: Purpose | str, subjects: Collection[UUID]) -> set[UUID]:
        """Write the same down in one transaction; give the restricted persons: nothing is told of them."""
        lines = [[*self._line(subject, reader, purpose), _PLACED, _LIFTED] for subject in subjects]

        def ask(connection: Connection[DictRow]) -> set[UUID]:
            if len(lines) == 1:
                answers = [tuples(connection).execute(_NOTE, lines[0])]
            else:
                with connection.transaction(), connection.pipeline():
                    answers = [tuples(connection).execute(_NOTE, line) for line in lines]
            rows_of = zip(subjects, answers, strict=True)
            return {subject for subject, answer in rows_of if answer.fetchall() == [(True,)]}

        return self._store.ask(ask) if lines else set()

    def of(self, subject: UUID, today: date | None, before: int | None = None, limit: int = READS_MAX) -> Looked:
        """List who read about a person, the latest first, as the person is shown it on a day.

        `today` None: as an auditor sees it, with what is not shown yet. `before`: reads with smaller numbers.
        """
        day, last = date.max if today is None else today, 2**63 - 1 if before is None else before
        question = f"{SELECT} WHERE subject = %s AND number < %s AND {_SHOWN} ORDER BY number DESC LIMIT %s"
        found = self._asked(question, [subject, last, day, limit])
        deferred = "SELECT count(*) FROM read_log WHERE subject = %s AND shown_on > %s"
        bases = (
            "SELECT reader, shown_on, min(basis) FROM read_deferrals WHERE subject = %s AND shown_on <= %s"
            " GROUP BY 1, 2"
        )
        return Looked(
            [read_of(row) for row in found],
            self._asked(deferred, [subject, day])[0][0],
            {(reader, shown_on): basis for reader, shown_on, basis in self._asked(bases, [subject, day])},
        )

    def nth(self, subject: UUID, nth: int, today: date | None) -> Read | None:
        """Give one read of a person by its count, or None where there is none, or it is not shown yet."""
        day = date.max if today is None else today
        found = self._asked(f"{SELECT} WHERE subject = %s AND nth = %s AND {_SHOWN}", [subject, nth, day])
        return read_of(found[0]) if found else None

    def opened(self, read: Read) -> dict[str, str]:
        """Open what was said beside the code."""
        return read.opened(self._keys)

    def _line(self, subject: UUID, reader: str, purpose: Purpose | str) -> list[Any]:
        why = read_purpose(purpose) if isinstance(purpose, str) else purpose
        said = said_of(self._keys, self._random_bytes, subject, reader, why)
        return [subject, reader, said.purpose, said.salt, said.sealed, said.content_hash]

    def _asked(self, question: str, given: Iterable[Any]) -> list[tuple[Any, ...]]:
        return self._store.ask(
            lambda connection: tuples(connection).execute(question.encode(), [*given]).fetchall()
        )


def _is_restricted(topics: Sequence[str]) -> bool:
    """Say whether a restriction stands: each is lifted before the next is placed."""
    return topics.count(_PLACED) > topics.count(_LIFTED)

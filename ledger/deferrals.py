"""延后告知: reads that a person is shown later, by law and by two people. They are counted all along.

A deferral is made before the looks it is for: of one person, by one reader, until a day. Each look that follows has
that day in its row and in its leaf, and appears on it by itself; nothing that was shown is hidden again.
"""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import psycopg

from domain.errors import DeferralDayRefused
from domain.facts.governance import Action
from ledger.approvals import Approvals
from ledger.canonical import canonical
from ledger.commit import tuples
from ledger.database import refused
from ledger.entry import Hand
from ledger.suites import Suite

DEFERRED_MAX = timedelta(days=3 * 366)
ACTION: Action = "defer-reads"


class Deferral(NamedTuple):
    """Looks at a person by a reader are shown from a day on, by a law."""

    subject: UUID
    reader: str
    shown_on: date
    basis: str

    def content(self, suite: Suite) -> bytes:
        """Give the hash that two people approve (action `defer-reads`)."""
        told = [ACTION, str(self.subject), self.reader, self.shown_on.isoformat(), self.basis]
        return suite.hash(canonical(told))


def defer_by_two(approvals: Approvals, deferral: Deferral, hand: Hand, today: date) -> bool:
    """Ask for a deferral as the first person (False), or approve it as the second with the same call.

    Raises DeferralDayRefused, SubjectUnknown, ApprovalTaken.
    """
    if not today < deferral.shown_on <= today + DEFERRED_MAX:
        raise DeferralDayRefused
    keys = approvals.records.keys
    keys.owner_key(deferral.subject)
    content = deferral.content(keys.suite)
    if not approvals.by_two(ACTION, content, hand, deferral.basis):
        return False
    # If we stop here, the approval stands and nothing is deferred: the same call again defers.
    try:
        with approvals.records.connection() as connection:
            tuples(connection).execute("SELECT defer_reads(%s, %s, %s, %s, %s)", [*deferral, content])
    except psycopg.Error as error:
        failure = refused(error)
    else:
        return True
    raise failure

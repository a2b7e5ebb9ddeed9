"""Everything that routes ask for, opened once for a process."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date

from api.answering import Answering, LogAnswering
from api.auth import Tokens
from api.intake import Intake
from api.knowing import PooledKnowing
from ledger.history import Reads
from ledger.opening import Desk
from projections.office import Office

_STAFF_MAX = 4


@dataclass(frozen=True)
class Door:
    """A ledger behind an HTTP door. `staff` is the one way in which staff read a person's entries.

    `office` is what is done with programmes.
    """

    desk: Desk
    answering: Answering
    log: LogAnswering
    intake: Intake
    staff: Reads
    tokens: Tokens
    today: Callable[[], date]
    office: Office


@contextmanager
def opened(desk: Desk, tokens: Tokens, today: Callable[[], date]) -> Iterator[Door]:
    """Open the door of a ledger at work."""
    with ExitStack() as stack:
        answering = Answering(desk.database)
        stack.callback(answering.close)
        log = LogAnswering(desk.database, desk.keys.suite)
        stack.callback(log.close)
        staff = stack.enter_context(desk.reads(_STAFF_MAX))
        knowing = PooledKnowing(desk)
        stack.callback(knowing.close)
        intake, office = Intake(desk, today), Office(desk, knowing)
        yield Door(desk, answering, log, intake, staff, tokens, today, office)

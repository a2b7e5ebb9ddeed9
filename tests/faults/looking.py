"""Staff who look at people of a ledger, and the log of their looks."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from ledger.database import Role
from ledger.datastore import LedgerDatastore
from ledger.history import Reads
from ledger.reads import READS
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.keys import SIGNERS
from ledger.transparency.log import LogKeeper
from tests.bundles import Decided


@dataclass
class LookedAt:
    """Who looks at people, and the log of it, with the head that somebody outside has kept."""

    reads: Reads
    keeper: LogKeeper
    kept: Checkpoint | None = None

    def sign(self) -> None:
        """Let the log catch up, sign it, and keep the head outside."""
        while self.keeper.follow():
            pass
        head = self.keeper.sign()
        self.kept = self.kept if head is None else head.checkpoint


@contextmanager
def looking(given: Decided) -> Iterator[LookedAt]:
    """Let staff look at people of a ledger, with a log of it."""
    signer = SIGNERS[given.suite.name]("ledger.example/points/reads", b"reads".ljust(32))
    keeper = LogKeeper.open(given.ledger.database, given.suite, signer, READS)
    with (
        closing(keeper.reader.connection),
        LedgerDatastore(given.ledger.database, Role.DESK, connections_max=1) as store,
    ):
        yield LookedAt(Reads(store, given.ledger.keys, os.urandom), keeper)

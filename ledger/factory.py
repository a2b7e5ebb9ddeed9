"""The library's factory seam: our datastore and recorder in place of those it makes from an environment."""

from eventsourcing.persistence import ProgrammingError
from eventsourcing.postgres import PostgresFactory
from eventsourcing.utils import Environment, EnvType, strtobool

from ledger.database import Database
from ledger.datastore import CONNECTIONS_MAX, LedgerDatastore
from ledger.recorder import EntryRecorder


class EntryFactory(PostgresFactory):
    """Makes recorders on one ledger. `close` ends their threads, then the connections."""

    def __init__(
        self, env: Environment | EnvType | None, database: Database, *, connections_max: int = CONNECTIONS_MAX
    ) -> None:
        # The library would read POSTGRES_DBNAME and so on; a connection string says it all.
        settings = dict(env or {}) | dict.fromkeys(("POSTGRES_DBNAME", "POSTGRES_HOST", "POSTGRES_USER"), "unused")
        super().__init__(Environment("points", settings | {"POSTGRES_PASSWORD": ""}))
        if strtobool(self.env.get(self.POSTGRES_ENABLE_DB_FUNCTIONS) or "no"):
            raise ProgrammingError("POSTGRES_ENABLE_DB_FUNCTIONS skips the turn: refused")
        self.ledger_datastore = LedgerDatastore(database, connections_max=connections_max)
        self.datastore = self.ledger_datastore
        self._recorders: list[EntryRecorder] = []

    def application_recorder(self) -> EntryRecorder:
        """Make a recorder. No table is made: CREATE_TABLE is `no`, whatever the environment says."""
        recorder = EntryRecorder(self.ledger_datastore)
        self._recorders.append(recorder)
        return recorder

    def close(self) -> None:
        """Serve who waits, end the threads, close the connections."""
        for recorder in self._recorders:
            recorder.close()
        super().close()

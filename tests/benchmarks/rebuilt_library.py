"""The library's own ProjectionRunner over a sample of the same entries: one entry, one row, one transaction."""

import time
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresTrackingRecorder
from eventsourcing.projection import BaseProjectionRunner, Projection
from eventsourcing.utils import EnvType

from ledger.application import Ledger
from tests.projections.given import GivenLedger

SAMPLE = 2_000


class _View(PostgresTrackingRecorder):
    """Inserts a row for each entry, in the transaction of its tracking."""

    def saw(self, stream: str, topic: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO library_view (position, stream, topic) VALUES (%s, %s, %s)",
                [tracking.notification_id, stream, topic],
                prepare=True,
            )


class _Seeing(Projection[_View]):
    """Sees every entry."""

    name = "seeing"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        self.view.saw(str(domain_event.originator_id), type(domain_event.fact).__name__, tracking)


class _Sampled(Ledger):
    """The ledger as the library constructs it: by its class alone."""

    given: ClassVar[GivenLedger]

    def __init__(self, env: EnvType | None = None) -> None:
        del env
        super().__init__(self.given.database, self.given.keys, self.given._random_bytes)


def library_rate(ledger: GivenLedger) -> float:
    """Let the library's runner fold the last entries; give entries a second."""
    head = ledger.head()
    asked = urlsplit(ledger.database.url)
    [host] = parse_qs(asked.query)["host"]
    datastore = PostgresDatastore(
        unquote(asked.path.removeprefix("/")), host, 5432, asked.username or "", "", schema="public"
    )
    view = _View(datastore)
    view.create_table()
    with datastore.transaction(commit=True) as cursor:
        cursor.execute("DROP TABLE IF EXISTS library_view")
        cursor.execute("CREATE TABLE library_view (position bigint PRIMARY KEY, stream text, topic text)")
        cursor.execute("DELETE FROM notification_tracking")
    view.insert_tracking(Tracking(_Sampled.name, max(head - SAMPLE, 0)))
    _Sampled.given = ledger
    began = time.perf_counter()
    with BaseProjectionRunner(
        projection=_Seeing(view), application_class=_Sampled, tracking_recorder=view, topics=()
    ) as runner:
        runner.wait(head, timeout=300)
        taken = time.perf_counter() - began
    with datastore.transaction(commit=True) as cursor:
        cursor.execute("SELECT count(*) AS seen FROM library_view")
        row = cursor.fetchone()
        cursor.execute("DROP TABLE library_view")
        cursor.execute("DROP TABLE notification_tracking")
    datastore.close()
    assert row is not None
    return int(row["seen"]) / taken

"""Who leads a projection and how it fares: one row each, written every few seconds and when something fails."""

from datetime import datetime
from typing import Any, Literal, NamedTuple

from psycopg import Connection

from projections.schemas import Schemas

State = Literal["running", "failed", "stopped"]


class Beat(NamedTuple):
    """What a leader says of itself. `failure` is the class of an error, never its text."""

    projection: str
    instance: str
    state: State = "running"
    failure: str | None = None


class Pulse(NamedTuple):
    """A heartbeat as it is read: `lag` in positions, `beat_at` by the database's clock."""

    projection: str
    instance: str
    state: State
    failure: str | None
    position: int
    lag: int
    beat_at: datetime


def beat(connection: Connection[Any], schemas: Schemas, said: Beat) -> None:
    """Write a heartbeat, with how far the projection is and how many positions it lags behind."""
    connection.execute(
        schemas.sql(
            "INSERT INTO {projections}.heartbeats (projection, instance, state, failure, position, lag)"
            " SELECT %(projection)s, %(instance)s, %(state)s, %(failure)s, reached, greatest(head - reached, 0)"
            " FROM (SELECT coalesce(max(notification_id), 0) AS head FROM {ledger}.entries) AS ledger,"
            " (SELECT coalesce(max(position), 0) AS reached FROM {projections}.checkpoints"
            " WHERE projection = %(projection)s) AS here"
            " ON CONFLICT (projection) DO UPDATE SET instance = excluded.instance, state = excluded.state,"
            " failure = excluded.failure, position = excluded.position, lag = excluded.lag,"
            " beat_at = clock_timestamp()"
        ),
        said._asdict(),
    )


def pulses(connection: Connection[Any], schemas: Schemas) -> list[Pulse]:
    """List the heartbeats, for `points doctor`."""
    rows = connection.execute(
        schemas.sql(
            "SELECT projection, instance, state, failure, position, lag, beat_at FROM {projections}.heartbeats"
            " ORDER BY projection"
        )
    )
    return [Pulse(*row) for row in rows]

"""Read your writes: wait until projections have reached the position of a receipt."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from psycopg import Connection

from domain.errors import ProjectionBehind
from projections.checkpoints import reached
from projections.schemas import Schemas

_POLL_S_MIN, _POLL_S_MAX = 0.005, 0.1


def wait_for(
    connection: Connection[Any],
    schemas: Schemas,
    projections: Sequence[str],
    position: int,
    timeout_s: float,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> int:
    """Give the position that all of them have reached, at least `position`.

    A stream that stands still is passed over: its position counts as reached. Raises ProjectionBehind.
    """
    ends = monotonic() + timeout_s
    pause_s = _POLL_S_MIN
    while True:
        with connection.cursor() as cursor:
            now = reached(cursor, schemas, projections)
        if now >= position:
            return now
        left_s = ends - monotonic()
        if left_s <= 0:
            raise ProjectionBehind
        sleep(min(pause_s, left_s))
        pause_s = min(pause_s * 2, _POLL_S_MAX)

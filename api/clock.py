"""The only clock. Everything below api/ is given its dates and instants."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from time import monotonic as _monotonic

AHEAD_OF_UTC = timedelta(hours=8)
SHANGHAI = timezone(AHEAD_OF_UTC, "Asia/Shanghai")
"""Eight hours ahead without daylight saving since 1991, so that no time-zone database is needed."""


def now() -> datetime:
    """Give the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the room of the clock


def monotonic() -> float:
    """Give seconds that never run backwards, to tell rates by."""
    return _monotonic()


def today() -> date:
    """Give the present civil date in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def midnight(day: date) -> datetime:
    """Give the instant at which a civil day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)

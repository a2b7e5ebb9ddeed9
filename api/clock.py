"""The only clock. Everything below api/ is given its dates and instants."""

from datetime import UTC, date, datetime, time
from time import monotonic as _monotonic

from domain.civil import AHEAD_OF_UTC, SHANGHAI, civil_day

__all__ = ["AHEAD_OF_UTC", "SHANGHAI", "midnight", "monotonic", "now", "today"]


def now() -> datetime:
    """Give the present instant, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the room of the clock


def monotonic() -> float:
    """Give seconds that never run backwards, to tell rates by."""
    return _monotonic()


def today() -> date:
    """Give the present civil date in Asia/Shanghai."""
    return civil_day(now())


def midnight(day: date) -> datetime:
    """Give the instant at which a civil day begins in Asia/Shanghai."""
    return datetime.combine(day, time(), SHANGHAI)

"""Retention schedules on disk: terms/retention.yaml."""

from functools import lru_cache
from pathlib import Path

from domain.retention import Schedule, ScheduleUnsound, read_schedule
from domain.rulebook import Unsound
from ledger.rulebooks.yaml_tree import trees

HOUSE = Path(__file__).parents[1] / "terms" / "retention.yaml"


@lru_cache(maxsize=8)
def schedule_in(path: Path) -> Schedule:
    """Read a schedule. Raises ScheduleUnsound, naming the file and the place in it."""
    try:
        [(tree, _)] = trees(path.read_bytes(), str(path))
        return read_schedule(tree)
    except ScheduleUnsound as error:
        raise ScheduleUnsound(f"{path.name}: {error.place}") from None
    except (Unsound, OSError, ValueError):
        raise ScheduleUnsound(path.name) from None

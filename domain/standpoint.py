"""Where and when facts are read from: what follows from a place and a day alone, the same for everybody."""

from datetime import date
from functools import lru_cache

from domain.civil import month_index
from domain.places import Tier, territory

TIERS_AROUND = {Tier.PROVINCE: 1, Tier.CITY: 2, Tier.DISTRICT: 3}
"""How many of the territories around a place, counted from the widest, reach down to that of a tier."""
_REMEMBERED = 4096


class _Near(dict[str | None, int]):
    """In how many of a place's territories (province, city, district) a fact lies; without a place in all."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._territories = [territory(place, tier) for tier in TIERS_AROUND]

    def __missing__(self, place: str | None) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        around = self._territories
        found = len(around) if place is None else sum(place.startswith(territory) for territory in around)
        self[place] = found
        return found


class _MonthsAgo(dict[date | None, int]):
    """How many months before this month a day's month lies; a fact without a day is of this month."""

    def __init__(self, month: int) -> None:
        super().__init__()
        self._month = month

    def __missing__(self, day: date | None) -> int:
        if len(self) > _REMEMBERED:
            self.clear()
        found = self[day] = 0 if day is None else self._month - month_index(day)
        return found


class Standpoint:
    """A place and a day, and what has been asked of them before."""

    __slots__ = ("month", "months_ago", "near")

    def __init__(self, place: str, as_of: date) -> None:
        self.month = month_index(as_of)
        self.near = _Near(place)
        self.months_ago = _MonthsAgo(self.month)


@lru_cache(maxsize=256)
def standpoint(place: str, as_of: date) -> Standpoint:
    """Give the standpoint, made when it is asked for first."""
    return Standpoint(place, as_of)

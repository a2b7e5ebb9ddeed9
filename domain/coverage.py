"""Which feeds were complete: only then does nothing found mean zero instead of no data (暂未查询到数据)."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.civil import month_of
from domain.facts import FactVoided, FeedDelivered, Known
from domain.places import authority_prefix


class Feed(NamedTuple):
    """One complete delivery: a kind, a place (authority, district or town), months [first, last], a position.

    Months are numbered as in domain/civil.py.
    """

    kind: str
    place: str
    first_month: int
    last_month: int
    position: int


def feeds_of(entries: Iterable[Known]) -> list[Feed]:
    """Give the complete deliveries among the entries of an organ; partial and voided ones cover nothing."""
    entries = list(entries)
    voided = {entry.refers_to for entry in entries if isinstance(entry.fact, FactVoided)}
    return [
        Feed(
            entry.fact.fact_kind,
            entry.fact.place,
            month_of(entry.fact.first_month),
            month_of(entry.fact.last_month),
            entry.position,
        )
        for entry in entries
        if isinstance(entry.fact, FeedDelivered) and entry.fact.coverage == "complete" and entry.ref not in voided
    ]


class Coverage:
    """The complete feeds known at one position."""

    def __init__(self, feeds: Iterable[Feed] = (), as_at: int | None = None) -> None:
        self._feeds: dict[str, list[Feed]] = {}
        for feed in feeds:
            if as_at is None or feed.position <= as_at:
                self._feeds.setdefault(feed.kind, []).append(feed)

    def last_month(self, kind: str) -> int | None:
        """Give the last month that any complete feed of a kind reaches; None without one."""
        return max((feed.last_month for feed in self._feeds.get(kind, ())), default=None)

    def knows(self, kind: str) -> bool:
        """Say whether any complete feed of a kind is known."""
        return kind in self._feeds

    def covers(self, kind: str, place: str, first_month: int, last_month: int) -> bool:
        """Say whether complete feeds of a kind, of this place or of one around it, leave no month out."""
        feeds = self._feeds.get(kind)
        if not feeds:
            return first_month > last_month
        here = sorted(
            (feed.first_month, feed.last_month) for feed in feeds if place.startswith(authority_prefix(feed.place))
        )
        wanted = first_month
        for first, last in here:
            if first > wanted:
                break
            wanted = max(wanted, last + 1)
        return wanted > last_month


NO_FEEDS = Coverage()
"""No feed is known to be complete."""

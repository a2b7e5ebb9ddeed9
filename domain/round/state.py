"""A round: state, then evolution. Evolution refuses nothing; the order of the stream is the order."""

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Literal

from domain.facts import (
    Fact,
    NoticeStarted,
    PlacesDeclared,
    RankingPublished,
    RoundCancelled,
    RoundExtended,
    RoundLocked,
    RoundOpened,
    SeedPublished,
    WindowClosed,
)


class RoundState(StrEnum):
    """未公布, 未开始, 受理中, 已截止, 已锁定, 已公布, 已取消."""

    UNKNOWN = "unknown"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    LOCKED = "locked"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Round:
    """A round after the facts so far. `counted_on` and `as_at` are two dates: what counts, and what was known.

    `published` are the hashes of rankings in the order of their publication: none is ever edited.
    """

    name: str = ""
    programme: str = ""
    content: str = ""
    place: str = ""
    opens_on: date = date.max
    closes_on: date = date.min
    counted_on: date = date.min
    late_facts: Literal["listed", "redetermined"] = "listed"
    closed_on: date | None = None
    places: dict[str, int] = field(default_factory=dict)
    locked_on: date | None = None
    as_at: int | None = None
    overridden: bool = False
    seed: str | None = None
    published: tuple[str, ...] = ()
    notices: tuple[tuple[date, date], ...] = ()
    cancelled_on: date | None = None

    def state(self, on: date) -> RoundState:
        """Give the state on a day not before the last fact."""
        if not self.name:
            return RoundState.UNKNOWN
        if self.cancelled_on is not None:
            return RoundState.CANCELLED
        if self.published:
            return RoundState.PUBLISHED
        if self.locked_on is not None:
            return RoundState.LOCKED
        if on < self.opens_on:
            return RoundState.ANNOUNCED
        return RoundState.OPEN if on <= self.closes_on else RoundState.CLOSED

    def takes(self, filed_on: date) -> bool:
        """Say whether an application filed on a day stands: late filing is void."""
        return self.opens_on <= filed_on <= self.closes_on

    def shown(self, on: date) -> bool:
        """Say whether a notice hangs out on a day: [starts_on, removed_on)."""
        return any(start <= on < removed for start, removed in self.notices)


def evolve_round(state: Round, fact: Fact) -> Round:
    """Take one fact of the round's stream; facts of other kinds, and a second opening, change nothing."""
    match fact:
        case RoundOpened() if not state.name:
            return replace(
                state,
                name=fact.round,
                programme=fact.programme,
                content=fact.content,
                place=fact.place,
                opens_on=fact.opens_on,
                closes_on=fact.closes_on,
                counted_on=fact.counted_on,
                late_facts=fact.late_facts,
            )
        case RoundExtended():
            return replace(state, closes_on=max(state.closes_on, fact.closes_on), closed_on=None)
        case WindowClosed() if state.closed_on is None:
            return replace(state, closed_on=fact.closed_on)
        case PlacesDeclared():
            return replace(state, places={**state.places, fact.unit: fact.places})
        case RoundLocked() if state.locked_on is None:
            return replace(state, locked_on=fact.locked_on, as_at=fact.as_at, overridden=bool(fact.incomplete))
        case _:
            return _told(state, fact)


def _told(state: Round, fact: Fact) -> Round:
    match fact:
        case SeedPublished() if state.seed is None:
            return replace(state, seed=fact.seed)
        case RankingPublished():
            return replace(state, published=(*state.published, fact.content))
        case NoticeStarted():
            return replace(state, notices=(*state.notices, (fact.starts_on, fact.removed_on)))
        case RoundCancelled() if state.cancelled_on is None:
            return replace(state, cancelled_on=fact.on)
        case _:
            return state

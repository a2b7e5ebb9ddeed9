"""The residence permit for columns: the fold of domain/permit.py, one move of every resident at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from domain.permit import MOVES_OF_A_DAY, PermitState
from domain.plan import STEPS
from projections.engines.batch import NO_WORD, Batch, Rows
from projections.engines.calendar import NO_DAY, Bools, Days, Ints, add_months, full_months

STATES = tuple(PermitState)
"""The states, numbered."""


class State(IntEnum):
    """The numbers of the states."""

    NONE = STATES.index(PermitState.NONE)
    NORMAL = STATES.index(PermitState.NORMAL)
    DUE = STATES.index(PermitState.DUE)
    SUSPENDED = STATES.index(PermitState.SUSPENDED)
    ENDED = STATES.index(PermitState.ENDED)


@dataclass(frozen=True, slots=True)
class Permits:
    """Where each permit stands: its state by number, its place's code, whether a request is awaited.

    `covered_until` is the day on which the calendar suspends it.
    """

    state: NDArray[np.int8]
    place: NDArray[np.int32]
    awaits_request: Bools
    covered_until: Days


_FIELDS = (
    *("number", "place", "issued_on", "covered_until"),
    *("suspended_on", "resumed_on", "requested_on", "ended_on"),
)
_Permit = dict[str, Days]
_NOT_BEGUN = -1
_DAY_BITS, _RANK_BITS, _FROM_YEAR_ONE = 22, 3, 719_162
"""A move's place in its resident's order, packed: the day counted from 0001-01-01, and the order within a day."""


def permits_on(batch: Batch, moves: Rows, as_of: int) -> Permits:
    """Fold the moves in force, in the order of their days."""
    moves, rank = _in_order(batch, moves)
    permit = _nobodys(batch)
    for turn in _turns(moves):
        _move(permit, moves.take(turn), rank[turn])
    awaits = (permit["resumed_on"] != NO_DAY) & (permit["requested_on"] == NO_DAY)
    state = _state(permit, np.full(batch.residents, as_of, np.int32))
    return Permits(state, permit["place"], awaits, permit["covered_until"])


def periods_in_use(batch: Batch, moves: Rows) -> Rows:
    """Give the periods in which a permit could be used, as facts: the meaning of domain.permit.in_use."""
    moves, rank = _in_order(batch, moves)
    permit = _nobodys(batch)
    began = np.full(batch.residents, _NOT_BEGUN, np.int64)
    ended = _Periods()
    for turn in _turns(moves):
        who, on = moves["resident"][turn], moves["starts_on"][turn]
        covered = permit["covered_until"][who]
        ran_out = (began[who] != _NOT_BEGUN) & (covered != NO_DAY) & (covered <= on)
        ended.add(began, who[ran_out], covered[ran_out], permit["place"][who[ran_out]])
        number, place = permit["number"][who], permit["place"][who]
        _move(permit, moves.take(turn), rank[turn])
        state = _state({name: column[who] for name, column in permit.items()}, on)
        used = (state == State.NORMAL) | (state == State.DUE)
        over = (began[who] != _NOT_BEGUN) & (~used | (permit["number"][who] != number))
        ended.add(began, who[over], on[over], place[over])
        begins = used & (began[who] == _NOT_BEGUN)
        began[who[begins]] = np.flatnonzero(turn)[begins]
    open_ = np.flatnonzero(began != _NOT_BEGUN).astype(np.int32)
    ended.add(began, open_, permit["covered_until"][open_], permit["place"][open_])
    return ended.rows(moves)


class _Periods:
    """Periods gathered: the move that began each, its end and its place."""

    def __init__(self) -> None:
        self._began: list[Ints] = [np.zeros(0, np.int64)]
        self._until: list[Days] = [np.zeros(0, np.int32)]
        self._place: list[Days] = [np.zeros(0, np.int32)]

    def add(self, began: Ints, who: Days, until: Days, place: Days) -> None:
        """End the periods of these residents."""
        self._began.append(began[who])
        self._until.append(until)
        self._place.append(place)
        began[who] = _NOT_BEGUN

    def rows(self, moves: Rows) -> Rows:
        """Give the periods in the order of residents."""
        began, until = np.concatenate(self._began), np.concatenate(self._until)
        begun = moves.take(began)
        columns = {name: begun[name] for name in ("resident", "position", "version", "spell", "mark", "starts_on")}
        columns |= {"ends_on": until, "place": np.concatenate(self._place)}
        columns |= {name: np.full(len(until), NO_WORD, np.int32) for name in ("variant", "level", "act", "opens")}
        columns |= {name: np.full(len(until), NO_DAY, np.int32) for name in STEPS[1:]}
        return Rows(columns).take(np.argsort(columns["resident"], kind="stable"))


def _in_order(batch: Batch, moves: Rows) -> tuple[Rows, NDArray[np.int8]]:
    """Put moves in the order of residents and days, with their order within a day."""
    kinds = batch.words["kind"]
    rank_of = np.full(len(kinds) + 1, len(MOVES_OF_A_DAY), np.int8)
    for number, kind in enumerate(MOVES_OF_A_DAY):
        rank_of[kinds.find(kind)] = number
    rank = rank_of[moves["kind"]]
    day = (moves["resident"].astype(np.int64) << _DAY_BITS) + moves["starts_on"] + _FROM_YEAR_ONE
    keys = (day << _RANK_BITS) + rank
    if not np.any(keys[1:] < keys[:-1]):
        return moves, rank
    order = np.lexsort((moves["version"], moves["position"], keys))
    return moves.take(order), rank[order]


def _nobodys(batch: Batch) -> _Permit:
    permit: _Permit = {name: np.full(batch.residents, NO_DAY, np.int32) for name in _FIELDS}
    permit["number"][:] = permit["place"][:] = NO_WORD
    return permit


def _turns(moves: Rows) -> Iterator[Bools]:
    """Mask the first move of every resident, then the second, and so on."""
    turn = np.arange(len(moves)) - np.searchsorted(moves["resident"], moves["resident"])
    for n in range(int(turn.max(initial=-1)) + 1):
        yield turn == n


def _move(permit: _Permit, moves: Rows, rank: NDArray[np.int8]) -> None:
    """Take one move of each of some residents. Moves of another permit, or after the end, change nothing."""
    who, day, spell = moves["resident"], moves["starts_on"], moves["spell"]
    is_held = (permit["issued_on"][who] != NO_DAY) & (permit["ended_on"][who] == NO_DAY)
    going_on = is_held & (permit["number"][who] == spell)
    state = _state({name: column[who] for name, column in permit.items()}, day)
    awaits = (permit["resumed_on"][who] != NO_DAY) & (permit["requested_on"][who] == NO_DAY)
    is_move = {kind: rank == n for n, kind in enumerate(MOVES_OF_A_DAY)}

    endorsed, restored = is_move["permit-endorsed"] & going_on, is_move["permit-restored"] & going_on
    paused = is_move["permit-suspended"] & going_on & (permit["suspended_on"][who] == NO_DAY)
    ended = is_move["permit-ended"] & (going_on | (is_held & (spell == NO_WORD)))  # a death names no permit
    asked = is_move["points-reinstatement-requested"] & going_on & awaits & (state != State.SUSPENDED)
    issued = is_move["permit-issued"] & ~going_on

    _use(permit, who[endorsed], day[endorsed], state[endorsed], _covered_by_endorsement)
    _use(permit, who[restored], day[restored], state[restored], _next_full_year)
    permit["suspended_on"][who[paused]] = day[paused]
    permit["ended_on"][who[ended]] = day[ended]
    permit["requested_on"][who[asked]] = day[asked]
    for column in permit.values():
        column[who[issued]] = NO_DAY
    permit["number"][who[issued]] = spell[issued]
    permit["place"][who[issued]] = moves["place"][issued]
    permit["issued_on"][who[issued]] = day[issued]
    permit["covered_until"][who[issued]] = add_months(day[issued], 12)


def _use(
    permit: _Permit, who: Days, day: Days, state: NDArray[np.int8], covered: Callable[[Days, Days], Days]
) -> None:
    """Cover a further year; what was suspended is resumed."""
    until = covered(permit["issued_on"][who], day)
    permit["covered_until"][who] = np.maximum(until, permit["covered_until"][who])
    permit["suspended_on"][who] = NO_DAY
    resumed = state == State.SUSPENDED
    permit["resumed_on"][who[resumed]] = day[resumed]
    permit["requested_on"][who[resumed]] = NO_DAY


def _next_full_year(issued_on: Days, day: Days) -> Days:
    years = (full_months(issued_on, day) // 12).astype(np.int32)
    return add_months(issued_on, (years + 1) * 12)


def _covered_by_endorsement(issued_on: Days, day: Days) -> Days:
    full_year = _next_full_year(issued_on, day)
    early = day < add_months(full_year, -1)
    return np.where(early, full_year, _next_full_year(issued_on, full_year)).astype(np.int32)


def _state(permit: _Permit, day: Days) -> NDArray[np.int8]:
    """Give the state of each permit on a day of its own."""
    covered = permit["covered_until"]
    issued = covered != NO_DAY
    due_on = add_months(np.where(issued, covered, 0).astype(np.int32), -1)
    state = np.where(day >= due_on, State.DUE, State.NORMAL)
    state = np.where((permit["suspended_on"] != NO_DAY) | (day >= covered), State.SUSPENDED, state)
    state = np.where(permit["ended_on"] != NO_DAY, State.ENDED, state)
    return np.where(issued, state, State.NONE).astype(np.int8)

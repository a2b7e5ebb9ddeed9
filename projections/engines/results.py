"""Scores of many residents: what domain.score.Score says in numbers, in columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.permit import PermitState
from domain.places import Tier
from domain.plan import Plan
from projections.engines.calendar import Bools, Days, Ints
from projections.engines.permits import STATES, Permits

VALIDITY = ("accruing", "effective", "paused", "lost")
"""What a permit's state can mean for the points, numbered."""


class RowState(IntEnum):
    """The numbers of domain.score.LineState."""

    SCORED = 0
    ZERO = 1
    NO_DATA = 2
    OTHER_USE = 3


@dataclass(frozen=True, slots=True)
class Lines:
    """One row of a table for every resident. `known` is None where the quantity is known of everybody."""

    quantity: Ints
    known: Bools | None
    earned: Ints
    points: Ints
    state: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of a batch: what domain.score.Score says in numbers, in the order of residents.

    `turns` gives the first day on which each may differ, where that was asked for.
    """

    plan: Plan
    lines: Sequence[Lines]
    categories: Mapping[tuple[int, int], Ints]
    tables: Sequence[Ints]
    before_deductions: Ints
    deductions: Ints
    total: Ints
    is_valid: Bools
    ineligible: Bools
    validity: NDArray[np.int8]
    permits: Permits
    names: Sequence[Any]
    turns: Days | None = None

    def tier(self, tier: Tier) -> Ints:
        """Give the points of all tables of a tier."""
        points = np.zeros(len(self.total), np.int64)
        for table, earned in zip(self.plan.tables, self.tables, strict=True):
            if table.tier == tier.value:
                points = points + earned
        return points

    @property
    def usable(self) -> Ints:
        """Give the points that can be used today."""
        in_effect = self.is_valid & ~self.ineligible
        if self.plan.validity is not None:
            in_effect &= self.validity == VALIDITY.index("effective")
        return np.where(in_effect, self.total, 0)

    def permit_state_of(self, resident: int) -> PermitState:
        """Give the state of the permit."""
        return STATES[int(self.permits.state[resident])]

    def validity_of(self, resident: int) -> str | None:
        """Give the validity by its name: None where no rulebook says."""
        return None if self.plan.validity is None else VALIDITY[self.validity[resident]]

"""The two clocks of a permit, which are never one: cumulative months for points, unbroken months for eligibility.

Source: 条例 art. 19 (a late endorsement: years count continuously from that day); 38号 (累计, so that gaps leave
points as they are). Both come from one fold of the permit's periods in use, so that they cannot disagree about what
a suspension is.
"""

from datetime import date
from typing import NamedTuple

from domain.civil import full_months
from domain.knowledge import Knowledge
from domain.measures.spells import merged
from domain.permit import in_use


class Clocks(NamedTuple):
    """Full months with a permit in use up to a day; `unbroken_since` is None where it is not in use on that day."""

    cumulative_months: int
    unbroken_months: int
    unbroken_since: date | None


def clocks(knowledge: Knowledge, on: date) -> Clocks:
    """Read both clocks on a day. Each merged period counts its own full months, as rows of tables do."""
    bounds = [
        (period.row.starts_on or on, min(end, on) if (end := period.end(on)) is not None else on)
        for period in in_use(knowledge.permits, on)
    ]
    periods = merged((start, until) for start, until in bounds if start < until)
    current = periods[-1] if periods and periods[-1][1] == on else None
    return Clocks(
        cumulative_months=sum(full_months(*period) for period in periods),
        unbroken_months=full_months(*current) if current else 0,
        unbroken_since=current[0] if current else None,
    )

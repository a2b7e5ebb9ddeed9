"""What entries would add to what rules read, before they are there: for the effect of an import or an undoing."""

from collections.abc import Iterable

from domain.factrow import FactRow, Role, rows_of
from domain.facts import FactVoided, Known, Ref
from ledger.entry import Entry
from projections.effects import Touched

_AHEAD = 2**62
"""Beyond every position that stands, in the order in which they come."""


class Forecast:
    """Collects the rows that entries would make."""

    def __init__(self, touched: Touched) -> None:
        self.touched = touched
        self._next = _AHEAD

    def entry(self, entry: Entry, ref: Ref) -> None:
        """Note an entry that would be appended, and the place it would have."""
        if entry.fact is None:
            return
        self._next += 1
        rows = rows_of(Known(entry.fact, self._next, ref, entry.hand.refers_to))
        if rows:
            self.touched.add(ref.stream, rows)

    def voids(self, refs: Iterable[Ref]) -> None:
        """Note entries that would be voided from the start."""
        for ref in refs:
            self._next += 1
            self.touched.add(ref.stream, [_void(ref, self._next)])


def _void(ref: Ref, position: int) -> FactRow:
    return FactRow(
        role=Role.VOID,
        kind=FactVoided.kind_name(),
        position=position,
        ref_stream=ref.stream,
        ref_version=position,
        refers_stream=ref.stream,
        refers_version=ref.version,
    )

"""At which day and position a population is scored."""

from datetime import date
from typing import NamedTuple


class Coordinates(NamedTuple):
    """The civil day (as of) and the position up to which the ledger is known (as at; None: all of it)."""

    as_of: date
    as_at: int | None = None

"""补贴: how much a month, from when, for how long, and in which payments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.civil import month_index, month_text
from domain.programme.model import Benefit, Money, Programme


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment: the months [first, last] by their numbers, and fen."""

    first: int
    last: int
    fen: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What an application is granted: fen a month in the months [first, first + months)."""

    row: Money
    fen_per_month: int
    first: int
    months: int

    @property
    def last(self) -> int:
        """Give the last month."""
        return self.first + self.months - 1

    def as_json(self) -> dict[str, object]:
        """Give everything as JSON values."""
        return {
            "money": self.row.id,
            "zone": self.row.zone,
            "fen_per_month": self.fen_per_month,
            "first_month": month_text(self.first),
            "last_month": month_text(self.last),
            "months": self.months,
            "placeholder": self.row.placeholder,
        }


def fen_per_month(row: Money) -> int:
    """Give the amount of a row: as it stands there, or a share of a rent, rounded up to its unit.

    >>> row = Money.model_validate({"id": "a", "label": {"zh": "a", "en": "a"}, "clause": "c", "square_metres": 36,
    ...     "fen_per_square_metre": 2800, "percent": 40, "round_up_to_fen": 100})
    >>> fen_per_month(row)
    40400
    """
    if row.fen_per_month is not None:
        return row.fen_per_month
    hundredths = (row.square_metres or 0) * (row.fen_per_square_metre or 0) * (row.percent or 0)
    unit = 100 * (row.round_up_to_fen or 1)
    return -(-hundredths // unit) * (row.round_up_to_fen or 1)


def granted(programme: Programme, zone: str | None, applied_on: date) -> Grant | None:
    """Give what an application of a day is granted in a zone; None where the programme gives no money there."""
    benefit = programme.benefit
    row = next((row for row in benefit.money if row.zone in (None, zone)), None) if benefit else None
    if benefit is None or row is None or benefit.starts is None or benefit.months is None:
        return None
    after = benefit.starts == "month_after_application"
    first = month_index(applied_on) + 1 if after else month_index(_fixed(benefit))
    return Grant(row, fen_per_month(row), first, benefit.months)


def _fixed(benefit: Benefit) -> date:
    assert isinstance(benefit.starts, date)  # noqa: S101 the other word was asked for before
    return benefit.starts


def payments(grant: Grant, pays: str) -> Iterator[Payment]:
    """Part the months of a grant into payments: by months, quarters or years of the calendar, or all at once."""
    size = {"monthly": 1, "quarterly": 3, "yearly": 12}.get(pays)
    first = grant.first
    while first <= grant.last:
        last = grant.last if size is None else min(grant.last, first - first % size + size - 1)
        yield Payment(first, last, (last - first + 1) * grant.fen_per_month)
        first = last + 1

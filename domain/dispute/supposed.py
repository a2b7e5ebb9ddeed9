"""What a dispute claims, as facts that may be supposed for a preview 试算. Nothing is recorded."""

from collections.abc import Sequence
from typing import Any, get_args

from domain.dispute.refusals import NothingToSuppose
from domain.facts import DisputeOpened, InsuranceMonthPaid
from domain.facts.work import Insurance


def claimed(filed: DisputeOpened, measure: Any = None) -> list[InsuranceMonthPaid]:
    """Give the months that are claimed as if they had been paid, of an insurance that the item's measure counts.

    Raises NothingToSuppose.
    """
    if not filed.months:
        raise NothingToSuppose
    counted: Sequence[str] = getattr(measure, "insurance", None) or get_args(Insurance)
    insurance: Any = counted[0]
    return [InsuranceMonthPaid(month=month, place=filed.place[:6], insurance=insurance) for month in filed.months]

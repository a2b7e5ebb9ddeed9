"""Living here with a permit: who may have one, what may be done with it, and the two clocks that it runs.

`domain/permit.py` folds the permit's facts to where it stands; this package takes the decisions that make them.
"""

from domain.residency.clocks import Clocks, clocks
from domain.residency.conditions import Entitlement, PermitTerms, entitlement, terms_at
from domain.residency.moves import (
    apply_for_permit,
    convert,
    end,
    endorse,
    request_points,
    restore,
    suspend,
)
from domain.residency.stage import Stage, stage_of

__all__ = [
    "Clocks",
    "Entitlement",
    "PermitTerms",
    "Stage",
    "apply_for_permit",
    "clocks",
    "convert",
    "end",
    "endorse",
    "entitlement",
    "request_points",
    "restore",
    "stage_of",
    "suspend",
    "terms_at",
]

"""Why did it change: the difference of two scores of one resident, in parts that add up to it exactly."""

from domain.change.model import (
    Cause,
    Change,
    Coordinates,
    DocumentChange,
    Effect,
    Moved,
    Part,
    Piece,
    Step,
    Turn,
)
from domain.change.path import why
from domain.change.telling import tell

__all__ = [
    "Cause",
    "Change",
    "Coordinates",
    "DocumentChange",
    "Effect",
    "Moved",
    "Part",
    "Piece",
    "Step",
    "Turn",
    "tell",
    "why",
]

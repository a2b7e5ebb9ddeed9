"""Decisions 认定决定: what was decided, on what, under which rules; and the same again, byte for byte."""

from domain.decision.late import Candidate, LateFactsAreListed, Move, late_rows, moves, redetermine, treated
from domain.decision.record import ENGINE, Decision, Inputs, decide
from domain.decision.replay import Replayed, replay

__all__ = [
    "ENGINE",
    "Candidate",
    "Decision",
    "Inputs",
    "LateFactsAreListed",
    "Move",
    "Replayed",
    "decide",
    "late_rows",
    "moves",
    "redetermine",
    "replay",
    "treated",
]

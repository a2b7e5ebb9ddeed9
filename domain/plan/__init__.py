"""The set-based plan of a set of rulebooks: the same meaning as the reference evaluator, as data for columns."""

from domain.plan.compiler import compile_plan
from domain.plan.model import (
    NOT_COMPILED,
    STEPS,
    Award,
    ChoicePlan,
    Counting,
    HoldPlan,
    Meant,
    MonthsOf,
    Plan,
    Row,
    Segment,
    TablePlan,
    ValidityPlan,
)
from domain.plan.understood import NotCompiled

__all__ = [
    "NOT_COMPILED",
    "STEPS",
    "Award",
    "ChoicePlan",
    "Counting",
    "HoldPlan",
    "Meant",
    "MonthsOf",
    "NotCompiled",
    "Plan",
    "Row",
    "Segment",
    "TablePlan",
    "ValidityPlan",
    "compile_plan",
]

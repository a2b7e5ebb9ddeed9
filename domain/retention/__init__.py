"""保存与销毁: how long what is recorded must be kept, and what bars an erasure on a day.

`obstacles` says everything that bars one; `refuse` raises the first of them, with its day and what to do instead.
"""

from domain.retention.deciding import lift_hold, lift_restriction, obstacles, place_hold, refuse, restrict
from domain.retention.model import NOTHING_KEPT, Period, Schedule, ScheduleUnsound, read_schedule
from domain.retention.refusals import (
    BenefitRuns,
    DisputeRuns,
    HoldStands,
    HoldUnknown,
    LegalHoldBars,
    NotUnderRestriction,
    RemedyRuns,
    RestrictionStands,
    RetentionRuns,
    RoundRuns,
    SubjectIsRestricted,
)
from domain.retention.story import Obstacle, Said, Story, Why

__all__ = [
    "NOTHING_KEPT",
    "BenefitRuns",
    "DisputeRuns",
    "HoldStands",
    "HoldUnknown",
    "LegalHoldBars",
    "NotUnderRestriction",
    "Obstacle",
    "Period",
    "RemedyRuns",
    "RestrictionStands",
    "RetentionRuns",
    "RoundRuns",
    "Said",
    "Schedule",
    "ScheduleUnsound",
    "Story",
    "SubjectIsRestricted",
    "Why",
    "lift_hold",
    "lift_restriction",
    "obstacles",
    "place_hold",
    "read_schedule",
    "refuse",
    "restrict",
]

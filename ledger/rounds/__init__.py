"""Rounds 申请批次 and decisions 认定决定 as use cases: read the stream, decide, append."""

from ledger.rounds.applications import Applications, Filed
from ledger.rounds.assessments import Assessments, Reply
from ledger.rounds.benefits import Benefits
from ledger.rounds.decisions import Decisions
from ledger.rounds.frauds import Frauds
from ledger.rounds.notices import masked_names
from ledger.rounds.rounds import Rounds

__all__ = [
    "Applications",
    "Assessments",
    "Benefits",
    "Decisions",
    "Filed",
    "Frauds",
    "Reply",
    "Rounds",
    "masked_names",
]

"""Dispute 异议: what a resident contests, the clock of whoever must answer, and who may rule.

Ningbo's clock is 10 working days from acceptance (docs/disputes.md); it stands still while the organ that vouched
for a fact checks its data (数据校核), and both waits are told. A dispute is opened against a certified or published
result; a claim (积分申请) and a recheck (复核申请) of domain/assessment.py are something else.
"""

from domain.dispute.clock import RULING_DAYS, Clock, clock
from domain.dispute.deciding import (
    Ruling,
    accept,
    add_evidence,
    answer_source,
    ask_source,
    decide_remedy,
    decline,
    escalate,
    file,
    rule,
    serve,
    withdraw,
)
from domain.dispute.state import Check, Dispute, evolve, fold
from domain.dispute.telling import Cited, Reasons, Rule

__all__ = [
    "RULING_DAYS",
    "Check",
    "Cited",
    "Clock",
    "Dispute",
    "Reasons",
    "Rule",
    "Ruling",
    "accept",
    "add_evidence",
    "answer_source",
    "ask_source",
    "clock",
    "decide_remedy",
    "decline",
    "escalate",
    "evolve",
    "file",
    "fold",
    "rule",
    "serve",
    "withdraw",
]

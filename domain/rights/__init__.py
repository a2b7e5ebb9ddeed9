"""Rights requests 个人信息权利请求 (PIPL 44-49): copy, correct, delete, explain; after death by kin.

A request is received and answered, refused with reason and remedy, or withdrawn; its clock is data (terms.py).
"""

from domain.rights.deciding import REMEDY, Asked, Kinsman, answer, ask, refuse, withdraw
from domain.rights.kinship import relation
from domain.rights.refusals import NothingDone
from domain.rights.state import RightsRequest, arranged, fold
from domain.rights.terms import Term, term_for

__all__ = [
    "REMEDY",
    "Asked",
    "Kinsman",
    "NothingDone",
    "RightsRequest",
    "Term",
    "answer",
    "arranged",
    "ask",
    "fold",
    "refuse",
    "relation",
    "term_for",
    "withdraw",
]

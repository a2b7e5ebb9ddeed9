"""Why nothing is erased: each reason by its name, with the day until which, and what can be done instead.

The place is `until 2031-03-01: insurance-month-paid ×12`: kinds, counts and numbers of cases, nothing of a person.
"""

from domain.errors import Refusal

_RESTRICT = ("也可先限制处理: points erase restrict。", "Restrict the processing meanwhile: points erase restrict.")


class RetentionRuns(Refusal):
    """保存期限未满,不得销毁。| A retention period has not run out, so that nothing is destroyed."""

    hint = _RESTRICT
    status = 409


class LegalHoldBars(Refusal):
    """依法保全期间不得销毁。| A legal hold stands, so that nothing is destroyed."""

    hint = (
        "由两人解除保全后再办: points hold lift。",
        "Have the hold lifted by two people first: points hold lift.",
    )
    status = 409


class DisputeRuns(Refusal):
    """有在办的异议或人工复核,不得销毁。| A dispute or a human review is open, so that nothing is destroyed."""

    hint = (
        "等待裁定或由本人撤回: points dispute list;也可先限制处理。",
        "Wait for the ruling, or have it withdrawn: points dispute list. Meanwhile restrict the processing.",
    )
    status = 409


class RemedyRuns(Refusal):
    """复议、诉讼期限未满,不得销毁。| A time for reconsideration or a lawsuit runs: nothing is destroyed."""

    hint = _RESTRICT
    status = 409


class BenefitRuns(Refusal):
    """待遇尚未终结,不得销毁。| A benefit is owed, or must be paid back, so that nothing is destroyed."""

    hint = (
        "先终止或结清待遇: points benefit show;也可先限制处理。",
        "End or settle the benefit first: points benefit show. Meanwhile restrict the processing.",
    )
    status = 409


class RoundRuns(Refusal):
    """所申请的批次尚未办结,不得销毁。| An application stands in a round that is not over: nothing is destroyed."""

    hint = (
        "先撤回申请或等待批次办结: points round show;也可先限制处理。",
        "Have it withdrawn, or wait for the round: points round show. Meanwhile restrict the processing.",
    )
    status = 409


class HoldStands(Refusal):
    """该编号的保全已经存在。| A hold of this number stands, or stood, for this person."""

    hint = ("换一个编号。", "Give the hold another number.")
    status = 409


class HoldUnknown(Refusal):
    """没有这一编号的保全。| No hold of this number stands for this person."""

    hint = ("points hold list 列出保全。", "See `points hold list`.")
    status = 404


class RestrictionStands(Refusal):
    """已限制处理。| The processing is restricted already."""

    status = 409


class NotUnderRestriction(Refusal):
    """没有限制处理。| The processing is not restricted."""

    status = 409


class SubjectIsRestricted(Refusal):
    """该居民的资料已限制处理,只存储和保护。| Processing is restricted: what is known is stored, no more."""

    hint = ("由两人解除限制: points erase unrestrict。", "Two people lift it: points erase unrestrict.")
    status = 403

"""暂予认定: what a dispute claims counts in a round whose lock came before the answer of the organ that was asked.

Whether it does, and for how long, a programme declares; whoever asks the organ may name an earlier day. What is
recognised is a fact of one round: it is read by that round's decisions, and by nothing else. It is confirmed where
the organ has recorded the month itself. Otherwise it ends, with the answer or on its day: it is voided, and the
decisions that rest on it are candidates to be determined again.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal, NamedTuple

from domain.civil import add_months
from domain.dispute.state import Check, Dispute
from domain.dispute.supposed import claimed
from domain.factrow import FactRow
from domain.facts import InsuranceMonthPaid, ProvisionalMonthRecognised
from domain.knowledge import Knowledge
from domain.notation import Label

KIND = ProvisionalMonthRecognised.kind_name()
_PAID = InsuranceMonthPaid.kind_name()
_PART = 1
"""Beside the recognition itself, which is the only other row of its entry."""

Standing = Literal["waiting", "confirmed", "not-confirmed", "expired"]
MeasureOf = Callable[[str], Any]
"""Give the measure of an item (document/item) in force, or None."""


class Month(NamedTuple):
    """What is told of a month that was recognised: of which insurance and place, in which dispute, until when."""

    item: str
    dispute: str
    month: str
    until: date


def recognised(
    disputes: Mapping[str, Dispute],
    round_name: str,
    locked_on: date,
    months: int,
    measure_of: MeasureOf,
    known: Knowledge,
) -> list[ProvisionalMonthRecognised]:
    """Say which months are recognised at a lock: claimed, not known, and the organ that was asked has not answered.

    `months` is for how long, as the programme declares; a day named when the organ was asked may be an earlier one.
    What a round has recognised before is not recognised again.
    """
    before = {(row.spell, row.variant, row.starts_on) for row in recognitions(known, round_name)}
    found: list[ProvisionalMonthRecognised] = []
    for number, dispute in disputes.items():
        check = unanswered(dispute, locked_on)
        if check is None or dispute.filed is None or not dispute.filed.months:
            continue
        until = min(add_months(locked_on, months), check.provisional_until or date.max)
        if until <= locked_on:
            continue
        filed = dispute.filed
        for paid in claimed(filed, measure_of(filed.item)):
            seen = paid.measured()
            if (number, paid.insurance, seen.starts_on) in before or _is_paid(known, paid):
                continue
            found.append(
                ProvisionalMonthRecognised(
                    place=paid.place,
                    dispute=number,
                    check=check.name,
                    item=filed.item,
                    round=round_name,
                    month=paid.month,
                    insurance=paid.insurance,
                    recognised_on=locked_on,
                    until=until,
                )
            )
    return found


def unanswered(dispute: Dispute, on: date) -> Check | None:
    """Give the check that waits for an answer on a day, in a dispute that was accepted: the first."""
    if dispute.state != "accepted":
        return None
    return next((check for check in dispute.pending if check.asked_on <= on), None)


def recognitions(known: Knowledge, round_name: str | None) -> list[FactRow]:
    """Give the recognitions of a round that stand."""
    return [] if round_name is None else [row for row in known.rows.get(KIND, ()) if row.act == round_name]


def as_paid(row: FactRow) -> FactRow:
    """Give the month of a recognition as if it had been paid. It keeps the name of the entry that recognised it."""
    return replace(
        row,
        kind=_PAID,
        part=_PART,
        level="employee",
        mark="normal",
        spell=None,
        act=None,
        effective_on=None,
        completed_on=None,
    )


def months_of(rows: Iterable[FactRow]) -> list[Month]:
    """Say what was recognised, in the order of months."""
    told = (
        Month(row.level or "", row.spell or "", row.starts_on.isoformat()[:7], row.completed_on)
        for row in rows
        if row.starts_on is not None and row.completed_on is not None
    )
    return sorted(set(told))


def standing(fact: ProvisionalMonthRecognised, dispute: Dispute, known: Knowledge, on: date) -> Standing:
    """Say how a recognition stands on a day, with what is known by then."""
    paid = InsuranceMonthPaid(month=fact.month, place=fact.place, insurance=fact.insurance)
    if _is_paid(known, paid):
        return "confirmed"
    check = next((one for one in dispute.checks if one.name == fact.check), None)
    if not dispute.is_open or check is None or (check.answered_on is not None and check.answered_on <= on):
        return "not-confirmed"
    return "expired" if fact.until <= on else "waiting"


def told(months: Sequence[Month], label: Label) -> tuple[str, str]:
    """Tell what counts provisionally, in Chinese and in English; `label` is of whose it is."""
    shown = [one.month for one in months]
    until = max(one.until for one in months)
    numbers = ", ".join(dict.fromkeys(one.dispute for one in months))
    chinese = (
        f"{label.zh}暂予认定: {'、'.join(shown)} 共 {len(shown)} 个月,异议 {numbers} 的数据校核在锁定前未答复;"
        f"{until} 前未予确认即失效"
    )
    english = (
        f"{label.en}: counted provisionally: {', '.join(shown)} ({len(shown)} months), as the organ that was asked"
        f" in dispute {numbers} had not answered before the lock; it ends on {until} unless it is confirmed"
    )
    return chinese, english


def _is_paid(known: Knowledge, paid: InsuranceMonthPaid) -> bool:
    """Say whether a month is recorded, in whichever place: one month paid twice is one."""
    first = paid.measured().starts_on
    rows: Collection[FactRow] = known.rows.get(_PAID, ())
    return any(row.starts_on == first and row.variant == paid.insurance for row in rows)

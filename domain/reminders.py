"""Reminders 提醒: what a resident should do soon, with the day, the cause and what to do.

A permit due for endorsement (or suspended, or awaiting a request for its points), a permit that could be issued, a
round that is open or opens soon, a child of school age while its round is open, a subsidy that is open. A reminder
follows from facts and the day alone, and is the same on every day on which it stands: it names the day that it is
about (`on`) and the day from which it stands (`raised_on`), never today. It names no person.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from domain.civil import add_months
from domain.errors import Language
from domain.knowledge import Knowledge
from domain.permit import PermitState, permit_on
from domain.programme import Case, Eligibility, Programme, evaluate
from domain.programme.conditions import BornWithin, ConditionKind, nested
from domain.residency import entitlement, terms_at

Kind = Literal[
    "permit-due",
    "permit-suspended",
    "points-wait-for-request",
    "permit-possible",
    "round-open",
    "round-opens",
    "subsidy-open",
    "school-age",
    "conditions-met",
]
MONTHS_AHEAD = 2
_OPEN = ("受理期内", "its window is open")
_TEXTS: dict[str, tuple[str, str]] = {
    "permit-due": ("居住证须在 {on} 前签注", "have the permit endorsed before {on}"),
    "permit-suspended": (
        "居住证自 {on} 起中止,尽快补签注",
        "the permit is suspended since {on}: have it endorsed",
    ),
    "points-wait-for-request": (
        "居住证已于 {on} 恢复,积分须书面申请后恢复",
        "the permit is restored since {on}: ask in writing that the points count again",
    ),
    "permit-possible": ("{on} 起可以申领居住证", "a permit can be applied for from {on} on"),
    "round-open": ("{name} 受理中,{on} 截止", "{name}: open until {on}"),
    "round-opens": ("{name} {on} 开始受理", "{name}: opens on {on}"),
    "subsidy-open": ("{name} 受理中,{on} 截止", "{name}: open until {on}"),
    "school-age": ("{name}: 孩子已到入学年龄,{on} 截止", "{name}: the child is of school age; until {on}"),
    "conditions-met": ("{name}: 目前符合条件,{on} 截止", "{name}: the conditions are met; until {on}"),
}
_CAUSES: dict[str, tuple[str, str]] = {
    "permit-due": ("居住证每年签注一次(条例第十九条)", "a permit is endorsed once a year (art. 19)"),
    "permit-suspended": ("居住证逾期未签注或被中止", "the permit was not endorsed in time, or was suspended"),
    "points-wait-for-request": ("中止后恢复的居住证", "a permit restored after a suspension"),
    "permit-possible": ("居住登记与就业、住所或就读", "registered residence, and employment, a home or study"),
    "round-open": _OPEN,
    "round-opens": ("公布的受理期", "the published window"),
    "subsidy-open": _OPEN,
    "school-age": ("出生日期在入学年龄范围内", "born within the school age of the programme"),
    "conditions-met": ("各项条件均已符合", "every condition is met"),
}


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """One reminder, in the order of its day. `programme` is a document's name where it is about one."""

    on: date
    kind: str
    programme: str = ""
    raised_on: date = date.min
    name_zh: str = ""
    name_en: str = ""

    def text(self, language: Language = "zh") -> str:
        """Say what to do."""
        name = self.name_zh if language == "zh" else self.name_en
        return _TEXTS[self.kind][language == "en"].format(on=self.on, name=name)

    def cause(self, language: Language = "zh") -> str:
        """Say why."""
        return _CAUSES[self.kind][language == "en"]

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        return {
            "on": self.on.isoformat(),
            "raised_on": self.raised_on.isoformat(),
            "kind": self.kind,
            "programme": self.programme or None,
            "cause": {"zh": self.cause("zh"), "en": self.cause("en")},
            "text": {"zh": self.text("zh"), "en": self.text("en")},
        }


@dataclass(frozen=True, slots=True)
class Window:
    """A round's window as it stands, and the case of the resident (or the child) under its programme."""

    programme: Programme
    opens_on: date
    closes_on: date
    case: Case

    def days(self) -> tuple[date, date, date]:
        """Give the days on which what is reminded of changes: announced, open, over."""
        return add_months(self.opens_on, -MONTHS_AHEAD), self.opens_on, self.closes_on


def windows_of(programme: Programme, case: Case, opened: Iterable[tuple[date, date]] = ()) -> list[Window]:
    """Give the windows of a programme: of the rounds that were opened, and what its document publishes.

    The published days stand until a round is opened that takes applications on some of them: then the round's do.
    """
    found = [Window(programme, opens_on, closes_on, case) for opens_on, closes_on in opened]
    told = programme.window
    if told is not None and not any(one.opens_on <= told.to and told.from_ <= one.closes_on for one in found):
        found.append(Window(programme, told.from_, told.to, case))
    return found


def reminders(knowledge: Knowledge, place: str, on: date, windows: Sequence[Window] = ()) -> list[Reminder]:
    """Give the reminders of a day, the earliest first; of two rounds that end on one day the first alone."""
    told = sorted([*permit_reminders(knowledge, place, on), *window_reminders(windows, on)])
    return list({(each.on, each.kind, each.programme): each for each in reversed(told)}.values())[::-1]


def permit_reminders(knowledge: Knowledge, place: str, on: date) -> Iterator[Reminder]:
    """Say what the permit asks for."""
    permit = permit_on(knowledge.permits, on)
    state = permit.state(on)
    until = permit.covered_until
    if state is PermitState.DUE and until is not None:
        yield Reminder(until, "permit-due", raised_on=add_months(until, -1))
    elif state is PermitState.SUSPENDED:
        since = min(day for day in (permit.suspended_on, until) if day is not None)
        yield Reminder(since, "permit-suspended", raised_on=since)
    elif state in (PermitState.NONE, PermitState.ENDED):
        possible = possible_on(knowledge, place, on)
        if possible is not None and add_months(possible, -1) <= on:
            yield Reminder(possible, "permit-possible", raised_on=add_months(possible, -1))
    if state in (PermitState.NORMAL, PermitState.DUE) and permit.awaits_request and permit.resumed_on is not None:
        yield Reminder(permit.resumed_on, "points-wait-for-request", raised_on=permit.resumed_on)


def possible_on(knowledge: Knowledge, place: str, on: date) -> date | None:
    """Give the day from which on a permit can be issued if things stay as they are; None without a ground."""
    if knowledge.of("death-recorded") or knowledge.of("local-hukou-gained"):
        return None
    found = entitlement(knowledge, place, on)
    if found.registered_since is None or not found.grounds:
        return None
    if not found.is_met:
        return found.earliest
    usual = add_months(found.registered_since, terms_at(place).registered_months)
    return usual if usual <= on else found.registered_since


def window_reminders(windows: Iterable[Window], on: date) -> Iterator[Reminder]:
    """Say which rounds are open or open soon, and for whom they are."""
    for window in windows:
        programme = window.programme
        announced, opens_on, closes_on = window.days()
        if not announced <= on <= closes_on:
            continue
        names = (programme.label.zh, programme.label.en)
        if on < opens_on:
            yield Reminder(opens_on, "round-opens", programme.doc, announced, *names)
        else:
            found = evaluate(programme, window.case)
            yield Reminder(closes_on, _open_kind(programme, found), programme.doc, opens_on, *names)


def _open_kind(programme: Programme, found: Eligibility) -> Kind:
    if found.met:
        return "conditions-met"
    if _of_school_age(programme.require, found):
        return "school-age"
    return "subsidy-open" if programme.benefit is not None and programme.benefit.money else "round-open"


def _of_school_age(require: Sequence[ConditionKind], found: Eligibility) -> bool:
    ages = {condition.id for condition in nested(list(require)) if isinstance(condition, BornWithin)}
    return any(finding.met for finding in found.findings if finding.id in ages)

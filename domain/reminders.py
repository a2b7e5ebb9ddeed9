"""Reminders 提醒: what a resident should do soon. Computed from what is known, recorded nowhere.

A permit due for endorsement (or suspended, or awaiting a request for its points), a permit that could be issued, a
round that is open or opens soon, a child of school age while its round is open, a subsidy whose conditions are met.
A reminder names a day by which, or from which on, and never a person.
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
from domain.residency import entitlement

Kind = Literal[
    "permit-due",
    "permit-suspended",
    "points-wait-for-request",
    "permit-possible",
    "round-open",
    "round-opens",
    "school-age",
    "conditions-met",
]
MONTHS_AHEAD = 2
_TEXTS: dict[Kind, tuple[str, str]] = {
    "permit-due": ("居住证须在 {on} 前签注", "have the permit endorsed before {on}"),
    "permit-suspended": ("居住证已中止,尽快补签注", "the permit is suspended: have it endorsed"),
    "points-wait-for-request": (
        "居住证已恢复,积分须书面申请后恢复",
        "the permit is restored: ask in writing that the points count again",
    ),
    "permit-possible": ("{on} 起可以申领居住证", "a permit can be applied for from {on} on"),
    "round-open": ("{name} 受理中,{on} 截止", "{name}: open until {on}"),
    "round-opens": ("{name} {on} 开始受理", "{name}: opens on {on}"),
    "school-age": ("{name}: 孩子已到入学年龄,{on} 截止", "{name}: the child is of school age; until {on}"),
    "conditions-met": ("{name}: 目前符合条件,{on} 截止", "{name}: the conditions are met; until {on}"),
}


@dataclass(frozen=True, slots=True, order=True)
class Reminder:
    """One reminder, in the order of its day. `programme` is a document's name where it is about one."""

    on: date
    kind: Kind
    programme: str = ""
    name_zh: str = ""
    name_en: str = ""

    def text(self, language: Language = "zh") -> str:
        """Say it."""
        name = self.name_zh if language == "zh" else self.name_en
        return _TEXTS[self.kind][language == "en"].format(on=self.on, name=name)

    def as_json(self) -> dict[str, Any]:
        """Give everything as JSON values."""
        return {
            "on": self.on.isoformat(),
            "kind": self.kind,
            "programme": self.programme or None,
            "text": {"zh": self.text("zh"), "en": self.text("en")},
        }


@dataclass(frozen=True, slots=True)
class Window:
    """A round's window as it stands, and the case of the resident (or the child) under its programme."""

    programme: Programme
    opens_on: date
    closes_on: date
    case: Case


def reminders(knowledge: Knowledge, place: str, on: date, windows: Sequence[Window] = ()) -> list[Reminder]:
    """Give the reminders of a day, the earliest first."""
    return sorted([*permit_reminders(knowledge, place, on), *window_reminders(windows, on)])


def permit_reminders(knowledge: Knowledge, place: str, on: date) -> Iterator[Reminder]:
    """Say what the permit asks for."""
    permit = permit_on(knowledge.permits, on)
    match permit.state(on):
        case PermitState.DUE if permit.covered_until is not None:
            yield Reminder(permit.covered_until, "permit-due")
        case PermitState.SUSPENDED:
            yield Reminder(on, "permit-suspended")
        case PermitState.NONE | PermitState.ENDED:
            found = entitlement(knowledge, place, on)
            if found.registered_since is not None and found.grounds and found.earliest <= add_months(on, 1):
                yield Reminder(found.earliest, "permit-possible")
        case _:
            pass
    if permit.state(on) in (PermitState.NORMAL, PermitState.DUE) and permit.awaits_request:
        yield Reminder(on, "points-wait-for-request")


def window_reminders(windows: Iterable[Window], on: date) -> Iterator[Reminder]:
    """Say which rounds are open or open soon, and for whom they are."""
    for window in windows:
        programme = window.programme
        names = (programme.doc, programme.label.zh, programme.label.en)
        if on > window.closes_on or window.opens_on > add_months(on, MONTHS_AHEAD):
            continue
        if on < window.opens_on:
            yield Reminder(window.opens_on, "round-opens", *names)
            continue
        found = evaluate(programme, window.case)
        if found.met:
            yield Reminder(window.closes_on, "conditions-met", *names)
        elif _of_school_age(programme.require, found):
            yield Reminder(window.closes_on, "school-age", *names)
        else:
            yield Reminder(window.closes_on, "round-open", *names)


def _of_school_age(require: Sequence[ConditionKind], found: Eligibility) -> bool:
    ages = {condition.id for condition in nested(list(require)) if isinstance(condition, BornWithin)}
    return any(finding.met for finding in found.findings if finding.id in ages)

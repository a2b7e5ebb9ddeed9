"""Who may have a permit: half a year's registered residence, and one of employment, home or study.

Source: 条例 art. 16, counted from the day of registration; approved talents are exempt. 慈溪 asks for one year of
study where the province says 连续就读 (reply of 2022).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from domain.civil import add_months, first_day, full_months, month_index
from domain.knowledge import FactRow, Knowledge
from domain.measures.month_sets import refunded
from domain.measures.spells import merged
from domain.places import Tier
from domain.view import View

Ground = Literal["employment", "insurance", "home", "study", "talent"]
TALENT = "attested/approved_talent"
"""引进人才: an organ attests it under this scheme."""


@dataclass(frozen=True, slots=True)
class PermitTerms:
    """What a place asks for, with the clause that says so."""

    registered_months: int
    study_months: int
    clause: str


_PROVINCE = PermitTerms(6, 0, "《浙江省流动人口居住登记条例》第十六条")
_LOCAL = {"330282": PermitTerms(6, 12, "慈溪市2022年答复:连续就读满一年")}


def terms_at(place: str) -> PermitTerms:
    """Give the terms of a place: its own, or the province's."""
    return _LOCAL.get(place[:6], _PROVINCE)


class Shown(NamedTuple):
    """A ground that holds, and the fact that shows it."""

    ground: Ground
    fact: FactRow


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Whether a permit may be issued on a day.

    `registered_since` begins the registered residence that reaches the day without a gap; `grounds` are those that
    hold. `earliest` is the first day on which the permit could be issued: the day itself where it may be, otherwise
    if residence goes on as it is (or begins today) and a ground is shown. `lacks` names what is missing.
    """

    is_met: bool
    registered_since: date | None
    registered_months: int
    grounds: tuple[Shown, ...]
    lacks: tuple[Literal["registration", "registered-months", "ground"], ...]
    earliest: date
    clause: str


def entitlement(knowledge: Knowledge, place: str, on: date, terms: PermitTerms | None = None) -> Entitlement:
    """Say whether somebody may have a permit of a place on a day, or else what is missing. Refuses nothing."""
    terms = terms or terms_at(place)
    view = View(knowledge, place[:6], on)
    since = registered_since(view)
    months = full_months(since, on) if since is not None else 0
    studying = [row for row in held(view, "study-started") if row.starts_on is not None]
    grounds = (*_grounds(view), *(Shown("study", row) for row in studying if _long(row, on, terms)))
    is_talent = any(shown.ground == "talent" for shown in grounds)
    lacks: list[Literal["registration", "registered-months", "ground"]] = []
    if since is None:
        lacks.append("registration")
    if not is_talent and months < terms.registered_months:
        lacks.append("registered-months")
    if not grounds:
        lacks.append("ground")
    ready = on if is_talent else max(on, add_months(since or on, terms.registered_months))
    if not grounds and studying:
        begun = min(row.starts_on or on for row in studying)
        ready = max(ready, add_months(begun, terms.study_months))
    return Entitlement(not lacks, since, months, grounds, tuple(lacks), ready, terms.clause)


def registered_since(view: View) -> date | None:
    """Give the day from which residence was registered in the district without a gap up to the day, or None."""
    spans = []
    registered = view.select("residence-registered", Tier.DISTRICT)
    for row in registered.rows:
        start, end = row.starts_on, registered.end(row)
        if start is not None and (end is None or start < end):
            spans.append((start, end or date.max))
    return next((start for start, until in merged(spans) if start <= view.as_of < until), None)


def registered_months(knowledge: Knowledge, place: str, on: date) -> int:
    """Count the full months of registered residence anywhere in the province, added up; 30 days are a month.

    Source: the conversion of 2021 (各地登记累计满六个月).
    """
    view = View(knowledge, place, on)
    spans = []
    registered = view.select("residence-registered", Tier.PROVINCE)
    for row in registered.rows:
        start, end = row.starts_on or on, registered.end(row)
        until = on if end is None or end > on else end
        if start < until:
            spans.append((start, until))
    months, rest = 0, 0
    for start, until in merged(spans):
        whole = full_months(start, until)
        months, rest = months + whole, rest + (until - add_months(start, whole)).days
    return months + rest // 30


def held(view: View, of: str, scope: Tier = Tier.DISTRICT) -> list[FactRow]:
    """Give the spells of a kind that have begun and not ended on the view's day."""
    selection = view.select(of, scope)
    return [row for row in selection.rows if (end := selection.end(row)) is None or view.as_of < end]


def _long(study: FactRow, on: date, terms: PermitTerms) -> bool:
    return study.starts_on is not None and add_months(study.starts_on, terms.study_months) <= on


def _grounds(view: View) -> Iterator[Shown]:
    yield from (Shown("employment", row) for row in held(view, "employment-started"))
    yield from (Shown("home", row) for row in held(view, "housing-started"))
    yield from (Shown("talent", row) for row in held(view, TALENT, Tier.PROVINCE))
    refunds = refunded(view)
    last = first_day(month_index(view.as_of)) - timedelta(days=1)
    for row in view.select("insurance-month-paid", Tier.DISTRICT).rows:
        recent = row.starts_on is not None and month_index(row.starts_on) >= month_index(last)
        if recent and (row.variant, row.starts_on, row.place) not in refunds:
            yield Shown("insurance", row)

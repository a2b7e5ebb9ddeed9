"""Whether a case meets a programme: each condition, the exemptions, the tier, and the key by which it is ranked."""

from dataclasses import dataclass, replace
from typing import Any

from domain.measures import Reading, own_day
from domain.programme.case import Case, Points
from domain.programme.conditions import AllOf, AnyOf, ConditionKind
from domain.programme.finding import Finding, Found
from domain.programme.holding import Asked, holds, tier_of
from domain.programme.model import ByExempt, ByItems, ByMeasure, ByScore, ByTier, OrderKey, Programme
from domain.programme.points import points_for
from domain.score import RefName, ref_name
from domain.view import View

_SCALE = 4
_LAST_TIER = 99


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What a programme says of a case.

    `met`: every condition is met or exempted, and where there are tiers, one fits. `key` orders cases: the smaller
    goes first; `order` says of each part by what, and the number before its sign was turned.
    """

    programme: str
    doc: str
    met: bool
    findings: tuple[Finding, ...]
    exemptions: tuple[str, ...]
    tier: str | None
    points: Points | None
    key: tuple[int, ...]
    order: tuple[tuple[str, int], ...]

    @property
    def unmet(self) -> list[str]:
        """Name the conditions that stand in the way."""
        return [finding.id for finding in self.findings if finding.bars]

    def as_json(self, name: RefName = ref_name) -> dict[str, Any]:
        """Give everything as JSON values."""
        points = self.points
        return {
            "programme": self.programme,
            "doc": self.doc,
            "met": self.met,
            "unmet": self.unmet,
            "exemptions": list(self.exemptions),
            "tier": self.tier,
            "points": None if points is None else {"total": points.text, "state": points.state},
            "order": [[by, value] for by, value in self.order],
            "conditions": [finding.as_json(name) for finding in self.findings],
        }


def evaluate(programme: Programme, case: Case) -> Eligibility:
    """Evaluate a case. Pure; refuses nothing."""
    findings = [find(programme, case, condition) for condition in programme.require]
    exempt = [each for each in programme.exempt if all(find(programme, case, c).met for c in each.when)]
    for exemption in exempt:
        findings = [
            finding.exempted(exemption.id) if finding.id in exemption.from_ and finding.bars else finding
            for finding in findings
        ]
    tier = next((t.id for t in programme.tiers if all(find(programme, case, c).met for c in t.when)), None)
    has_tier = tier is not None or not programme.tiers
    uses_points = programme.score is not None
    order = tuple(_ordered(programme, case, key, tier, {e.id for e in exempt}) for key in programme.order_by)
    return Eligibility(
        programme.programme,
        programme.doc,
        has_tier and not any(finding.bars for finding in findings),
        tuple(findings),
        tuple(each.id for each in exempt),
        tier,
        points_for(programme, case) if uses_points else None,
        tuple(value if smaller_first else -value for _, value, smaller_first in order),
        tuple((by, value) for by, value, _ in order),
    )


def find(programme: Programme, case: Case, condition: ConditionKind) -> Finding:
    """Ask one condition of everybody it is asked of, on each of its days."""
    if isinstance(condition, AnyOf | AllOf):
        parts = tuple(find(programme, case, part) for part in condition.among)
        met = sum(part.met for part in parts)
        wanted = 1 if isinstance(condition, AnyOf) else len(parts)
        best = Found(met >= wanted, met, wanted, max(0, wanted - met), "conditions")
        return _finding(condition, best, (met, wanted), parts)
    people = case.people(condition.who)
    each = [
        _worst([holds(condition, Asked(programme, case, person, case.day(day))) for day in condition.on])
        for person in people
    ]
    wanted = {"any": 1, "all": max(1, len(people))}.get(str(condition.need)) or int(condition.need)
    met = sum(found.met for found in each)
    if wanted == len(people) or not each:
        shown = _worst(each) if each else Found(met=False, found="nobody")
    else:
        shown = min(each, key=_lack)
    return _finding(condition, replace(shown, met=met >= wanted), (met, wanted), ())


def _finding(condition: Any, best: Found, people: tuple[int, int], parts: tuple[Finding, ...]) -> Finding:
    return Finding(
        condition.id,
        condition.kind,
        condition.clause,
        condition.label,
        best.met,
        best,
        people,
        condition.placeholder,
        parts=parts,
    )


def _lack(found: Found) -> tuple[bool, float]:
    return not found.met, float(found.missing) if found.missing is not None else 0.0


def _worst(each: list[Found]) -> Found:
    return max(each, key=_lack)


def _ordered(
    programme: Programme, case: Case, key: OrderKey, tier: str | None, exempt: set[str]
) -> tuple[str, int, bool]:
    """Give by what, the value, and whether the smaller goes first. Points are in 1/10000."""
    match key:
        case ByTier():
            ids = [each.id for each in programme.tiers]
            return "tier", ids.index(tier) + 1 if tier is not None else _LAST_TIER, True
        case ByExempt():
            first = {each.id for each in programme.exempt if each.first}
            return "exempt", int(bool(first & exempt)), False
        case ByScore():
            points = points_for(programme, case)
            units = points.total if key.tiers is None else sum(points.tiers.get(t, 0) for t in key.tiers)
            return "+".join(["score", *(t.value for t in key.tiers or ())]), _fine(units, points), False
        case ByItems():
            points = points_for(programme, case)
            units = sum(points.items.get(item, 0) for item in key.items)
            return "+".join(key.items), _fine(units, points), False
        case ByMeasure():
            view = View(case.applicant.knowledge, case.place, own_day(key.measure.as_of, case.counted_on))
            counted = key.measure.count(view, Reading(tier_of(programme.authority), programme.doc))
            return (
                f"{key.measure.kind} {getattr(key.measure, 'of', '')}".strip(),
                counted.quantity or 0,
                (key.order == "asc"),
            )


def _fine(units: int, points: Points) -> int:
    return units * int(10 ** (_SCALE - points.scale))

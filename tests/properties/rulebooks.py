"""Random documents: every measure with every award that fits, caps at every level, deductions, holds, validity."""

import random
from typing import Any

from domain.awards import FITS

_LEVELS = {
    "education-awarded": ["college", "bachelor", "doctor"],
    "skill-awarded": ["l1", "l3"],
    "honour-received": ["national", "city", "town"],
    "housing-started": ["own", "rent"],
    "patent-granted": ["invention", "design"],
    "restricted-fact/offence": ["minor", "detention", "crime"],
    "attested/scheme_b": ["gold", "silver"],
}
_ANY = [
    *("age", "months", "months", "spells", "spells", "sum", "sum", "count", "levels", "levels", "share"),
    *("state", "grants"),
]
_SPELLS = [
    *("residence-registered", "residence-registered", "employment-started", "housing-started", "post-held"),
    *("attested/scheme_a", "permit", "employment-started/labour-contract"),
]
_TIERS = ["province", "city", "district"]
_LABEL = {"zh": "指标", "en": "item"}


_FOCUS = {
    "months": ["months"],
    "spells": ["spells", "spells", "state", "months"],
    "share": ["share"],
    "merit": ["levels", "levels", "count"],
    "effort": ["sum", "sum", "count"],
    "permit": ["spells", "state"],
    "restricted": ["state", "count"],
    "attested": ["sum", "count", "state", "levels", "grants"],
    "age": ["age"],
}


def document(chance: random.Random, number: int, focus: str = "") -> dict[str, Any]:
    """Make the tree of a document, which may be unsound. `focus` says what its rows are mostly about."""
    return _Document(chance, number, focus).tree()


class _Document:
    def __init__(self, chance: random.Random, number: int, focus: str) -> None:
        self._chance, self._focus = chance, focus
        self._tier = _TIERS[number]
        self._scale = chance.randint(0, 3)
        self._doc = f"test.{number}"

    def tree(self) -> dict[str, Any]:
        chance = self._chance
        categories = chance.choice([[], ["cat_a"], ["cat_a", "cat_b"]])
        if self._focus == "choice":
            categories = ["cat_a"]
        items = [self._item(index, categories) for index in range(chance.randint(2, 5))]
        tree: dict[str, Any] = {
            "doc": self._doc,
            "tier": self._tier,
            "authority": "330000",
            "scale": self._scale,
            "cap": self._cap(60),
            "categories": [self._category(name) for name in categories],
            "schemes": [
                {"id": "scheme_a"},
                {"id": "scheme_b", "levels": ["gold", "silver"]},
            ],
            "items": items,
            "deductions": [self._deduction(index) for index in range(chance.randint(0, 2))],
            "holds": [
                self._hold(index)
                for index in range(chance.choice([2] if self._focus == "restricted" else [0, 0, 1, 2]))
            ],
        }
        if chance.random() < 0.3:
            tree["scope"] = chance.choice(_TIERS)
        if chance.random() < 0.25:
            tree["valid_if"] = {"above": chance.choice(["0", "2.5"])}
        if chance.random() < 0.6 or self._focus == "permit":
            tree["validity"] = self._validity()
        return tree

    def _category(self, name: str) -> dict[str, Any]:
        choose = {"choose": "one"} if self._chance.random() < (0.9 if self._focus == "choice" else 0.3) else {}
        return {"id": name, "cap": self._cap(30), **choose}

    def _item(self, index: int, categories: list[str]) -> dict[str, Any]:
        measure = self._measure()
        item: dict[str, Any] = {"id": f"item{index}"}
        item.update(measure=measure, award=self._award(measure, 1), cap=self._cap(20))
        if categories and self._chance.random() < 0.8:
            item["category"] = self._chance.choice(categories)
        if measure["kind"] in {"sum", "count"} and self._chance.random() < 0.5:
            item["cap_per_year"] = self._cap(6, always=True)
        return item

    def _deduction(self, index: int) -> dict[str, Any]:
        kind = self._chance.choice(["levels", "levels", "count", "state"])
        measure: dict[str, Any] = {"kind": kind, "of": "restricted-fact/offence", **self._dated()}
        if kind == "levels":
            measure["same_act"] = self._chance.choice(["each", "largest_only"])
        if kind == "count":
            measure["distinct"] = self._chance.choice(["facts", "acts"])
        row: dict[str, Any] = {"id": f"deduction{index}", "measure": measure, "award": self._award(measure, -1)}
        if self._chance.random() < 0.5:
            row["cap"] = self._cap(12, always=True)
        if self._chance.random() < 0.4:
            row["follows"] = self._chance.choice(_TIERS)
        if self._chance.random() < 0.4:
            row["applies_to"] = self._chance.choice([["school"], "all"])
        return row

    def _hold(self, index: int) -> dict[str, Any]:
        chance = self._chance
        hold: dict[str, Any] = {
            "id": f"hold{index}",
            "of": chance.choice(["restricted-fact/offence", "restricted-fact/credit"]),
            "levels": chance.choice([None, ["crime"], ["minor", "crime"]]),
            "lasts": chance.choice([None, self._duration()]),
            "from": self._step(),
            "effect": chance.choice(["zero", "suspend", "ineligible"]),
            "until_completed": chance.random() < 0.4,
        }
        if chance.random() < 0.3:
            hold["applies_to"] = ["housing"]
        return hold

    def _validity(self) -> dict[str, Any]:
        chance = self._chance
        states = ["accruing", "effective", "paused", "lost"]
        resumes = chance.choice(["at_once", "on_request", "on_request"])
        return {
            "none": chance.choice(states),
            "normal": "effective",
            "due": chance.choice(["effective", "lost"]),
            "suspended": {"state": "paused", "resumes": resumes},
            "ended": {"state": "lost"},
        }

    def _duration(self) -> str:
        return f"{self._chance.choice([1, 2, 3, 6, 12, 18, 36])}mo"

    def _step(self) -> str:
        return self._chance.choice(["acted_on", "decided_on", "effective_on", "completed_on"])

    def _measure(self) -> dict[str, Any]:
        kind = self._chance.choice(_FOCUS.get(self._focus, _ANY) if self._chance.random() < 0.7 else _ANY)
        measure: dict[str, Any] = {"kind": kind, **getattr(self, f"_{kind}")()}
        if self._chance.random() < 0.15:
            own = ["end_of_last_month", "first_of_last_month", "2024-02-29", "2025-06-30"]
            measure["as_of"] = self._chance.choice(own)
        return measure

    def _facts(self) -> dict[str, Any]:
        """Make what every measure of facts may say."""
        chance = self._chance
        said: dict[str, Any] = {}
        if chance.random() < 0.2:
            said["scope"] = chance.choice(_TIERS)
        if chance.random() < 0.35:
            said["window"] = self._duration()
        return said

    def _dated(self) -> dict[str, Any]:
        said = self._facts()
        if "window" in said and self._chance.random() < 0.4:
            said["window"] = {"last": said["window"], "from": self._step()}
        if self._chance.random() < 0.35:
            said["lapses"] = {"after": self._duration(), "from": self._step()}
        if self._chance.random() < 0.15:
            said[self._chance.choice(["only", "exclude"])] = self._match()
        return said

    def _match(self) -> dict[str, Any]:
        return self._chance.choice(
            [
                {"level": ["minor", "city", "own", "gold"]},
                {"mark": ["paid", "first"]},
                {"variant": ["pension", "labour-contract"]},
                {"level": ["minor", "crime", "rent"], "mark": ["late", "unpaid"]},
            ]
        )

    def _age(self) -> dict[str, Any]:
        return {"part_year": self._chance.choice(["dropped", "counts"])}

    def _months_of(self, *, insured: bool) -> dict[str, Any]:
        chance = self._chance
        if not insured:
            return {"of": self._spell(), "part": chance.choice(["any_day", "whole_month"])}
        said: dict[str, Any] = {"of": "insurance-month-paid"}
        if chance.random() < 0.5:
            said["insurance"] = ["pension", "medical"]
        if chance.random() < 0.4:
            said["standing"] = chance.choice([["normal"], ["normal", "transferred"]])
        return said

    def _months(self) -> dict[str, Any]:
        chance = self._chance
        said = self._months_of(insured=chance.random() < 0.7)
        for name in ("any_of", "all_of", "minus"):
            if chance.random() < 0.25:
                said[name] = [self._months_of(insured=chance.random() < 0.4)]
        return {**said, **self._facts(), "run": chance.choice(["all", "last", "longest"])}

    def _spells(self) -> dict[str, Any]:
        chance = self._chance
        return {
            "of": self._spell(),
            "count": chance.choice(["full_months", "full_months", "half_months", "full_years", "days"]),
            "join": chance.choice(["each", "each", "pooled", "per_spell"]),
            "run": chance.choice(["all", "all", "last", "longest"]),
            **self._facts(),
        }

    def _sum(self) -> dict[str, Any]:
        chance = self._chance
        of = chance.choice(["volunteer-hours-served", "volunteer-hours-served", "blood-donated"])
        said: dict[str, Any] = {"of": chance.choice([of, of, "attested/scheme_a"]), **self._dated()}
        if said["of"] == "volunteer-hours-served":
            said["unit"] = chance.choice(["minutes", "hours", "hours"])
            said["paid"] = chance.choice(["full", "half", "none"])
        if chance.random() < 0.3:
            said["most_per_year"] = chance.choice([1, 5, 400])
        return said

    def _count(self) -> dict[str, Any]:
        of = ["honour-received", "volunteer-hours-served", "restricted-fact/credit", "attested/scheme_a"]
        if self._focus == "effort":
            of = ["volunteer-hours-served", "honour-received"]
        distinct = self._chance.choice(["facts", "acts"])
        return {"of": self._chance.choice(of), "distinct": distinct, **self._dated()}

    def _levels(self) -> dict[str, Any]:
        of = self._chance.choice([name for name in _LEVELS if name != "restricted-fact/offence"])
        return {"of": of, "same_act": self._chance.choice(["each", "largest_only"]), **self._dated()}

    def _share(self) -> dict[str, Any]:
        holders = self._chance.choice(["equal", "first_double"])
        of = self._chance.choice(["housing-started", "patent-granted"])
        return {"of": of, **({"holders": holders} if of == "patent-granted" else {}), **self._dated()}

    def _state(self) -> dict[str, Any]:
        of = ["attested/scheme_a", "residence-registered", "restricted-fact/credit", "permit", "post-held"]
        of = ["permit"] if self._focus == "permit" else of
        return {"of": self._chance.choice(of), **self._dated()}

    def _grants(self) -> dict[str, Any]:
        return self._dated()

    def _spell(self) -> str:
        if self._focus == "permit" and self._chance.random() < 0.8:
            return "permit"
        return self._chance.choice(_SPELLS)

    def _award(self, measure: dict[str, Any], sign: int) -> dict[str, Any]:
        fitting = FITS[measure["kind"]]
        often = [name for name in fitting if name == "by_occurrence"] * 3
        name = self._chance.choice([*fitting, *often])
        return {"as": name, **getattr(self, f"_{name}")(sign, measure)}

    def _points(self, sign: int, most: int = 8) -> str:
        whole = self._chance.randint(0, most * 1000)
        text = self._chance.choice(
            [f"{whole // 1000}", f"{whole // 1000}.5", f"{whole / 1000:.3f}", "0.25", "0.0625"]
        )
        return text if sign > 0 or float(text) == 0 else f"-{text}"

    def _cap(self, most: int, *, always: bool = False) -> str | None:
        if not always and self._chance.random() < 0.4:
            return None
        units = self._chance.randint(1, most * 10**self._scale)
        return f"{units / 10**self._scale:.{self._scale}f}"

    def _starts(self) -> list[int]:
        return sorted(self._chance.sample(range(40), self._chance.randint(1, 4)))

    def _bonus(self, sign: int) -> dict[str, Any]:
        if self._chance.random() < 0.6:
            return {}
        return {"bonus": [{"from": start, "points": self._points(sign)} for start in self._starts()]}

    def _per(self, sign: int, _measure: Any) -> dict[str, Any]:
        chance = self._chance
        said = {"points": self._points(sign), "step": chance.choice([1, 1, 2, 5, 12]), "min": chance.randint(0, 7)}
        return {**said, **self._bonus(sign)}

    def _prorate(self, sign: int, _measure: Any) -> dict[str, Any]:
        chance = self._chance
        said = {"points": self._points(sign), "per": chance.choice([3, 7, 12, 30]), "min": chance.randint(0, 7)}
        return {**said, **self._bonus(sign)}

    def _bands(self, sign: int, _measure: Any) -> dict[str, Any]:
        return {"rows": [{"from": start, "points": self._points(sign)} for start in self._starts()]}

    def _rates(self, sign: int, _measure: Any) -> dict[str, Any]:
        step = self._chance.choice
        rows = [
            {"from": start, "points": self._points(sign, 2), "step": step([1, 1, 3])} for start in self._starts()
        ]
        return {"rows": rows}

    _marginal = _rates
    _retro = _rates

    def _first_then(self, sign: int, _measure: Any) -> dict[str, Any]:
        first, step = self._chance.choice([1, 5, 12, 200]), self._chance.choice([1, 4, 100])
        return {"first": first, "points": self._points(sign), "step": step, "more": self._points(sign, 2)}

    def _ladder(self, _sign: int, _measure: Any) -> dict[str, Any]:
        chance = self._chance
        least, start = chance.choice([0, 0, 18]), chance.randint(18, 45)
        said = {"min": least, "from": start, "to": start + chance.randint(0, 12), "points": self._points(1)}
        said["younger"] = self._points(1, 2)
        if chance.random() < 0.4:
            said["older"] = self._points(1, 2)
        return said

    def _parts(self, _sign: int, _measure: Any) -> dict[str, Any]:
        return {"points": self._points(1, 20)}

    def _by_level(self, sign: int, measure: dict[str, Any]) -> dict[str, Any]:
        levels = _LEVELS[measure["of"]]
        named = levels[: self._chance.randint(1, len(levels))]
        return {"take": self._chance.choice(["max", "sum"]), "points": {name: self._points(sign) for name in named}}

    def _by_occurrence(self, sign: int, _measure: Any) -> dict[str, Any]:
        points = [self._points(sign) for _ in range(self._chance.randint(1, 3))]
        return {"take": self._chance.choice(["sum", "last"]), "points": points}

    def _granted(self, _sign: int, _measure: Any) -> dict[str, Any]:
        return {}

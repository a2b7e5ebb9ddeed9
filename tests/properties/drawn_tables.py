"""Random sets of rulebooks: every kind of measure with every award that fits it, under every kind of limit."""

from typing import Any

from hypothesis import strategies as st

from domain import facts
from domain.awards import FITS
from domain.coverage import Coverage, Feed
from domain.facts import Fact, Known
from domain.family import Family
from domain.knowledge import Knowledge, in_force, rows_of
from domain.rulebook import RulebookSet
from tests.domain.given import tables
from tests.properties.histories import PLACES, any_fact, closers, days, histories, spells

Tree = dict[str, Any]
LABEL = {"zh": "指标", "en": "row"}
_MONTHS = ["1mo", "3mo", "12mo", "14mo"]
_scopes = st.sampled_from(["province", "province", "city", "district"])
_points = st.sampled_from([1, 2, "0.25", "0.5", "3.125", 10])
_caps = st.sampled_from([0, 1, 5, "7.5", 20])
_steps = st.sampled_from(["acted_on", "decided_on", "effective_on", "completed_on"])
_windows: st.SearchStrategy[Any] = st.sampled_from(_MONTHS)
_look_backs = _windows | st.fixed_dictionaries({"last": _windows, "from": _steps})
_somebody = {
    "as_of": st.sampled_from(["end_of_last_month", "first_of_last_month", "2024-02-29"]),
    "subjects": st.sampled_from(["self", "spouse", "best_parent", "both", "second_at_half"]),
}
_matches = st.fixed_dictionaries({"level": st.just(["city", "minor", "rent", "employee", "bachelor"])})
_lapses = st.fixed_dictionaries({"after": _windows, "from": _steps})
_of_facts = {"scope": _scopes, "window": _look_backs, "only": _matches, "exclude": _matches, **_somebody}
_spelled = ["residence-registered", "employment-started", "housing-started", "permit"]


def _sound(measure: Tree) -> Tree:
    """Drop the options that mean nothing together."""
    kind, told = measure["kind"], dict(measure)
    if kind in {"months", "spells"} and isinstance(told.get("window"), dict):
        told["window"] = told["window"]["last"]
    if told.get("join") == "pooled":
        told.pop("run", None)
    if kind == "months":
        insured = told["of"] == "insurance-month-paid"
        told.pop("part" if insured else "standing", None)
        for name in ("any_of", "all_of", "minus"):
            for part in told.get(name, ()):
                if part["of"] == "insurance-month-paid":
                    part.pop("part", None)
    return told


def _rarely(options: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Tree]:
    """Draw at most two of the options: with many at once, hardly any fact would count."""
    names = st.lists(st.sampled_from(sorted(options)), max_size=2, unique=True)
    return names.flatmap(lambda drawn: st.fixed_dictionaries({name: options[name] for name in drawn}))


def _measure(kind: str, needed: dict[str, st.SearchStrategy[Any]], **more: Any) -> st.SearchStrategy[Tree]:
    return st.tuples(st.fixed_dictionaries({"kind": st.just(kind), **needed}), _rarely(more)).map(
        lambda parts: _sound({**parts[0], **parts[1]})
    )


def _dated(kind: str, of: list[str], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return _measure(kind, {"of": st.sampled_from(of)}, lapses=_lapses, **_of_facts, **more)


_runs = st.sampled_from(["all", "last", "longest"])
_sets = st.lists(
    st.fixed_dictionaries(
        {"of": st.sampled_from(["insurance-month-paid", *_spelled])},
        optional={"scope": _scopes, "part": st.sampled_from(["any_day", "whole_month"])},
    ),
    min_size=1,
    max_size=2,
)
_kinds = ["honour-received", "restricted-fact/offence", "education-awarded"]
MEASURES: dict[str, st.SearchStrategy[Tree]] = {
    "age": _measure("age", {}, part_year=st.sampled_from(["dropped", "counts"]), **_somebody),
    "months": _measure(
        "months",
        {"of": st.sampled_from(["insurance-month-paid", "insurance-month-paid", *_spelled])},
        run=_runs,
        standing=st.sampled_from([["normal"], ["normal", "transferred"]]),
        part=st.sampled_from(["any_day", "whole_month"]),
        any_of=_sets,
        all_of=_sets,
        minus=_sets,
        **_of_facts,
    ),
    "spells": _measure(
        "spells",
        {
            "of": st.sampled_from(_spelled),
            "count": st.sampled_from(["full_months", "half_months", "full_years", "days"]),
        },
        run=_runs,
        join=st.sampled_from(["each", "pooled", "per_spell"]),
        **_of_facts,
    ),
    "sum": _dated("sum", ["volunteer-hours-served", "blood-donated"], most_per_year=st.sampled_from([60, 300])),
    "count": _dated("count", [*_kinds, "blood-donated"], distinct=st.sampled_from(["facts", "acts"])),
    "levels": _dated("levels", _kinds, same_act=st.sampled_from(["each", "largest_only"])),
    "share": _dated("share", ["housing-started"]),
    "state": _dated("state", ["employment-started", "housing-started", "restricted-fact/credit", "permit"]),
}
_LEVELS = {
    "honour-received": ["national", "city", "town"],
    "education-awarded": ["bachelor", "below"],
    "restricted-fact/offence": ["minor", "crime"],
}


def _award(kind: str, of: str, sign: int) -> st.SearchStrategy[Tree]:
    signed = _points.map(lambda n: f"-{n}" if sign < 0 else n)
    least = st.sampled_from([0, 2, 5])
    awards: dict[str, st.SearchStrategy[Tree]] = {
        "per": st.fixed_dictionaries({"points": signed, "step": st.sampled_from([1, 3, 60]), "min": least}),
        "prorate": st.fixed_dictionaries({"points": signed, "per": st.sampled_from([1, 3, 12])}),
        "bands": st.tuples(signed, signed).map(
            lambda two: {"rows": [{"from": 2, "points": two[0]}, {"from": 7, "points": two[1]}]}
        ),
        "first_then": st.fixed_dictionaries(
            {"first": st.sampled_from([1, 6, 200]), "points": signed, "step": st.just(3), "more": signed}
        ),
        "marginal": st.tuples(signed, signed).map(
            lambda two: {"rows": [{"from": 0, "points": two[0]}, {"from": 6, "points": two[1], "step": 3}]}
        ),
        "retro": st.tuples(signed, signed).map(
            lambda two: {"rows": [{"from": 1, "points": two[0]}, {"from": 6, "points": two[1]}]}
        ),
        "parts": st.fixed_dictionaries({"points": signed}),
        "ladder": st.just({"from": 25, "to": 40, "points": 5, "younger": 1}),
        "by_level": st.fixed_dictionaries(
            {
                "take": st.sampled_from(["max", "sum"]),
                "points": st.fixed_dictionaries(dict.fromkeys(_LEVELS.get(of, ["minor"]), signed)),
            }
        ),
        "by_occurrence": st.fixed_dictionaries(
            {"points": st.lists(signed, min_size=1, max_size=3), "take": st.sampled_from(["sum", "last"])}
        ),
    }
    names = [name for name in FITS[kind] if name in awards]
    return st.sampled_from(names).flatmap(lambda name: awards[name].map(lambda award: {"as": name, **award}))


def _row(kinds: list[str], sign: int) -> st.SearchStrategy[Tree]:
    def of_kind(kind: str) -> st.SearchStrategy[Tree]:
        return MEASURES[kind].flatmap(
            lambda measure: st.fixed_dictionaries(
                {"measure": st.just(measure), "award": _award(kind, measure.get("of", ""), sign)},
                optional={"cap": _caps},
            )
        )

    return st.sampled_from(kinds).flatmap(of_kind)


_items = st.tuples(_row(list(MEASURES), 1), st.sampled_from([None, "ga", "gb"]), st.booleans())
_holds = st.fixed_dictionaries(
    {
        "of": st.just("restricted-fact/offence"),
        "lasts": st.none() | _windows,
        "from": st.sampled_from(["acted_on", "effective_on"]),
        "effect": st.sampled_from(["zero", "suspend", "ineligible"]),
    },
    optional={"levels": st.just(["crime"]), "until_completed": st.booleans(), "applies_to": st.just(["school"])},
)
_deductions = st.tuples(_row(["levels", "count"], -1), st.booleans()).map(
    lambda drawn: {**drawn[0], "applies_to": ["school"]} if drawn[1] else drawn[0]
)
_names = st.sampled_from(["accruing", "effective", "paused", "lost"])
_validity = st.fixed_dictionaries(
    {
        "none": _names,
        "normal": _names,
        "due": _names,
        "suspended": st.fixed_dictionaries(
            {"state": _names, "resumes": st.sampled_from(["at_once", "on_request"])}
        ),
        "ended": st.fixed_dictionaries({"state": _names}),
    }
)


def _item(drawn: tuple[Tree, str | None, bool]) -> Tree:
    row, category, by_year = drawn
    limits: Tree = {} if category is None else {"category": category}
    counts_by_year = row["measure"]["kind"] in ("sum", "count") and row["award"]["as"] != "by_level"
    if by_year and counts_by_year:
        limits["cap_per_year"] = 2
    return {**row, **limits}


@st.composite
def documents(draw: st.DrawFn, doc: str, tier: str, items: int = 5) -> Tree:
    """Draw one document as a tree."""
    rows = [_item(drawn) for drawn in draw(st.lists(_items, min_size=1, max_size=items))]
    categories = [{"id": name, "label": LABEL, "cap": draw(_caps)} for name in ("ga", "gb")]
    for category in categories:
        if sum(row.get("category") == category["id"] for row in rows) > 1 and draw(st.booleans()):
            category["choose"] = "one"
    return {
        "doc": doc,
        "tier": tier,
        "authority": {"province": "330000", "city": "330200", "district": "330212"}[tier],
        "scale": draw(st.integers(1, 3)),
        "cap": draw(st.none() | _caps),
        "categories": categories,
        "items": rows,
        "deductions": draw(st.lists(_deductions, max_size=2)),
        "holds": draw(st.lists(_holds, max_size=1)),
        **draw(st.fixed_dictionaries({}, optional={"validity": _validity, "valid_if": st.just({"above": 1})})),
    }


elections = st.builds(
    facts.ItemElected,
    doc=st.sampled_from(["t.province", "t.city"]),
    group=st.sampled_from(["ga", "gb"]),
    item=st.sampled_from(["item0", "item1", "item2", "item9"]),
    elected_on=days,
)
lives = histories(of=any_fact | any_fact | any_fact | elections)


def _settled(fact: Fact) -> Fact:
    """Let a fact lie where scores are asked for, so that it counts."""
    return fact.model_copy(update={"place": PLACES[0]}) if hasattr(fact, "place") else fact


settled_lives = histories(of=any_fact.map(_settled))
few_facts = histories(of=any_fact.map(_settled), most=8)
residences = histories(
    of=closers.map(_settled)
    | st.builds(facts.ResidenceRegistered, registered_on=days, place=st.just(PLACES[0]), spell=spells),
    most=10,
)
"""Registrations, moves and ends only: chains of spells that touch."""


def spell_sets() -> st.SearchStrategy[RulebookSet]:
    """Draw sets of rows that count spells."""
    return st.lists(_row(["spells"], 1), min_size=1, max_size=3).map(lambda rows: tables({"items": rows}))


uses = st.sampled_from([None, None, "school", "rent"])


def known(history: list[Known]) -> Knowledge:
    return in_force(row for entry in history for row in rows_of(entry))


families = st.builds(
    lambda spouse, parents: Family(None if spouse is None else known(spouse), tuple(map(known, parents))),
    st.none() | few_facts,
    st.lists(few_facts, max_size=2),
)
_TIERS = {"t.province": "province", "u.province": "province", "t.city": "city", "t.district": "district"}


@st.composite
def rulebook_sets(draw: st.DrawFn, items: int = 5) -> RulebookSet:
    """Draw a set of one to three documents of any tiers, sometimes with its restricted rows off."""
    names = draw(st.lists(st.sampled_from(sorted(_TIERS)), min_size=1, max_size=3, unique=True))
    found = tables(*(draw(documents(name, _TIERS[name], items)) for name in names))
    return found if draw(st.integers(0, 4)) else found.without_restricted()


@st.composite
def coverages(draw: st.DrawFn) -> Coverage:
    """Draw a few complete feeds."""
    feeds = st.builds(
        lambda kind, place, first, count: Feed(kind, place, first, first + count, 1),
        st.sampled_from(["insurance-month-paid", "residence-registered", "honour-received"]),
        st.sampled_from(["330200", *PLACES]),
        st.integers(2020 * 12, 2026 * 12),
        st.integers(0, 60),
    )
    return Coverage(draw(st.lists(feeds, max_size=3)))

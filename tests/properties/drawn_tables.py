"""Random sets of rulebooks: every kind of measure with every award that fits it, under every kind of limit."""

from typing import Any

from hypothesis import strategies as st

from domain.awards import FITS
from domain.coverage import Coverage, Feed
from domain.rulebook import RulebookSet
from tests.domain.given import tables
from tests.properties.histories import PLACES

Tree = dict[str, Any]
LABEL = {"zh": "指标", "en": "row"}
_MONTHS = ["1mo", "3mo", "12mo", "14mo"]
_scopes = st.sampled_from(["province", "city", "district"])
_points = st.sampled_from([1, 2, "0.25", "0.5", "3.125", 10])
_caps = st.sampled_from([0, 1, 5, "7.5", 20])
_windows = st.sampled_from(_MONTHS)
_lapses = st.fixed_dictionaries(
    {"after": _windows, "from": st.sampled_from(["acted_on", "decided_on", "effective_on", "completed_on"])}
)


def _maybe(needed: Tree, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries({name: st.just(value) for name, value in needed.items()}, optional=optional)


def _dated(kind: str, of: st.SearchStrategy[str], **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Tree]:
    return st.fixed_dictionaries(
        {"kind": st.just(kind), "of": of},
        optional={"scope": _scopes, "window": _windows, "lapses": _lapses, **more},
    )


_kinds = st.sampled_from(["honour-received", "restricted-fact/offence", "education-awarded", "blood-donated"])
MEASURES: dict[str, st.SearchStrategy[Tree]] = {
    "age": st.just({"kind": "age"}),
    "months": _maybe(
        {"kind": "months", "of": "insurance-month-paid"},
        scope=_scopes,
        window=_windows,
        run=st.sampled_from(["all", "last", "longest"]),
        standing=st.sampled_from([["normal"], ["normal", "transferred"]]),
    ),
    "spells": st.fixed_dictionaries(
        {
            "kind": st.just("spells"),
            "of": st.sampled_from(["residence-registered", "employment-started", "housing-started"]),
            "count": st.sampled_from(["full_months", "full_years", "days"]),
        },
        optional={"scope": _scopes, "window": _windows, "run": st.sampled_from(["all", "last", "longest"])},
    ),
    "sum": _dated("sum", st.sampled_from(["volunteer-hours-served", "blood-donated"])),
    "count": _dated("count", _kinds, distinct=st.sampled_from(["facts", "acts"])),
    "levels": _dated(
        "levels",
        st.sampled_from(["honour-received", "restricted-fact/offence", "education-awarded"]),
        same_act=st.sampled_from(["each", "largest_only"]),
    ),
    "state": _dated("state", st.sampled_from(["employment-started", "housing-started", "restricted-fact/credit"])),
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


_items = st.tuples(_row(list(MEASURES), 1), st.sampled_from([None, "a", "b"]), st.booleans())
_holds = st.fixed_dictionaries(
    {
        "of": st.just("restricted-fact/offence"),
        "lasts": st.none() | _windows,
        "from": st.sampled_from(["acted_on", "effective_on"]),
        "effect": st.sampled_from(["zero", "suspend", "ineligible"]),
    },
    optional={"levels": st.just(["crime"])},
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
    return {
        "doc": doc,
        "tier": tier,
        "authority": {"province": "330000", "city": "330200", "district": "330212"}[tier],
        "scale": draw(st.integers(1, 3)),
        "cap": draw(st.none() | _caps),
        "categories": [{"id": name, "label": LABEL, "cap": draw(_caps)} for name in ("a", "b")],
        "items": [_item(drawn) for drawn in draw(st.lists(_items, min_size=1, max_size=items))],
        "deductions": draw(st.lists(_row(["levels", "count"], -1), max_size=2)),
        "holds": draw(st.lists(_holds, max_size=1)),
        **draw(st.fixed_dictionaries({}, optional={"validity": _validity, "valid_if": st.just({"above": 1})})),
    }


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

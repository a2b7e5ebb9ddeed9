"""What the compiler knows of each part of a rulebook. Everything else is another kind of rule, and says so."""

from collections.abc import Mapping

from pydantic import BaseModel

from domain import awards, measures
from domain.countable import Lapses, LookBack, Match
from domain.measures.month_sets import MonthSet
from domain.rulebook.model import Category, Deduction, Hold, Item


class NotCompiled(Exception):
    """A rule of this kind has no plan: the reference evaluator must score it. `kind` says which."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


_MEASURE = frozenset({"kind", "as_of", "of", "scope", "window", "only", "exclude"})
_DATED = _MEASURE | {"lapses"}
_ROW = frozenset({"id", "clause", "label", "owner", "source", "measure", "award", "cap", "placeholder"})
_SET = frozenset({"of", "scope", "standing", "insurance", "part", "only", "exclude"})
_UNDERSTOOD: Mapping[type[BaseModel], frozenset[str]] = {
    measures.Age: frozenset({"kind", "as_of", "part_year"}),
    measures.Months: _MEASURE | _SET | {"run", "any_of", "all_of", "minus"},
    measures.Spells: _MEASURE | {"count_", "join", "run"},
    measures.Sum: _DATED | {"unit", "paid", "most_per_year"},
    measures.Count: _DATED | {"distinct"},
    measures.Levels: _DATED | {"same_act"},
    measures.Share: _DATED | {"holders"},
    measures.State: _DATED,
    measures.Grants: _DATED,
    MonthSet: _SET,
    LookBack: frozenset({"last", "from_"}),
    Lapses: frozenset({"after", "from_"}),
    Match: frozenset({"level", "variant", "mark"}),
    awards.Per: frozenset({"as_", "points", "step", "min", "bonus"}),
    awards.Prorate: frozenset({"as_", "points", "per", "min", "bonus"}),
    awards.Bands: frozenset({"as_", "rows"}),
    awards.FirstThen: frozenset({"as_", "first", "points", "step", "more"}),
    awards.Marginal: frozenset({"as_", "rows"}),
    awards.Retro: frozenset({"as_", "rows"}),
    awards.Ladder: frozenset({"as_", "from_", "to", "points", "younger", "older", "min"}),
    awards.Parts: frozenset({"as_", "points"}),
    awards.ByLevel: frozenset({"as_", "take", "points"}),
    awards.ByOccurrence: frozenset({"as_", "take", "points"}),
    awards.Granted: frozenset({"as_"}),
    Item: _ROW | {"category", "cap_per_year"},
    Deduction: _ROW | {"follows", "applies_to"},
    Category: frozenset({"id", "label", "cap", "choose"}),
    Hold: frozenset(
        {
            *("id", "clause", "label", "of", "levels", "lasts", "from_"),
            *("until_completed", "applies_to", "effect", "placeholder"),
        }
    ),
}


def check(*parts: BaseModel | None) -> None:
    """Refuse a class that is not known here, or a field that is not known and says something.

    Raises NotCompiled.
    """
    for part in parts:
        if part is None:
            continue
        known = _UNDERSTOOD.get(type(part))
        if known is None:
            raise NotCompiled(type(part).__name__)
        for name, info in type(part).model_fields.items():
            if name not in known and getattr(part, name) != info.get_default(call_default_factory=True):
                raise NotCompiled(f"{type(part).__name__}.{name}")

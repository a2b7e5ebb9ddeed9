"""Terms of rights requests on disk: terms/rights.yaml, by place and right, each with where it was published."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from domain.facts.rights import Right
from domain.notation import Strict, Text
from domain.rights import Term
from domain.rulebook import Problem, Unsound
from ledger.rulebooks.yaml_tree import trees

_HOUSE = Path(__file__).parents[1]
FILE, CALENDAR = _HOUSE / "terms" / "rights.yaml", _HOUSE / "terms" / "working-days.yaml"


class Declared(Strict):
    """One term as it is written."""

    place: Annotated[str, Field(pattern=r"^[0-9A-Z]{0,12}$")]
    right: Right | Literal["any"]
    days: Annotated[int, Field(ge=1, le=250)]
    counted: Literal["calendar", "working"]
    source: Text

    def term(self) -> Term:
        """Give the term as it is looked for."""
        right = None if self.right == "any" else self.right
        return Term(self.place, right, self.days, self.counted, self.source)


class DeclaredTerms(Strict):
    """All of them."""

    terms: Annotated[list[Declared], Field(min_length=1)]


@lru_cache(maxsize=8)
def read_terms(path: Path = FILE) -> tuple[Term, ...]:
    """Read the terms. Raises Unsound where one is not as expected or two are for the same, OSError."""
    [(tree, marks)] = trees(path.read_bytes(), str(path))
    try:
        declared = DeclaredTerms.model_validate(tree).terms
    except ValidationError as error:
        place = error.errors()[0]
        problem = Problem("wrong-type", tuple(place["loc"]), context={"detail": place["msg"]})
        raise Unsound([marks.place(problem)]) from None
    if len({(one.place, one.right) for one in declared}) != len(declared):
        problem = Problem("wrong-type", ("terms",), context={"detail": "one term for a place and a right"})
        raise Unsound([marks.place(problem)])
    return tuple(one.term() for one in declared)

"""What scoring works with: a family's views, and tables made ready once for everybody."""

from fractions import Fraction

from domain.awards import OfQuantity
from domain.facts import BY_TOPIC
from domain.family import ALONE, Family
from domain.measures import Months, Reading
from domain.measures.base import Subjects
from domain.notation import units_of
from domain.rulebook import RulebookSet
from domain.rulebook.model import Deduction, Item, Rulebook
from domain.score import Line
from domain.view import View

_LONE = frozenset(fact.kind_name() for fact in BY_TOPIC.values())
"""What a row reads that is no kind of fact (age, permit) rests on more than facts of one kind."""


class Views:
    """The knowledge of a resident and of the family, read at a place as of a day."""

    def __init__(self, own: View, family: Family = ALONE) -> None:
        self.own = own
        self._family = family
        self._others: dict[int, View] = {}

    def of(self, subjects: Subjects) -> list[View]:
        """Give the views of those whose facts a row counts; none where there is no such person."""
        if subjects == "self":
            return [self.own]
        if subjects == "spouse":
            spouse = self._family.spouse
            return [] if spouse is None else [self._view(spouse)]
        return [self._view(person) for person in self._family.couple(self.own.knowledge)]

    def _view(self, person: object) -> View:
        if person is self.own.knowledge:
            return self.own
        if id(person) not in self._others:
            self._others[id(person)] = View(person, self.own.place, self.own.as_of)  # type: ignore[arg-type]
        return self._others[id(person)]


def _is_simple(rule: Item | Deduction) -> bool:
    """Say whether a row reads no second kind of fact, and gives nothing where there is nothing."""
    measure, award = rule.measure, rule.award
    if isinstance(measure, Months) and (measure.any_of or measure.all_of or measure.minus):
        return False
    return not isinstance(award, OfQuantity) or not award.points_for(0)


class Row:
    """An item or a deduction with what follows from its document alone, worked out once for everybody.

    `cap` is in units of the set's scale; `worth` remembers what a quantity earns, exact and rounded; `nothing` the
    line of a row that rests on one kind of fact (`lone`) of which nothing is known, covered by feeds and not.
    """

    __slots__ = ("cap", "kind", "lone", "nothing", "plain", "reading", "rule", "source", "worth")

    def __init__(self, rule: Item | Deduction, book: Rulebook, up: int) -> None:
        follows = rule.follows if isinstance(rule, Deduction) else None
        self.rule = rule
        self.reading = Reading(follows or book.reach, f"{book.doc}/{rule.id}")
        self.source = rule.source or book.source
        self.cap = None if rule.cap is None else units_of(rule.cap, book.scale) * up
        self.kind = rule.reads.partition("/")[0]
        self.worth: dict[int, tuple[Fraction, int]] = {}
        self.nothing: dict[bool, Line] = {}
        by_year = isinstance(rule, Item) and rule.cap_per_year is not None
        self.lone = self.kind in _LONE and rule.measure.subjects == "self" and _is_simple(rule)
        self.plain = isinstance(rule.award, OfQuantity) and not by_year and rule.measure.subjects == "self"


class Book:
    """A rulebook with its rows, ready to be read for anybody."""

    __slots__ = ("deductions", "items", "rounded", "rulebook", "up")

    def __init__(self, rulebook: Rulebook, scale: int) -> None:
        self.rulebook = rulebook
        self.rounded: dict[tuple[int, int], int] = {}
        self.up: int = 10 ** (scale - rulebook.scale)
        self.items = [Row(item, rulebook, self.up) for item in rulebook.items]
        self.deductions = [Row(row, rulebook, self.up) for row in rulebook.deductions]


def books_of(rulebooks: RulebookSet) -> list[Book]:
    """Give the tables of a set, made ready when they are asked for first."""
    books: list[Book] | None = rulebooks.notes.get("books")
    if books is None:
        books = rulebooks.notes["books"] = [Book(rulebook, rulebooks.scale) for rulebook in rulebooks.rulebooks]
    return books

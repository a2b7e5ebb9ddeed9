"""What scoring works with: a family's views, and tables made ready once for everybody."""

from domain.awards import OfQuantity
from domain.facts import BY_TOPIC
from domain.family import ALONE, Family
from domain.measures import Months, Reading
from domain.measures.base import Subjects
from domain.notation import units_of
from domain.rulebook import RulebookSet
from domain.rulebook.model import Category, Deduction, Item, Rulebook, ValidityBlock
from domain.score import Line
from domain.view import View
from domain.worth import Limit, Worths

_LONE = frozenset(fact.kind_name() for fact in BY_TOPIC.values())
"""What a row reads that is no kind of fact (age, permit) rests on more than facts of one kind."""


class Views:
    """The knowledge of a resident and of the family, read at a place as of a day."""

    __slots__ = ("_family", "_others", "own")

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

    `worths` is what its amounts are worth; `nothing` the line of a row that rests on one kind of fact (`lone`) of
    which nothing is known, covered by feeds and not. `own_day` is the day of its own for which a row counts.
    """

    __slots__ = (
        *("alone", "applies_to", "award", "count", "kind", "lone", "measure", "named"),
        *("nothing", "own_day", "reading", "rule", "worths"),
    )

    def __init__(self, rule: Item | Deduction, book: Rulebook, up: int) -> None:
        follows = rule.follows if isinstance(rule, Deduction) else None
        self.rule = rule
        self.named = (rule, book.doc, book.tier, rule.source or book.source)
        self.measure = rule.measure
        self.count = rule.measure.count
        self.award = rule.award.award
        self.reading = Reading(follows or book.reach, f"{book.doc}/{rule.id}")
        self.worths = Worths(rule, book, up)
        self.kind = rule.reads.partition("/")[0]
        self.nothing: dict[bool, Line] = {}
        self.alone = rule.measure.subjects == "self"
        self.own_day = rule.measure.as_of
        self.applies_to = rule.applies_to if isinstance(rule, Deduction) else None
        self.lone = self.kind in _LONE and self.alone and _is_simple(rule)


class Group:
    """A category: the rows of it, by their numbers among the items, and what its cap leaves."""

    __slots__ = ("category", "choose_one", "limit", "rows")

    def __init__(self, category: Category, book: Rulebook, up: int) -> None:
        self.category = category
        self.choose_one = category.choose == "one"
        self.limit = Limit(category, book, up)
        self.rows = [number for number, item in enumerate(book.items) if item.category == category.id]


class Book:
    """A rulebook with its rows and categories, ready to be read for anybody. `free` items are of no category."""

    __slots__ = ("categories", "deductions", "free", "items", "limit", "rulebook")

    def __init__(self, rulebook: Rulebook, scale: int) -> None:
        up: int = 10 ** (scale - rulebook.scale)
        self.rulebook = rulebook
        self.items = [Row(item, rulebook, up) for item in rulebook.items]
        self.deductions = [Row(row, rulebook, up) for row in rulebook.deductions]
        self.categories = [Group(category, rulebook, up) for category in rulebook.categories]
        self.free = [number for number, item in enumerate(rulebook.items) if item.category is None]
        self.limit = Limit(rulebook, rulebook, up)


class Library:
    """The tables of a set, ready; the bounds below which its total is not valid; what says when points count."""

    __slots__ = ("books", "bounds", "documents", "validity")

    def __init__(self, rulebooks: RulebookSet) -> None:
        scale, books = rulebooks.scale, rulebooks.rulebooks
        self.books = [Book(book, scale) for book in books]
        self.bounds = [units_of(book.valid_if.above, scale) for book in books if book.valid_if is not None]
        self.documents = tuple((document.rulebook.doc, document.hash) for document in rulebooks.documents)
        blocks = [book.validity for book in books if book.validity is not None]
        self.validity: ValidityBlock | None = blocks[-1] if blocks else None  # that of the most local document


def library_of(rulebooks: RulebookSet) -> Library:
    """Give the tables of a set, made ready when they are asked for first."""
    library: Library | None = rulebooks.notes.get("library")
    if library is None:
        library = rulebooks.notes["library"] = Library(rulebooks)
    return library

"""Compile a set of rulebooks to a plan. A row of a kind that has no plan yet is left to the reference evaluator."""

from decimal import Decimal

from domain.notation import units_of
from domain.plan.awarding import award_of
from domain.plan.counting import counting_of, step_number
from domain.plan.model import (
    NOT_COMPILED,
    Award,
    ChoicePlan,
    Counting,
    HoldPlan,
    Plan,
    Row,
    TablePlan,
    ValidityPlan,
)
from domain.plan.understood import NotCompiled, check
from domain.rulebook.model import Deduction, Hold, Item, Rulebook, ValidityBlock
from domain.rulebook.resolution import RulebookSet
from domain.table import ELECTED

_NOWHERE = Award(den=1)


def compile_plan(rulebooks: RulebookSet, use: str | None = None) -> Plan:
    """Compile a set, for one use of points or for none in particular.

    A row that cannot be compiled stands in the plan without a measure and says why. Raises NotCompiled where a
    whole document cannot be: a hold or a category of an unknown kind.
    """
    compiler = _Compiler(rulebooks, use)
    blocks = [book.validity for book in rulebooks.rulebooks if book.validity is not None]
    bounds = [book.valid_if.above for book in rulebooks.rulebooks if book.valid_if is not None]
    rows = compiler.rows()
    holds = [_hold(hold, book) for book in rulebooks.rulebooks for hold in book.holds if _applies(hold, use)]
    return Plan(
        rulebooks=rulebooks.hash,
        scale=rulebooks.scale,
        measures=tuple(compiler.measures),
        tables=tuple(compiler.table(book) for book in rulebooks.rulebooks),
        rows=rows,
        holds=tuple(holds),
        choices=tuple(compiler.choices(rows)),
        above=tuple(units_of(bound, rulebooks.scale) for bound in bounds),
        validity=_validity(blocks[-1]) if blocks else None,
    )


class _Compiler:
    def __init__(self, rulebooks: RulebookSet, use: str | None) -> None:
        self.books = rulebooks.rulebooks
        self.scale = rulebooks.scale
        self.use = use
        self.measures: dict[Counting, int] = {}

    def rows(self) -> tuple[Row, ...]:
        """Compile items, then deductions, in the order in which a score shows them."""
        items = [self._row(n, book, item) for n, book in enumerate(self.books) for item in book.items]
        deductions = [self._row(n, book, row) for n, book in enumerate(self.books) for row in book.deductions]
        return (*items, *deductions)

    def table(self, book: Rulebook) -> TablePlan:
        """Compile a table's caps."""
        check(*book.categories)
        categories = tuple((category.id, self._units(category.cap, book)) for category in book.categories)
        return TablePlan(doc=book.doc, tier=book.tier.value, cap=self._units(book.cap, book), categories=categories)

    def choices(self, rows: tuple[Row, ...]) -> list[ChoicePlan]:
        """Compile the categories of which one item counts."""
        choices = []
        for number, book in enumerate(self.books):
            for index, category in enumerate(book.categories):
                if category.choose == "one":
                    wanted = ("item", number, index)
                    among = [n for n, row in enumerate(rows) if (row.block, row.table, row.category) == wanted]
                    choices.append(
                        ChoicePlan(
                            table=number,
                            category=index,
                            fact=ELECTED,
                            variant=f"{book.doc}/{category.id}",
                            scope=book.reach.value,
                            rows=tuple(among),
                            items=tuple(rows[n].id for n in among),
                        )
                    )
        return choices

    def _row(self, table: int, book: Rulebook, row: Item | Deduction) -> Row:
        try:
            check(row)
            counting = counting_of(row, book)
            award = award_of(row)
        except NotCompiled as error:
            measure, award, why = NOT_COMPILED, _NOWHERE, error.kind
        else:
            measure, why = self.measures.setdefault(counting, len(self.measures)), ""
        category = row.category if isinstance(row, Item) else None
        names = [one.id for one in book.categories]
        return Row(
            doc=book.doc,
            id=row.id,
            block="item" if isinstance(row, Item) else "deduction",
            table=table,
            category=names.index(category) if category in names else -1,
            measure=measure,
            award=award,
            scale=book.scale,
            up=10 ** (self.scale - book.scale),
            cap=self._units(row.cap, book),
            counts=isinstance(row, Item) or _applies(row, self.use),
            why=why,
        )

    def _units(self, cap: Decimal | None, book: Rulebook) -> int | None:
        return None if cap is None else units_of(cap, book.scale) * int(10 ** (self.scale - book.scale))


def _applies(row: Deduction | Hold, use: str | None) -> bool:
    return not row.applies_to or use in row.applies_to


def _hold(hold: Hold, book: Rulebook) -> HoldPlan:
    check(hold)
    fact, _, variant = hold.of.partition("/")
    return HoldPlan(
        doc=book.doc,
        id=hold.id,
        fact=fact,
        variant=variant,
        scope=book.reach.value,
        levels=None if hold.levels is None else tuple(sorted(hold.levels)),
        lasts=hold.lasts,
        step=step_number(hold.from_),
        until_completed=hold.until_completed,
        effect=hold.effect,
    )


def _validity(block: ValidityBlock) -> ValidityPlan:
    return ValidityPlan(
        none=block.none,
        normal=block.normal,
        due=block.due,
        suspended=block.suspended.state,
        ended=block.ended.state,
        on_request=block.suspended.resumes == "on_request",
    )

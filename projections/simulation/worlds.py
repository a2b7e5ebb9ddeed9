"""The two sets of rulebooks that are compared at a place: what is in force, and the same with the draft in it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from domain.places import chain
from domain.rulebook import Document, Published, RulebookSet, read_tree, resolve

VARIANTS_MAX = 200


class VaryMisread(ValueError):
    """A `--vary` that names nothing in the draft, or too many variants; the text says what is wanted."""


class World(NamedTuple):
    """The rules of one place."""

    current: RulebookSet
    draft: RulebookSet
    variants: tuple[RulebookSet, ...]


class Variant(NamedTuple):
    """The draft with some numbers changed: what was changed, as written, and the documents."""

    name: str
    documents: tuple[Document, ...]


class Worlds:
    """Gives the rules of every place. The draft counts as in force on the day, whatever its own dates are."""

    def __init__(
        self,
        current: Sequence[Published],
        draft: Sequence[Document],
        as_of: date,
        as_at: int | None = None,
        variants: Sequence[Variant] = (),
    ) -> None:
        self.draft = tuple(draft)
        self.variants = tuple(variants)
        self._current = current
        self._coordinates = as_of, as_at
        self.at: Callable[[str], World] = cache(self._at)

    @property
    def labels(self) -> dict[str, tuple[str, str]]:
        """Name every row of the documents in Chinese and in English, by `doc/id`; the draft's names come first."""
        books = [document.rulebook for document in self.draft]
        books += [one.document.rulebook for one in self._current]
        named: dict[str, tuple[str, str]] = {}
        for book in books:
            for row in (*book.items, *book.deductions):
                named.setdefault(f"{book.doc}/{row.id}", (row.label.zh, row.label.en))
        return named

    def _at(self, place: str) -> World:
        current = resolve(self._current, place, *self._coordinates)
        variants = tuple(_with(current, variant.documents, place) for variant in self.variants)
        return World(current, _with(current, self.draft, place), variants)


def _with(current: RulebookSet, draft: Iterable[Document], place: str) -> RulebookSet:
    """Put the draft's documents in the place of those of the same name."""
    here = [document for document in draft if document.rulebook.authority in chain(place)]
    gone = {document.rulebook.doc for document in here}
    gone |= {document.rulebook.disputed.of for document in here if document.rulebook.disputed}
    return RulebookSet.of([*(one for one in current.documents if one.rulebook.doc not in gone), *here])


def variants_of(draft: Sequence[Document], vary: Sequence[str]) -> list[Variant]:
    """Read `insurance.award.points=0.4,0.5` and `nb.common/cap=140,150`: every combination of the values.

    Before the slash stands a document, which may be left out where one row of the draft has the name.
    Raises VaryMisread; Unsound where a value makes a document unsound.
    """
    choices = [_choices(draft, one) for one in vary]
    count = 1
    for one in choices:
        count *= len(one)
    if count > VARIANTS_MAX:
        raise VaryMisread(f"at most {VARIANTS_MAX} variants, not {count}")
    return [_variant(draft, changes) for changes in product(*choices)] if vary else []


class _Change(NamedTuple):
    doc: str
    row: str | None
    path: tuple[str, ...]
    value: str
    name: str


def _choices(draft: Sequence[Document], vary: str) -> list[_Change]:
    target, equals, values = vary.partition("=")
    if not equals or not all(value.strip() for value in values.split(",")):
        raise VaryMisread("ITEM.path=value,value: " + vary[:60])
    doc, slash, path = target.rpartition("/")
    steps = tuple(path.split("."))
    row, rest = (steps[0], steps[1:]) if any(steps[0] in _rows(one) for one in draft) else (None, steps)
    named = [
        one
        for one in draft
        if (one.rulebook.doc == doc if slash else row is not None) and (not row or row in _rows(one))
    ]
    if len(named) != 1 or not rest:
        known = ", ".join(name for one in draft for name in _rows(one))
        raise VaryMisread(f"{target[:60]}: name one row of the draft (DOC/ROW.path): {known}"[:400])
    return [
        _Change(named[0].rulebook.doc, row, rest, value.strip(), f"{target}={value.strip()}")
        for value in values.split(",")
    ]


def _rows(document: Document) -> list[str]:
    return [row.id for row in (*document.rulebook.items, *document.rulebook.deductions)]


def _variant(draft: Sequence[Document], changes: Sequence[_Change]) -> Variant:
    documents = []
    for document in draft:
        tree = document.tree
        for change in changes:
            if change.doc == document.rulebook.doc:
                tree = _changed(tree, change)
        documents.append(document if tree is document.tree else read_tree(tree))
    return Variant(" ".join(change.name for change in changes), tuple(documents))


def _changed(tree: dict[str, Any], change: _Change) -> dict[str, Any]:
    if change.row is None:
        return {**_put(tree, change.path, change.value)}
    blocks = {
        block: [_put(row, change.path, change.value) if row["id"] == change.row else row for row in tree[block]]
        for block in ("items", "deductions")
        if block in tree
    }
    return tree | blocks


def _put(part: Any, path: Sequence[str], value: str) -> Any:
    """Give a part of a tree with one value changed; the steps of a list are numbered from 0."""
    step, *rest = path
    if isinstance(part, list) and step.isdigit() and int(step) < len(part):
        place = int(step)
        return [*part[:place], _new(part[place], rest, value), *part[place + 1 :]]
    if not isinstance(part, dict):
        raise VaryMisread(f"{step[:40]}: there is no such part in the draft")
    return part | {step: _new(part.get(step), rest, value)}


def _new(old: Any, rest: Sequence[str], value: str) -> Any:
    return _put(old, rest, value) if rest else _typed(old, value)


def _typed(old: Any, value: str) -> Any:
    """Read a value as the document keeps it: whole numbers where one stood, text otherwise."""
    if isinstance(old, int) and not isinstance(old, bool) and value.lstrip("-").isdigit():
        return int(value)
    return None if value == "null" else value

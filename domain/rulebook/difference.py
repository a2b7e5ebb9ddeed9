"""Where two documents differ in substance: `items[insurance].award.points 0.5 → 0.4`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from domain.rulebook.document import Document

SUBSTANCE = (
    "scale",
    "cap",
    "schemes",
    "categories",
    "items",
    "deductions",
    "holds",
    "valid_if",
    "scope",
)
_LIFE = ("authority", "tier", "effective", "transition", "rounding", "validity", "untranslatable")
_WORDING = ("label", "clause", "owner", "source", "placeholder", "unit")


class Change(NamedTuple):
    """One place that differs; None where one of the documents says nothing there."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.path} {_short(self.old)} → {_short(self.new)}"


def _short(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class DocumentChange(NamedTuple):
    """One place where two versions of a document differ; an empty path: the document is new, or gone."""

    doc: str
    change: Change

    def __str__(self) -> str:
        return f"{self.doc} {self.change}"

    def as_json(self) -> dict[str, Any]:
        """Give the document, the path, and what stood and stands there."""
        return {"doc": self.doc, "path": self.change.path, "old": self.change.old, "new": self.change.new}


def library_changes(olds: Iterable[Document], news: Iterable[Document]) -> list[DocumentChange]:
    """Compare two sets of documents by name: what is computed, where, and when. Of one name the newest counts.

    One document against one is compared whatever their names are.
    """
    return documents_changed(olds, news, (*_LIFE, *SUBSTANCE))


def documents_changed(olds: Iterable[Any], news: Iterable[Any], parts: Sequence[str]) -> list[DocumentChange]:
    """Compare two sets of documents, of rulebooks or of programmes, in these parts of their trees."""
    old, new = _newest(olds), _newest(news)
    if len(old) == len(new) == 1:
        [doc] = old
        new = {doc: next(iter(new.values()))}
    found = []
    for doc in sorted(old.keys() | new.keys()):
        if doc not in old or doc not in new:
            mine, theirs = (old.get(doc), new.get(doc))
            present = [document.hash if document else None for document in (mine, theirs)]
            found.append(DocumentChange(doc, Change("", *present)))
            continue
        pairs = [(name, old[doc].tree.get(name), new[doc].tree.get(name)) for name in parts]
        found += [DocumentChange(doc, change) for pair in pairs for change in _changes(*pair)]
    return found


def _newest(documents: Iterable[Any]) -> dict[str, Any]:
    return {d.doc: d for d in sorted(documents, key=lambda d: d.effective.from_)}


def changes(old: Document, new: Document) -> list[Change]:
    """Compare what two documents compute; wording, sources and examples do not matter. Rows are matched by id."""
    return [change for name in SUBSTANCE for change in _changes(name, old.tree.get(name), new.tree.get(name))]


def _changes(path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            if key not in _WORDING:
                yield from _changes(f"{path}.{key}", old.get(key), new.get(key))
    elif _has_ids(old) or _has_ids(new):
        olds, news = _by_id(old), _by_id(new)
        for name in dict.fromkeys([*olds, *news]):
            yield from _changes(f"{path}[{name}]", olds.get(name), news.get(name))
    elif old != new:
        yield Change(path, old, new)


def _has_ids(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(row, Mapping) and "id" in row for row in value)


def _by_id(value: Any) -> dict[str, Any]:
    return {row["id"]: row for row in value or ()}

"""Where two documents differ in substance: `items[insurance].award.points 0.5 → 0.4`."""

from collections.abc import Iterator, Mapping
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
_WORDING = ("label", "clause", "owner", "source", "placeholder", "unit")


class Change(NamedTuple):
    """One place that differs; None where one of the documents says nothing there."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.path} {_short(self.old)} → {_short(self.new)}"


def _short(value: Any) -> str:
    return "-" if value is None else str(value)


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

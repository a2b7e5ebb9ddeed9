"""The sheets of a workbook, and where each part of it lies."""

from dataclasses import dataclass
from posixpath import dirname, join, normpath

from ledger.ingest.refusals import WorkbookDamaged
from ledger.ingest.workbook.package import Package, local, parser_of

_SHEETS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet: its name, its part of the archive, and whether people see it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """What the workbook's own part says. Charts and macro sheets are no sheets of it."""

    sheets: tuple[Sheet, ...]
    strings: str | None
    styles: str | None
    from_1904: bool


def contents_of(package: Package) -> Contents:
    """Read which sheets there are. Raises WorkbookDamaged."""
    book = next((part for kind, part in _relations(package, "").values() if kind == "officeDocument"), None)
    if book is None or book not in package:
        raise WorkbookDamaged(package.name)
    relations = _relations(package, book)
    by_kind = dict(relations.values())
    named: list[tuple[str, str, bool]] = []
    from_1904 = [False]

    def started(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet" and len(named) < _SHEETS_MAX:
            hidden = attributes.get("state", "visible") != "visible"
            key = next((value for name, value in attributes.items() if local(name) == "id"), "")
            named.append((attributes.get("name", ""), key, hidden))
        elif local(name) == "workbookPr":
            from_1904[0] = attributes.get("date1904", "0") in {"1", "true"}

    for _ in package.parse(book, parser_of(started)):
        pass
    sheets = tuple(
        Sheet(name, relations[key][1], hidden)
        for name, key, hidden in named
        if key in relations and relations[key][0] == "worksheet"
    )
    if not sheets:
        raise WorkbookDamaged(package.name)
    return Contents(sheets, by_kind.get("sharedStrings"), by_kind.get("styles"), from_1904[0])


def _relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Give a part's relations by id: the last word of their type, and the part they lead to."""
    folder, _, name = part.rpartition("/")
    place = f"{folder and folder + '/'}_rels/{name}.rels"
    found: dict[str, tuple[str, str]] = {}

    def started(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
            found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], whole)

    if place in package:
        for _ in package.parse(place, parser_of(started)):
            pass
    return found

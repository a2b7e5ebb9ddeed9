"""The first line of a CSV file: which column gives which field."""

from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from unicodedata import normalize

from domain.facts import Fact, FactCorrected, FactVoided, FamilyTieRecorded
from ledger.ingest.classes import EDGES
from ledger.ingest.hygiene import safe_name
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.plans import KINDS, REPLACEMENT, every_field, fields_of, persons_of, plan_of
from ledger.ingest.refusals import DoubleColumns, MissingColumns, NoHeader, UnknownColumns
from ledger.ingest.verdicts import Phrase

OURS = ("verdict", "verdict_reason")
"""The two columns that we add to rejected rows, and that are passed over when the file comes back."""


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file: their names as written, and the field each gives (None: not read).

    `returned` says that the last two columns are ours, from an earlier refusal.
    """

    columns: tuple[str, ...]
    fields: tuple[str | None, ...]
    returned: bool

    def column_of(self, field: str) -> str:
        """Name the column that gives a field, if there is one and its name may be repeated."""
        if field in self.fields:
            return safe_name(self.columns[self.fields.index(field)])
        return ""


def read_header(columns: list[str], mapping: DeliveryMapping, kind: str | None, place: str) -> Header:
    """Match column names to fields. `kind` is the kind of every row where that is known.

    Raises NoHeader, UnknownColumns, DoubleColumns, MissingColumns.
    """
    names = [folded(column) for column in columns]
    returned = tuple(names[-2:]) == OURS
    fact = KINDS.get(kind) if kind else None
    allowed = _allowed(fact)
    by_column = {folded(column): field for column, field in mapping.columns.items()}
    ignored = {folded(column) for column in mapping.ignore}
    fields: list[str | None] = []
    unknown: list[int] = []
    for index, name in enumerate(names):
        field = by_column.get(name, name)
        ours = returned and index >= len(names) - len(OURS)
        fields.append(field if field in allowed and name not in ignored and not ours else None)
        if not (name in ignored or ours or field in allowed or name == ""):
            unknown.append(index)
    _refuse(columns, fields, unknown, allowed, place)
    _require(
        fact, {field for field in fields if field} | mapping.constants.keys() | ({"kind"} if kind else set()), place
    )
    return Header(tuple(columns), tuple(fields), returned)


def known_columns(mapping: DeliveryMapping, kind: str | None) -> frozenset[str]:
    """Give the names, as compared, of all columns that would give a field."""
    allowed = _allowed(KINDS.get(kind) if kind else None)
    return allowed | {folded(column) for column, field in mapping.columns.items() if field in allowed}


def _allowed(fact: type[Fact] | None) -> frozenset[str]:
    return every_field() if fact is None else fields_of(fact)


def folded(column: str) -> str:
    """Give a column's name as names are compared: half-width, without spaces around it."""
    return normalize("NFKC", column).strip(EDGES)


def _refuse(
    columns: list[str], fields: list[str | None], unknown: list[int], allowed: frozenset[str], place: str
) -> None:
    if not any(fields):
        raise NoHeader(place)
    if unknown:
        raise UnknownColumns(place, _listed(columns, unknown, allowed))
    double = [field for field, count in Counter(filter(None, fields)).items() if count > 1]
    if double:
        raise DoubleColumns(place, Phrase(f"字段 {double[0]}", f"The field is {double[0]}."))


def _listed(columns: list[str], unknown: list[int], allowed: frozenset[str]) -> Phrase:
    """Name unknown columns by number, by name where that may be repeated, and by what may have been meant."""
    named = []
    for index in unknown[:5]:
        name = safe_name(columns[index])
        meant = get_close_matches(name, allowed, n=1) if name else []
        named.append(f"{index + 1} {name}".strip() + (f" ({meant[0]}?)" if meant else ""))
    more = f" +{len(unknown) - 5}" if len(unknown) > 5 else ""
    return Phrase(f"列 {'、'.join(named)}{more}", f"Column {', '.join(named)}{more}.")


def _require(fact: type[Fact] | None, given: set[str], place: str) -> None:
    missing = [] if "kind" in given else ["kind"]
    names_persons = fact is None or (persons_of(fact) and fact is not FactVoided)
    if names_persons and not given & {"document_number", "subject"}:
        missing.append("document_number")
    if fact is FamilyTieRecorded and not given & {"other_document_number", "other"}:
        missing.append("other_document_number")
    if fact is FactCorrected:
        missing += [field for field in ("reason", "refers_to", REPLACEMENT) if field not in given]
    elif fact is not None:
        needed = (*plan_of(fact).required, *(("refers_to",) if fact.about.refers else ()))
        missing += [field for field in needed if field not in given]
    if missing:
        raise MissingColumns(place, Phrase(f"缺 {'、'.join(missing)}", f"Missing: {', '.join(missing)}."))

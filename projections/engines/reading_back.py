"""Columns read back as the rows that the reference evaluator takes."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from domain.factrow import FactRow, Role
from projections.engines.batch import COLUMNS, DAYS, NO_WORD, TABLE_OF, WORDS, Batch
from projections.engines.calendar import NO_DAY
from projections.engines.standing import FOREVER

_EPOCH = date(1970, 1, 1).toordinal()


def histories(batch: Batch) -> Iterator[tuple[str, list[FactRow]]]:
    """Give the place where each resident is scored, and the rows. Entries are named by number."""
    rows: list[list[FactRow]] = [[] for _ in range(batch.residents)]
    for role in TABLE_OF:
        for row in _rows(batch, role):
            rows[row.ref_stream.int - 1].append(row)
    for resident, own in enumerate(rows):
        yield batch.words["place"].names[batch.place[resident]], own


def _rows(batch: Batch, role: Role) -> list[FactRow]:
    table = batch.tables[TABLE_OF[role]]
    columns = {name: _plain(batch, name, table[name].tolist()) for name in COLUMNS[TABLE_OF[role]]}
    rows = []
    parts: dict[tuple[int, int], int] = {}
    for values in zip(*columns.values(), strict=True):
        fields = dict(zip(columns, values, strict=True))
        resident, version = fields.pop("resident"), fields.pop("version")
        stream = UUID(int=resident + 1)
        part = parts[resident, version] = parts.get((resident, version), -1) + 1
        if role is Role.VOID:
            fields["refers_stream"] = stream
            fields["refers_version"] = fields["refers_version"] or None
        fields.setdefault("kind", role.value)
        rows.append(FactRow(role=role, ref_stream=stream, ref_version=version, part=part, **fields))
    return rows


def _plain(batch: Batch, name: str, values: list[Any]) -> list[Any]:
    if name in WORDS:
        names = batch.words[WORDS[name]].names
        return [None if code == NO_WORD else names[code] for code in values]
    if name in DAYS:
        return [None if day in (NO_DAY, FOREVER) else date.fromordinal(day + _EPOCH) for day in values]
    return values

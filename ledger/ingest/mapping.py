"""Mapping files: a source's own columns, words and units, in ours. YAML or JSON; every scalar is read as text."""

import re
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.competence import Grant
from ledger.ingest.examine import Terms
from ledger.ingest.plans import DELIVERED, KINDS, every_field, plan_of
from ledger.ingest.refusals import MappingRefused
from ledger.ingest.verdicts import Phrase

_LARGEST = 1_000_000
UNITS = {"yuan": ("fen", 100), "hours": ("minutes", 60), "percent": ("1/100 %", 100)}
"""A larger unit that a source may use: the start of our unit's name, and how many of ours it holds."""

Name = Annotated[str, Field(min_length=1, max_length=100)]


class DeliveryMapping(BaseModel):
    """How to read a source's files. Every part is optional; docs/imports.md has examples.

    `columns` name a field for a column (or a JSON key); `values` translate a field's values; `constants` fill a
    field that the file lacks or leaves empty; `units` name the larger unit of a field; `ignore` lists columns that
    are not read; `sheet` names a workbook's sheet; `source` names the space of the source's own ids; `time_zone` is
    the offset of its clock.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str | None = None
    encoding: Literal["utf-8", "gb18030"] | None = None
    delimiter: Literal["comma", "tab", "semicolon"] | None = None
    sheet: Annotated[str, Field(min_length=1, max_length=31)] | None = None
    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")] = "file"
    columns: dict[Name, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    units: dict[str, Literal["yuan", "hours", "percent"]] = {}
    ignore: list[Name] = []
    time_zone: Annotated[str, Field(pattern=r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]$")] | None = None

    def terms(self, organ: str, received_on: date, grants: tuple[Grant, ...], kind: str | None = None) -> Terms:
        """Give the terms on which rows under this mapping are examined; `kind` overrides the mapping's own."""
        chosen = kind or self.kind
        return Terms(
            organ=organ,
            received_on=received_on,
            grants=grants,
            source=self.source,
            constants={**self.constants, **({"kind": chosen} if chosen else {})},
            words=self.values,
            factors={field: UNITS[unit][1] for field, unit in self.units.items()},
            zone=None if self.time_zone is None else _offset(self.time_zone),
        )


def read_mapping(path: Path) -> DeliveryMapping:
    """Read a mapping file. Raises MappingRefused, naming the place."""
    if path.stat().st_size > _LARGEST:
        raise MappingRefused(path.name, Phrase("超过 1 MB", "larger than 1 MB"))
    try:
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError:
        raise MappingRefused(path.name, Phrase("应为 UTF-8", "should be UTF-8")) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path.name}:{mark.line + 1}" if mark else path.name
        raise MappingRefused(place, Phrase("不是合法的 YAML 或 JSON", "neither YAML nor JSON")) from None
    try:
        mapping = DeliveryMapping.model_validate(_plain(node, path.name, set()) if node else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MappingRefused(f"{path.name}: {place}", Phrase(first["msg"], first["msg"])) from None
    _check(mapping, path.name)
    return mapping


def _plain(node: yaml.Node, name: str, seen: set[int]) -> Any:
    """Turn nodes to texts, lists and mappings: no types are guessed, no alias is followed, no key stands twice."""
    place = f"{name}:{node.start_mark.line + 1}"
    if id(node) in seen:
        raise MappingRefused(place, Phrase("不支持别名", "aliases are not read"))
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(inner, name, seen) for inner in node.value]
    found: dict[str, Any] = {}
    for key, inner in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in found:
            raise MappingRefused(place, Phrase("键重复或不是文本", "a key stands twice or is no text"))
        found[key.value] = _plain(inner, name, seen)
    return found


def _check(mapping: DeliveryMapping, name: str) -> None:
    """Refuse kinds and fields that do not exist, and units that do not fit."""
    if mapping.kind is not None and KINDS.get(mapping.kind) not in DELIVERED:
        raise MappingRefused(f"{name}: kind", Phrase("没有这个种类", "there is no such kind"))
    named = {
        "columns": mapping.columns.values(),
        "constants": mapping.constants,
        "values": mapping.values,
        "units": mapping.units,
    }
    for part, fields in named.items():
        for field in fields:
            if field not in every_field():
                raise MappingRefused(f"{name}: {part}", Phrase(f"没有字段 {field}", f"there is no field {field}"))
    for field, unit in mapping.units.items():
        if not any(plan_of(fact).units.get(field, "").startswith(UNITS[unit][0]) for fact in DELIVERED):
            raise MappingRefused(f"{name}: units.{field}", Phrase("单位不适用", "the unit does not fit the field"))


def _offset(text: str) -> timezone:
    sign = -1 if text[0] == "-" else 1
    hours, minutes = (int(part) for part in re.split(":", text[1:]))
    return timezone(sign * timedelta(hours=hours, minutes=minutes))

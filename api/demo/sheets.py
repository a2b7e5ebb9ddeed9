"""One file of one department, in its own form: encoding, delimiter, headings, mapping file; some of it wrong."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BOM = b"\xef\xbb\xbf"


class Sheet:
    """A file in the making. `expected` counts the codes with which its rows must be refused, held or passed over.

    `about` says what it is, in Chinese and English. A `mapping` is written beside the file, as JSON.
    """

    def __init__(
        self, name: str, organ: str, about: tuple[str, str], mapping: Mapping[str, Any] | None = None
    ) -> None:
        self.name = name
        self.organ = organ
        self.about = about
        self.mapping = mapping
        self.expected: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        """Good rows by kind: what the feed says it has delivered."""
        self.lines: list[bytes] = []

    @property
    def mapping_name(self) -> str | None:
        """Name the mapping file."""
        return None if self.mapping is None else f"{self.name.rpartition('.')[0]}.map.yaml"

    def insert(self, line: bytes, code: str | None = None, at: int | None = None) -> None:
        """Put a line in, by default at the end; `code` is what must be found in it."""
        self.lines.insert(len(self.lines) if at is None else at % (len(self.lines) + 1), line)
        if code is not None:
            self.expected[code] += 1

    def count(self, fields: Mapping[str, object]) -> None:
        """Count a good row by its kind."""
        mapping = self.mapping or {}
        column = next((name for name, field in mapping.get("columns", {}).items() if field == "kind"), "kind")
        said = str(fields.get(column) or mapping.get("kind", ""))
        self.kinds[mapping.get("values", {}).get("kind", {}).get(said, said)] += 1

    def write(self, folder: Path) -> None:
        """Write the file, and its mapping."""
        (folder / self.name).write_bytes(self.head() + b"".join(line + self.newline() for line in self.lines))
        if self.mapping is not None and self.mapping_name is not None:
            text = json.dumps(self.mapping, ensure_ascii=False, indent=2)
            (folder / self.mapping_name).write_text(text + "\n", encoding="utf-8")

    def head(self) -> bytes:
        """Give what stands before the first row."""
        return b""

    def newline(self) -> bytes:
        """Give the line end."""
        return b"\n"


class Table(Sheet):
    """A CSV file."""

    def __init__(
        self,
        name: str,
        organ: str,
        about: tuple[str, str],
        columns: tuple[str, ...],
        mapping: Mapping[str, Any] | None = None,
        *,
        encoding: str = "utf-8",
        delimiter: str = ",",
        crlf: bool = False,
        bom: bool = False,
    ) -> None:
        super().__init__(name, organ, about, mapping)
        self.columns = columns
        self.encoding = encoding
        self.delimiter = delimiter
        self.crlf = crlf
        self.bom = bom

    def add(self, cells: Mapping[str, object], code: str | None = None, at: int | None = None) -> bytes:
        """Put a row in; give its bytes."""
        line = self.row(cells)
        self.insert(line, code, at)
        if code is None:
            self.count(cells)
        return line

    def row(self, cells: Mapping[str, object]) -> bytes:
        """Write a row, its cells quoted where they must be."""
        if unknown := cells.keys() - set(self.columns):
            raise KeyError(f"no such column: {sorted(unknown)}")
        return self.delimiter.join(self._cell(cells.get(column, "")) for column in self.columns).encode(
            self.encoding
        )

    def _cell(self, value: object) -> str:
        text = str(value)
        if any(special in text for special in (self.delimiter, '"', "\n", "\r")):
            return '"' + text.replace('"', '""') + '"'
        return text

    def head(self) -> bytes:
        """Give the header."""
        header = self.delimiter.join(self._cell(column) for column in self.columns).encode(self.encoding)
        return (BOM if self.bom else b"") + header + self.newline()

    def newline(self) -> bytes:
        """Give the line end."""
        return b"\r\n" if self.crlf else b"\n"


class JsonLines(Sheet):
    """An NDJSON file."""

    def add(self, fields: Mapping[str, object], code: str | None = None, at: int | None = None) -> bytes:
        """Put an object in; give its bytes."""
        line = json.dumps(fields, ensure_ascii=False, default=str).encode()
        self.insert(line, code, at)
        if code is None:
            self.count(fields)
        return line

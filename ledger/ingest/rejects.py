"""Rows that were not taken, in a file of the input's own form, with what to do: to be corrected and sent again.

The original bytes of a row are kept as they are; `verdict` and `verdict_reason` are added at its end, and passed
over when the file comes back. No spreadsheet takes these two for formulas: both begin with a word of ours.
"""

import json
import re
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ledger.ingest.delivery import CsvDelivery, Delivery, Row
from ledger.ingest.header import OURS
from ledger.ingest.hints import reason
from ledger.ingest.lines import QUOTE
from ledger.ingest.survey import BOM
from ledger.ingest.verdicts import Code, Finding, Outcome

REJECTED = frozenset({Outcome.CONFLICT, Outcome.HELD, Outcome.INVALID})
"""What goes back to the source."""
_OURS_AT_END = re.compile(
    rb'(?:,\s*|(?<=\{)\s*)"verdict":\s*"[a-z]+",\s*"verdict_reason":\s*"(?:[^"\\]|\\.)*"\s*\}\s*$'
)
_OURS_IN_CSV = rb'%b"[a-z]+"%b"(?:[^"]|"")*"$'
_UNREADABLE = frozenset(
    {Code.NOT_JSON, Code.DUPLICATE_JSON_KEY, Code.TOO_DEEP, Code.UNDECODABLE_BYTES, Code.ROW_TOO_LONG}
)


class Rejects:
    """Writes the rejected rows of one delivery. The file comes into being with the first of them."""

    def __init__(self, delivery: Delivery, path: Path) -> None:
        self.delivery = delivery
        self.path = path
        self.count = 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: Row, finding: Finding) -> None:
        """Write one row with its verdict and reason."""
        if self._file is None:
            self._file = self.path.open("wb")
            self._file.write(self._start())
        self._file.write(self._line(row, finding) + self.delivery.newline)
        self.count += 1

    def _start(self) -> bytes:
        start = BOM if self.delivery.bom else b""
        if isinstance(self.delivery, CsvDelivery):
            header = _without_ours(self.delivery.header_raw, self.delivery)
            start += (
                self.delivery.delimiter.join((header, *(name.encode() for name in OURS))) + self.delivery.newline
            )
        return start

    def _line(self, row: Row, finding: Finding) -> bytes:
        said = (finding.outcome.value, reason(finding))
        if isinstance(self.delivery, CsvDelivery):
            ours = (_cell(text, self.delivery.encoding) for text in said)
            return self.delivery.delimiter.join((_without_ours(row.raw, self.delivery), *ours))
        return _json_line(row.raw, dict(zip(OURS, said, strict=True)), finding, self.delivery.newline)


def _cell(text: str, encoding: str) -> bytes:
    return b'"' + text.replace('"', '""').encode(encoding) + b'"'


def _without_ours(raw: bytes, delivery: CsvDelivery) -> bytes:
    """Cut the last two cells off a record that came back with ours."""
    if not delivery.header.returned:
        return raw
    as_we_wrote_it = re.search(_OURS_IN_CSV % ((re.escape(delivery.delimiter),) * 2), raw)
    if as_we_wrote_it is not None:  # also behind a quotation mark that is not closed
        return raw[: as_we_wrote_it.start()]
    ends = _delimiters(raw, delivery.delimiter)
    return raw[: ends[-len(OURS)]] if len(ends) >= len(OURS) else raw


def _delimiters(raw: bytes, delimiter: bytes) -> list[int]:
    """Find the delimiters outside quotation marks."""
    if QUOTE not in raw:
        return [at for at in range(len(raw)) if raw[at : at + 1] == delimiter]
    inside, found = False, []
    for at in range(len(raw)):
        byte = raw[at : at + 1]
        if byte == QUOTE:
            inside = not inside
        elif byte == delimiter and not inside:
            found.append(at)
    return found


def _json_line(raw: bytes, said: dict[str, str], finding: Finding, newline: bytes) -> bytes:
    """Add our keys before the closing brace; before a line that is no object, put a note on a line of its own."""
    note = json.dumps(said, ensure_ascii=False).encode()
    kept = _OURS_AT_END.sub(b"}", raw).rstrip()
    inside = kept.removesuffix(b"}").rstrip()
    if finding.code in _UNREADABLE or b'"verdict' in kept or inside == b"{":
        return note + newline + raw
    return inside + b", " + note[1:]

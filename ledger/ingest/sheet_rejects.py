"""Rows of a workbook that were not taken, in a workbook: the same columns as text, and our two behind them."""

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from ledger.ingest.delivery import Delivery, Row
from ledger.ingest.header import OURS
from ledger.ingest.hints import reason
from ledger.ingest.hygiene import safe_name
from ledger.ingest.lines import QUOTE, Malformed, Unclosed, split_quoted
from ledger.ingest.rejects import Rejects
from ledger.ingest.verdicts import Finding
from ledger.ingest.xlsx import XlsxDelivery

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_LONGEST_CELL = 32_767
_WIDTHS = (20, 60)
"""How wide columns are shown, in characters: theirs, and that of our reason."""


def rejects_of(delivery: Delivery, path: Path) -> Rejects:
    """Give what writes the rejected rows of a delivery in its own form."""
    return SheetRejects(delivery, path) if isinstance(delivery, XlsxDelivery) else Rejects(delivery, path)


class SheetRejects(Rejects):
    """Writes rejected rows as a workbook, which comes into being when the import ends.

    Every cell is text, and the columns are formatted as text: no number typed into them loses its last digits.
    """

    def __init__(self, delivery: XlsxDelivery, path: Path) -> None:
        super().__init__(delivery, path)
        self._sheet_of = delivery
        self._book: Workbook | None = None
        self._sheet: Worksheet
        self._text: Format

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._book is not None:
            self._book.close()

    def add(self, row: Row, finding: Finding) -> None:
        """Write one row with its verdict and reason."""
        if self._book is None:
            self._book = self._begun()
        self.count += 1
        width = self._width
        cells = [*_cells(row.raw)[:width], *[""] * width][:width]
        self._write(self.count, [*cells, finding.outcome.value, reason(finding)], self._text)

    @property
    def _width(self) -> int:
        """Say how many columns are theirs."""
        header = self._sheet_of.header
        return len(header.columns) - (len(OURS) if header.returned else 0)

    def _begun(self) -> "Workbook":
        from xlsxwriter import Workbook  # noqa: PLC0415 - few imports reject rows of a workbook

        book = Workbook(str(self.path), {"constant_memory": True})
        self._sheet = book.add_worksheet(safe_name(self._sheet_of.sheet) or None)
        self._text = book.add_format({"num_format": "@"})
        self._sheet.set_column(0, self._width + len(OURS) - 2, _WIDTHS[0], self._text)
        self._sheet.set_column(self._width + 1, self._width + 1, _WIDTHS[1], self._text)
        self._sheet.freeze_panes(1, 0)
        bold = book.add_format({"num_format": "@", "bold": True})
        self._write(0, [*self._sheet_of.header.columns[: self._width], *OURS], bold)
        return book

    def _write(self, number: int, cells: list[str], form: "Format") -> None:
        for column, text in enumerate(cells):
            if text:
                self._sheet.write_string(number, column, text[:_LONGEST_CELL], form)


def _cells(raw: bytes) -> list[str]:
    """Give a line's cells; one alone where they cannot be told apart."""
    try:
        cells = split_quoted(raw, b",") if QUOTE in raw else raw.split(b",")
    except (Unclosed, Malformed):
        cells = [raw]
    return [cell.decode("utf-8", "replace") for cell in cells]

"""Workbooks for tests: as a program writes them, and as XML by hand where a program would not write it so."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter

HEADER = ("kind", "document_number", "name", "month", "place", "insurance", "paid_on")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, *sheets: Sequence[Sequence[Any]], hidden: Sequence[int] = (), **formats: str) -> Path:
    """Write sheets of rows. Dates become Excel's; `formats` give their number formats by the columns' names."""
    book = xlsxwriter.Workbook(str(path))
    for number, rows in enumerate(sheets):
        sheet = book.add_worksheet()
        if number in hidden:
            sheet.hide()
        for row, cells in enumerate(rows):
            for column, value in enumerate(cells):
                if isinstance(value, date | datetime):
                    name = str(next(each for each in rows if len(each) > column)[column])
                    form = book.add_format({"num_format": formats.get(name, "yyyy/m/d")})
                    sheet.write_datetime(row, column, value, form)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write(row, column, value)
    book.close()
    return path


def by_hand(path: Path, rows: str, after: str = "", parts: Mapping[str, str | bytes] | None = None) -> Path:
    """Write a workbook of one sheet, given the XML of its rows and of what follows them; `parts` replace others."""
    whole = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        '<sheets><sheet name="一" sheetId="1" r:id="s1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="s1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>',
    }
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in (whole | dict(parts or {})).items():
            archive.writestr(name, content)
    return path


def texts(number: int, *cells: str) -> str:
    """Write one row of texts as XML."""
    inner = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{inner}</row>'

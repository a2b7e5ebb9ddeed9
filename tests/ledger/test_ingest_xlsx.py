"""Workbooks: the same rows are the same facts, what Excel did to them is seen, and what is no workbook is named."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from domain.facts import InsuranceMonthPaid
from ledger.ingest.delivery import judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.refusals import (
    DeliveryRefused,
    EmptyDelivery,
    MergedCells,
    NoHeader,
    NoSheets,
    NoSuchSheet,
    NotText,
    OtherWorkbook,
    SeveralSheets,
    WorkbookDamaged,
    WorkbookLocked,
    WorkbookTooLarge,
)
from ledger.ingest.sheet_rejects import rejects_of
from ledger.ingest.workbook import package
from ledger.ingest.workbook.formats import Shape, shape_of
from tests.ledger.deliveries import GRANTS, ORGAN, RECEIVED, resident, verdicts
from tests.ledger.workbooks import HEADER, by_hand, texts, workbook

KIND = "insurance-month-paid"
ROWS: tuple[tuple[Any, ...], ...] = (
    (KIND, resident(1), "居民甲", "2025-03", "330212", "pension", "2025-03-15"),
    (KIND, resident(2), "居民,乙", "2025-04", "330203", "medical", "2025-04-15"),
    (KIND, resident(3), '居民"丙"', "2025-05", "330212", "pension", ""),
)


def row(**other: Any) -> tuple[Any, ...]:
    return tuple((dict(zip(HEADER, ROWS[0], strict=True)) | other).values())


def read(path: Path, mapping: DeliveryMapping | None = None, **asked: Any) -> list[Any]:
    delivery = open_delivery(path, mapping, **asked)
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, GRANTS, delivery.kind))
    return [
        (found.fact, found.request) if isinstance(found, Candidate) else found.code.value
        for _, found in judged(delivery, examiner)
    ]


def one(tmp_path: Path, **other: Any) -> Any:
    [found] = read(workbook(tmp_path / "one.xlsx", [HEADER, row(**other)]))
    return found


def test_csv_ndjson_and_xlsx_of_the_same_rows_are_the_same_facts(tmp_path: Path) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in cells) for cells in ROWS]
    (tmp_path / "a.csv").write_text("\n".join([",".join(HEADER), *quoted]), encoding="utf-8")
    found = read(workbook(tmp_path / "a.xlsx", [HEADER, *ROWS]))

    assert found == read(tmp_path / "a.csv")
    assert [type(fact) for fact, _ in found] == [InsuranceMonthPaid] * 3


def test_days_numbers_and_months_that_excel_made_of_texts_are_read_as_they_were_meant(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "typed.xlsx",
        [HEADER, row(month=date(2025, 3, 1), place=330212, paid_on=date(2025, 3, 15))],
        month='yyyy"年"m"月"',
    )

    assert read(path) == read(workbook(tmp_path / "text.xlsx", [HEADER, ROWS[0]]))


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"paid_on": 45731}, "excel-serial-date"),
        ({"paid_on": datetime(2025, 3, 15, 8, 30)}, "bad-date"),  # noqa: DTZ001 - a cell has no zone
        ({"month": date(2025, 3, 1)}, "bad-month"),
        ({"document_number": int(resident(1))}, "scientific-notation"),
        ({"document_number": float(resident(1))}, "scientific-notation"),
        ({"document_number": "3.30282E+17"}, "scientific-notation"),
        ({"name": "#N/A"}, "spreadsheet-error"),
        ({"place": "#REF!"}, "spreadsheet-error"),
        ({"insurance": "=1/0"}, "unknown-word"),
        ({"month": True}, "bad-month"),
    ],
)
def test_what_excel_damaged_is_told_by_its_code(tmp_path: Path, cell: dict[str, Any], code: str) -> None:
    assert one(tmp_path, **cell) == code


def test_a_number_as_long_as_an_identity_number_is_damaged_however_many_digits_the_file_shows(
    tmp_path: Path,
) -> None:
    rows = texts(1, *HEADER) + f'<row r="2"><c t="str"><v>{KIND}</v></c><c><v>{resident(1)}</v></c></row>'

    assert read(by_hand(tmp_path / "digits.xlsx", rows)) == ["scientific-notation"]


def test_an_error_and_a_formula_without_a_result_are_no_empty_cells(tmp_path: Path) -> None:
    start = f'<c t="str"><v>{KIND}</v></c>'
    rows = texts(1, "kind", "document_number") + (
        f'<row r="2">{start}<c t="e"><f>1/0</f><v>#DIV/0!</v></c></row><row r="3">{start}<c><f>A1</f></c></row>'
    )

    assert read(by_hand(tmp_path / "e.xlsx", rows)) == ["spreadsheet-error"] * 2


def test_the_result_of_a_formula_is_read(tmp_path: Path) -> None:
    cells = "".join(f'<c t="str"><f>X</f><v>{cell}</v></c>' for cell in ROWS[0])
    rows = texts(1, *HEADER) + f'<row r="2">{cells}</row>'

    assert read(by_hand(tmp_path / "f.xlsx", rows)) == read(workbook(tmp_path / "t.xlsx", [HEADER, ROWS[0]]))


def test_titles_above_the_header_and_empty_rows_are_passed_over_and_rows_keep_excels_numbers(
    tmp_path: Path,
) -> None:
    sheet = [("三月缴费明细",), (), HEADER, ROWS[0], (), row(month="2025-13"), (), ("", " ")]
    delivery = open_delivery(workbook(tmp_path / "titled.xlsx", sheet))

    assert verdicts(delivery) == ["ok", "bad-month"]
    assert [each.line for each in delivery.rows()] == [4, 6]


def test_of_several_sheets_the_one_with_a_header_is_taken(tmp_path: Path) -> None:
    path = workbook(tmp_path / "s.xlsx", [("说明",)], [HEADER, ROWS[0]], [HEADER, ROWS[1]], hidden=[2])

    assert len(read(path)) == 1
    assert read(path) == read(path, sheet="Sheet2")
    assert read(path, sheet="Sheet3") != read(path)
    assert open_delivery(path).terms_digest == open_delivery(path, sheet="Sheet2").terms_digest
    assert open_delivery(path).terms_digest != open_delivery(path, sheet="Sheet3").terms_digest


@pytest.mark.parametrize(
    ("sheets", "asked", "refusal"),
    [
        ([[HEADER, ROWS[0]], [HEADER, ROWS[1]]], None, SeveralSheets),
        ([[HEADER, ROWS[0]]], "明细", NoSuchSheet),
        ([[("甲", "乙"), ("1", "2")]], None, NoHeader),
        ([[HEADER]], None, EmptyDelivery),
        ([[]], None, EmptyDelivery),
    ],
)
def test_a_sheet_that_cannot_be_told_is_refused(
    tmp_path: Path, sheets: list[Any], asked: str | None, refusal: type[DeliveryRefused]
) -> None:
    path = workbook(tmp_path / "s.xlsx", *sheets)

    with pytest.raises(refusal):
        open_delivery(path, sheet=asked)


def test_a_file_that_is_no_workbook_has_no_sheets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("kind,month\nx,y\n")

    with pytest.raises(NoSheets):
        open_delivery(tmp_path / "a.csv", sheet="一")


def test_merged_cells_among_the_rows_are_refused_with_their_place(tmp_path: Path) -> None:
    rows = texts(1, *HEADER) + texts(2, *ROWS[0]) + texts(3, KIND, resident(2))
    merged = '<mergeCells><mergeCell ref="C2:C3"/></mergeCells>'

    with pytest.raises(MergedCells, match="C2:C3"):
        open_delivery(by_hand(tmp_path / "m.xlsx", rows, merged))


def test_merged_titles_and_remarks_that_are_not_read_do_no_harm(tmp_path: Path) -> None:
    rows = texts(1, "明细") + texts(2, *HEADER, "备注") + texts(3, *ROWS[0], "略") + texts(4, *ROWS[1])
    merged = '<mergeCells><mergeCell ref="A1:H1"/><mergeCell ref="H3:H4"/></mergeCells>'

    assert len(read(by_hand(tmp_path / "m.xlsx", rows, merged), DeliveryMapping(ignore=["备注"]))) == 2


def zipped(**members: str) -> Any:
    def write(path: Path) -> None:
        with ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)

    return write


def cut_short(path: Path) -> None:
    data = workbook(path, [HEADER, ROWS[0]]).read_bytes()
    path.write_bytes(data[: len(data) // 2])


def with_a_document_type(path: Path) -> None:
    row = "<sheetData><row><c><v>&a;</v></c></row></sheetData>"
    entity = f'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet>{row}</worksheet>'
    by_hand(path, "", parts={"xl/worksheets/sheet1.xml": entity})


@pytest.mark.parametrize(
    ("make", "refusal"),
    [
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 4096), OtherWorkbook),
        (
            lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")),
            WorkbookLocked,
        ),
        (zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"), OtherWorkbook),
        (zipped(xl__workbook_dot_bin=""), OtherWorkbook),
        (zipped(readme="x"), NotText),
        (lambda path: path.write_bytes(b"PK\x03\x04...."), WorkbookDamaged),
        (cut_short, WorkbookDamaged),
        (with_a_document_type, WorkbookDamaged),
        (lambda path: by_hand(path, "<row><c><v>1</c></row>"), WorkbookDamaged),
        (lambda path: by_hand(path, '<row r="0"/>'), WorkbookDamaged),
        (lambda path: by_hand(path, '<row r="1"><c t="s"><v>7</v></c></row>'), WorkbookDamaged),
        (lambda path: by_hand(path, '<row r="1"><c r="A0A"><v>7</v></c></row>'), WorkbookDamaged),
        (lambda path: by_hand(path, texts(2, "kind") + texts(2, KIND)), WorkbookDamaged),
        (lambda path: by_hand(path, "", parts={"xl/workbook.xml": "<workbook/>"}), WorkbookDamaged),
    ],
)
def test_what_is_no_workbook_that_can_be_read_is_named(
    tmp_path: Path, make: Any, refusal: type[DeliveryRefused]
) -> None:
    make(tmp_path / "file.xlsx")

    with pytest.raises(refusal):
        open_delivery(tmp_path / "file.xlsx")


def test_an_archive_that_expands_without_measure_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_RATIO_FREE_BYTES", 1 << 20)
    path = by_hand(tmp_path / "bomb.xlsx", " " * (32 << 20))

    with pytest.raises(WorkbookTooLarge):
        open_delivery(path)


def test_rejected_rows_come_back_as_a_workbook_and_can_be_sent_again(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", [("明细",), HEADER, ROWS[1], row(month="2025-13", paid_on=date(2025, 3, 15))]
    )
    first = rejected(path, tmp_path / "rejected.xlsx")
    back = open_delivery(first)
    second = rejected(first, tmp_path / "again.xlsx")

    assert [each.line for each in back.rows()] == [2]
    assert verdicts(back) == ["bad-month"]
    assert lines(second) == lines(first)
    assert b"verdict,verdict_reason" in lines(first)


def lines(path: Path) -> bytes:
    with open_delivery(path).opened() as file:
        return file.read()


def rejected(path: Path, into: Path) -> Path:
    delivery = open_delivery(path)
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, GRANTS, delivery.kind))
    with rejects_of(delivery, into) as rejects:
        for each, found in judged(delivery, examiner):
            if not isinstance(found, Candidate):
                rejects.add(each, found)
    return into


def test_nothing_of_a_workbook_lies_in_a_folder_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "unpacked"))
    (tmp_path / "unpacked").mkdir()
    delivery = open_delivery(workbook(tmp_path / "a.xlsx", [HEADER, *ROWS]))

    assert len(verdicts(delivery)) == 3
    assert list((tmp_path / "unpacked").iterdir()) == []


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("General", Shape.NUMBER),
        ("0.00_ ;[Red]-0.00", Shape.NUMBER),
        ('0"月"', Shape.NUMBER),
        ("yyyy-mm-dd", Shape.DAY),
        ("[$-804]yyyy/m/d;@", Shape.DAY),
        ("[h]:mm:ss", Shape.DAY),
        ("yyyy-mm", Shape.MONTH),
        ('[DBNum1]yyyy"年"m"月"', Shape.MONTH),
    ],
)
def test_a_number_format_says_whether_a_number_is_a_day(code: str, shape: Shape) -> None:
    assert shape_of(code) is shape

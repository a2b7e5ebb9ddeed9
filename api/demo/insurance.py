"""The files of the human-resources and social-security bureau on months paid: GB18030, Chinese headings."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from api.demo.dice import Dice
from api.demo.lives import CIXI, HAISHU, YINZHOU, Insured, Life, Story
from api.demo.organs import HRSS
from api.demo.people import as_written_by, number_of
from api.demo.sheets import JsonLines, Table
from domain.civil import first_day, month_index, month_text
from domain.places import NINGBO_DISTRICTS

NUMBER, NAME, PERIOD, PLACE, STANDING = "社会保障号码", "姓名", "费款所属期", "参保地", "缴费类型"
INSURANCE, INSURED_AS, PAID_ON, BASE, PAYER, SERIAL = (
    "险种",
    "参保身份",
    "到账日期",
    "缴费基数(元)",
    "单位名称",
    "序号",
)
_HISTORY = (SERIAL, NUMBER, NAME, PERIOD, PLACE, STANDING)
_MONTH = (SERIAL, NUMBER, NAME, INSURANCE, PERIOD, PLACE, INSURED_AS, STANDING, PAID_ON, BASE, PAYER)
_FIELDS = {
    NUMBER: "document_number",
    NAME: "name",
    PERIOD: "month",
    PLACE: "place",
    STANDING: "standing",
    INSURANCE: "insurance",
    INSURED_AS: "insured_as",
    PAID_ON: "paid_on",
    BASE: "base_fen",
    PAYER: "payer",
}
_WORDS = {
    "insurance": {"养老": "pension", "医疗": "medical"},
    "insured_as": {"职工": "employee", "灵活就业": "flexible"},
    "standing": {"正常": "normal", "补缴": "back-paid", "转入": "transferred"},
    "place": {name: code for code, name in NINGBO_DISTRICTS.items()},
}
_EVERY_FLEXIBLE, _EVERY_TWICE, _EVERY_LATE = 9, 55, 80
_VOIDED, _MISPLACED = range(20, 32), range(40, 52)
"""Residents whose last month was refunded, and whose last month was booked in the wrong district."""


def _mapping(columns: Iterable[str], **more: Any) -> dict[str, Any]:
    fields = {column: _FIELDS[column] for column in columns if column in _FIELDS}
    words = {field: table for field, table in _WORDS.items() if field in fields.values()}
    mapping = {"kind": "insurance-month-paid", "encoding": "gb18030", "columns": fields, "values": words}
    return mapping | {"ignore": [SERIAL]} | more


def _person(life: Life) -> dict[str, object]:
    one = life.resident
    return {NUMBER: one.number, NAME: as_written_by(one.name, HRSS)}


def _months(spans: Iterable[Insured]) -> Iterator[tuple[int, Insured]]:
    for span in spans:
        for month in range(span.first, span.last + 1):
            yield month, span


def history(lives: Sequence[Life]) -> Table:
    """Write the pension months of all years but the last month, month after month."""
    sheet = Table(
        "03-hrss-insurance-history.csv",
        HRSS,
        ("历年养老保险缴费", "Pension months of past years"),
        _HISTORY,
        _mapping(_HISTORY, constants={"insurance": "pension"}),
        encoding="gb18030",
        crlf=True,
    )
    paid = [(month, life, span) for life in lives for month, span in _months(life.insured)]
    paid.sort(key=lambda row: (row[0], row[1].resident.index, row[2].place))
    for month, life, span in paid:
        where = {PERIOD: month_text(month).replace("-", ""), PLACE: NINGBO_DISTRICTS[span.place]}
        sheet.add({SERIAL: len(sheet.lines) + 1} | _person(life) | where | {STANDING: span.standing})
    some = sheet.lines[: min(40, len(sheet.lines))]
    sheet.insert(some[3], "repeated-in-file")
    sheet.insert(
        some[7].replace(NINGBO_DISTRICTS[paid[7][2].place].encode("gb18030"), "西湖区".encode("gb18030")),
        "unknown-place",
    )
    sheet.add({SERIAL: "合计", STANDING: f"{len(paid)} 条"}, "missing-field")
    return sheet


def month(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write the last whole month before `on` for all ten districts, pension and medical, with many rows wrong."""
    last = month_index(on) - 1
    sheet = Table(
        f"04-hrss-insurance-{month_text(last)}.csv",
        HRSS,
        (f"{month_text(last)} 十区(县、市)社保月报", f"Insurance of {month_text(last)} for all ten districts"),
        _MONTH,
        _mapping(_MONTH, units={"base_fen": "yuan"}),
        encoding="gb18030",
        crlf=True,
    )
    for life in lives:
        if life.left_on is None and life.insured and life.insured[-1].last == last - 1:
            places = [life.insured[-1].place]
            if life.resident.index % _EVERY_TWICE == _EVERY_TWICE - 1 or life.resident.index == Story.TWICE:
                places.append(HAISHU if places[0] != HAISHU else YINZHOU)
            for place in places:
                for insurance in ("养老", "医疗"):
                    sheet.add(_paid(dice, life, last, insurance, place))
    _spoil(sheet, dice, lives, last)
    return sheet


def _paid(dice: Dice, life: Life, period: int, insurance: str, place: str) -> dict[str, object]:
    index = life.resident.index
    yuan, cents = dice.between(4462, 12_000, "base", index), dice.between(0, 99, "cents", index)
    return {
        **_person(life),
        INSURANCE: insurance,
        PERIOD: month_text(period),
        PLACE: NINGBO_DISTRICTS[place],
        INSURED_AS: "灵活就业" if index % _EVERY_FLEXIBLE == 0 else "职工",
        STANDING: "正常",
        PAID_ON: f"{first_day(period):%Y/%m}/{dice.between(5, 25, 'paid-on', index)}",
        BASE: f"{yuan}.{cents:02d}",
        PAYER: f"示例单位{dice.below(300, 'payer', index):03d}",
    }


def _spoil(sheet: Table, dice: Dice, lives: Sequence[Life], period: int) -> None:
    """Put in what offices really send: damage by spreadsheets, slips of the hand, rows sent twice."""
    insured = [
        life for life in lives if life.insured and life.left_on is None and life.insured[-1].last == period - 1
    ]
    strangers = iter(range(len(lives), len(lives) + 100))

    def fresh() -> dict[str, object]:
        """Give a good row of somebody nobody has heard of, to be spoilt."""
        index = next(strangers)
        born = date(1990, 1, 1 + index % 28)
        good = _paid(dice, insured[0], period, "养老", YINZHOU)
        return good | {NUMBER: number_of(born, index), NAME: "居民待查"}

    at = dice.between(3, 30, "dirt")
    for code, wrong in _wrong_cells():
        sheet.add(fresh() | wrong, code, at)
        at += 37
    broken = sheet.row(fresh() | {NAME: "居民待"})
    sheet.insert(broken.replace("居民待".encode("gb18030"), b"\xbe\xd3\xff\xff"), "undecodable-bytes", at)
    sheet.insert(sheet.row(fresh()) + b",", "column-count", at + 11)
    sheet.insert(sheet.row(fresh()).rpartition(b",")[0], "column-count", at + 23)
    sheet.insert(
        sheet.row(fresh() | {PAYER: "示例"}).replace("示例".encode("gb18030"), b'"\xca\xbe'),
        "unclosed-quote",
        at + 31,
    )
    # Rows that are wrong only because of what the ledger knows come after those they quarrel with.
    known = _paid(dice, insured[1], period, "养老", insured[1].insured[-1].place)
    sheet.add(known | {NAME: "居民另名"}, "name-differs")
    sheet.add(known | {STANDING: "补缴"}, "other-content")
    sheet.add(known, "repeated-in-file")
    sheet.add(_paid(dice, insured[2], insured[2].insured[-1].last, "医疗", YINZHOU) | {NUMBER: ""}, "missing-field")


def _wrong_cells() -> list[tuple[str, dict[str, object]]]:
    nobody = number_of(date(1988, 8, 8), 0)
    return [
        ("scientific-notation", {NUMBER: "1.00000E+17"}),
        ("document-check-digit", {NUMBER: nobody[:15] + "000"}),
        ("document-form", {NUMBER: nobody[:17]}),
        ("document-birth-date", {NUMBER: "100000198813010016"}),
        ("bad-month", {PERIOD: "2025-13"}),
        ("bad-date", {PAID_ON: "12/15/2025"}),
        ("impossible-date", {PAID_ON: "2025-11-31"}),
        ("excel-serial-date", {PAID_ON: "46006"}),
        ("future-date", {PERIOD: "2099-12"}),
        ("unknown-word", {INSURANCE: "意外险"}),
        ("unknown-place", {PLACE: "西湖区"}),
        ("place-outside-grants", {PLACE: "330106"}),
        ("quantity-out-of-range", {BASE: "-4462.00"}),
        ("bad-number", {BASE: "4,462.00"}),
        ("missing-field", {PERIOD: ""}),
        ("control-characters", {PAYER: "示例\0单位"}),
        ("invisible-characters", {NAME: "居民\u202e待查"}),
        ("lost-characters", {NAME: "居民\ufffd"}),
    ]


def late(lives: Sequence[Life]) -> Table:
    """Write months paid years ago that the bureau delivers only now."""
    sheet = Table(
        "20-hrss-late.csv",
        HRSS,
        ("补报的历史缴费", "Months paid long ago, delivered now"),
        _HISTORY,
        _mapping(_HISTORY, constants={"insurance": "pension"}),
        encoding="gb18030",
        delimiter="\t",
    )
    for life in lives:
        spans = life.late
        if life.resident.index % _EVERY_LATE == _EVERY_LATE - 1 and life.insured:
            first = life.insured[0].first
            spans = (Insured(first - 6, first - 1, CIXI),)
        for period, span in _months(spans):
            cells = {PERIOD: month_text(period), PLACE: NINGBO_DISTRICTS[span.place], STANDING: "正常"}
            sheet.add(_person(life) | cells)
    known = lives[Story.LATE].insured[-1]
    cells = {PERIOD: month_text(known.last), PLACE: NINGBO_DISTRICTS[known.place], STANDING: "正常"}
    sheet.add(_person(lives[Story.LATE]) | cells, "already-recorded")
    return sheet


def corrections(lives: Sequence[Life]) -> JsonLines:
    """Write voids of refunded months and corrections of a wrong district; one names an entry nobody has sent."""
    sheet = JsonLines("19-hrss-corrections.ndjson", HRSS, ("社保更正与作废", "Insurance voids and corrections"))
    for life in lives:
        index = life.resident.index
        if not life.insured or (index not in _VOIDED and index not in _MISPLACED):
            continue
        span = life.insured[-1]
        target = {"kind": "insurance-month-paid", "month": month_text(span.last), "place": span.place}
        common: dict[str, object] = {
            "document_number": life.resident.number,
            "name": as_written_by(life.resident.name, HRSS),
            "refers_to": target,
        }
        if index in _VOIDED:
            sheet.add({"kind": "fact-voided", "reason": "refunded", **common})
            continue
        other = HAISHU if span.place != HAISHU else YINZHOU
        replacement = target | {"place": other, "standing": _WORDS["standing"][span.standing]}
        sheet.add({"kind": "fact-corrected", "reason": "source-error", "replacement": replacement, **common})
    first = lives[Story.ACROSS].resident
    unknown = {"kind": "insurance-month-paid", "month": "1999-01", "place": YINZHOU}
    void = {"kind": "fact-voided", "reason": "source-error", "document_number": first.number, "name": first.name}
    sheet.add(void | {"refers_to": unknown}, "unknown-target")
    return sheet

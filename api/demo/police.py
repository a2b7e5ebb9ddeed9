"""The files of the police: registrations, permits, particulars, offences."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from api.demo.dice import Dice
from api.demo.lives import Life, Story
from api.demo.organs import NEWCOMERS, POLICE
from api.demo.sheets import JsonLines, Table
from domain.civil import add_months

_RESIDENCE = (
    "kind",
    "document_number",
    "name",
    "place",
    "spell",
    "new_spell",
    "registered_on",
    "moved_on",
    "ended_on",
    "address",
)
_PERMIT = ("业务", "公民身份号码", "姓名", "居住证编号", "签发地", "办理日期", "逾期")
_PERMIT_MAPPING = {
    "columns": {
        "业务": "kind",
        "公民身份号码": "document_number",
        "姓名": "name",
        "居住证编号": "permit",
        "签发地": "place",
        "办理日期": "on",
        "逾期": "late",
    },
    "values": {
        "kind": {
            "签发": "permit-issued",
            "签注": "permit-endorsed",
            "中止": "permit-suspended",
            "恢复": "permit-restored",
            "终止": "permit-ended",
        }
    },
}
_OFFENDERS = 45
_LEVELS = ("minor", "minor", "minor", "detention", "crime")
_BASIS = {"minor": "治安管理处罚法", "detention": "治安管理处罚法", "crime": "刑法"}


def residence(lives: Sequence[Life]) -> Table:
    """Write registrations, moves and endings in our own field names: the police's system was built to send them."""
    sheet = Table(
        "01-police-residence.csv",
        POLICE,
        ("居住登记、变更、注销", "Registrations, moves, endings"),
        _RESIDENCE,
        bom=True,
    )
    for life in lives:
        who = _who(life)
        first, *moves = life.stays
        registered = {"kind": "residence-registered", "place": first.place, "spell": first.spell}
        sheet.add(who | registered | {"registered_on": first.start, "address": _address(life)})
        for before, stay in zip(life.stays, moves, strict=False):
            moved = {"kind": "residence-moved", "place": stay.place, "spell": before.spell, "new_spell": stay.spell}
            sheet.add(who | moved | {"moved_on": stay.start, "address": _address(life)})
        if life.left_on is not None:
            ended = {"kind": "residence-ended", "place": life.home, "spell": life.stays[-1].spell}
            sheet.add(who | ended | {"ended_on": life.left_on})
    one = lives[Story.ACROSS]
    row = _who(one) | {"kind": "residence-ended", "place": one.home, "spell": one.stays[-1].spell}
    sheet.add(row | {"ended_on": one.since - timedelta(days=1)}, "end-before-start")
    sheet.add(row | {"kind": "residence-closed", "ended_on": one.since}, "unknown-kind")
    sheet.add(row | {"ended_on": one.since, "registered_on": one.since}, "unknown-field")
    sheet.add(row | {"ended_on": one.since, "spell": "13800001111"}, "personal-digits")
    return sheet


def _who(life: Life) -> dict[str, object]:
    return {"document_number": life.resident.number, "name": life.resident.name}


def _address(life: Life) -> str:
    return f"示例路 {life.resident.index + 1} 号,{life.resident.index % 6 + 1} 幢"


def permits(lives: Sequence[Life]) -> Table:
    """Write what happened to permits, under Chinese headings."""
    sheet = Table(
        "02-police-permits.csv",
        POLICE,
        ("居住证业务", "Residence permits"),
        _PERMIT,
        _PERMIT_MAPPING,
        bom=True,
        crlf=True,
    )
    for life in lives:
        who = {"公民身份号码": life.resident.number, "姓名": life.resident.name}
        for move in life.permit_moves:
            place = next(
                (stay.place for stay in reversed(life.stays) if stay.start <= move.on), life.stays[0].place
            )
            late = {"逾期": "是" if move.late else "否"} if move.kind == "签注" else {}
            sheet.add(
                who
                | {
                    "业务": move.kind,
                    "居住证编号": life.permit,
                    "签发地": place,
                    "办理日期": f"{move.on:%Y年%m月%d日}",
                }
                | late
            )
    sheet.add(
        {"业务": "换领", "公民身份号码": lives[0].resident.number, "办理日期": "2025年01月01日"}, "unknown-kind"
    )
    return sheet


def requests(lives: Sequence[Life], on: date) -> Table:
    """Write the requests of residents whose permit was late and in use again, that their points count again."""
    sheet = Table(
        "13-newcomers-requests.csv",
        NEWCOMERS,
        ("积分恢复申请", "Requests that points count again"),
        ("document_number", "name", "permit", "place", "on"),
        {"kind": "points-reinstatement-requested"},
    )
    for life in lives:
        for move in life.permit_moves:
            asked_on = move.on + timedelta(days=6)
            if move.late and asked_on <= on and life.resident.index % 5:
                sheet.add(_who(life) | {"permit": life.permit, "place": life.home, "on": asked_on})
    return sheet


def particulars(lives: Sequence[Life]) -> Table:
    """Write one corrected birth date: the number cannot change, what is known of the person can."""
    sheet = Table(
        "18-police-particulars.csv",
        POLICE,
        ("身份信息更正", "Corrected particulars"),
        ("document_number", "name", "born_on", "source_id"),
        {"kind": "particulars-corrected"},
        bom=True,
    )
    life = lives[Story.BIRTH]
    born = life.resident.born_on
    sheet.add(_who(life) | {"born_on": add_months(born, -24), "source_id": "XX-2026-0001"})
    return sheet


def offences(dice: Dice, lives: Sequence[Life], on: date) -> JsonLines:
    """Write offences with their legal basis; one lacks it, one was committed by a minor."""
    sheet = JsonLines("14-police-offences.ndjson", POLICE, ("违法犯罪记录(受限)", "Offences (restricted)"))
    for life, level, acted_on in _offenders(dice, lives, on):
        fact: dict[str, object] = {
            "kind": "restricted-fact",
            **_who(life),
            "category": "offence",
            "level": level,
            "place": life.home[:6],
            "acted_on": acted_on,
            "decided_on": acted_on + timedelta(days=40),
            "effective_on": acted_on + timedelta(days=50),
            "legal_basis": _BASIS[level],
        }
        sheet.add(fact)
    one = lives[Story.OFFENCE]
    wrong = {"kind": "restricted-fact", **_who(one), "category": "offence", "level": "minor", "place": one.home[:6]}
    young = add_months(one.resident.born_on, 17 * 12)
    sheet.add(wrong | {"acted_on": on - timedelta(days=300)}, "no-legal-basis")
    sheet.add(wrong | {"acted_on": young, "legal_basis": _BASIS["minor"]}, "minor-protected")
    sheet.insert(b'{"kind": "restricted-fact", "category": "offence", "category": "credit"}', "duplicate-json-key")
    sheet.insert(b'{"kind": "restricted-fact", ', "not-json")
    return sheet


def _offenders(dice: Dice, lives: Sequence[Life], on: date) -> Iterator[tuple[Life, str, date]]:
    yield lives[Story.OFFENCE], "minor", on - timedelta(days=400)
    for life in lives[Story.BIRTH + 1 :]:
        index = life.resident.index
        if index % _OFFENDERS == 0:
            yield (
                life,
                dice.pick(_LEVELS, "offence", index),
                on - timedelta(days=dice.between(60, 1200, "acted", index)),
            )

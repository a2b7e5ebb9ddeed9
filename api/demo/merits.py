"""The files of the other departments: certificates, work, homes, giving, honours, indicators, credit."""

from collections.abc import Sequence
from datetime import date, timedelta

from api.demo.dice import Dice
from api.demo.lives import CIXI, FENGHUA, Life, Story
from api.demo.organs import (
    BLOOD,
    CREDIT,
    DISTRICT_OFFICES,
    EDUCATION,
    HOUSING,
    HRSS,
    MERIT,
    VOLUNTEERS,
)
from api.demo.people import as_written_by
from api.demo.sheets import JsonLines, Table
from domain.places import NINGBO_DISTRICTS

_EDUCATION = {"本科": "bachelor", "大专": "college", "高中": "high_school", "初中及以下": "below", "硕士": "master"}
_SKILLS = {"二级": "l2", "三级": "l3", "四级": "l4", "五级": "l5", "中级职称": "title_mid"}
_ACTIVITIES = ("社区服务", "交通引导", "图书整理", "防汛巡查", "义诊协助")
_XIANGSHAN = "330225"


def _who(life: Life, organ: str = "") -> dict[str, object]:
    return {"document_number": life.resident.number, "name": as_written_by(life.resident.name, organ)}


def education(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write degrees; a quarter of the residents have none on record."""
    columns = ("证件号码", "姓名", "学历", "毕业日期", "证书编号")
    fields = ("document_number", "name", "level", "awarded_on", "certificate")
    mapping = {
        "kind": "education-awarded",
        "columns": dict(zip(columns, fields, strict=True)),
        "values": {"level": _EDUCATION},
    }
    sheet = Table("05-edu-certificates.csv", EDUCATION, ("学历证书", "Degrees"), columns, mapping, bom=True)
    for life in lives:
        index, one = life.resident.index, life.resident
        if not dice.chance(75, "education", index) and index > Story.BIRTH:
            continue
        level = dice.pick(tuple(_EDUCATION), "education-level", index)
        awarded_on = min(date(one.born_on.year + 22, 6, 30), on)
        row = {"证件号码": one.number, "姓名": one.name, "学历": level, "毕业日期": f"{awarded_on:%Y%m%d}"}
        sheet.add(row | {"证书编号": f"EDU-{index:05d}"})
    first = lives[0].resident
    sheet.add(
        {"证件号码": first.number, "姓名": first.name, "学历": "博士后", "毕业日期": "20100630"}, "unknown-level"
    )
    return sheet


def skills(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write vocational certificates and titles."""
    sheet = Table(
        "06-hrss-skills.csv",
        HRSS,
        ("职业技能等级与职称", "Skill certificates and titles"),
        ("document_number", "name", "level", "awarded_on", "occupation", "certificate"),
        {"kind": "skill-awarded", "values": {"level": _SKILLS}},
        encoding="gb18030",
        delimiter=";",
    )
    for life in lives:
        index = life.resident.index
        if dice.chance(35, "skill", index):
            row = {"level": dice.pick(tuple(_SKILLS), "skill-level", index), "certificate": f"ZJ-{index:05d}"}
            awarded_on = on - timedelta(days=dice.between(30, 4000, "skill-on", index))
            sheet.add(_who(life, HRSS) | row | {"awarded_on": awarded_on, "occupation": "示例工种"})
    return sheet


def employment(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write contracts, some ended, as tab-separated text."""
    sheet = Table(
        "07-hrss-employment.tsv",
        HRSS,
        ("就业登记", "Employment"),
        ("kind", "document_number", "name", "place", "spell", "started_on", "until", "ended_on", "employer"),
        delimiter="\t",
        crlf=True,
    )
    for life in lives:
        index = life.resident.index
        if not life.insured:
            continue
        started_on = max(life.since, on - timedelta(days=dice.between(60, 2500, "hired", index)))
        row = _who(life, HRSS) | {"place": life.insured[-1].place, "spell": f"HT{index:05d}"}
        until = {"until": started_on + timedelta(days=3 * 365)} if dice.chance(30, "fixed", index) else {}
        started = {"kind": "employment-started", "started_on": started_on, "employer": f"示例单位{index % 300:03d}"}
        sheet.add(row | started | until)
        if started_on < on - timedelta(days=400) and dice.chance(12, "dismissed", index):
            sheet.add(
                row
                | {"kind": "employment-ended", "ended_on": on - timedelta(days=dice.between(20, 300, "end", index))}
            )
    one = lives[Story.ACROSS]
    row = _who(one, HRSS) | {"kind": "employment-started", "place": one.home, "spell": "HT-X"}
    sheet.add(row | {"started_on": "2025-05-01", "until": "2025-04-30"}, "end-before-start")
    return sheet


def housing(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write homes, in the ministry's own encoding and with semicolons."""
    columns = ("身份证号", "姓名", "住房类型", "起始日期", "终止日期", "所在地", "合同编号", "份额(%)", "地址")
    fields = ("document_number", "name", "tenure", "started_on", "until", "place", "spell", "share", "address")
    mapping = {
        "kind": "housing-started",
        "columns": dict(zip(columns, fields, strict=True)),
        "values": {"tenure": {"自有": "own", "租赁": "rent", "宿舍": "dormitory"}},
        "units": {"share": "percent"},
    }
    sheet = Table(
        "08-housing.csv",
        HOUSING,
        ("住房情况", "Homes"),
        columns,
        mapping,
        encoding="gb18030",
        delimiter=";",
        crlf=True,
    )
    for life in lives:
        index = life.resident.index
        if dice.chance(18, "no-home", index):
            continue
        tenure = dice.pick(("租赁", "租赁", "租赁", "宿舍", "自有"), "tenure", index)
        started_on = max(life.stays[-1].start, on - timedelta(days=dice.between(40, 1500, "home-on", index)))
        row = {
            "身份证号": life.resident.number,
            "姓名": life.resident.name,
            "住房类型": tenure,
            "所在地": life.home[:6],
        }
        row |= {
            "起始日期": f"{started_on:%Y-%m-%d}",
            "合同编号": f"ZF{index:05d}",
            "地址": f"示例路 {index + 1} 号",
        }
        if tenure == "自有":
            row["份额(%)"] = dice.pick(("100", "50", "33.34"), "share", index)
        elif tenure == "租赁":
            row["终止日期"] = f"{started_on + timedelta(days=730):%Y-%m-%d}"
        sheet.add(row)
    one = lives[Story.ACROSS]
    row = {"身份证号": one.resident.number, "姓名": one.resident.name, "住房类型": "自有", "所在地": one.home[:6]}
    sheet.add(row | {"起始日期": "2020-01-01", "合同编号": "ZF-X", "份额(%)": "120"}, "quantity-out-of-range")
    return sheet


def volunteering(dice: Dice, lives: Sequence[Life], on: date) -> JsonLines:
    """Write hours served, one object a line."""
    sheet = JsonLines("09-volunteer-hours.ndjson", VOLUNTEERS, ("志愿服务时长", "Volunteer hours"))
    for life in lives:
        index = life.resident.index
        if not dice.chance(25, "volunteer", index) and index > Story.BIRTH:
            continue
        for turn in range(dice.between(1, 9, "turns", index)):
            served_on = on - timedelta(days=dice.between(1, 1300, "served", index, turn))
            fact: dict[str, object] = {
                "kind": "volunteer-hours-served",
                **_who(life),
                "served_on": served_on,
                "place": life.home[:6],
                "minutes": dice.pick((60, 90, 120, 180, 240), "minutes", index, turn),
                "activity": f"{dice.pick(_ACTIVITIES, 'activity', index, turn)}{turn + 1}",
                "paid": dice.chance(6, "paid", index, turn),
            }
            sheet.add(fact)
    one = {
        "kind": "volunteer-hours-served",
        **_who(lives[0]),
        "served_on": on - timedelta(days=30),
        "place": "330203",
    }
    permit = {"kind": "permit-issued", "on": on - timedelta(days=30), "permit": "NB-X"}
    sheet.add(_who(lives[0]) | {"place": "330203"} | permit, "kind-outside-grants")
    sheet.add(one | {"minutes": 90, "activity": f"陪护 {lives[1].resident.number}"}, "personal-digits")
    sheet.add(one | {"minutes": -90}, "quantity-out-of-range")
    sheet.add(one | {"minutes": 90, "served_on": "2099-05-01"}, "future-date")
    sheet.insert(sheet.add(one | {"minutes": 90}).replace(b"90", b"1e400"), "number-not-finite")
    return sheet


def blood(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write donations; one row is of a kind this organ has no grant for."""
    sheet = Table(
        "10-blood.csv",
        BLOOD,
        ("无偿献血", "Blood donations"),
        ("kind", "document_number", "name", "donated_on", "millilitres", "component", "place"),
        {"values": {"component": {"全血": "whole", "血小板": "platelets"}}},
    )
    for life in lives:
        index = life.resident.index
        if dice.chance(12, "blood", index) or index == Story.ACROSS:
            for turn in range(dice.between(1, 4, "donations", index)):
                donated_on = on - timedelta(days=200 * turn + dice.between(1, 180, "donated", index, turn))
                row = _who(life, BLOOD) | {"donated_on": donated_on, "component": "全血", "place": life.home[:6]}
                amount = dice.pick((200, 300, 400), "ml", index, turn)
                sheet.add(row | {"kind": "blood-donated", "millilitres": amount})
    good = _who(lives[0], BLOOD) | {
        "kind": "blood-donated",
        "donated_on": on - timedelta(days=900),
        "place": "330304",
    }
    sheet.add(good | {"millilitres": 400}, "place-outside-grants")
    return sheet


def honours(dice: Dice, lives: Sequence[Life], on: date) -> Table:
    """Write honours."""
    sheet = Table(
        "11-honours.csv",
        MERIT,
        ("表彰奖励", "Honours"),
        ("document_number", "name", "level", "received_on", "place", "act"),
        {"kind": "honour-received", "values": {"level": {"市级": "city", "县级": "district", "省级": "province"}}},
    )
    for life in lives:
        index = life.resident.index
        if index % 33 == 7:
            level = dice.pick(("市级", "县级", "县级", "省级"), "honour", index)
            row = _who(life) | {"level": level, "place": life.home[:6], "act": "优秀新市民"}
            sheet.add(row | {"received_on": on - timedelta(days=dice.between(30, 1500, "honoured", index))})
    return sheet


def indicators(dice: Dice, lives: Sequence[Life], on: date) -> list[Table]:
    """Write what each district attests of its own residents."""
    schemes = {
        FENGHUA: ("spring_stay", "military"),
        _XIANGSHAN: ("spring_stay", "party_member"),
        CIXI: ("training",),
    }
    sheets = []
    for place, names in schemes.items():
        organ, district = DISTRICT_OFFICES[place], NINGBO_DISTRICTS[place]
        sheet = Table(
            f"12-{organ}-indicators.csv",
            organ,
            (f"{district}个性指标", f"Local indicators of {place}"),
            ("document_number", "name", "scheme", "place", "valid_from", "quantity"),
            {"kind": "attested"},
            bom=True,
        )
        for life in lives:
            index = life.resident.index
            if not life.home.startswith(place) or not dice.chance(40, "attested", index):
                continue
            scheme = dice.pick(names, "scheme", index)
            row = _who(life) | {"scheme": scheme, "place": place}
            row["quantity"] = 6 if scheme == "training" else ""
            sheet.add(
                row
                | {"valid_from": date(on.year - 1, 2, 1) + timedelta(days=dice.below(200, "attested-on", index))}
            )
        sheets.append(sheet)
    return sheets


def credit(dice: Dice, lives: Sequence[Life], on: date) -> JsonLines:
    """Write credit listings, some settled."""
    sheet = JsonLines("15-credit.ndjson", CREDIT, ("失信记录(受限)", "Credit listings (restricted)"))
    for life in lives[Story.BIRTH + 1 :]:
        index = life.resident.index
        if index % 90 == 11:
            acted_on = on - timedelta(days=dice.between(100, 900, "listed", index))
            fact: dict[str, object] = {
                "kind": "restricted-fact",
                **_who(life),
                "category": "credit",
                "level": "listed",
            }
            fact |= {"place": life.home[:6], "acted_on": acted_on, "legal_basis": "社会信用条例"}
            if dice.chance(50, "settled", index):
                fact["completed_on"] = acted_on + timedelta(days=60)
            sheet.add(fact)
    return sheet

"""The words of an explanation, in Chinese and in English: kinds, levels, units, reasons."""

from fractions import Fraction

from domain.errors import Language
from domain.facts import BY_TOPIC
from domain.knowledge import FactRow, Why
from domain.notation import exact_text
from domain.view import SHARE_UNIT, WHOLE

WHY: dict[Why, tuple[str, str]] = {
    Why.VOID: ("已作废", "void"),
    Why.NOT_YET: ("计分日尚未发生", "not yet on the day"),
    Why.OUT_OF_SCOPE: ("不在计分地域", "outside the territory that counts"),
    Why.DUPLICATE: ("重复", "reported twice"),
    Why.BACK_PAID: ("补缴不计", "back-paid"),
    Why.TRANSFERRED: ("转入不计", "transferred in"),
    Why.OTHER_VARIANT: ("此类不计", "of a kind that does not count"),
    Why.OUT_OF_WINDOW: ("超出计分期间", "outside the period that counts"),
    Why.LAPSED: ("已过时效", "lapsed"),
    Why.OVER: ("已终止", "over"),
    Why.EMPTY: ("起止颠倒", "ended before it began"),
    Why.SMALLER: ("同项取高", "a larger one counts"),
    Why.NO_POINTS: ("无对应分值", "not in the table"),
    Why.BROKEN_RUN: ("不连续", "outside the unbroken run"),
    Why.EXCLUDED: ("本项不计此类", "of a kind that this row leaves out"),
    Why.REFUNDED: ("已退费", "refunded"),
    Why.NOT_IN_ALL: ("未同时具备", "not met together with the others"),
    Why.TAKEN_OFF: ("与另一项重叠,扣除", "taken off: counted elsewhere"),
    Why.PAID: ("有偿服务不计", "paid service"),
}
UNITS: dict[str, tuple[str, str]] = {
    "years": ("周岁", "years of age"),
    "full_years": ("年", "years"),
    "months": ("个月", "months"),
    "days": ("天", "days"),
    "minutes": ("分钟", "minutes"),
    "hours": ("小时", "hours"),
    "ml": ("毫升", "ml"),
    "units": ("", "units"),
    "half_months": ("个半月(两个合一个月)", "half months"),
    "fen": ("分(人民币)", "fen"),
    "yuan": ("元", "yuan"),
    "share": ("份", "of a whole"),
    "facts": ("项", "facts"),
    "acts": ("件", "acts"),
    "disputes": ("件在办异议", "open disputes"),
    "state": ("", ""),
    "points/10000": ("/10000 分", "/10000 points"),
}
LEVELS: dict[str, tuple[str, str]] = {
    "doctor": ("博士", "doctor"),
    "master": ("硕士", "master"),
    "bachelor": ("本科", "bachelor"),
    "college": ("大专(高职)", "college"),
    "high_school": ("高中(中职)", "high school"),
    "below": ("初中及以下", "below high school"),
    "l1": ("一级", "level 1"),
    "l2": ("二级", "level 2"),
    "l3": ("三级", "level 3"),
    "l4": ("四级", "level 4"),
    "l5": ("五级", "level 5"),
    "title_senior": ("高级职称", "senior title"),
    "title_mid": ("中级职称", "mid title"),
    "title_junior": ("初级职称", "junior title"),
    "special_high": ("高级专项职业能力证书", "high special-ability certificate"),
    "special": ("专项职业能力证书", "special-ability certificate"),
    "national": ("国家级", "national"),
    "province": ("省级", "province"),
    "city": ("市级", "city"),
    "district": ("区(县、市)级", "district"),
    "town": ("乡镇(街道)级", "town"),
    "own": ("自有", "own home"),
    "rent": ("租赁", "rented"),
    "dormitory": ("宿舍", "dormitory"),
    "minor": ("轻微", "minor"),
    "detention": ("拘留", "detention"),
    "crime": ("犯罪", "crime"),
    "listed": ("列入失信", "listed"),
    "invention": ("发明专利", "invention"),
    "utility": ("实用新型", "utility model"),
    "design": ("外观设计", "design"),
}
SUBJECTS: dict[str, tuple[str, str]] = {
    "self": ("本人", "the applicant"),
    "spouse": ("按配偶计", "of the spouse"),
    "best_parent": ("父母双方取高", "of the parent with more"),
    "both": ("双方分别计分后相加", "of both, added up"),
    "second_at_half": ("另一方减半计分", "of both, the second at half"),
}
VALIDITY: dict[str, tuple[str, str]] = {
    "effective": ("有效", "in effect"),
    "accruing": ("累计中", "accruing"),
    "paused": ("暂停", "paused"),
    "lost": ("失效", "lost"),
}
PERMIT: dict[str, tuple[str, str]] = {
    "none": ("没有居住证", "no permit"),
    "normal": ("居住证正常", "permit normal"),
    "due": ("居住证待签注", "permit due for endorsement"),
    "suspended": ("居住证中止", "permit suspended"),
    "ended": ("居住证终止", "permit ended"),
}
_KINDS = {topic.rpartition(".")[0]: fact.about.zh for topic, fact in BY_TOPIC.items()} | {
    "permit": "居住证有效期间"
}


def choose(pair: tuple[str, str], language: Language) -> str:
    """Give the Chinese or the English word of a pair."""
    return pair[0] if language == "zh" else pair[1]


def kind_word(kind: str, language: Language) -> str:
    """Name a kind of fact."""
    return _KINDS.get(kind, kind) if language == "zh" else kind.replace("-", " ")


def level_word(level: str, language: Language) -> str:
    """Name a level; levels that a scheme declares are named as they are."""
    return choose(LEVELS.get(level, (level, level)), language)


def fact_words(row: FactRow, language: Language) -> str:
    """Name one fact: its kind, its level and its day, as far as it has them."""
    words = [kind_word(row.kind, language)]
    words += [level_word(row.level, language)] if row.level else []
    words += [row.starts_on.isoformat()] if row.starts_on else []
    return " ".join(words)


def count_text(quantity: int, unit: str, language: Language) -> str:
    """Say how many of a unit: 59 个月, 59 months."""
    word = choose(UNITS.get(unit, (unit, unit)), language)
    if unit == SHARE_UNIT:
        return f"{exact_text(Fraction(quantity, WHOLE))} {word}"
    if language == "en" and quantity == 1:
        first, space, rest = word.partition(" ")
        word = first.removesuffix("s") + space + rest
    return f"{quantity} {word}".strip()

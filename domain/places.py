"""Places 辖区: GB/T 2260 codes, town codes below them, and local codes for zones that have none.

A place code is 6 characters for a county-level place, 9 for a town, 12 for a village. A functional zone
(前湾新区, 高新区) has no GB/T 2260 code: its local code keeps the city's four digits and goes on with a letter
(`3302QW`), so that province and city are read off the front of every code alike.
"""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field

PLACE_FORM = re.compile(r"^[0-9]{4}([0-9]{2}|[A-Z][A-Z0-9])([0-9]{3}([0-9]{3})?)?$")
PlaceCode = Annotated[
    str,
    Field(
        pattern=PLACE_FORM.pattern,
        description="GB/T 2260 code of a county-level place, a town (9) or a village (12), or a local code",
    ),
]


class Tier(StrEnum):
    """The layer that grants points: 省级共性, 市级共性, 区(县、市)个性."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"


_LENGTH = {Tier.PROVINCE: 2, Tier.CITY: 4, Tier.DISTRICT: 6}


def territory(place: str, tier: Tier) -> str:
    """Give the leading characters of `place` that name its province, city or district."""
    return place[: _LENGTH[tier]]


def lies_in(place: str, authority: str) -> bool:
    """Say whether `place` lies in the territory of `authority`, itself a code ending in 00 per free level.

    >>> lies_in("330212", "330200"), lies_in("330282002", "330282"), lies_in("330381", "330200")
    (True, True, False)
    """
    return place.startswith(authority_prefix(authority))


def authority_prefix(authority: str) -> str:
    """Cut the levels an authority's code leaves open: 330000 -> 33, 330200 -> 3302, 330212 -> 330212."""
    if authority.endswith("0000"):
        return authority[:2]
    return authority[:4] if authority.endswith("00") else authority


def chain(place: str) -> tuple[str, str, str]:
    """Give the authorities whose tables meet at `place`: province, city, district."""
    return place[:2] + "0000", place[:4] + "00", place[:6]


# 统计局 2023 edition of the division codes; Qianwan has a local code.
NINGBO_DISTRICTS = {
    "330203": "海曙区",
    "330205": "江北区",
    "330206": "北仑区",
    "330211": "镇海区",
    "330212": "鄞州区",
    "330213": "奉化区",
    "330225": "象山县",
    "330226": "宁海县",
    "330281": "余姚市",
    "330282": "慈溪市",
}
NAMES = {
    "310000": "上海市",
    "330000": "浙江省",
    "330100": "杭州市",
    "330200": "宁波市",
    "330300": "温州市",
    "330381": "瑞安市",
    "330382": "乐清市",
    "330383": "龙港市",
    "330604": "上虞区",
    "330782": "义乌市",
    "330784": "永康市",
    "3302QW": "前湾新区",
    "440100": "广州市",
    **NINGBO_DISTRICTS,
}


def name_of(place: str) -> str:
    """Name a place in Chinese, or give its code back where the name is not known here."""
    return NAMES.get(place) or NAMES.get(place[:6]) or place

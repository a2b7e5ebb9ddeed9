"""Small tables for the tests of scores: numbers that are easy to add up in the head."""

from domain.rulebook.document import Document
from ledger.rulebooks import read_text

_PROVINCE = """
doc: test.common
label: {zh: 试验省级表, en: Test province table}
authority: "330000"
tier: province
effective: {from: 2020-01-01}
scale: 2
cap: 100
items:
- id: age
  clause: 年龄
  label: {zh: 年龄, en: Age}
  measure: {kind: age}
  award: {as: ladder, from: 55, to: 60, points: 5, younger: 1}
  cap: 20
- id: insurance
  clause: 缴纳社保
  label: {zh: 缴纳社保, en: Social insurance}
  measure: {kind: months, of: insurance-month-paid}
  award: {as: per, points: POINTS}
  cap: 30
validity: {none: accruing, normal: effective, due: effective, suspended: {state: paused}, ended: {state: lost}}
"""

_CITY = """
doc: test.city
label: {zh: 试验市级表, en: Test city table}
authority: "330200"
tier: city
scope: SCOPE
effective: {from: 2020-01-01}
scale: 2
cap: 50
items:
- id: blood
  clause: 无偿献血
  label: {zh: 无偿献血, en: Blood donation}
  measure: {kind: count, of: blood-donated}
  award: {as: per, points: 2}
deductions:
- id: offence
  clause: 违法犯罪
  label: {zh: 违法犯罪, en: Offences}
  measure: {kind: levels, of: restricted-fact/offence}
  award: {as: by_level, take: sum, points: {minor: -5, detention: -20}}
"""


_DISTRICT = """
doc: test.district
label: {zh: 试验区级表, en: Test district table}
authority: "330212"
tier: district
effective: {from: 2020-01-01}
scale: 2
cap: 50
items:
- id: honour
  clause: 表彰奖励
  label: {zh: 表彰奖励, en: Honours}
  measure: {kind: count, of: honour-received}
  award: {as: per, points: 5}
"""

_FAMILY = """
doc: test.family
label: {zh: 试验家庭表, en: Test family table}
authority: "330212"
tier: district
effective: {from: 2020-01-01}
scale: 2
cap: 300
items:
- id: spouse
  clause: 配偶缴纳社保
  label: {zh: 配偶缴纳社保, en: The spouse's insurance}
  measure: {kind: months, of: insurance-month-paid, subjects: spouse}
  award: {as: per, points: 1}
- id: parents
  clause: 父母学历
  label: {zh: 父母学历, en: The better parent's education}
  measure: {kind: levels, of: education-awarded, subjects: best_parent}
  award: {as: by_level, take: max, points: {bachelor: 20, college: 10, below: 1}}
- id: homes
  clause: 住房
  label: {zh: 住房, en: Homes of both}
  measure: {kind: spells, of: housing-started, subjects: both, count: full_months}
  award: {as: per, points: 2}
deductions:
- id: truancy
  clause: 违法犯罪
  label: {zh: 违法犯罪, en: Offences}
  measure: {kind: levels, of: restricted-fact/offence}
  award: {as: by_level, take: sum, points: {minor: -3, detention: -4}}
  applies_to: [school]
"""


def family() -> Document:
    """Give points for what spouse and parents have; take some for offences where a school place is asked for."""
    [document] = read_text(_FAMILY.encode(), "test")
    return document


def province(points: str = "0.5", since: str = "2020-01-01") -> Document:
    """Give points for age, and so many for each month of insurance."""
    [document] = read_text(_PROVINCE.replace("POINTS", points).replace("2020-01-01", since).encode(), "test")
    return document


def city(scope: str = "city") -> Document:
    """Give points for blood, and take some for offences."""
    [document] = read_text(_CITY.replace("SCOPE", scope).encode(), "test")
    return document


def district() -> Document:
    """Give points for honours, which stay in the district."""
    [document] = read_text(_DISTRICT.encode(), "test")
    return document

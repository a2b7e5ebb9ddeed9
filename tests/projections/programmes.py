"""Small programmes for the tests of eligibility: a loan, a subsidy, a school place."""

from domain.programme import ProgrammeDocument, read_programme
from ledger.rulebooks.yaml_tree import trees

_LOAN = """
doc: test.loan
programme: loan
label: {zh: 试验贷款, en: Test loan}
authority: "330200"
effective: {from: 2020-01-01}
source: 试验
counted_on: {day: applied_on, clause: 申请之日}
score: {clause: 积分}
require:
- {id: permit, kind: permit, clause: 居住证, label: {zh: 有效居住证, en: Valid permit}, of: city}
- {id: points, kind: score, clause: 积分, label: {zh: 积分门槛, en: Points}, at_least: POINTS}
- {id: calm, kind: no_open_dispute, clause: 异议, label: {zh: 无在办异议, en: No open dispute}, on: [applied_on]}
- {id: free, kind: not_held, clause: 冻结, label: {zh: 未冻结, en: Not on hold}}
"""
_RENTAL = """
doc: test.rental
programme: rental
label: {zh: 试验租赁补贴, en: Test subsidy}
authority: "330212"
effective: {from: 2020-01-01}
source: 试验
counted_on: {day: applied_on, clause: 申请之日}
window: {from: 2025-07-20, to: 2025-09-10, clause: 受理期}
require:
- id: insured
  kind: measured
  clause: 连续缴纳
  label: {zh: 连续缴纳三个月, en: Three months in a row}
  measure: {kind: months, of: insurance-month-paid, run: last}
  at_least: 3
- id: lives
  kind: measured
  clause: 居住
  label: {zh: 居住满六个月, en: Six months of residence}
  measure: {kind: spells, of: residence-registered, count: full_months}
  at_least: 6
- id: clean
  kind: measured
  clause: 无违法记录
  label: {zh: 近一年无违法记录, en: No offence within a year}
  measure: {kind: count, of: restricted-fact/offence, window: 12mo}
  at_most: 0
- {id: age, kind: age, clause: 年龄, label: {zh: 未到退休年龄, en: Below retirement}, below: {male: 60, female: 50}}
"""
_SCHOOL = """
doc: test.school
programme: school
label: {zh: 试验入学, en: Test school}
authority: "330212"
subject: child
effective: {from: 2025-01-01}
source: 试验
counted_on: {day: 2025-09-30, clause: 计分截止日}
score: {who: best_parent, clause: 积分}
require:
- {id: born, kind: born, clause: 年龄, label: {zh: 入学年龄, en: School age}, from: 2018-09-01, to: 2020-09-01}
- {id: parent, kind: permit, clause: 居住证, label: {zh: 父母居住证, en: A permit}, who: parents, need: any}
tiers:
- id: t1
  clause: 双方
  label: {zh: 双方持证, en: Both hold permits}
  when: [{id: both, kind: permit, clause: 双方, label: {zh: 双方, en: Both}, who: parents, need: 2}]
- id: t2
  clause: 一方
  label: {zh: 一方持证, en: One holds a permit}
  when: [{id: one, kind: permit, clause: 一方, label: {zh: 一方, en: One}, who: parents, need: any}]
order_by: [{by: tier}, {by: score}]
"""


def _read(text: str) -> ProgrammeDocument:
    [(tree, marks)] = trees(text.encode(), "test")
    return read_programme(tree, marks)


def loan(points: str = "2", authority: str = "330200") -> ProgrammeDocument:
    """Ask for a permit of the city, so many points, no hold and no open dispute."""
    return _read(_LOAN.replace("POINTS", points).replace("330200", authority))


def rental() -> ProgrammeDocument:
    """Ask for months of insurance in a row, residence, no offence within a year, and an age."""
    return _read(_RENTAL)


def school() -> ProgrammeDocument:
    """Ask for a child's age and the parents' permits, on a fixed day."""
    return _read(_SCHOOL)

"""With whom a child lives: both parents, the one that custody names, a guardian until the eighteenth birthday."""

from datetime import date
from uuid import UUID

from domain.custody import cared_for_by, custodies
from domain.facts import CustodyChanged, Fact, FactVoided, Known, Ref
from domain.family import Tie

CHILD, MOTHER, FATHER, AUNT = (UUID(int=n) for n in range(1, 5))
BORN = date(2010, 6, 1)
PARENTS = [Tie("child", parent, CHILD, BORN, None) for parent in (MOTHER, FATHER)]


def known(*told: Fact) -> list[Known]:
    return [Known(fact, n, Ref(stream=UUID(int=9), version=n)) for n, fact in enumerate(told, 1)]


def custody(to: UUID, since: str) -> Fact:
    return CustodyChanged(child=CHILD, to=to, since=date.fromisoformat(since))


def test_both_parents_care_until_custody_names_one() -> None:
    changed = custodies(known(custody(MOTHER, "2020-03-01")))
    on = [cared_for_by(CHILD, day, PARENTS, changed, BORN) for day in (date(2020, 2, 29), date(2020, 3, 1))]

    assert on == [[MOTHER, FATHER], [MOTHER]]


def test_custody_can_go_back_and_of_one_day_the_later_word_counts() -> None:
    told = [custody(MOTHER, "2020-03-01"), custody(AUNT, "2021-03-01"), custody(FATHER, "2021-03-01")]

    assert cared_for_by(CHILD, date(2021, 3, 1), PARENTS, custodies(known(*told))) == [FATHER]
    assert cared_for_by(CHILD, date(2021, 3, 1), PARENTS, custodies(known(*told), as_at=1)) == [MOTHER]


def test_a_void_change_of_custody_is_none() -> None:
    void = Known(
        FactVoided(reason="source-error"), 2, Ref(stream=UUID(int=9), version=2), Ref(stream=UUID(int=9), version=1)
    )

    assert custodies([*known(custody(MOTHER, "2020-03-01")), void]) == []


def test_a_guardian_cares_until_the_eighteenth_birthday() -> None:
    guardian = [Tie("guardian", AUNT, CHILD, date(2015, 1, 1), None)]
    days = (date(2014, 12, 31), date(2028, 5, 31), date(2028, 6, 1))

    assert [cared_for_by(CHILD, day, guardian, born_on=BORN) for day in days] == [[], [AUNT], []]


def test_a_spouse_is_nobodys_carer() -> None:
    assert cared_for_by(CHILD, date(2020, 1, 1), [Tie("spouse", AUNT, CHILD, BORN, None)]) == []

"""Ties and merges: late, voided, ended twice, chained, in a circle."""

from datetime import date
from uuid import UUID

from domain.facts import Fact, FactVoided, FamilyTieEnded, FamilyTieRecorded, IdentitiesMerged, Known, Ref
from domain.family import ALONE, Family, families, family_of, merges, relatives, tied_anew_on, ties
from domain.knowledge import Knowledge

STREAM = UUID(int=99)
A, B, C, D, E = (UUID(int=n) for n in range(1, 6))
WED = date(2020, 5, 1)


def entries(*facts: Fact | tuple[Fact, int]) -> list[Known]:
    """Record facts one after another; a pair says to which of them, from 1, a void refers."""
    found = []
    for position, told in enumerate(facts, 1):
        fact, target = told if isinstance(told, tuple) else (told, None)
        refers_to = None if target is None else Ref(stream=STREAM, version=target)
        found.append(Known(fact, position, Ref(stream=STREAM, version=position), refers_to))
    return found


def married(first: UUID, second: UUID, since: date = WED, spell: str = "M1") -> Fact:
    return FamilyTieRecorded(tie="spouse", subject=first, other=second, since=since, spell=spell)


def child(parent: UUID, of: UUID, spell: str) -> Fact:
    return FamilyTieRecorded(tie="child", subject=parent, other=of, since=WED, spell=spell)


def divorced(on: date, spell: str = "M1") -> Fact:
    return FamilyTieEnded(ended_on=on, spell=spell)


VOID = FactVoided(reason="source-error")


def until(*facts: Fact | tuple[Fact, int], as_at: int | None = None) -> list[date | None]:
    return [tie.until for tie in ties(entries(*facts), as_at)]


def test_a_tie_holds_from_its_day_until_it_ends() -> None:
    [tie] = ties(entries(married(A, B), divorced(date(2023, 1, 1))))

    days = (date(2020, 4, 30), WED, date(2022, 12, 31), date(2023, 1, 1))

    assert [tie.holds_on(day) for day in days] == [False, True, True, False]


def test_of_two_ends_the_earlier_counts_and_an_end_may_come_before_its_tie() -> None:
    assert until(divorced(date(2024, 1, 1)), married(A, B), divorced(date(2023, 1, 1))) == [date(2023, 1, 1)]


def test_a_void_end_ends_nothing() -> None:
    assert until(married(A, B), divorced(date(2023, 1, 1)), (VOID, 2)) == [None]


def test_a_void_tie_is_none_and_one_void_from_a_day_ends_then() -> None:
    from_date = FactVoided(reason="revoked", effect="from_date", from_date=date(2022, 1, 1))

    assert until(married(A, B), (VOID, 1)) == []
    assert until(married(A, B), (from_date, 1)) == [date(2022, 1, 1)]


def test_a_tie_that_ended_before_it_began_is_none() -> None:
    assert until(married(A, B), divorced(WED)) == []


def test_as_at_a_position_later_ends_are_unknown() -> None:
    assert until(married(A, B), divorced(date(2023, 1, 1)), as_at=1) == [None]


def test_of_two_spouses_on_a_day_the_later_tie_counts() -> None:
    found = ties(entries(married(A, B), married(C, A, date(2021, 1, 1), "M2")))

    assert [relatives(A, on, found)["spouse"] for on in (WED, date(2021, 1, 1))] == [[B], [C]]


def test_parents_are_those_who_have_the_child_and_a_guardian() -> None:
    ward = FamilyTieRecorded(tie="guardian", subject=D, other=C, since=WED, spell="G1")
    found = ties(entries(child(B, C, "C1"), child(A, C, "C2"), ward))

    assert (relatives(C, WED, found)["parents"], relatives(A, WED, found)["parents"]) == ([A, B, D], [])


def test_what_is_known_of_relatives_is_gathered_by_role() -> None:
    known = {B: Knowledge(born_on=WED), A: Knowledge()}
    found = ties(entries(married(A, B), child(A, C, "C1")))

    assert (family_of(A, WED, found, known), family_of(C, WED, found, known)) == (
        Family(known[B]),
        Family(None, (known[A],)),
    )


def test_merges_lead_through_chains_to_one_subject() -> None:
    found = entries(IdentitiesMerged(kept=B, merged=A), IdentitiesMerged(kept=C, merged=B))

    assert (merges(found), merges(found, as_at=1)) == ({A: C, B: C}, {A: B})


def test_a_merge_in_a_circle_changes_nothing_and_a_void_one_is_none() -> None:
    circle = entries(IdentitiesMerged(kept=B, merged=A), IdentitiesMerged(kept=A, merged=B))

    assert merges(circle) == {A: B}
    assert merges(entries(IdentitiesMerged(kept=B, merged=A), (VOID, 1))) == {}


def test_a_family_is_everybody_who_is_joined_however_far_now_or_ever() -> None:
    found = ties(entries(married(A, B), divorced(date(2021, 1, 1)), child(B, C, "C1")))

    assert families([A, B, C, D, E], found, {E: D}) == {A: A, B: A, C: A, D: D, E: D}


def test_a_guardian_is_one_until_the_eighteenth_birthday_and_that_day_is_looked_for() -> None:
    ward = FamilyTieRecorded(tie="guardian", subject=A, other=C, since=WED, spell="W")
    found, born_on = ties(entries(ward)), date(2008, 2, 29)
    known = {A: Knowledge()}
    days = (date(2026, 2, 28), date(2026, 3, 1))

    assert [family_of(C, on, found, known, born_on) for on in days] == [Family(parents=(known[A],)), ALONE]
    assert [tied_anew_on(C, on, found, born_on) for on in days] == [date(2026, 3, 1), None]

"""Rights requests: one of a kind at a time, a declared clock, and relatives who may only what the law gives."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain import rights
from domain.facts import AfterDeathArranged, Fact, RightsRequested, SubjectKeyDestroyed
from domain.family import Tie
from domain.rights import Asked, Kinsman, RightsRequest, Term, relation, term_for
from domain.rights.refusals import (
    AnsweredBeforeAsked,
    ArrangedOtherwise,
    InterestMissing,
    NoKin,
    NotDeceased,
    NoTermDeclared,
    NothingDone,
    NumberTaken,
    RequestNotOpen,
    RequestStands,
)
from domain.rulebook import Unsound
from domain.workdays import CalendarEnds, WorkCalendar
from ledger.calendars import read_calendar
from ledger.terms import read_terms

PLACE = "330212"
MONDAY = date(2026, 3, 2)
DIED = date(2026, 2, 1)
CHINA = read_calendar(Path(__file__).parents[2] / "terms" / "working-days.yaml")
MONTH = Term("", None, 30, "calendar", "GB/T 35273-2020 8.7")
COPY = Asked("R-1", PLACE, "copy")
ME, MOTHER, GRANDMOTHER, SISTER, WIFE, CHILD, OTHER = (UUID(int=number) for number in range(1, 8))
LONG_AGO = date(1990, 1, 1)


def tie(kind: str, subject: UUID, other: UUID, until: date | None = None) -> Tie:
    return Tie(kind, subject, other, LONG_AGO, until)  # type: ignore[arg-type] # a word of the three


FAMILY = [
    tie("child", MOTHER, ME),
    tie("child", MOTHER, SISTER),
    tie("child", GRANDMOTHER, MOTHER),
    tie("spouse", ME, WIFE, DIED),
    tie("child", ME, CHILD),
    tie("guardian", OTHER, ME),
]


def after(*facts: Fact) -> dict[str, RightsRequest]:
    return rights.fold(facts)


def received(asked: Asked = COPY) -> RightsRequested:
    return rights.ask({}, asked, MONDAY, MONTH, CHINA)


def test_a_request_is_due_after_the_days_that_the_place_declares() -> None:
    working = Term("3302", None, 10, "working", "某市公布")

    assert received().answer_by == date(2026, 4, 1)
    assert rights.ask({}, COPY, MONDAY, working, CHINA).answer_by == date(2026, 3, 16)


def test_the_narrowest_place_counts_and_there_the_very_right() -> None:
    city, city_copy = MONTH._replace(place="3302", days=20), MONTH._replace(place="3302", days=5, right="copy")
    terms = [MONTH, city, city_copy]

    assert [term_for(terms, "330212", right).days for right in ("copy", "delete")] == [5, 20]
    assert term_for(terms, "330681", "copy").days == MONTH.days
    with pytest.raises(NoTermDeclared):
        term_for([city], "330681", "copy")


def test_beyond_the_calendar_no_working_day_is_guessed() -> None:
    term = Term("", None, 10, "working", "某市公布")

    with pytest.raises(CalendarEnds):
        rights.ask({}, COPY, MONDAY, term, WorkCalendar(MONDAY, MONDAY))


def test_the_shipped_terms_say_where_their_number_stands() -> None:
    [term] = read_terms()

    assert (term.place, term.right, term.days, term.counted) == ("", None, 30, "calendar")
    assert "GB/T 35273" in term.source


@pytest.mark.parametrize("line", ["days: 0", "days: soon", "right: read", "more: 1", "source: ''"])
def test_terms_that_are_not_as_expected_are_refused_with_their_place(tmp_path: Path, line: str) -> None:
    name = line.partition(":")[0]
    told = {"place": '""', "right": "any", "days": "30", "counted": "calendar", "source": "某处"}
    told[name] = line.partition(": ")[2]
    file = tmp_path / "rights.yaml"
    file.write_text("terms:\n- " + "\n  ".join(f"{key}: {value}" for key, value in told.items()) + "\n")

    with pytest.raises(Unsound) as refused:
        read_terms(file)
    assert refused.value.problems[0].line is not None


def test_two_terms_for_one_place_and_right_are_refused(tmp_path: Path) -> None:
    one = '- {place: "", right: any, days: 30, counted: calendar, source: 某处}\n'
    file = tmp_path / "rights.yaml"
    file.write_text(f"terms:\n{one}{one}")

    with pytest.raises(Unsound):
        read_terms(file)


def test_one_request_for_a_right_waits_at_a_time_and_another_right_is_free() -> None:
    waiting = after(received())

    with pytest.raises(RequestStands):
        rights.ask(waiting, COPY._replace(number="R-2"), MONDAY, MONTH, CHINA)
    other = rights.ask(waiting, Asked("R-2", PLACE, "delete"), MONDAY, MONTH, CHINA)

    assert after(received(), other).keys() == {"R-1", "R-2"}


def test_a_number_is_one_request_for_ever() -> None:
    done = after(received(), rights.withdraw(next(iter(after(received()).values())), MONDAY))

    with pytest.raises(NumberTaken):
        rights.ask(done, COPY._replace(right="delete"), MONDAY, MONTH, CHINA)


def test_an_answer_ends_it_and_nothing_follows() -> None:
    [waiting] = after(received()).values()
    answered = after(received(), rights.answer(waiting, MONDAY, "officer:c", 3, entries=12))["R-1"]

    assert (answered.state, answered.answered and answered.answered.entries) == ("answered", 12)
    for act in (
        lambda: rights.answer(answered, MONDAY, "officer:c", 3),
        lambda: rights.refuse(answered, MONDAY, "officer:c", "other", "迟了"),
        lambda: rights.withdraw(answered, MONDAY),
        lambda: rights.withdraw(None, MONDAY),
    ):
        with pytest.raises(RequestNotOpen):
            act()


def test_nothing_is_answered_before_it_was_asked() -> None:
    [waiting] = after(received()).values()
    before = MONDAY - timedelta(days=1)
    for act in (
        lambda: rights.answer(waiting, before, "officer:c", 3),
        lambda: rights.refuse(waiting, before, "officer:c", "other", "早了"),
        lambda: rights.withdraw(waiting, before),
    ):
        with pytest.raises(AnsweredBeforeAsked):
            act()


def test_a_refusal_says_who_why_and_what_can_be_done_until_when() -> None:
    [waiting] = after(received()).values()
    refused = rights.refuse(waiting, MONDAY, "officer:c", "retention", "保存期限未满")

    assert (refused.decided_by, refused.because, refused.lawsuit_by) == ("officer:c", "retention", date(2026, 9, 2))
    assert "起诉" in refused.remedy
    assert after(received(), refused)["R-1"].state == "refused"


@pytest.mark.parametrize("cites", [(), (3,), (2, 9)])
def test_a_correction_cites_what_was_recorded_since_the_request(cites: tuple[int, ...]) -> None:
    [waiting] = after(received(COPY._replace(right="correct"))).values()

    with pytest.raises(NothingDone):
        rights.answer(waiting, MONDAY, "officer:c", 3, cites=cites)
    assert rights.answer(waiting, MONDAY, "officer:c", 3, cites=(9,)).cites == (9,)


def test_it_is_overdue_from_the_day_after_its_last_and_only_while_it_waits() -> None:
    [waiting] = after(received()).values()
    taken_back = after(received(), rights.withdraw(waiting, MONDAY))["R-1"]

    assert [waiting.days_over(date(2026, 4, day)) for day in (1, 2, 11)] == [0, 1, 10]
    assert (taken_back.state, taken_back.days_over(date(2027, 1, 1))) == ("withdrawn", 0)


def test_whatever_waited_is_answered_when_everything_was_destroyed() -> None:
    destroyed = SubjectKeyDestroyed(approval="ab" * 32, basis="依申请")
    [gone] = after(received(COPY._replace(right="delete")), destroyed).values()

    assert (gone.state, gone.erased) == ("answered", True)


@pytest.mark.parametrize(
    ("who", "word"),
    [
        (MOTHER, "parent"),
        (CHILD, "child"),
        (WIFE, "spouse"),
        (SISTER, "sibling"),
        (GRANDMOTHER, "grandparent"),
        (OTHER, None),
        (ME, None),
    ],
)
def test_near_relatives_are_those_of_the_civil_code_as_ties_show_them(who: UUID, word: str | None) -> None:
    assert relation(ME, who, FAMILY, DIED) == word


def test_a_grandmother_who_died_has_a_grandchild() -> None:
    assert relation(GRANDMOTHER, ME, FAMILY, DIED) == "grandchild"


def test_whoever_was_divorced_before_the_death_is_no_spouse() -> None:
    assert relation(ME, WIFE, [tie("spouse", ME, WIFE, date(2026, 1, 1))], DIED) is None


def kinsman(**other: Any) -> Kinsman:
    return Kinsman(CHILD, "child", DIED)._replace(**other)


WHY = COPY._replace(statement="办理继承")


@pytest.mark.parametrize(
    ("who", "asked", "refusal"),
    [
        (kinsman(died_on=None), WHY, NotDeceased),
        (kinsman(relation=None), WHY, NoKin),
        (kinsman(arranged=AfterDeathArranged(arranged_on=LONG_AGO, rights=("copy",))), WHY, ArrangedOtherwise),
        (kinsman(), COPY, InterestMissing),
    ],
)
def test_a_relative_asks_after_a_death_by_a_tie_for_an_interest_and_not_against_the_will(
    who: Kinsman, asked: Asked, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        rights.ask({}, asked, MONDAY, MONTH, CHINA, who)


def test_a_relative_is_named_with_the_relation_and_two_relatives_may_ask_at_once() -> None:
    barred = AfterDeathArranged(arranged_on=LONG_AGO, rights=("delete",))
    first = rights.ask({}, WHY, MONDAY, MONTH, CHINA, kinsman(arranged=barred))
    second = rights.ask(after(first), WHY._replace(number="R-2"), MONDAY, MONTH, CHINA, kinsman(relative=MOTHER))

    assert (first.relative, first.relation) == (CHILD, "child")
    assert second.request == "R-2"


def test_the_last_arrangement_counts() -> None:
    said = [AfterDeathArranged(arranged_on=LONG_AGO, rights=("copy",)), AfterDeathArranged(arranged_on=MONDAY)]

    assert rights.arranged(said) == said[1]

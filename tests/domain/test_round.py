"""A round from its window to the last place: late filing, returned items, locks, draws, offers passed on."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import facts
from domain.errors import Refusal
from domain.facts import BY_TOPIC, Fact
from domain.programme.ranking import Ties
from domain.round import (
    Application,
    Round,
    answer_place,
    close,
    evolve_application,
    evolve_round,
    extend,
    file,
    lock,
    masked,
    next_offers,
    notice,
    offer_place,
    publish_seed,
    ranking_of,
    return_item,
    review_item,
    supplement,
    transfer,
    withdraw,
)
from domain.round.decisions import stands_already
from domain.round.outcome import Standing, free_places
from domain.round.refusals import (
    ApplicationNotStanding,
    ApplicationStands,
    ClosedAlready,
    FeedIncomplete,
    ItemNotReturned,
    NoPlaceFree,
    NothingOffered,
    NotLater,
    RoundClosed,
    RoundIsCancelled,
    RoundIsLocked,
    RoundNotLocked,
    RoundNotOpen,
    SeedTooEarly,
    SupplementTooLate,
    UnitUnknown,
    WindowStillOpen,
)

DIGEST = "0" * 64


def day(text: str) -> date:
    return date.fromisoformat(text)


def opened(*units: tuple[str, int]) -> Round:
    places = units or (("north", 1), ("south", 1))
    events: list[Fact] = [
        facts.RoundOpened(
            round="cx.school-2026",
            programme="school",
            content=DIGEST,
            place="330282",
            opens_on=day("2026-04-01"),
            closes_on=day("2026-04-30"),
            counted_on=day("2026-04-30"),
        ),
        *(
            facts.PlacesDeclared(round="cx.school-2026", unit=unit, places=count, declared_on=day("2026-03-20"))
            for unit, count in places
        ),
    ]
    return folded(events)


def folded(events: Sequence[Fact], since: Round | None = None) -> Round:
    return reduce(evolve_round, events, since or Round())


def locked(current: Round) -> Round:
    return evolve_round(current, lock(current, day("2026-05-20"), as_at=1000))


def applied(current: Round, number: str, *choices: str, on: str = "2026-04-10") -> Application:
    return evolve_application(Application(), file(current, number, day(on), choices))


def test_a_round_goes_from_announced_to_published() -> None:
    current = opened()
    days = ("2026-03-31", "2026-04-01", "2026-04-30", "2026-05-01")

    assert [current.state(day(on)).value for on in days] == ["announced", "open", "open", "closed"]
    current = locked(current)
    assert current.state(day("2026-05-20")).value == "locked"
    published = facts.RankingPublished(round=current.name, content=DIGEST, published_on=day("2026-05-25"))
    assert evolve_round(current, published).state(day("2026-05-25")).value == "published"
    assert Round().state(day("2026-05-25")).value == "unknown"


@pytest.mark.parametrize(("on", "refusal"), [("2026-03-31", RoundNotOpen), ("2026-05-01", RoundClosed)])
def test_outside_the_window_nothing_is_filed(on: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        file(opened(), "A-1", day(on))


def test_late_filing_that_was_recorded_is_void_until_the_window_is_extended() -> None:
    current = opened()
    late = evolve_application(
        Application(), facts.ApplicationFiled(round=current.name, application="A-1", filed_on=day("2026-05-02"))
    )
    extended = evolve_round(current, extend(current, day("2026-05-05"), "系统维护", day("2026-05-01")))

    assert [late.stands(each) for each in (current, extended)] == [False, True]


def test_the_closing_says_how_many_stand_and_how_many_are_void_and_an_extension_opens_again() -> None:
    current = opened()
    late = facts.ApplicationFiled(round=current.name, application="A-2", filed_on=day("2026-05-01"))
    filed = [applied(current, "A-1"), evolve_application(Application(), late)]
    with pytest.raises(WindowStillOpen):
        close(current, filed, day("2026-04-30"))
    said = close(current, filed, day("2026-05-01"))
    closed = evolve_round(current, said)
    again = evolve_round(closed, extend(closed, day("2026-05-02"), "系统维护", day("2026-05-01")))

    assert (said.standing, said.void) == (1, 1)
    with pytest.raises(ClosedAlready):
        close(closed, filed, day("2026-05-02"))
    assert (close(again, filed, day("2026-05-03")).standing, again.closed_on) == (2, None)


def test_an_extension_closes_later_and_comes_before_the_lock() -> None:
    current = opened()

    with pytest.raises(NotLater):
        extend(current, day("2026-04-30"), "理由", day("2026-04-20"))
    with pytest.raises(RoundIsLocked):
        extend(locked(current), day("2026-06-01"), "理由", day("2026-05-21"))


def test_a_choice_that_the_round_does_not_have_is_refused() -> None:
    with pytest.raises(UnitUnknown):
        file(opened(), "A-1", day("2026-04-10"), ["west"])


def test_a_second_application_of_one_number_is_refused_unless_the_first_was_withdrawn() -> None:
    current = opened()
    first = applied(current, "A-1")

    with pytest.raises(ApplicationStands):
        stands_already(first)
    stands_already(None)
    stands_already(evolve_application(first, withdraw(current, first, day("2026-04-12"))))


def test_a_cancelled_round_takes_nothing_more() -> None:
    current = evolve_round(
        opened(), facts.RoundCancelled(round="cx.school-2026", on=day("2026-04-05"), reason="政策调整")
    )

    with pytest.raises(RoundIsCancelled):
        file(current, "A-1", day("2026-04-10"))


def test_a_round_is_not_locked_while_its_window_is_open_or_a_feed_is_missing() -> None:
    current = opened()

    with pytest.raises(WindowStillOpen):
        lock(current, day("2026-04-30"), as_at=1)
    with pytest.raises(FeedIncomplete, match="insurance-month-paid"):
        lock(current, day("2026-05-20"), 1, ["insurance-month-paid"])
    with pytest.raises(FeedIncomplete):
        lock(current, day("2026-05-20"), 1, ["insurance-month-paid"], ["officer:1", "officer:1"], "停机")


def test_two_people_override_a_missing_feed_with_a_reason_and_it_is_told() -> None:
    people = ["officer:2", "officer:1"]
    fact = lock(opened(), day("2026-05-20"), 1, ["insurance-month-paid"], people, "停机")

    assert (fact.overridden_by, fact.incomplete) == (["officer:1", "officer:2"], ["insurance-month-paid"])
    assert evolve_round(opened(), fact).overridden
    with pytest.raises(ValueError, match="two-people"):
        facts.RoundLocked(round="r1", locked_on=day("2026-05-20"), as_at=1, incomplete=["tax-paid"])


def test_what_counts_and_what_was_known_are_two_dates() -> None:
    current = locked(opened())

    assert (current.counted_on, current.locked_on, current.as_at) == (day("2026-04-30"), day("2026-05-20"), 1000)


def test_an_item_is_returned_supplemented_and_reviewed_again() -> None:
    current = opened()
    application = applied(current, "A-1")
    application = evolve_application(
        application, return_item(current, application, "contract", day("2026-04-12"), "缺页", day("2026-04-20"))
    )
    assert application.items["contract"].on(day("2026-04-20")) == "returned"
    application = evolve_application(application, supplement(current, application, "contract", day("2026-04-20")))
    assert application.items["contract"].word == "under_review"
    application = evolve_application(application, review_item(current, application, "contract", day("2026-04-21")))

    assert (application.items["contract"].word, application.lapsed(day("2026-06-01"))) == ("done", frozenset())


def test_an_item_not_supplemented_in_time_scores_nothing_and_the_others_go_on() -> None:
    current = opened()
    application = applied(current, "A-1")
    for item in ("volunteer", "honour"):
        application = evolve_application(
            application, return_item(current, application, item, day("2026-04-12"), "缺证明", day("2026-04-20"))
        )
    application = evolve_application(application, supplement(current, application, "honour", day("2026-04-15")))

    assert application.lapsed(day("2026-04-21")) == {"volunteer"}
    with pytest.raises(SupplementTooLate):
        supplement(current, application, "volunteer", day("2026-04-21"))
    with pytest.raises(ItemNotReturned):
        supplement(current, application, "edu", day("2026-04-15"))


def test_a_supplement_that_came_too_late_changes_nothing() -> None:
    current = opened()
    application = applied(current, "A-1")
    application = evolve_application(
        application, return_item(current, application, "honour", day("2026-04-12"), "缺证明", day("2026-04-20"))
    )
    late = facts.ItemSupplemented(
        round=current.name, application="A-1", item="honour", supplemented_on=day("2026-04-21")
    )

    assert evolve_application(application, late) == application


def test_a_withdrawn_application_is_not_reviewed() -> None:
    current = opened()
    application = applied(current, "A-1")
    withdrawn = evolve_application(application, withdraw(current, application, day("2026-04-12")))

    with pytest.raises(ApplicationNotStanding):
        review_item(current, withdrawn, "edu", day("2026-04-13"))


def town(count: int) -> tuple[Round, list[Standing]]:
    """A town with 80 places; the scores of applicants 79 to 82 are equal: the tie lies at the line."""
    current = opened(("330282111", 80))
    standings = []
    for number in range(1, count + 1):
        filed = file(current, f"A-{number:03d}", day("2026-04-10"), town="330282111")
        points = 9000 - (79 if 79 <= number <= 82 else number) * 10
        standings.append(Standing(evolve_application(Application(), filed), (1, -points)))
    return current, standings


@pytest.mark.parametrize(
    ("ties", "admitted", "waiting"), [("admit_all", 82, 0), ("shared_rank", 82, 0), ("lottery", 78, 4)]
)
def test_a_town_with_120_applicants_for_80_places_and_a_tie_at_the_line(
    ties: Ties, admitted: int, waiting: int
) -> None:
    current, standings = town(120)
    ranking = ranking_of(current, standings, ties)

    assert (len(ranking.named("in")), len(ranking.named("awaits_draw"))) == (admitted, waiting)
    assert len(ranking.named("out")) == 120 - admitted - waiting


def test_with_the_published_seed_two_of_the_four_are_drawn_and_anybody_gets_the_same() -> None:
    current, standings = town(120)
    seeded = evolve_round(current, publish_seed(current, "2026051: 3 8 1", "某期彩票开奖号", day("2026-05-02")))
    ranking = ranking_of(seeded, standings, "lottery")

    assert (len(ranking.named("in")), ranking.is_final, ranking.over) == (80, True, {})
    assert ranking == ranking_of(seeded, standings[::-1], "lottery")


def test_a_seed_is_published_once_and_after_the_window() -> None:
    current = opened()

    with pytest.raises(SeedTooEarly):
        publish_seed(current, "1", "某期", day("2026-04-30"))
    seeded = evolve_round(current, publish_seed(current, "1", "某期", day("2026-05-01")))
    with pytest.raises(SeedTooEarly):
        publish_seed(seeded, "2", "某期", day("2026-05-02"))


ON, BY = day("2026-06-01"), day("2026-06-10")


def offered(current: Round, application: Application, unit: str) -> Application:
    return evolve_application(application, offer_place(current, application, unit, ON, BY))


def test_a_declined_place_and_one_left_unanswered_are_passed_on() -> None:
    current = locked(opened(("north", 2)))
    named = ("a", "b", "c", "d")
    applications = {name: applied(opened(("north", 2)), name, "north") for name in named}

    def standings() -> list[Standing]:
        return [Standing(applications[name], (order,)) for order, name in enumerate(named)]

    for name in next_offers(current, standings(), "lottery", ON).named("in"):
        applications[name] = offered(current, applications[name], "north")
    assert next_offers(current, standings(), "lottery", ON).named("in") == []
    declined = answer_place(current, applications["a"], day("2026-06-05"), "declined")
    applications["a"] = evolve_application(applications["a"], declined)
    assert next_offers(current, standings(), "lottery", day("2026-06-05")).named("in") == ["c"]
    later = day("2026-06-11")
    assert next_offers(current, standings(), "lottery", later).named("in") == ["c", "d"]
    assert applications["b"].is_out(later)


def test_an_answer_to_nothing_or_too_late_is_refused() -> None:
    current = locked(opened())
    application = applied(opened(), "A-1", "north")

    with pytest.raises(NothingOffered):
        answer_place(current, application, ON, "accepted")
    with pytest.raises(NothingOffered):
        answer_place(current, offered(current, application, "north"), BY + timedelta(days=1), "accepted")


def test_before_the_lock_nothing_is_offered() -> None:
    with pytest.raises(RoundNotLocked):
        offer_place(opened(), applied(opened(), "A-1", "north"), "north", ON, BY)


def test_a_place_is_exchanged_for_a_free_one() -> None:
    current = locked(opened())
    application = offered(current, applied(opened(), "A-1", "north"), "north")
    application = evolve_application(application, answer_place(current, application, ON, "accepted"))
    free = free_places(current, [application], ON)
    assert free == {"north": 0, "south": 1}
    moved = evolve_application(application, transfer(current, application, "south", free["south"], ON))

    assert free_places(current, [moved], ON) == {"north": 1, "south": 0}
    with pytest.raises(NoPlaceFree):
        transfer(current, application, "south", 0, ON)
    with pytest.raises(UnitUnknown):
        transfer(current, application, "west", 1, ON)


def test_the_public_sees_masked_names_for_as_long_as_the_notice_hangs() -> None:
    current, standings = town(3)
    ranking = ranking_of(current, standings, "admit_all")
    names = {"A-001": "某某某", "A-002": "某某·某某某", "A-003": "某某"}
    shown = evolve_round(
        current,
        facts.NoticeStarted(
            round=current.name, content=DIGEST, starts_on=day("2026-06-01"), removed_on=day("2026-06-08")
        ),
    )

    assert [line["name"] for line in notice(ranking, names, {})] == ["某**", "某**", "某*"]
    assert [shown.shown(day(on)) for on in ("2026-05-31", "2026-06-01", "2026-06-07", "2026-06-08")] == [
        *(False, True, True, False),
    ]
    assert masked("某") == "某*"


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    days = st.dates(date(2026, 3, 25), date(2026, 6, 20))
    items = st.sampled_from(["edu", "contract"])
    base: dict[str, Any] = {"round": "cx.school-2026", "application": "A-1"}

    def one() -> Fact:
        on = draw(days)
        return draw(
            st.sampled_from(
                [
                    facts.ApplicationFiled(**base, filed_on=on, choices=["north"]),
                    facts.ApplicationWithdrawn(**base, withdrawn_on=on),
                    facts.ItemReviewed(**base, item=draw(items), reviewed_on=on, outcome="done"),
                    facts.ItemReviewed(
                        **base,
                        item=draw(items),
                        reviewed_on=on,
                        outcome="returned",
                        reason="缺页",
                        due_on=draw(days),
                    ),
                    facts.ItemSupplemented(**base, item=draw(items), supplemented_on=on),
                    facts.PlaceOffered(**base, unit="north", offered_on=on, answer_by=draw(days)),
                    facts.PlaceAnswered(**base, unit="north", answered_on=on, answer="accepted"),
                    facts.PlaceTransferred(**base, from_unit="north", unit="south", transferred_on=on),
                    facts.RoundExtended(round="cx.school-2026", closes_on=on, reason="理由"),
                ]
            )
        )

    return [one() for _ in range(draw(st.integers(0, 15)))]


def bytes_of(history: Sequence[Fact]) -> bytes:
    state = reduce(evolve_application, history, Application())
    return json.dumps([asdict(state), asdict(folded(history, opened()))], default=str, sort_keys=True).encode()


@given(histories())
def test_evolution_refuses_nothing_and_a_replay_gives_the_same_bytes(
    history: list[Fact],
) -> None:
    stored = [BY_TOPIC[fact.kind].from_parts(fact.open_part(), fact.sealed_part()) for fact in history]

    assert bytes_of(stored) == bytes_of(history)


@given(histories(), st.dates(date(2026, 3, 25), date(2026, 6, 20)))
def test_an_application_holds_at_most_one_place(history: list[Fact], on: date) -> None:
    state = reduce(evolve_application, history, Application())
    free = free_places(opened(), [state], on)

    assert sum(free.values()) >= 1
    assert (state.place(on) is None) <= (sum(free.values()) == 2)

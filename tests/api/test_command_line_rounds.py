"""A round by its verbs: the window, items, the lock, the ranking, places and answers; and what each refuses."""

from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from tests.api.commands import Said
from tests.api.school_round import ROUND, TODAY, TOWN, entries, publish_programmes, town

WINDOW = ("--opens", "2025-05-01", "--closes", "2025-05-20")


class Office:
    """Calls verbs as the office would."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def says(self, *arguments: str) -> Said:
        return Said(self._capsys, *arguments)

    def round(self, verb: str, *arguments: str) -> dict[str, Any]:
        said = self.says("round", verb, ROUND, *arguments, "--json")
        assert said.code == Exit.DONE, said.out
        return said.object

    def refused(self, verb: str, *arguments: str) -> str:
        said = self.says("round", verb, ROUND, *arguments, "--json")
        assert said.code in (Exit.REFUSED, Exit.USAGE), said.out
        return str(said.object["error"]["code"])


@pytest.fixture
def office(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Office:
    del points
    monkeypatch.setattr("api.clock.today", lambda: TODAY)
    found = Office(capsys)
    assert found.says("init").code == Exit.DONE
    with town() as told:
        publish_programmes(told.desk)
    found.round("open", "cx.school", *WINDOW)
    found.round("places", TOWN, "1", "--on", "2025-05-01")
    return found


def apply(office: Office, children: dict[str, str], on: str = "2025-05-10") -> None:
    for number, child in children.items():
        office.round("apply", child, "--number", number, "--town", TOWN, "--on", on)


def test_a_round_goes_from_the_window_to_a_place_that_is_passed_on(office: Office) -> None:
    with town() as told:
        children = {"A-1": told.family(1, 600_000), "A-2": told.family(2, 500_000)}
        told.delivers("permit-issued")
    apply(office, children)
    assert office.round("lock", "--on", "2025-05-21")["state"] == "locked"
    published = office.round("rank", "--publish", "--on", "2025-05-22")
    again = office.round("rank", "--publish", "--on", "2025-05-22")
    assert [(r["application"], r["outcome"]) for r in published["ranked"]] == [("A-1", "in"), ("A-2", "out")]
    assert again["content"] == published["content"]

    offer = ("--answer-by", "2025-06-10", "--on", "2025-06-01")
    assert [each["application"] for each in office.round("offer", *offer)["offered"]] == ["A-1"]
    assert office.round("offer", *offer)["offered"] == []
    office.round("answer", "A-1", "declined", "--on", "2025-06-02")
    later = ("--answer-by", "2025-06-10", "--on", "2025-06-03")
    assert [each["application"] for each in office.round("offer", *later)["offered"]] == ["A-2"]
    office.round("answer", "A-2", "accepted", "--on", "2025-06-04")
    shown = office.round("show", "--on", "2025-06-05")

    assert (shown["state"], shown["free"]) == ("published", {TOWN: 0})


def test_late_filing_another_households_number_and_a_day_ahead_are_refused_by_name(office: Office) -> None:
    with town() as told:
        first, second = told.family(1, 600_000), told.family(2, 500_000)
    filing = (first, "--number", "A-1", "--town", TOWN)
    assert office.refused("apply", *filing, "--on", "2025-05-21") == "round-closed"
    assert office.refused("apply", *filing, "--on", "2025-04-30") == "round-not-open"
    assert office.refused("apply", *filing, "--on", "2199-01-01") == "day-ahead"
    office.round("extend", "2025-05-25", "--reason", "系统维护", "--on", "2025-05-20")
    assert office.round("apply", *filing, "--on", "2025-05-21")["new"]
    assert not office.round("apply", *filing, "--on", "2025-05-21")["new"]
    another = (second, "--number", "A-1", "--town", TOWN, "--on", "2025-05-21")
    assert office.refused("apply", *another) == "application-of-another"

    assert office.refused("apply", first, "--number", "A-9", "--on", "2025-05-22") == "application-stands"


def test_an_item_is_returned_and_one_of_another_programme_is_refused(office: Office) -> None:
    with town() as told:
        apply(office, {"A-1": told.family(1, 600_000)})
    review = ("review", "A-1", "permit", "--return", "缺页", "--due", "2025-05-15", "--on", "2025-05-11")
    office.round(*review)
    assert office.refused("review", "A-1", "contract", "--on", "2025-05-11") == "item-unknown"
    assert office.refused("supplement", "A-1", "age", "--on", "2025-05-12") == "item-not-returned"
    assert office.refused("supplement", "A-1", "permit", "--on", "2025-05-16") == "supplement-too-late"
    office.round("supplement", "A-1", "permit", "--on", "2025-05-14")
    [told_of] = office.round("show")["applications"]

    assert told_of["items"] == {"permit": "under_review"}


def test_a_lock_waits_for_the_feed_unless_two_people_override_it(office: Office) -> None:
    with town() as told:
        apply(office, {"A-1": told.family(1, 600_000)})
    assert office.refused("lock", "--on", "2025-05-20") == "window-still-open"
    assert office.refused("lock", "--on", "2025-05-21") == "feed-incomplete"
    forced = ("round", "lock", ROUND, "--on", "2025-05-21", "--reason", "停机", "--json")
    first = office.says(*forced, "--by", "officer:a")
    repeated = office.says(*forced, "--by", "officer:a")
    assert [first.code, repeated.code] == [Exit.INCOMPLETE, Exit.INCOMPLETE]
    assert first.object["incomplete"] == ["permit-issued"]
    locked = office.says(*forced, "--by", "officer:b")

    assert (locked.code, locked.object["overridden"], locked.object["state"]) == (Exit.DONE, True, "locked")


def test_a_round_that_closes_before_it_opens_or_counts_on_another_day_is_refused(office: Office) -> None:
    backwards = ("round", "open", "r-2", "cx.school", "--opens", "2025-05-20", "--closes", "2025-05-01")
    other_day = ("round", "open", "r-2", "cx.school", *WINDOW, "--counted-on", "2025-05-01")

    assert "closes before it opens" in office.says(*backwards).err
    assert office.says(*other_day, "--json").object["error"]["code"] == "counted-on-other"
    assert office.says("round", "show", "r-2", "--json").object["error"]["code"] == "round-unknown"


def test_what_is_refused_stores_nothing(office: Office) -> None:
    with town() as told:
        first, second = told.family(1, 600_000), told.family(2, 500_000)
    apply(office, {"A-1": first})
    before = entries()
    filing = ("--number", "A-2", "--town", TOWN, "--on")
    refused = {
        "before the window": office.refused("apply", second, *filing, "2025-04-30"),
        "after the window": office.refused("apply", second, *filing, "2025-05-21"),
        "another household's": office.refused("apply", second, "--number", "A-1", "--on", "2025-05-10"),
        "a second one": office.refused("apply", first, *filing, "2025-05-10"),
        "another programme's item": office.refused("review", "A-1", "contract", "--on", "2025-05-11"),
        "an item of nothing": office.refused("supplement", "A-1", "permit", "--on", "2025-05-12"),
        "an unknown application": office.refused("withdraw", "A-9", "--on", "2025-05-12"),
        "no offer": office.refused("answer", "A-1", "accepted", "--on", "2025-05-12"),
        "no ranking yet": office.refused("rank", "--publish", "--on", "2025-05-22"),
    }
    unknown = office.says("round", "apply", "cx.none", second, *filing, "2025-05-10", "--json").object

    assert [*refused.values(), unknown["error"]["code"]] == [
        *("round-not-open", "round-closed", "application-of-another", "application-stands", "item-unknown"),
        *("item-not-returned", "application-unknown", "nothing-offered", "round-not-locked", "round-unknown"),
    ]
    assert entries() == before

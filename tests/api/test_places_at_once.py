"""Places that two want at one moment: one has it, and the other is refused by name."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.facts import FactVoided, Ref, RestrictedFact
from ledger.embedded import Embedded
from projections.rounds import determined
from tests.api.office import Called, called
from tests.api.rounds import at_once, family, filed, offers, opened
from tests.api.school_round import AUTHORITY, HAND, TOWN
from tests.database import fresh_ledger

OTHER_TOWN, LATER = "330282112", "2026-01-20"


@pytest.fixture(scope="module")
def office(server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Called]:
    """One office; each test has a round of its own."""
    with fresh_ledger(server) as database, called(database, tmp_path_factory.mktemp("office")) as found:
        found.town.delivers("permit-issued", last="2026-01")
        found.town.delivers("employment-started", last="2026-01")
        yield found


def offered(office: Called, name: str, families: int, places: int) -> str:
    """Publish a round in which the first families of the ranking are offered the places of the town."""
    at = opened(office, name)
    office.post(f"{at}/places", {"unit": TOWN, "places": places, "on": "2025-05-01"})
    office.post(f"{at}/places", {"unit": OTHER_TOWN, "places": 1, "on": "2025-05-01"})
    for number in range(1, families + 1):
        filed(office, at, f"A-{number}", family(office, 600_000 - number * 10_000))
    office.post(f"{at}/lock", {"on": "2025-05-21"}, status=200)
    office.post(f"{at}/publication", {"on": "2025-05-22"}, status=200)
    assert len(offers(office, at, "2025-06-01")) == places
    return at


def test_of_transfers_to_the_last_place_at_once_one_is_made(office: Called) -> None:
    at = offered(office, "cx.school-transfers", families=4, places=4)
    for number in range(1, 5):
        office.post(f"{at}/applications/A-{number}/answer", {"answer": "accepted", "on": "2025-06-02"})
    to_the_other = {"unit": OTHER_TOWN, "on": "2025-06-03"}
    told = at_once(office, *((f"{at}/applications/A-{n}/transfer", to_the_other) for n in range(1, 5)))

    assert sorted(told) == [(201, ""), *[(409, "no-place-free")] * 3]
    assert office.get(at)["free"] == {TOWN: 1, OTHER_TOWN: 0}


def test_a_transfer_made_twice_at_once_is_one(office: Called) -> None:
    at = offered(office, "cx.school-twice", families=1, places=1)
    office.post(f"{at}/applications/A-1/answer", {"answer": "accepted", "on": "2025-06-02"})
    call = (f"{at}/applications/A-1/transfer", {"unit": OTHER_TOWN, "on": "2025-06-03"})
    told = at_once(office, call, call)

    assert sorted(told) == [(200, ""), (201, "")]


def test_a_place_given_up_is_passed_on_once_by_two_who_offer_at_once(office: Called) -> None:
    at = offered(office, "cx.school-passed", families=3, places=1)
    office.post(f"{at}/applications/A-1/answer", {"answer": "declined", "on": "2025-06-02"})
    told = at_once(office, *((f"{at}/offers", {"answer_by": LATER, "on": f"2025-06-0{day}"}) for day in (3, 4)))
    places = [office.get(f"{at}/applications/A-{number}")["place"] for number in (2, 3)]

    assert [status for status, _ in told] == [200, 200]
    assert (places[0]["unit"], places[1]) == (TOWN, None)


def test_what_was_passed_on_is_not_accepted_after_all(office: Called) -> None:
    at = offered(office, "cx.school-too-late", families=2, places=1)
    passed_on = office.post(f"{at}/offers", {"answer_by": LATER, "on": "2025-06-21"}, status=200)["offered"]
    assert [one["application"] for one in passed_on] == ["A-2"]
    late = {"answer": "accepted", "on": "2025-06-20"}

    assert office.refused(f"{at}/applications/A-1/answer", late) == "place-passed-on"
    assert office.get(f"{at}/applications/A-2")["place"]["unit"] == TOWN


def test_of_two_applications_filed_at_once_for_one_child_one_stands(office: Called) -> None:
    at = opened(office, "cx.school-both")
    child = family(office)
    calls = [
        (f"{at}/applications", {"application": number, "subject": child, "town": TOWN, "on": "2025-05-10"})
        for number in ("A-1", "A-2")
    ]

    assert sorted(at_once(office, *calls)) == [(201, ""), (409, "application-stands")]


def test_an_offer_is_to_be_answered_on_its_day_or_later(office: Called) -> None:
    at = offered(office, "cx.school-backwards", families=2, places=1)
    office.post(f"{at}/applications/A-1/answer", {"answer": "declined", "on": "2025-06-02"})

    filed_late = {"answer_by": "2025-06-02", "on": "2025-06-03"}
    assert office.refused(f"{at}/offers", filed_late) == "answer-before-offer"


def test_what_a_locked_round_came_to_is_decided_once(office: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    def decided_again(*_: object) -> None:
        raise AssertionError

    rounds = [offered(office, f"cx.school-once-{number}", families=2, places=1) for number in range(4)]
    before = [office.get(f"{at}/ranking") for at in rounds]
    monkeypatch.setattr("projections.office.base.determined", decided_again)

    assert [office.get(f"{at}/ranking") for at in rounds] == before


def test_what_was_expunged_since_the_lock_is_in_no_answer_from_memory(
    office: Called, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided: list[str] = []

    def counted(*given: Any) -> Any:
        decided.append("again")
        return determined(*given)

    at = offered(office, "cx.school-expunged", families=1, places=1)
    office.get(f"{at}/ranking")
    monkeypatch.setattr("projections.office.base.determined", counted)
    office.get(f"{at}/ranking")
    remembered = list(decided)
    day, town = date(2025, 3, 1), office.town
    who = town.born("a parent", 99, "19880101")
    act = RestrictedFact(category="offence", level="minor", place=AUTHORITY, acted_on=day)
    [listed] = town.says(who, act, hand=replace(HAND, legal_basis="治安管理处罚法"))
    ref = Ref(stream=who, version=listed.version)
    town.says(who, FactVoided(reason="sealed-by-law", basis="依法封存"), refers_to=ref)
    for officer in ("officer:a", "officer:b"):
        town.desk.erasure.expunge_by_two(ref, "依法封存", replace(HAND, recorded_by=officer), date(2026, 1, 1))
    office.get(f"{at}/ranking")

    assert (remembered, decided) == ([], ["again"])


def test_of_two_answers_to_one_offer_at_once_one_is_given(office: Called) -> None:
    came = []
    for number in range(4):
        at = offered(office, f"cx.school-answers-{number}", families=1, places=1)
        path = f"{at}/applications/A-1/answer"
        answers = ({"answer": word, "on": "2025-06-02"} for word in ("accepted", "declined"))
        came.append(sorted(at_once(office, *((path, answer) for answer in answers))))

    assert came == [[(201, ""), (409, "nothing-offered")]] * 4

"""Ties of a family as events: two persons, one tie for each number, ends that name nobody."""

from typing import Any

from tests.api.house import House, codes, event, fresh


def married(event_id: str, spell: str, who: dict[str, str], other: Any) -> dict[str, Any]:
    told = {"tie": "spouse", "since": "2020-05-01", "spell": spell, "person": who, "other": other}
    return event(event_id, "family-tie-recorded.v1", told)


def ended(event_id: str, spell: str, **other: Any) -> dict[str, Any]:
    return event(event_id, "family-tie-ended.v1", {"spell": spell, "ended_on": "2024-01-01", **other})


def test_a_tie_names_two_persons_and_stands_in_a_stream_of_its_own(home: House) -> None:
    who, other = fresh(), fresh()
    told = home.post(married("t-1", "T-1", who, other)).json()
    end = home.post(ended("t-2", "T-1")).json()

    assert (end["stream"], end["version"]) == (told["stream"], 2)
    assert str(home.subject(who)) != told["stream"]


def test_the_same_event_again_gets_its_receipt_and_another_pair_under_its_id_conflicts(home: House) -> None:
    who, other = fresh(), fresh()
    first = home.post(married("t-3", "T-3", who, other)).json()
    again = home.post(married("t-3", "T-3", who, other))
    changed = home.post(married("t-3", "T-3", who, fresh()))

    assert (again.status_code, again.json()["position"]) == (200, first["position"])
    assert (changed.status_code, codes(changed.json())) == (422, [("id", "other-content")])


def test_a_void_names_the_event_of_a_tie_and_nobody(home: House) -> None:
    home.post(married("t-4", "T-4", fresh(), fresh()))
    void = event("t-5", "fact-voided.v1", {"reason": "source-error"}, refersto="t-4")

    assert home.post(void).json()["version"] == 2


def test_the_other_may_be_an_id(home: House) -> None:
    who, other = fresh(), fresh()
    told = home.post(married("t-6", "T-6", who, str(home.subject(other))))

    assert told.status_code == 201


def test_what_is_wrong_is_said_by_its_place_in_the_event(home: House) -> None:
    who, other = fresh(), fresh()
    wrong = [
        married("w-1", "W-1", who, {**other, "document_number": "1"}),
        married("w-2", "W-2", who, 5),
        married("w-3", "W-3", who, {"kin": "x"}),
        married("w-4", "W-4", who, who),
        ended("w-5", "W-5", person=who),
        ended("w-6", "W-6", other=other),
    ]
    told = home.post(wrong).json()["verdicts"]

    assert [codes(one) for one in told] == [
        [("data.other.document_number", "document-form")],
        [("data.other", "bad-subject")],
        [("data.other", "bad-value")],
        [("data.other.document_number", "one-subject")],
        [("data.person", "unknown-field")],
        [("data.other", "unknown-field")],
    ]

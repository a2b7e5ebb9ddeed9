"""A fact that was voided comes back over HTTP, as an event of its own under its id and `again`."""

from typing import Any

from tests.api.house import House, codes, event, fresh, month


def voided(home: House, name: str) -> dict[str, Any]:
    """Send a month and its void; give the month."""
    who = fresh()
    sent = month(name, who)
    home.post(sent)
    void = event(f"{name}-void", "fact-voided.v1", {"reason": "source-error", "person": who}, refersto=name)
    assert home.post(void).status_code == 201
    return sent


def test_without_again_a_voided_fact_stays_what_it_was(home: House) -> None:
    sent = voided(home, "stays")
    told = home.post([sent])

    assert [one["verdict"] for one in told.json()["verdicts"]] == ["duplicate"]
    assert codes(told.json()["verdicts"][0]) == [("data", "original-void")]


def test_with_again_it_comes_back_once(home: House) -> None:
    sent = voided(home, "back") | {"again": 1}
    first, second = home.post(sent), home.post(sent)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == {**first.json(), "duplicate": True}


def test_its_receipt_is_found_under_the_id_and_again(home: House) -> None:
    sent = voided(home, "found")
    back = home.post(sent | {"again": 1}).json()
    found = home.get("/v1/receipts?source=/tests&id=found&again=1", "organ:nb-hrss").json()
    original = home.get("/v1/receipts?source=/tests&id=found", "organ:nb-hrss").json()

    assert found["position"] == back["position"] > original["position"]


def test_a_return_is_voided_by_its_id_and_again(home: House) -> None:
    sent = voided(home, "gone")
    home.post(sent | {"again": 1})
    who = sent["data"]["person"]
    void = event("gone-2", "fact-voided.v1", {"reason": "source-error", "person": who}, refersto="gone", again=1)
    told, third = home.post(void), home.post(sent | {"again": 2})

    assert (told.status_code, third.status_code) == (201, 201)


def test_a_fact_that_was_not_voided_does_not_come_twice(home: House) -> None:
    sent = month("twice", fresh())
    first, again = home.post(sent), home.post(sent | {"again": 1})

    assert (again.status_code, again.json()["position"]) == (200, first.json()["position"])


def test_how_often_is_a_small_whole_number(home: House) -> None:
    told = [home.post(month("number", fresh()) | {"again": again}) for again in (-1, 100, True, 1.5, "x", [1])]

    assert {one.status_code for one in told} == {422}
    assert {code for one in told for code in codes(one.json())} == {("again", "bad-number")}

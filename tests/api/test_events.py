"""Events in: three modes, receipts, idempotency, verdicts."""

from tests.api.house import House, month, person


def test_an_event_is_recorded_and_its_receipt_names_the_entry(home: House) -> None:
    told = home.post(month("first", person(1)))

    assert (told.status_code, told.json()["version"], told.json()["duplicate"]) == (201, 2, False)

"""One id is one fact, and one fact is one entry, whatever the channel and however many ask at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.ingest.verdicts import Outcome
from tests.api.house import HRSS, POLICE, TODAY, House, codes, event, fresh, month


def test_the_same_event_again_gives_the_first_receipt(home: House) -> None:
    sent = month("again", fresh())
    first, second = home.post(sent), home.post(sent)

    assert (second.status_code, second.json()) == (200, {**first.json(), "duplicate": True})


def test_the_same_id_for_another_fact_is_a_conflict_and_stores_nothing(home: House) -> None:
    who = fresh()
    home.post(month("one-id", who))
    before = home.entries()
    told = home.post(month("one-id", who, month="2025-04"))

    assert (told.status_code, told.json()["code"], home.entries()) == (422, "request-conflict", before)


def test_the_same_id_for_other_content_of_the_fact_is_a_conflict(home: House) -> None:
    who = fresh()
    home.post(month("content", who))
    told = home.post(month("content", who, standing="back-paid"))

    assert codes(told.json()) == [("id", "other-content")]


def test_an_event_that_was_refused_may_come_again_put_right_under_its_id(home: House) -> None:
    who = fresh()
    home.post(month("first-said", who))
    refused = home.post(month("put-right", who, standing="back-paid"))
    taken = home.post(month("put-right", who, month="2025-05"))

    assert (refused.status_code, taken.status_code) == (422, 201)


def test_one_fact_under_two_ids_is_one_entry(home: House) -> None:
    who = fresh()
    first, second = home.post(month("id-1", who)), home.post(month("id-2", who))

    assert (second.status_code, second.json()["position"]) == (200, first.json()["position"])


def test_one_id_of_two_sources_is_two_events(home: House) -> None:
    who = fresh()
    told = [
        home.post({**month("shared", who, month=f"2025-0{index}"), "source": f"/source/{index}"})
        for index in (1, 2)
    ]

    assert [one.status_code for one in told] == [201, 201]


def test_two_organs_do_not_share_their_ids(home: House) -> None:
    who = fresh()
    told = [home.post(month("organs", who), f"organ:{organ}") for organ in (HRSS, POLICE)]

    assert [one.status_code for one in told] == [201, 201]


def imported(home: House, folder: Path, name: str, text: str) -> dict[str, int]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    order = ImportOrder(HRSS, "officer:import", TODAY)
    report = run_import(LedgerImportDesk(home.desk), open_delivery(path), order)
    return {outcome: getattr(report.receipt, outcome) for outcome in Outcome if getattr(report.receipt, outcome)}


def test_a_fact_in_a_csv_file_in_ndjson_and_as_an_event_is_one(home: House, tmp_path: Path) -> None:
    who = fresh()
    sent = home.post(month("in-three-ways", who))
    csv = "kind,document_number,name,month,place,insurance\ninsurance-month-paid,{},{},2025年3月,330212,pension\n"
    line = '{{"kind": "insurance-month-paid", "document_number": "{}", "name": "{}", "month": "2025-03", '
    line += '"place": "330212", "insurance": "pension"}}\n'
    fields = who["document_number"], who["name"]
    told = [
        imported(home, tmp_path, "file.csv", csv.format(*fields)),
        imported(home, tmp_path, "file.ndjson", line.format(*fields)),
    ]

    assert (sent.status_code, told) == (201, [{"duplicate": 1}, {"duplicate": 1}])


def test_a_file_first_and_the_event_after_it_is_one_too(home: House, tmp_path: Path) -> None:
    who = fresh()
    csv = "kind,document_number,name,month,place,insurance\ninsurance-month-paid,{},{},2025-03,330212,pension\n"
    told = imported(home, tmp_path, "file.csv", csv.format(who["document_number"], who["name"]))

    assert (told, home.post(month("after-the-file", who)).status_code) == ({"accepted": 1}, 200)


def test_a_row_imported_under_the_events_source_and_id_is_the_event(home: House, tmp_path: Path) -> None:
    who = fresh()
    csv = "kind,source_id,document_number,name,month,place,insurance\n"
    csv += f"insurance-month-paid,row-17,{who['document_number']},{who['name']},2025-03,330212,pension\n"
    told = imported(home, tmp_path, "file.csv", csv)
    sent = [{**month("row-17", who, month=f"2025-{index}"), "source": "file"} for index in ("03", "04")]

    assert (told, [home.post(one).status_code for one in sent]) == ({"accepted": 1}, [200, 422])


def test_an_organ_says_what_it_has_delivered_about_nobody(home: House) -> None:
    fed = {"organ": HRSS, "fact_kind": "insurance-month-paid", "place": "330212", "coverage": "complete", "rows": 5}
    sent = event("feed", "feed-delivered.v1", {**fed, "first_month": "2025-01", "last_month": "2025-03"})
    told = [home.post(sent), home.post({**sent, "id": "feed-about", "subject": str(uuid4())})]

    assert ([one.status_code for one in told], codes(told[1].json())) == (
        [201, 422],
        [("subject", "unknown-field")],
    )


def test_thirty_two_callers_with_one_event_get_one_entry_and_one_receipt(home: House) -> None:
    sent, before = month("at-once", fresh()), home.entries()
    with ThreadPoolExecutor(32) as callers:
        told = list(callers.map(lambda _: home.post(sent), range(32)))
    receipts = {(one.json()["position"], one.json()["leaf"]) for one in told}

    # The subject's own first entry, and the month.
    assert (len(receipts), home.entries() - before, sorted(one.status_code for one in told)[-2:]) == (
        1,
        2,
        [200, 201],
    )


def test_of_two_facts_under_one_id_at_once_one_is_kept(home: House) -> None:
    who = fresh()
    home.post(month("seen", who, month="2021-01"))
    before = home.entries()
    with ThreadPoolExecutor(16) as callers:
        told = list(
            callers.map(lambda index: home.post(month("race", who, month=f"2024-{index + 1:02d}")), range(12))
        )
    stored = [one for one in told if one.status_code == 201]

    assert (len(stored), home.entries() - before, {one.status_code for one in told}) == (1, 1, {201, 422})

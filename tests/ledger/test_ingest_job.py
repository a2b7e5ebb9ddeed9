"""The import job on a real ledger: verdicts, receipts, crashes, repeats."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import tuple_row

from domain.facts import InsuranceMonthPaid, OrganGranted
from domain.person import Person
from domain.retention import NOTHING_KEPT
from ledger.database import Database
from ledger.entry import Hand, Request
from ledger.ingest.delivery import Delivery
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.job import ImportOrder, ImportReport, run_import
from ledger.ingest.keys import natural_request
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.ingest.refusals import OrganUngranted
from ledger.ingest.waiting import candidate_of
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from tests.ledger.deliveries import GRANTS, ORGAN, RECEIVED, delivered, resident

HEADER = "kind,document_number,name,month,place,standing,source_id\n"


def line(sequence: int = 1, period: str = "2025-03", **other: str) -> str:
    cells = {"name": f"居民{sequence}", "place": "330212", "standing": "normal", "source_id": ""} | other
    number = cells.pop("number", resident(sequence))
    return (
        f"insurance-month-paid,{number},{cells['name']},{period},{cells['place']},"
        f"{cells['standing']},{cells['source_id']}\n"
    )


@pytest.fixture
def desk(ledger_db: Database, tmp_path: Path) -> Iterator[Desk]:
    found(ledger_db, tmp_path / "keys" / "key", "intl", "keeper:1", os.urandom)
    with at_work(ledger_db, tmp_path / "keys" / "key", os.urandom, schedule=NOTHING_KEPT) as opened:
        grant_all(opened, ORGAN)
        yield opened


def grant_all(desk: Desk, organ: str) -> None:
    hand = Hand("keeper:1", KEEPER_ORGAN)
    for grant in GRANTS:
        fact = OrganGranted(
            organ=organ,
            fact_kind=grant.kind,
            place_prefix=grant.place_prefix,
            valid_from=grant.valid_from,
            basis="试点方案",
        )
        desk.competences.grant(fact, hand)


def imported(desk: Desk, delivery: Delivery, *, dry: bool = False, **order: Any) -> ImportReport:
    real = LedgerImportDesk(desk)
    asked = replace(ImportOrder(ORGAN, "clerk:1", RECEIVED, dry_run=dry), **order)
    rejects = delivery.path.with_suffix(".rejected.csv")
    return run_import(DryDesk(real) if dry else real, delivery, asked, rejects)


def counts(report: ImportReport) -> dict[str, int]:
    receipt = report.receipt
    named = {name: getattr(receipt, name) for name in ("accepted", "duplicate", "conflict", "held", "invalid")}
    assert receipt.rows == sum(named.values())
    return {name: count for name, count in named.items() if count}


def stored(desk: Desk, topic: str = "insurance-month-paid.v1") -> int:
    return sum(1 for each, *_ in entries(desk) if each == topic)


def entries(desk: Desk) -> list[tuple[Any, ...]]:
    """Give topic, stream, version, key and batch of every entry, in order."""
    statement = (
        "SELECT topic, originator_id, originator_version, key, batch_id FROM entries ORDER BY notification_id"
    )
    with desk.ledger.connection() as connection:
        return connection.cursor(row_factory=tuple_row).execute(statement).fetchall()


def test_good_rows_go_in_and_the_receipt_adds_up(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, delivered(tmp_path, HEADER + line(1) + line(2) + line(1, "2025-04")))

    assert counts(report) == {"accepted": 3}
    assert report.receipt.control_sum == 3
    assert stored(desk) == 3
    assert stored(desk, "identity-minted.v1") == 2
    assert stored(desk, "batch-committed.v1") == 1


def test_the_same_file_again_adds_nothing_and_gives_the_first_receipt(desk: Desk, tmp_path: Path) -> None:
    delivery = delivered(tmp_path, HEADER + line(1) + line(1) + line(2, place="33021"))
    first, before = imported(desk, delivery), entries(desk)
    second = imported(desk, delivered(tmp_path, delivery.path.read_bytes(), name="renamed.csv"))

    assert second.repeated
    assert second.receipt == first.receipt
    assert entries(desk) == before


def test_a_file_may_be_taken_again_on_purpose(desk: Desk, tmp_path: Path) -> None:
    delivery = delivered(tmp_path, HEADER + line(1) + line(2))
    first = imported(desk, delivery)
    again = imported(desk, delivery, again=1)

    assert counts(again) == {"duplicate": 2}
    assert again.receipt.batch_id != first.receipt.batch_id
    assert dict(again.codes) == {"already-recorded": 2}


def test_other_files_with_the_same_facts_are_duplicates_row_by_row(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1) + line(2)))
    later = imported(desk, delivered(tmp_path, HEADER + line(2) + line(3) + line(3), name="later.csv"))

    assert counts(later) == {"accepted": 1, "duplicate": 2}
    assert dict(later.codes) == {"already-recorded": 1, "repeated-in-file": 1}


def test_csv_and_json_of_one_fact_are_one(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1)))
    text = (
        f'{{"kind": "insurance-month-paid", "document_number": "{resident()}", "name": "居民1",'
        ' "month": "202503", "place": 330212}'
    )
    as_json = imported(desk, delivered(tmp_path, text, name="facts.ndjson"))

    assert counts(as_json) == {"duplicate": 1}


@pytest.mark.parametrize("dry", [True, False])
def test_the_same_fact_with_other_content_is_a_conflict(desk: Desk, tmp_path: Path, *, dry: bool) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1) + line(2, source_id="A-1")))
    changed = line(1, standing="back-paid") + line(2, period="2025-04", source_id="A-1")
    report = imported(desk, delivered(tmp_path, HEADER + changed, name="changed.csv"), dry=dry)

    assert counts(report) == {"conflict": 2}
    assert stored(desk) == 2


@pytest.mark.parametrize("dry", [True, False])
def test_a_number_known_under_another_name_is_held_and_kept_for_a_person(
    desk: Desk, tmp_path: Path, *, dry: bool
) -> None:
    rows = [
        line(1, name="居民阿依・古丽"),
        line(1, "2025-04", name="居民阿依·古丽"),
        line(1, "2025-05", name="居民乙"),
    ]
    report = imported(desk, delivered(tmp_path, HEADER + "".join(rows)), dry=dry)

    assert counts(report) == {"accepted": 2, "held": 1}
    assert dict(report.codes) == {"name-differs": 1}
    assert len(desk.held.waiting()) == (0 if dry else 1)


def test_a_held_row_keeps_all_that_is_needed_to_take_it_in_later(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1) + line(1, "2025-05", name="居民乙", source_id="A-7")))
    [held] = desk.held.waiting()
    content = desk.held.content(held.held_id)

    assert content is not None
    candidate = candidate_of(content)
    assert candidate.fact == InsuranceMonthPaid(month="2025-05", place="330212")
    assert candidate.request == Request("file", "A-7", "", f"resident-card:{resident()}")
    assert candidate.person == Person("resident-card", resident(), "居民乙")


def test_an_unknown_number_without_a_name_is_held_and_a_known_one_is_not(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, delivered(tmp_path, HEADER + line(1) + line(1, "2025-04", name="") + line(2, name="")))

    assert counts(report) == {"accepted": 2, "held": 1}
    assert dict(report.codes) == {"name-missing": 1}


def test_a_dry_run_says_what_would_happen_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1)))
    before = entries(desk)
    rows = [
        line(1),
        line(1, standing="back-paid"),
        line(2),
        line(2),
        line(3, place="0"),
        line(2, "2025-05", name="丙"),
    ]
    delivery = delivered(tmp_path, HEADER + "".join(rows), name="next.csv")
    dry = imported(desk, delivery, dry=True)

    assert entries(desk) == before
    wet = imported(desk, delivery)
    assert counts(dry) == counts(wet)
    assert counts(wet) == {"accepted": 1, "duplicate": 2, "conflict": 1, "invalid": 1, "held": 1}
    assert dry.codes == wet.codes


@pytest.mark.parametrize(("organ", "kind"), [("nb-nobody", None), (ORGAN, "blood-donated")])
def test_an_organ_without_any_grant_is_told_once_and_before_the_first_row(
    desk: Desk, tmp_path: Path, organ: str, kind: str | None
) -> None:
    text = (
        "kind,document_number,name,donated_on,millilitres,place\n" + f",{resident()},居民甲,2025-03-01,200,330212\n"
    )
    delivered(tmp_path, text)
    with pytest.raises(OrganUngranted):
        imported(desk, open_delivery(tmp_path / "file.csv", kind=kind), organ=organ)

    assert not (tmp_path / "file.rejected.csv").exists()


VOIDS = "kind,document_number,name,reason,refers_to\n"


def test_a_void_names_an_entry_of_its_own_organ_and_person(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1") + line(2, source_id="A-2")))
    rows = [
        f"fact-voided,{resident(1)},居民1,source-error,A-1\n",
        f"fact-voided,{resident(1)},居民1,source-error,A-2\n",
        f"fact-voided,{resident(1)},居民1,source-error,A-3\n",
    ]
    report = imported(desk, delivered(tmp_path, VOIDS + "".join(rows), name="voids.csv"))

    assert counts(report) == {"accepted": 1, "invalid": 2}
    assert dict(report.codes) == {"unknown-target": 2}


def test_another_organ_cannot_name_the_entry(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1")))
    grant_all(desk, "nb-other")
    text = VOIDS + f"fact-voided,{resident(1)},居民1,source-error,A-1\n"
    report = imported(desk, delivered(tmp_path, text, name="voids.csv"), organ="nb-other")

    assert dict(report.codes) == {"unknown-target": 1}


@pytest.mark.parametrize("dry", [True, False])
def test_a_void_may_name_a_row_of_the_same_file_but_no_void(desk: Desk, tmp_path: Path, *, dry: bool) -> None:
    header = "kind,document_number,name,month,place,reason,refers_to,source_id\n"
    rows = [
        f"insurance-month-paid,{resident()},居民1,2025-03,330212,,,A-1\n",
        f"fact-voided,{resident()},居民1,,,source-error,A-1,V-1\n",
        f"fact-voided,{resident()},居民1,,,source-error,V-1,V-2\n",
    ]
    report = imported(desk, delivered(tmp_path, header + "".join(rows)), dry=dry)

    assert counts(report) == {"accepted": 2, "invalid": 1}
    assert dict(report.codes) == {"target-is-void": 1}


@pytest.mark.parametrize("dry", [True, False])
def test_several_voids_at_a_files_end_name_several_of_its_rows(desk: Desk, tmp_path: Path, *, dry: bool) -> None:
    header = "kind,document_number,name,month,place,reason,refers_to,source_id\n"
    paid = [f"insurance-month-paid,{resident()},居民1,2025-0{n},330212,,,A-{n}\n" for n in range(1, 4)]
    voids = [f"fact-voided,{resident()},居民1,,,source-error,A-{n},V-{n}\n" for n in range(1, 4)]
    report = imported(desk, delivered(tmp_path, header + "".join(paid + voids)), dry=dry)

    assert counts(report) == {"accepted": 6}


def test_a_row_sent_again_after_its_void_says_so(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1")))
    imported(desk, delivered(tmp_path, VOIDS + f"fact-voided,{resident(1)},居民1,refunded,A-1\n", name="v.csv"))
    report = imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1") + line(2), name="again.csv"))

    assert dict(report.codes) == {"original-void": 1}


NAMED = {"document_number": resident(1), "name": "居民1", "reason": "source-error"}


def correction(number: str, target: str, period: str) -> str:
    paid = {"kind": "insurance-month-paid", "month": period, "place": "330212"}
    row = NAMED | {"kind": "fact-corrected", "source_id": number, "refers_to": target, "replacement": paid}
    return json.dumps(row, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("again", [0, 1])
def test_a_void_is_taken_back_by_a_correction_as_the_hint_says(desk: Desk, tmp_path: Path, again: int) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1")))
    imported(desk, delivered(tmp_path, VOIDS + f"fact-voided,{resident(1)},居民1,refunded,A-1\n", name="v.csv"))
    sent = imported(desk, delivered(tmp_path, HEADER + "\n" + line(1, source_id="A-1")))
    back = delivered(tmp_path, correction("C-1", "A-1", "2025-03"), name="back.ndjson")
    first = imported(desk, back)
    report = imported(desk, back, again=again)

    assert dict(sent.codes) == {"original-void": 1}
    assert counts(first) == {"accepted": 1}
    assert counts(report) == ({"duplicate": 1} if again else {"accepted": 1})


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize("buffer_rows", [1, 100])
def test_what_was_corrected_is_named_by_its_correction(
    desk: Desk, tmp_path: Path, *, dry: bool, buffer_rows: int
) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1")))
    rows = [correction("C-1", "A-1", "2025-04"), correction("C-2", "A-1", "2025-05")]
    void = json.dumps(NAMED | {"kind": "fact-voided", "refers_to": "A-1"})
    one_file = delivered(tmp_path, "".join([*rows, void]), name="c.ndjson")
    report = imported(desk, one_file, dry=dry, buffer_rows=buffer_rows)

    assert counts(report) == {"accepted": 1, "invalid": 2}
    assert dict(report.codes) == {"target-corrected": 2}


def test_a_correction_of_a_correction_replaces_it(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, source_id="A-1")))
    imported(desk, delivered(tmp_path, correction("C-1", "A-1", "2025-04"), name="c1.ndjson"))
    second = imported(desk, delivered(tmp_path, correction("C-2", "A-1", "2025-05"), name="c2.ndjson"))
    third = imported(desk, delivered(tmp_path, correction("C-3", "C-1", "2025-05"), name="c3.ndjson"))
    repeated = imported(desk, delivered(tmp_path, "\n" + correction("C-1", "A-1", "2025-04"), name="c4.ndjson"))

    assert dict(second.codes) == {"target-corrected": 1}
    assert counts(third) == {"accepted": 1}
    assert counts(repeated) == {"duplicate": 1}


SPELLS = "kind,document_number,name,registered_on,ended_on,place,spell\n"


@pytest.mark.parametrize("dry", [True, False])
def test_a_closer_before_its_opener_is_refused_in_one_file_and_in_two(
    desk: Desk, tmp_path: Path, *, dry: bool
) -> None:
    grant = OrganGranted(organ=ORGAN, fact_kind="*", place_prefix="", valid_from=date(2020, 1, 1), basis="试点方案")
    desk.competences.grant(grant, Hand("keeper:1", KEEPER_ORGAN))
    opener = f"residence-registered,{resident()},居民1,2024-03-01,,330212,JZ-1\n"
    early = f"residence-ended,{resident()},居民1,,2024-02-29,330212,JZ-1\n"
    late = f"residence-ended,{resident()},居民1,,2025-02-28,330212,JZ-1\n"
    imported(desk, delivered(tmp_path, SPELLS + opener))
    second = imported(desk, delivered(tmp_path, SPELLS + early + late, name="closers.csv"), dry=dry)
    both = SPELLS + opener.replace("JZ-1", "JZ-2") + early.replace("JZ-1", "JZ-2")
    one = imported(desk, delivered(tmp_path, both, name="both.csv"), dry=dry)

    assert dict(second.codes) == {"end-before-start": 1}
    assert dict(one.codes) == {"end-before-start": 1}


def test_a_closer_may_arrive_before_its_opener(desk: Desk, tmp_path: Path) -> None:
    grant = OrganGranted(organ=ORGAN, fact_kind="*", place_prefix="", valid_from=date(2020, 1, 1), basis="试点方案")
    desk.competences.grant(grant, Hand("keeper:1", KEEPER_ORGAN))
    text = SPELLS + f"residence-ended,{resident()},居民1,,2024-02-29,330212,JZ-1\n"

    assert counts(imported(desk, delivered(tmp_path, text))) == {"accepted": 1}


def test_a_birth_date_that_the_ledger_knows_better_protects_a_minor(desk: Desk, tmp_path: Path) -> None:
    born = (
        f'{{"kind": "particulars-corrected", "document_number": "{resident()}",'
        ' "name": "甲", "born_on": "2007-01-01", "source_id": "XX-1"}'
    )
    acted = (
        f'{{"kind": "restricted-fact", "document_number": "{resident()}", "name": "甲", "category": "offence",'
        ' "level": "minor", "place": "330212", "acted_on": "2024-05-01", "legal_basis": "治安管理处罚法"}'
    )
    before = imported(desk, delivered(tmp_path, acted.replace("2024-05-01", "2024-06-01"), name="a.ndjson"))
    after = imported(desk, delivered(tmp_path, born + "\n" + acted, name="b.ndjson"), buffer_rows=1)

    assert counts(before) == {"accepted": 1}
    assert dict(after.codes) == {"minor-protected": 1}


def test_a_birth_date_may_be_put_back_to_what_it_was(desk: Desk, tmp_path: Path) -> None:
    header = "kind,document_number,name,born_on,source_id\n"
    rows = [
        f"particulars-corrected,{resident()},居民1,{born},{number}\n"
        for born, number in (
            ("1991-01-01", "XX-1"),
            ("1992-01-01", "XX-2"),
            ("1991-01-01", "XX-3"),
            ("1990-01-01", ""),
        )
    ]
    report = imported(desk, delivered(tmp_path, header + "".join(rows)))
    [subject] = {stream for topic, stream, *_ in entries(desk) if topic == "particulars-corrected.v1"}

    assert counts(report) == {"accepted": 3, "invalid": 1}
    assert dict(report.codes) == {"missing-field": 1}
    assert LedgerImportDesk(desk).born_on(subject) == date(1991, 1, 1)


def test_a_subject_already_known_may_be_named_by_its_id(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1)))
    subject = next(stream for topic, stream, *_ in entries(desk) if topic == "insurance-month-paid.v1")
    rows = [f"insurance-month-paid,{each},2025-04,330212\n" for each in (subject, UUID(int=7))]
    text = "kind,subject,month,place\n" + "".join(rows)
    report = imported(desk, delivered(tmp_path, text, name="by-subject.csv"))

    assert counts(report) == {"accepted": 1, "invalid": 1}
    assert dict(report.codes) == {"unknown-subject": 1}


def test_rejected_rows_come_back_as_a_file_that_can_be_corrected_and_sent_again(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, delivered(tmp_path, HEADER + line(1) + line(2, place="33021") + line(3)))

    assert report.rejects is not None
    rejected = report.rejects.read_text(encoding="utf-8")
    assert rejected.splitlines()[0] == HEADER.strip() + ",verdict,verdict_reason"
    corrected = tmp_path / "corrected.csv"
    corrected.write_text(rejected.replace(",33021,", ",330212,"), encoding="utf-8")
    assert counts(imported(desk, open_delivery(corrected))) == {"accepted": 1}
    assert stored(desk) == 3


def test_no_file_of_rejected_rows_is_written_when_there_are_none(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, delivered(tmp_path, HEADER + line(1) + line(1)))

    assert report.rejects is None
    assert not (tmp_path / "file.rejected.csv").exists()


class Stopped(Exception):
    """The job was killed here."""


class StoppingDesk(LedgerImportDesk):
    """A desk whose process dies at a given call, before or after the call has done its work."""

    def __init__(self, desk: Desk, call: int, *, before: bool) -> None:
        super().__init__(desk)
        self.left = call
        self.before = before

    def _dying(self, work: Callable[[], Any]) -> Any:
        self.left -= 1
        if self.left == 0 and self.before:
            raise Stopped
        done = work()
        if self.left == 0:
            raise Stopped
        return done

    def resolve(self, *args: Any) -> Any:
        return self._dying(lambda: LedgerImportDesk.resolve(self, *args))

    def record_minted(self, *args: Any) -> Any:
        return self._dying(lambda: LedgerImportDesk.record_minted(self, *args))

    def append(self, *args: Any) -> Any:
        return self._dying(lambda: LedgerImportDesk.append(self, *args))

    def commit(self, *args: Any) -> Any:
        return self._dying(lambda: LedgerImportDesk.commit(self, *args))


ROWS = [
    line(1),
    line(2),
    line(1),
    line(3, "2025-04"),
    line(2, place="0"),
    line(2, "2025-06", name="乙"),
    line(4),
    line(3, "2025-04"),
    line(4, "2025-04"),
]


def test_a_job_stopped_anywhere_ends_with_the_same_receipt_and_the_same_entries(desk: Desk, tmp_path: Path) -> None:
    whole = imported(desk, delivered(tmp_path, HEADER + "".join(ROWS)), buffer_rows=2)
    kept = {(topic, key) for topic, _, _, key, _ in entries(desk) if topic == "insurance-month-paid.v1"}
    for call in range(1, 17):
        for before in (True, False):
            # Another organ each time, so that every round begins with nothing.
            organ = f"nb-round-{call}{'a' if before else 'b'}"
            grant_all(desk, organ)
            delivery = delivered(tmp_path, HEADER + "".join(ROWS))
            order = ImportOrder(organ, "clerk:1", RECEIVED, buffer_rows=2)
            with suppress(Stopped):
                run_import(StoppingDesk(desk, call, before=before), delivery, order)
            report = imported(desk, delivery, organ=organ, buffer_rows=2)

            assert counts(report) == counts(whole)
    ours = Counter(topic for topic, *_ in entries(desk))
    assert ours["insurance-month-paid.v1"] == 33 * len(kept)
    assert ours["identity-minted.v1"] == 4
    assert ours["batch-committed.v1"] == 33


@pytest.mark.parametrize("buffer_rows", [1, 3, 4, 100])
def test_any_split_into_buffers_gives_the_same_verdicts_keys_and_order_within_streams(
    desk: Desk, tmp_path: Path, buffer_rows: int
) -> None:
    report = imported(desk, delivered(tmp_path, HEADER + "".join(ROWS)), buffer_rows=buffer_rows)
    facts = [key for topic, _, _, key, _ in entries(desk) if topic == "insurance-month-paid.v1"]
    requests = [
        natural_request(InsuranceMonthPaid(month=month, place="330212"), f"resident-card:{resident(n)}", None)
        for n, month in [(1, "2025-03"), (2, "2025-03"), (3, "2025-04"), (4, "2025-03"), (4, "2025-04")]
    ]

    assert counts(report) == {"accepted": 5, "duplicate": 2, "held": 1, "invalid": 1}
    assert facts == [LedgerImportDesk(desk).key_of(ORGAN, request) for request in requests]


def test_one_file_imported_twice_at_once_is_one_batch(desk: Desk, tmp_path: Path) -> None:
    delivery = delivered(tmp_path, HEADER + "".join(line(n) for n in range(1, 120)))
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: imported(desk, delivery, buffer_rows=10), range(2))

    assert counts(first) == counts(second) == {"accepted": 119}
    assert stored(desk) == 119
    assert stored(desk, "batch-committed.v1") == 1


def test_nothing_personal_stands_in_the_entries_in_the_clear(desk: Desk, tmp_path: Path) -> None:
    imported(desk, delivered(tmp_path, HEADER + line(1, name="居民绝密一", source_id="A-9")))
    with desk.ledger.connection() as connection:
        rows = connection.cursor(row_factory=tuple_row).execute("SELECT e::text FROM entries e").fetchall()
    dump = "\n".join(text for (text,) in rows)

    assert [
        canary for canary in (resident(1), "居民绝密一", "A-9", "居民绝密一".encode().hex()) if canary in dump
    ] == []

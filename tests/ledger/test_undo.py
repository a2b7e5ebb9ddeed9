"""Undoing a batch: by two people, by voids, once; and its rows may come back."""

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from domain.errors import ApprovalTaken, BatchGone, BatchUnknown, NothingProposed, NothingToUndo, SamePerson
from domain.facts import BatchUndone
from ledger.batches import Batches
from ledger.entry import Hand
from ledger.ingest.job import ImportReport
from ledger.opening import Desk
from ledger.undo import Undoing
from ledger.vault.erasure import content_of_destroying
from tests.ledger.deliveries import delivered, resident
from tests.ledger.test_ingest_again import void
from tests.ledger.test_ingest_job import HEADER, counts, entries, imported, line, stored
from tests.ledger.test_ingest_job import desk as desk  # noqa: PLC0414 - a fixture

ASKING, ALLOWING, THIRD = (Hand(f"officer:{one}", "ledger-keeper", source_class="manual") for one in "abc")


@pytest.fixture
def batch(desk: Desk, tmp_path: Path) -> ImportReport:
    return imported(desk, delivered(tmp_path, HEADER + line(1) + line(2) + line(3) + line(3), name="months.csv"))


def stopped(*_: object) -> None:
    raise InterruptedError


def undone(desk: Desk, batch_id: UUID) -> BatchUndone:
    undoing = Undoing(desk)
    undoing.propose(batch_id, "source-error", ASKING, "重复报送")
    return undoing.approve(batch_id, ALLOWING)


def test_two_people_take_back_everything_a_batch_brought(desk: Desk, batch: ImportReport) -> None:
    told = undone(desk, batch.receipt.batch_id)
    known = Batches(desk.ledger).of(batch.receipt.batch_id)

    assert (told.entries, told.voided, stored(desk, "fact-voided.v1")) == (3, 3, 3)
    assert known.undone == told
    assert Batches(desk.ledger).of(told.voided_by).receipt is not None


def test_who_asks_may_not_approve(desk: Desk, batch: ImportReport) -> None:
    undoing = Undoing(desk)
    undoing.propose(batch.receipt.batch_id, "source-error", ASKING, "重复报送")
    with pytest.raises(SamePerson):
        undoing.approve(batch.receipt.batch_id, ASKING)

    assert stored(desk, "fact-voided.v1") == 0


def test_nothing_is_undone_that_nobody_proposed(desk: Desk, batch: ImportReport) -> None:
    with pytest.raises(NothingProposed):
        Undoing(desk).approve(batch.receipt.batch_id, ALLOWING)

    assert stored(desk, "fact-voided.v1") == 0


def test_an_approval_of_one_reason_is_none_of_another(desk: Desk, batch: ImportReport) -> None:
    undoing = Undoing(desk)
    undoing.propose(batch.receipt.batch_id, "fraud", ASKING, "核查")
    with pytest.raises(NothingProposed):
        undoing.approve(batch.receipt.batch_id, ALLOWING, "source-error")

    assert undoing.approve(batch.receipt.batch_id, ALLOWING).reason == "fraud"


def test_what_is_void_or_corrected_already_is_left_as_it_is(
    desk: Desk, tmp_path: Path, batch: ImportReport
) -> None:
    imported(desk, void(tmp_path, "void"))
    correction = (
        f'{{"kind": "fact-corrected", "document_number": "{resident(2)}", "name": "居民2","reason": "source-error",'
        '"refers_to": {"kind": "insurance-month-paid", "month": "2025-03", "place": "330212"}, "source_id": "C",'
        '"replacement": {"kind": "insurance-month-paid", "month": "2025-04", "place": "330212"}}'
    )
    imported(desk, delivered(tmp_path, correction, name="correction.ndjson"))
    told = undone(desk, batch.receipt.batch_id)

    assert (told.voided, told.void_before, told.corrected_before) == (1, 1, 1)


def test_undoing_twice_is_undoing_once(desk: Desk, batch: ImportReport) -> None:
    first, before = undone(desk, batch.receipt.batch_id), len(entries(desk))
    again = Undoing(desk).approve(batch.receipt.batch_id, THIRD)
    with pytest.raises(BatchGone):
        Undoing(desk).propose(batch.receipt.batch_id, "source-error", ASKING, "再次")

    assert (again, len(entries(desk))) == (first, before)


def test_a_person_who_was_erased_meanwhile_is_counted_and_left(desk: Desk, batch: ImportReport) -> None:
    subject = next(stream for topic, stream, *_ in entries(desk) if topic == "insurance-month-paid.v1")
    content = content_of_destroying(desk.keys.suite, subject)
    desk.approvals.propose("destroy-key", content, ASKING, "依法删除")
    desk.approvals.approve("destroy-key", content, ALLOWING)
    desk.erasure.destroy_key(subject, "个人信息保护法", ALLOWING, date(2026, 3, 1))
    told = undone(desk, batch.receipt.batch_id)

    assert (told.voided, told.erased) == (2, 1)


def test_the_rows_come_back_with_again_and_can_be_undone_once_more(
    desk: Desk, tmp_path: Path, batch: ImportReport
) -> None:
    undone(desk, batch.receipt.batch_id)
    back = imported(desk, delivered(tmp_path, (tmp_path / "months.csv").read_bytes(), name="back.csv"), again=1)
    told = undone(desk, back.receipt.batch_id)

    assert counts(back) == {"accepted": 3, "duplicate": 1}
    assert (told.entries, told.voided) == (3, 3)


def test_a_batch_of_voids_alone_cannot_be_undone(desk: Desk, batch: ImportReport) -> None:
    told = undone(desk, batch.receipt.batch_id)
    with pytest.raises(NothingToUndo):
        Undoing(desk).propose(told.voided_by, "agency-error", ASKING, "撤销的撤销")

    assert Batches(desk.ledger).of(told.voided_by).undone is None


def test_a_batch_that_nobody_knows_is_no_batch(desk: Desk) -> None:
    with pytest.raises(BatchUnknown):
        Undoing(desk).propose(UUID(int=1), "source-error", ASKING, "无")


def test_whoever_goes_on_after_a_stop_the_voids_are_the_approvers(
    desk: Desk, batch: ImportReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    undoing = Undoing(desk)
    undoing.propose(batch.receipt.batch_id, "source-error", ASKING, "重复报送")
    monkeypatch.setattr(Undoing, "_tell", stopped)
    with pytest.raises(InterruptedError):
        undoing.approve(batch.receipt.batch_id, ALLOWING)
    monkeypatch.undo()
    told = undoing.approve(batch.receipt.batch_id, THIRD)
    by = Batches(desk.ledger).of(told.voided_by).by

    assert (told.voided, by, stored(desk, "fact-voided.v1")) == (3, "officer:b", 3)


def test_a_third_person_may_not_propose_what_was_proposed(desk: Desk, batch: ImportReport) -> None:
    undoing = Undoing(desk)
    undoing.propose(batch.receipt.batch_id, "source-error", ASKING, "重复报送")
    with pytest.raises(ApprovalTaken):
        undoing.propose(batch.receipt.batch_id, "source-error", THIRD, "重复报送")

    assert undoing.approve(batch.receipt.batch_id, THIRD).voided == 3


def test_batches_are_listed_newest_first_and_in_pages(desk: Desk, tmp_path: Path, batch: ImportReport) -> None:
    second = imported(desk, delivered(tmp_path, HEADER + line(4), name="second.csv"))
    undone(desk, batch.receipt.batch_id)
    listed = Batches(desk.ledger).listed()
    page = Batches(desk.ledger).listed(most=1, before=listed[1].position)

    assert [one.batch_id for one in listed[:1] + listed[2:]] == [batch.receipt.batch_id, second.receipt.batch_id]
    assert [one.batch_id for one in page] == [second.receipt.batch_id]

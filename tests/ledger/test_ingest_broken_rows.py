"""One file broken in many ways: every fault is named, every good row is stored once, nothing is lost."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from psycopg.rows import tuple_row

from domain.facts import OrganGranted
from ledger.database import Database
from ledger.entry import Hand
from ledger.ingest.job import ImportOrder, ImportReport, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.receiving import open_delivery
from ledger.ingest.verdicts import Code
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from tests.ledger.deliveries import ORGAN, RECEIVED, resident

COLUMNS = (
    *("kind", "document_number", "name", "month", "place", "paid_on", "base_fen", "source_id"),
    *("minutes", "served_on", "activity", "level", "category", "acted_on", "decided_on", "legal_basis"),
    *("reason", "refers_to", "awarded_on", "started_on", "until", "spell", "donated_on", "millilitres"),
)
GRANTED = (
    "insurance-month-paid",
    "volunteer-hours-served",
    "restricted-fact",
    "skill-awarded",
    "employment-started",
)
GOOD = {
    "kind": "insurance-month-paid",
    "document_number": resident(1),
    "name": "居民甲",
    "month": "2025-01",
    "place": "330212",
}
HOURS = {"kind": "volunteer-hours-served", "month": "", "served_on": "2025-05-01", "minutes": "90"}
OFFENCE = {
    "kind": "restricted-fact",
    "month": "",
    "category": "offence",
    "level": "minor",
    "acted_on": "2024-05-01",
    "legal_basis": "治安管理处罚法",
}
CONTRACT = {"kind": "employment-started", "month": "", "started_on": "2025-01-01", "spell": "HT-1"}
BLOOD = {"kind": "blood-donated", "month": "", "donated_on": "2025-01-01", "millilitres": "400"}
VOID = {"kind": "fact-voided", "month": "", "place": "", "reason": "source-error", "refers_to": "B-404"}
BROKEN = [
    ("undecodable-bytes", {"name": "居民\udcff甲"}),
    ("unknown-kind", {"kind": "insurance-month-payed"}),
    ("missing-field", {"month": ""}),
    ("unknown-field", {"minutes": "90"}),
    ("bad-date", {"paid_on": "03/02/2025"}),
    ("impossible-date", {"paid_on": "2025-02-30"}),
    ("bad-month", {"month": "2025-13"}),
    ("scientific-notation", {"document_number": "3.30282E+17"}),
    ("excel-serial-date", {"paid_on": "45717"}),
    ("document-check-digit", {"document_number": resident(1)[:-1] + "0"}),
    ("document-birth-date", {"document_number": "100000198502300017"}),
    ("document-form", {"document_number": "10000019850314001"}),
    ("control-characters", {"name": "居\0民"}),
    ("invisible-characters", {"name": "居\u202e民"}),
    ("personal-digits", {"source_id": f"甬-{resident(1)}"}),
    ("personal-digits", HOURS | {"activity": f"陪护 {resident(2)}"}),
    ("personal-digits", CONTRACT | {"spell": "13800001111"}),
    ("unknown-place", {"place": "鄞州区"}),
    ("place-outside-grants", {"place": "330304"}),
    ("kind-outside-grants", BLOOD),
    ("quantity-out-of-range", {"base_fen": "-1"}),
    ("quantity-out-of-range", HOURS | {"minutes": "999999999"}),
    (
        "unknown-level",
        {"kind": "skill-awarded", "month": "", "place": "", "level": "高级", "awarded_on": "2020-01-01"},
    ),
    ("no-legal-basis", OFFENCE | {"legal_basis": ""}),
    ("minor-protected", OFFENCE | {"acted_on": "2003-03-13"}),
    ("future-date", {"paid_on": "2026-01-16"}),
    ("end-before-start", CONTRACT | {"until": "2024-12-31"}),
    ("unknown-target", VOID),
]
NDJSON = [
    ("not-json", '{"kind": "insurance-month-paid", '),
    ("duplicate-json-key", '{"kind": "insurance-month-paid", "kind": "insurance-month-paid"}'),
    ("number-not-finite", '{"kind": "insurance-month-paid", "base_fen": 1e400}'),
]


def csv_line(cells: dict[str, str]) -> bytes:
    row = GOOD | cells
    return ",".join(row.get(column, "") for column in COLUMNS).encode("utf-8", "surrogateescape") + b"\n"


@pytest.fixture
def desk(ledger_db: Database, tmp_path: Path) -> Iterator[Desk]:
    found(ledger_db, tmp_path / "keys" / "key", "gm", "keeper:1", os.urandom)
    with at_work(ledger_db, tmp_path / "keys" / "key", os.urandom) as opened:
        for kind in GRANTED:
            grant = OrganGranted(
                organ=ORGAN, fact_kind=kind, place_prefix="3302", valid_from=date(2020, 1, 1), basis="试点方案"
            )
            opened.competences.grant(grant, Hand("keeper:1", KEEPER_ORGAN))
        yield opened


def imported(desk: Desk, path: Path) -> ImportReport:
    order = ImportOrder(ORGAN, "clerk:1", RECEIVED)
    return run_import(
        LedgerImportDesk(desk), open_delivery(path), order, path.with_suffix(f".rejected{path.suffix}")
    )


def months(desk: Desk) -> int:
    statement = "SELECT count(*), count(DISTINCT key) FROM entries WHERE topic = 'insurance-month-paid.v1'"
    with desk.ledger.connection() as connection:
        [[entries, keys]] = connection.cursor(row_factory=tuple_row).execute(statement).fetchall()
    assert entries == keys
    return int(entries)


def broken_csv(folder: Path) -> tuple[Path, Counter[str]]:
    """Write a good row before every broken one, and the last good row twice."""
    path, expected = folder / "broken.csv", Counter(code for code, _ in BROKEN)
    lines = [",".join(COLUMNS).encode() + b"\n"]
    for index, (_, cells) in enumerate(BROKEN):
        lines += [csv_line({"month": f"{2020 + index // 12}-{index % 12 + 1:02d}"}), csv_line(cells)]
    lines += [csv_line({})[:-1] + b",\n", csv_line({})[:-2] + b"\n", lines[1]]
    lines.append(csv_line({"month": "2019-01", "name": "居民乙"}))
    expected.update({"column-count": 2, "repeated-in-file": 1, "name-differs": 1})
    path.write_bytes(b"".join(lines))
    return path, expected


def test_rows_broken_in_more_than_twenty_ways_are_named_and_the_good_ones_stored_once(
    desk: Desk, tmp_path: Path
) -> None:
    path, expected = broken_csv(tmp_path)
    report = imported(desk, path)
    receipt = report.receipt

    assert len(expected) >= 26
    assert Counter({code.value: count for code, count in report.codes.items()}) == expected
    assert (receipt.accepted, receipt.duplicate, receipt.held, receipt.conflict) == (len(BROKEN), 1, 1, 0)
    assert receipt.rows == receipt.accepted + receipt.duplicate + receipt.held + receipt.invalid
    assert months(desk) == len(BROKEN)


def test_the_rejected_rows_hold_the_original_bytes_and_come_back_unchanged(desk: Desk, tmp_path: Path) -> None:
    path, expected = broken_csv(tmp_path)
    first = imported(desk, path)
    assert first.rejects is not None
    rejected = first.rejects.read_bytes()
    originals = [line for line in path.read_bytes().splitlines()[1:] if line + b"," in rejected]
    again = imported(desk, first.rejects)

    assert len(originals) >= len(BROKEN)
    assert sum(again.codes.values()) == sum(expected.values()) - expected["repeated-in-file"]
    assert again.codes == first.codes - Counter({Code.REPEATED_IN_FILE: 1})
    assert again.rejects is not None
    assert again.rejects.read_bytes() == rejected


def test_broken_lines_of_ndjson_are_named_too(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "broken.ndjson"
    good = f'{{"kind": "insurance-month-paid", "document_number": "{resident(5)}", "name": "居民甲",'
    lines = [
        f'{good} "month": "2025-{n + 1:02d}", "place": "330212"}}\n{text}' for n, (_, text) in enumerate(NDJSON)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = imported(desk, path)

    assert Counter(code.value for code in report.codes.elements()) == Counter(code for code, _ in NDJSON)
    assert report.receipt.accepted == len(NDJSON)
    assert report.rejects is not None
    again = imported(desk, report.rejects)
    assert again.codes == report.codes
    assert again.receipt.accepted == 0


def test_what_is_shown_of_the_faults_holds_nothing_personal(desk: Desk, tmp_path: Path) -> None:
    report = imported(desk, broken_csv(tmp_path)[0])

    assert [
        shown for shown in report.shown if any(n in repr(shown) for n in (resident(1), resident(2), "居民"))
    ] == []

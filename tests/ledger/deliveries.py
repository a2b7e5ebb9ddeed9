"""Small deliveries for tests: numbers that nobody holds, one organ's grants, files in any encoding."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from domain.competence import Grant
from domain.identifiers import resident_check_character
from ledger.ingest.delivery import Delivery, judged
from ledger.ingest.examine import Candidate, Examiner, Terms
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.verdicts import Finding, RowRefused

RECEIVED = date(2026, 1, 15)
ORGAN = "nb-hrss"
GRANTS = (
    Grant(ORGAN, "insurance-month-paid", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "skill-awarded", "", date(2020, 1, 1)),
    Grant(ORGAN, "volunteer-hours-served", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "restricted-fact", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "attested", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "employment-started", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "particulars-corrected", "", date(2020, 1, 1)),
    Grant(ORGAN, "permit-ended", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "honour-received", "3302", date(2020, 1, 1)),
)
EVERYTHING = (Grant(ORGAN, "*", "", date(2020, 1, 1)),)


def resident(sequence: int = 1, born: str = "19850314") -> str:
    """Make a number that passes GB 11643 and belongs to nobody: no place has the division code 100000."""
    body = f"100000{born}{sequence:03d}"
    return body + resident_check_character(body)


def month(**other: Any) -> dict[str, Any]:
    """Give a row that holds, with some cells replaced."""
    row = {
        "kind": "insurance-month-paid",
        "document_number": resident(),
        "name": "居民甲〇一",
        "month": "2025-03",
        "place": "330212",
        "insurance": "pension",
    }
    return row | other


def examined(
    row: Mapping[str, Any], grants: tuple[Grant, ...] = GRANTS, organ: str = ORGAN, **terms: Any
) -> Candidate:
    """Examine one row as a request would bring it."""
    return Examiner(Terms(organ, RECEIVED, grants, **terms)).examine(row)


def found(row: Mapping[str, Any], grants: tuple[Grant, ...] = GRANTS, **terms: Any) -> Finding | None:
    """Say what is wrong with a row, or None where nothing is."""
    try:
        examined(row, grants, **terms)
    except RowRefused as refusal:
        return refusal.finding
    return None


def code(row: Mapping[str, Any], grants: tuple[Grant, ...] = GRANTS, **terms: Any) -> str | None:
    """Name the code of what is wrong with a row."""
    finding = found(row, grants, **terms)
    return None if finding is None else finding.code.value


def delivered(
    folder: Path, content: bytes | str, name: str = "file.csv", mapping: DeliveryMapping | None = None
) -> Delivery:
    """Write a file and open it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_delivery(path, mapping)


def verdicts(delivery: Delivery, grants: tuple[Grant, ...] = GRANTS, organ: str = ORGAN) -> list[str]:
    """Give one word per row: `ok`, or the code of what was found."""
    examiner = Examiner(delivery.mapping.terms(organ, RECEIVED, grants, delivery.kind))
    return [
        "ok" if isinstance(result, Candidate) else result.code.value for _, result in judged(delivery, examiner)
    ]

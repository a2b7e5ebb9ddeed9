"""Whatever arrives, a row ends as a candidate or a finding, and a file as rows or a refusal: never as a crash."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.ingest.delivery import Delivery, judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.hints import reason
from ledger.ingest.lines import LONGEST_ROW, split_quoted
from ledger.ingest.plans import DELIVERED, every_field
from ledger.ingest.receiving import open_delivery
from ledger.ingest.refusals import DeliveryRefused
from ledger.ingest.rejects import Rejects
from tests.ledger.deliveries import EVERYTHING, ORGAN, RECEIVED, found, month, resident

HEADER = b"kind,document_number,name,month,place\n"
GOOD = f"insurance-month-paid,{resident()},居民甲,2025-03,330212\n".encode()
NASTY = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "\u202e",
        "\ud800",
        "1e400",
        "NaN",
        "9" * 30,
        "-0",
        "2025-02-30",
        "３３０２１２",
        '"',
        "=1+1",
        "{",
        "[]",
    ]
)
TEXTS = st.text(max_size=30) | NASTY
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(every_field()))
KINDS = st.sampled_from(sorted(fact.kind_name() for fact in DELIVERED))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@given(KINDS, st.dictionaries(FIELDS | TEXTS, VALUES, max_size=8))
@settings(max_examples=400, deadline=None)
def test_any_object_is_a_candidate_or_a_finding(kind: str, fields: dict[str, Any]) -> None:
    finding = found({"kind": kind, "document_number": resident(), **fields}, EVERYTHING)

    assert finding is None or reason(finding)


@given(FIELDS, VALUES)
@settings(max_examples=400, deadline=None)
def test_one_strange_value_in_a_good_row_is_a_finding_or_does_no_harm(field: str, value: Any) -> None:
    finding = found(month(**{field: value}), EVERYTHING)

    assert finding is None or len(str(value)) < 5 or str(value) not in reason(finding)


@given(st.lists(st.binary(max_size=60) | st.just(GOOD) | TEXTS.map(lambda text: text.encode("utf-8", "replace"))))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_after_a_header_are_rows_or_a_refusal(folder: Path, lines: list[bytes]) -> None:
    _read_all(folder / "any.csv", HEADER + b"\n".join(lines))


@given(st.lists(st.binary(max_size=60) | VALUES.map(lambda value: json.dumps({"kind": value}).encode())))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_lines_of_json_are_rows_or_a_refusal(folder: Path, lines: list[bytes]) -> None:
    _read_all(folder / "any.ndjson", b"\n".join(lines))


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_at_all_are_a_delivery_or_a_refusal(folder: Path, content: bytes) -> None:
    _read_all(folder / "any.txt", content)


def _read_all(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        delivery = open_delivery(path)
    except DeliveryRefused:
        return
    rejected = path.with_suffix(".rejected")
    rows = _judged_into(delivery, rejected)
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))


def _judged_into(delivery: Delivery, path: Path) -> list[tuple[int, bool]]:
    examiner = Examiner(delivery.mapping.terms(ORGAN, RECEIVED, EVERYTHING, delivery.kind))
    rows = []
    with Rejects(delivery, path) as rejects:
        for row, result in judged(delivery, examiner):
            rows.append((row.number, isinstance(result, Candidate)))
            if not isinstance(result, Candidate):
                rejects.add(row, result)
    return rows


@given(st.lists(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])), min_size=2, max_size=6))
@settings(max_examples=300)
def test_what_is_quoted_as_rfc_4180_says_is_read_as_it_was(cells: list[str]) -> None:
    raw = b",".join(b'"' + cell.replace('"', '""').encode() + b'"' for cell in cells)

    assert [cell.decode() for cell in split_quoted(raw, b",")] == cells


def test_a_file_of_nothing_but_quotation_marks_ends_soon(folder: Path) -> None:
    path = folder / "quotes.csv"
    path.write_bytes(HEADER + (b'"' + b"x" * 200 + b"\n") * 4_000)
    rows = _judged_into(open_delivery(path), folder / "quotes.rejected")

    assert len(rows) == 4_000


def test_a_line_of_many_brackets_ends_soon(folder: Path) -> None:
    path = folder / "brackets.ndjson"
    path.write_bytes((b'{"a": ' + b'"\\"[{' * (LONGEST_ROW // 8) + b"\n") * 40)
    rows = _judged_into(open_delivery(path), folder / "brackets.rejected")

    assert len(rows) == 40

"""Columns mean what rows mean: the same verdicts, facts, keys and bytes, over dirty files, piece by piece.

The Examiner, the mapper and `Block.of` say what a row is; reading by columns is only quicker.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from eventsourcing.persistence import JSONTranscoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import tuple_row

from domain.competence import Grant
from domain.facts import OrganGranted
from domain.person import Person
from ledger import rows
from ledger.blocks import Block
from ledger.embedded import Embedded
from ledger.entry import Entry, Hand
from ledger.ingest import pieces
from ledger.ingest.columns import ColumnReader, Plain
from ledger.ingest.delivery import CsvDelivery, judged
from ledger.ingest.examine import Candidate, Examiner
from ledger.ingest.job import ImportOrder, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.sealing import PlainRow, Sealer
from ledger.mapper import EntryMapper
from ledger.opening import KEEPER_ORGAN, Desk, at_work, found
from ledger.suites import SUITES
from tests.database import fresh_ledger
from tests.ledger.deliveries import ORGAN, RECEIVED, resident
from tests.projections.given import Keys, subject

GRANTS = (
    Grant(ORGAN, "insurance-month-paid", "3302", date(2020, 1, 1)),
    Grant(ORGAN, "residence-registered", "", date(2020, 1, 1)),
)
HEADER = (
    "kind,document_type,document_number,name,month,place,insurance,paid_on,base_fen,payer,source_id,"
    "registered_on,spell,address"
)

NUMBERS = st.one_of(
    st.integers(1, 6).map(resident),
    st.sampled_from(
        [
            resident(0),
            resident(1).lower(),
            f"'{resident(2)}",
            f" {resident(3)}",
            resident(2)[:-1] + "0",
            "3.30282E+17",
            resident(4)[:15] + "000",
            resident(1, "19850230"),
            resident(1, "20000229"),
            resident(1, "19000229"),
            resident(1, "18991231"),
            resident(1, "20260115"),
            resident(1, "20260116"),
            "١٠٠٠٠٠١٩٨٥٠٣١٤٠٠١٤",
            "１０００００１９８５０３１４００１４",
            "H12345678",
            "",
        ]
    ),
)
NAMES = st.sampled_from(
    [
        "居民甲",
        "居民乙",
        "居〇",
        "阿依・古丽",
        "阿依·古丽 ",
        "Anna Lee",
        "居\u200b民",
        "居民\ue863",
        "\u3000居民甲",
        "甲",
        "",
        "居" * 60,
        "居" * 61,
        "\u2f00民",
        "居民\ufffd",
        "=1+1",
    ]
)
CELLS = {
    "kind": st.sampled_from(
        ["insurance-month-paid"] * 12
        + ["residence-registered", "insurance-month-paid.v1", "x", "", " insurance-month-paid"]
    ),
    "document_type": st.sampled_from([""] * 6 + ["resident-card", "passport", "hmt-permit", "x"]),
    "document_number": NUMBERS,
    "name": NAMES,
    "month": st.sampled_from(["2025-03"] * 6 + ["202504", "2025/5", "2026-02", "2025-13", "", "2025年3月"]),
    "place": st.sampled_from(["330212"] * 6 + ["330203", "330100", "33021", "", "330212 "]),
    "insurance": st.sampled_from(["pension", "pension", "medical", "", "Medical", "x"]),
    "paid_on": st.sampled_from(["", "2025-03-15", "2025/3/15", "45717", "2026-01-16", "2025-02-30"]),
    "base_fen": st.sampled_from(
        ["", "446250", "446250.0", "0", "-1", "4.4E5", "1" * 17, "12\u200b", "４４６２５０"]
    ),
    "payer": st.sampled_from(
        ["", "甲厂", "甲\t厂", "a\u0301", "x" * 301, "甲\u202e厂", '"甲,厂"', "=x", "138 0013 8000"]
    ),
    "source_id": st.sampled_from([""] * 10 + ["A-1", "A-2", "13800138000", "１"]),
    "registered_on": st.sampled_from([""] * 9 + ["2025-01-01"]),
    "spell": st.sampled_from([""] * 9 + ["R-1"]),
    "address": st.sampled_from([""] * 9 + ["某街1号"]),
}
FIELDS = HEADER.split(",")
PLAINLY = {
    field: {"kind": "insurance-month-paid", "month": "2025-03", "place": "330212"}.get(field, "")
    for field in FIELDS
}


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A row, mostly good: some of its cells are drawn from what departments send."""
    cells = PLAINLY | {"document_number": draw(NUMBERS), "name": draw(NAMES)}
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        cells[field] = draw(CELLS[field])
    text = ",".join(cells[field] for field in FIELDS)
    return draw(
        st.sampled_from([text] * 12 + [text + ",", text[:-3], "", ",,,", '"', text.replace("居", '"居', 1)])
    )


def delivery_of(folder: Path, content: list[str], name: str = "file.csv") -> CsvDelivery:
    path = folder / name
    path.write_text("\n".join([HEADER, line_that_holds(), *content]), encoding="utf-8")
    delivery = open_delivery(path, MAPPING)
    assert isinstance(delivery, CsvDelivery)
    delivery.piece_bytes = 400
    return delivery


def line_that_holds() -> str:
    cells = PLAINLY | {"document_number": resident(7), "name": "居民丙"}
    return ",".join(cells[field] for field in FIELDS)


MAPPING = DeliveryMapping(values={"insurance": {"养老": "pension"}}, constants={"insurance": "pension"})


class Counted:
    """Random bytes that are the same for whoever asks in the same order."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, size: int) -> bytes:
        made = b"".join((self.asked + at).to_bytes(16, "big") for at in range(size // 16))
        self.asked += size // 16
        return made


@pytest.mark.parametrize("suite", ["intl", "gm"])
@given(st.lists(lines(), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_a_plain_row_is_what_the_examiner_takes_byte_for_byte(suite: str, content: list[str]) -> None:
    with TemporaryDirectory() as folder:
        delivery = delivery_of(Path(folder), content)
        terms = MAPPING.terms(ORGAN, RECEIVED, GRANTS)
        judged_rows = {row.number: one for row, one in judged(delivery, Examiner(terms))}
        with delivery.opened() as file:
            piece = pieces.cut(file, delivery.start, delivery.delimiter, 1 << 20)
    assert piece is not None
    plain = ColumnReader(delivery.header.fields, terms).read(piece.texts("utf-8", ","))
    numbers = {at: number for number, at in enumerate(content_rows(delivery, piece), 1)}
    candidates = [judged_rows[numbers[at]] for at in plain.index]

    assert all(isinstance(one, Candidate) for one in candidates)
    assert [one.person for one in candidates if isinstance(one, Candidate)] == [
        Person("resident-card", number, name or None)
        for number, name in zip(plain.numbers, plain.names, strict=True)
    ]
    assert row_wise(suite, candidates) == by_columns(suite, plain)


def content_rows(delivery: CsvDelivery, piece: pieces.Piece) -> list[int]:
    """Give the numbers of the records that are rows."""
    return [at for at in range(len(piece)) if delivery.row(1, piece.record(at)) is not None]


def hand() -> Hand:
    return Hand("clerk:1", ORGAN, "file", source_class="agency", batch_id=subject(99))


def row_wise(suite: str, candidates: list[Any]) -> Block | None:
    keys = Keys(SUITES[suite])
    mapper = EntryMapper(JSONTranscoder(), keys, Counted())
    entries = [Entry(subject(at), hand(), one.request, one.fact) for at, one in enumerate(candidates)]
    return Block.of([rows.ready(mapper.to_stored_event(entry)) for entry in entries]) if entries else None


def by_columns(suite: str, plain: Plain) -> Block | None:
    keys = Keys(SUITES[suite])
    sealer = Sealer(keys.suite, keys.ledger_key, hand(), Counted())
    parts = zip(plain.numbers, plain.patterns, plain.sealed, strict=True)
    made = [
        PlainRow(subject(at).bytes, keys.owner_key(subject(at)) or b"", number.encode(), pattern, sealed)
        for at, (number, pattern, sealed) in enumerate(parts)
    ]
    return sealer.block(made) if made else None


@pytest.fixture(scope="module")
def two_desks(server: Embedded) -> Iterator[tuple[Desk, Desk]]:
    """Two ledgers that are told the same, one by columns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        desks = []
        for name in ("columns", "rows"):
            database = stack.enter_context(fresh_ledger(server))
            found(database, folder / name / "key", "intl", "keeper:1", os.urandom)
            desk = stack.enter_context(at_work(database, folder / name / "key", os.urandom))
            for grant in GRANTS:
                fact = OrganGranted(
                    organ=ORGAN,
                    fact_kind=grant.kind,
                    place_prefix=grant.place_prefix,
                    valid_from=grant.valid_from,
                    basis="试点方案",
                )
                desk.competences.grant(fact, Hand("keeper:1", KEEPER_ORGAN))
            desks.append(desk)
        yield desks[0], desks[1]


@given(content=st.lists(lines(), min_size=1, max_size=25))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_ledgers_end_alike(two_desks: tuple[Desk, Desk], content: list[str]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        told = [
            imported(desk, delivery_of(folder, content), folder / f"rejected-{way}", by_columns=way)
            for desk, way in zip(two_desks, (True, False), strict=True)
        ]

    assert told[0] == told[1]
    assert stories(two_desks[0]) == stories(two_desks[1])


def imported(desk: Desk, delivery: CsvDelivery, rejects: Path, *, by_columns: bool) -> tuple[Any, ...]:
    """Import, and give what the file's sender is told."""
    order = ImportOrder(ORGAN, "clerk:1", RECEIVED, by_columns=by_columns, buffer_rows=7)
    report = run_import(LedgerImportDesk(desk), delivery, order, rejects)
    receipt = report.receipt.model_dump(exclude={"batch_id", "first_position", "last_position"})
    returned = rejects.read_bytes() if report.rejects else b""
    return receipt, report.repeated, report.codes, report.shown, returned, len(desk.held.waiting(limit=10_000))


def stories(desk: Desk) -> list[tuple[Any, ...]]:
    """Give every stream of a person as its facts tell it, whatever its random id."""
    with desk.ledger.connection() as connection:
        cursor = connection.cursor(row_factory=tuple_row)
        streams = cursor.execute(
            "SELECT originator_id FROM entries WHERE topic = 'identity-minted.v1' ORDER BY notification_id"
        ).fetchall()
    desk.keys.prepare([stream for (stream,) in streams])
    return sorted(
        (
            tuple((entry.originator_version, entry.fact) for entry in desk.ledger.history(stream))
            for (stream,) in streams
        ),
        key=repr,
    )

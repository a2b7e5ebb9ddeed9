"""Where an import's processor time goes: each stage alone, in this process, and the server's beside it.

The stages are those of `import`, one after another over the same pieces, so that their sum is what a row costs.
`python -m tests.benchmarks import_stages --json` measures; `python -m tests.benchmarks.import_stages MEASURED.json
docs/import-stages.svg` draws what was measured.
"""

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from html import escape
from pathlib import Path
from typing import Any
from uuid import uuid4

from ledger.blocks import Block
from ledger.embedded import Embedded
from ledger.entry import Hand
from ledger.ingest.columns import ColumnReader
from ledger.ingest.delivery import CsvDelivery
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.pieces import Piece, cut
from ledger.ingest.receiving import open_delivery
from ledger.ingest.sealing import PlainRow, Sealer
from ledger.vault.indexes import Indexes
from tests.benchmarks.months import ORGAN, RECEIVED, Months, month_file, processor_seconds
from tests.benchmarks.report import figure, report

ROWS = 40_000
_WIDTH, _ROW, _LABEL = 720, 26, 260
_INK, _OURS, _SERVER = "#1f2933", "#0b6e99", "#c98a1b"


class Stages:
    """Processor seconds by stage, ours and the server's."""

    def __init__(self, server: Embedded) -> None:
        self._server = server
        self.spent: dict[str, float] = {}

    def __call__(self, stage: str, work: Callable[[], Any]) -> Any:
        own, everybody = time.process_time(), processor_seconds(self._server)
        found = work()
        ours = time.process_time() - own
        server = processor_seconds(self._server) - everybody - ours
        self.spent[stage] = self.spent.get(stage, 0) + ours
        self.spent[f"{stage}, the server"] = self.spent.get(f"{stage}, the server", 0) + max(0.0, server)
        return found


def measure() -> dict[str, object]:
    """Measure on the embedded server; everybody is known, two earlier months are loaded."""
    with tempfile.TemporaryDirectory(prefix="points-bench-") as name, Months(Path(name)) as months:
        months.imported(ROWS, unknown=ROWS)
        months.imported(ROWS)
        path = month_file(months.folder, months.loaded.month, range(ROWS))
        delivery = open_delivery(path, kind="insurance-month-paid")
        if not isinstance(delivery, CsvDelivery):
            raise TypeError("a month's file is CSV")
        stages = Stages(months.server)
        _run(stages, LedgerImportDesk(months.desk), delivery, months.desk)
    named = [(stage, spent / ROWS * 1e6) for stage, spent in stages.spent.items()]
    figures = [figure(stage, [cost], "µs a row") for stage, cost in named if cost >= 0.05]
    return report("stages of an import", figures, "PostgreSQL 18")


def _run(stages: Stages, importer: LedgerImportDesk, delivery: CsvDelivery, desk: Any) -> None:
    terms = delivery.mapping.terms(ORGAN, RECEIVED, importer.grants(ORGAN), delivery.kind)
    reader = ColumnReader(delivery.header.fields, terms)
    indexes = Indexes(desk.vault_keys.suite, desk.vault_keys.index_key)
    hand = Hand("clerk:1", ORGAN, "file", source_class="agency", batch_id=uuid4())
    sealer = Sealer(desk.vault_keys.suite, desk.vault_keys.ledger_key, hand, desk.ledger.random_bytes)
    place = delivery.start
    with delivery.opened() as file:
        while True:
            piece: Piece | None = stages("cut", partial(cut, file, place, delivery.delimiter, delivery.piece_bytes))
            if piece is None:
                return
            _piece(stages, importer, piece, reader, indexes, sealer, desk)
            place = piece.end


def _piece(
    stages: Stages,
    importer: LedgerImportDesk,
    piece: Piece,
    reader: ColumnReader,
    indexes: Indexes,
    sealer: Sealer,
    desk: Any,
) -> None:
    plain = stages("read in columns", lambda: reader.read(piece.texts("utf-8", ",")))
    persons = [("resident-card", number, name, 0) for number, name in zip(plain.numbers, plain.names, strict=True)]
    found = stages("index persons", lambda: indexes.of_many(persons))
    holders = stages("find persons and their keys", lambda: desk.identities.holders(found))
    rows = [
        PlainRow(holder.stream, holder.key, number.encode(), pattern, sealed)
        for holder, number, pattern, sealed in zip(
            holders, plain.numbers, plain.patterns, plain.sealed, strict=True
        )
    ]
    block: Block = stages("seal and commit", lambda: sealer.block(rows))
    block = stages("hand over", lambda: pickle.loads(pickle.dumps(block)))  # noqa: S301 - our own bytes
    stages("append", lambda: importer.append_block(block))


def drawn(found: dict[str, Any]) -> str:
    """Give an SVG: one bar for each stage, the server's in another colour, the value at its end."""
    figures = found["figures"]
    most = max(one["value"] for one in figures)
    title = escape(f"{found['name']}, {figures[0]['unit']} ({found['machine']})")
    size = f'viewBox="0 0 {_WIDTH} {_ROW * (len(figures) + 2)}"'
    style = f'font-family="sans-serif" font-size="13" fill="{_INK}" role="img"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}><title>{title}</title>']
    parts.append(f'<text x="8" y="18" font-weight="bold">{title}</text>')
    for number, one in enumerate(figures, 1):
        top, wide = _ROW * number, one["value"] / most * (_WIDTH - _LABEL - 60)
        colour = _SERVER if one["metric"].endswith("the server") else _OURS
        parts += [
            f'<text x="{_LABEL - 8}" y="{top + 18}" text-anchor="end">{escape(one["metric"])}</text>',
            f'<rect x="{_LABEL}" y="{top + 5}" width="{wide:.1f}" height="{_ROW - 8}" fill="{colour}"/>',
            f'<text x="{_LABEL + wide + 6:.1f}" y="{top + 18}">{one["value"]:.1f}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    measured, picture = map(Path, sys.argv[1:])
    picture.write_text(drawn(json.loads(measured.read_text(encoding="utf-8"))), encoding="utf-8")

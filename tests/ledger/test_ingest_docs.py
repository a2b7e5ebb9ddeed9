"""docs/imports.md says what the code does: every code with its verdict and hints, every example readable."""

import re
from pathlib import Path

from ledger.ingest.hints import HINTS
from ledger.ingest.mapping import read_mapping
from ledger.ingest.plans import DELIVERED
from ledger.ingest.receiving import open_delivery
from ledger.ingest.verdicts import Code, Finding
from tests.ledger.deliveries import verdicts

PAGE = (Path(__file__).parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")


def test_every_code_stands_on_the_page_with_its_verdict_and_hints() -> None:
    rows = [f"| `{each}` | {Finding(each).outcome} | {HINTS[each].zh} | {HINTS[each].en} |" for each in Code]

    assert [row for row in rows if row not in PAGE] == []


def test_every_kind_that_a_file_may_bring_stands_on_the_page() -> None:
    assert [fact.kind_name() for fact in DELIVERED if f"`{fact.kind_name()}`" not in PAGE] == []


def test_the_examples_can_be_read(tmp_path: Path) -> None:
    [mapping] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    tables = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    objects = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / "own.csv").write_text(tables[0], encoding="utf-8")
    (tmp_path / "theirs.csv").write_text(tables[1], encoding="gb18030")
    (tmp_path / "facts.ndjson").write_text("".join(objects), encoding="utf-8")
    read = [
        open_delivery(tmp_path / "own.csv"),
        open_delivery(tmp_path / "theirs.csv", read_mapping(tmp_path / "map.yaml")),
        open_delivery(tmp_path / "facts.ndjson"),
    ]

    assert {verdict for delivery in read for verdict in verdicts(delivery)} == {"ok"}

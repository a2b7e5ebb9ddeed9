"""The report: one file that loads nothing, in both tongues, readable by everybody, telling nobody's secret."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from projections.simulation.files import csv_of, harmless, write
from projections.simulation.report import page
from projections.simulation.report.style import DARK, LIGHT
from projections.simulation.run import Simulation
from projections.simulation.sheets import Column, Row, Sheet, sheets
from tests.projections.populations import POINT, drafted, simulated, written

_VOID = {"meta", "input", "br"}


@pytest.fixture(scope="module")
def simulation(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    return simulated(
        written(tmp_path_factory.mktemp("population"), 150),
        drafted(points="0.4"),
        thresholds={"school": 60 * POINT},
        quota=40,
        vary=("insurance.award.points=0.3,0.5",),
    )


@pytest.fixture(scope="module")
def html(simulation: Simulation) -> str:
    return page(simulation, sheets(simulation))


class Tree(HTMLParser):
    """Checks that elements close in order; gathers tags with their attributes, and text by its tongue."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.unbalanced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_is_well_formed(html: str) -> None:
    tree = Tree(html)

    assert not tree.unbalanced
    assert not tree.open


def test_the_page_loads_and_runs_nothing(html: str) -> None:
    tree = Tree(html)
    links = [attributes.get("href") or "" for attributes in tree.of("a")]

    assert not tree.of("script") + tree.of("link") + tree.of("img") + tree.of("iframe")
    assert not re.search(r"https?://|url\(|@import", html)
    assert all(link.startswith("#") for link in links)
    assert not any(name.startswith("on") for _, attributes in tree.tags for name in attributes)


def test_every_link_leads_somewhere(html: str) -> None:
    tree = Tree(html)
    ids = [attributes["id"] for _, attributes in tree.tags if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {(attributes["href"] or "")[1:] for attributes in tree.of("a")} <= set(ids)


def test_what_is_said_in_one_tongue_is_said_in_the_other(html: str) -> None:
    spans = [attributes.get("lang") for name, attributes in Tree(html).tags if name in {"span", "text"}]

    assert spans.count("zh-CN") == spans.count("en") > 50


def test_every_chart_has_a_name_and_stands_over_its_table(html: str) -> None:
    drawings = Tree(html).of("svg")

    assert len(drawings) >= 5
    assert all(one.get("role") == "img" and one.get("aria-label") for one in drawings)
    assert html.count("</figure><div") == html.count("</figure>") == len(drawings)


def test_every_cell_of_a_table_has_its_headings(html: str) -> None:
    heads = Tree(html).of("th")

    assert heads
    assert all(one.get("scope") in {"col", "row"} for one in heads)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours as WCAG 2.2 defines it."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_bars_have_the_contrast_of_wcag_aa(colours: dict[str, str]) -> None:
    text = [
        contrast(colours[name], colours[on]) for name in ("text", "muted", "link") for on in ("ground", "raised")
    ]
    bars = [contrast(colours[name], colours["ground"]) for name in ("gain", "lose", "same")]

    assert min(text) >= 4.5
    assert min(bars) >= 3


def test_a_small_number_stands_nowhere_in_the_page(simulation: Simulation, html: str) -> None:
    cells = {int(cell.replace(",", "")) for cell in re.findall(r"<td>([\d,]+)</td>", html)}

    assert simulation.counts.hidden
    assert not cells & set(range(1, 10))


def test_nobody_is_named_in_any_file(simulation: Simulation, html: str, tmp_path: Path) -> None:
    files = write(simulation, sheets(simulation), tmp_path)
    texts = [html, *(file.read_text(encoding="utf-8") for file in files if file.suffix != ".parquet")]

    assert not any(re.search(r"\br\d+\b", text) for text in texts)


def test_the_same_run_writes_the_same_bytes(simulation: Simulation, tmp_path: Path) -> None:
    first, second = (write(simulation, sheets(simulation), tmp_path / name) for name in ("a", "b"))

    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]
    assert page(simulation, sheets(simulation)) == page(simulation, sheets(simulation))


def files_of(simulation: Simulation, folder: Path) -> Iterator[tuple[Sheet, Path, Path]]:
    write(simulation, sheets(simulation), folder)
    for sheet in sheets(simulation):
        yield sheet, folder / f"{sheet.name}.csv", folder / f"{sheet.name}.parquet"


def test_parquet_holds_what_csv_tells(simulation: Simulation, tmp_path: Path) -> None:
    for sheet, text, columns in files_of(simulation, tmp_path):
        table = pq.read_table(columns)

        assert table.num_rows == len(sheet.rows) == text.read_text(encoding="utf-8-sig").count("\n") - 1
        assert table.schema.metadata[b"run"] == simulation.run_id.encode()


def test_a_withheld_number_is_null_in_parquet_and_a_word_in_csv(simulation: Simulation, tmp_path: Path) -> None:
    [(_, text, columns)] = [one for one in files_of(simulation, tmp_path) if one[0].name == "districts"]

    assert (
        sum(column.null_count for column in pq.read_table(columns).columns)
        == text.read_text().count("withheld")
        > 0
    )


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@x", "＝1", " =1", "\t=1"])
def test_no_text_is_a_formula(evil: str) -> None:
    sheet = Sheet("x", ("", ""), (Column("group", ("", ""), "text"),), (Row((evil, evil), ()),))

    assert harmless(evil) == f"'{evil}"
    assert f"'{evil}" in csv_of(sheet)


def test_what_comes_from_a_rulebook_is_escaped(simulation: Simulation) -> None:
    evil = Sheet(
        "x", ("<b>", "<b>"), (Column("group", ("<i>", "<i>"), "text"),), (Row(("<script>", "<script>"), ()),)
    )

    assert not {"<b>", "<i>", "<script>"} & set(re.findall(r"<[a-z]+>", page(simulation, [evil])))

"""The results as sheets of rows: what CSV and Parquet files hold and the report shows. Withheld counts are None."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.notation import points_text
from domain.places import name_of
from projections.simulation.comparison import SCALE
from projections.simulation.counting import CROSSED, PLACED, POINT, RANKS, WAYS, Counts, sizes
from projections.simulation.run import Simulation

Text = tuple[str, str]
"""In Chinese and in English."""


class Column(NamedTuple):
    """A column: its name in files, its heading, and whether it holds text, people or points (units of 10^-4)."""

    name: str
    heading: Text
    holds: str


class Row(NamedTuple):
    """A row: its name in both tongues, then the values of the columns after the first."""

    label: Text
    values: tuple[int | None, ...]


class Sheet(NamedTuple):
    """A table of results. `name` is that of its files."""

    name: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


_WAYS = {"gain": ("得分上升", "gain"), "same": ("不变", "same"), "lose": ("得分下降", "lose")}
_POINTS = {"gain": ("上升合计(分)", "points gained"), "lose": ("下降合计(分)", "points lost")}
_CASES = {
    "reaches": ("新达线", "newly reach"),
    "loses": ("不再达线", "no longer reach"),
    "keeps": ("仍达线", "still reach"),
    "stays_below": ("仍未达线", "still below"),
    "gets_in": ("新入围", "get in"),
    "drops_out": ("落选", "drop out"),
    "stays_in": ("仍入围", "stay in"),
    "stays_out": ("仍未入围", "stay out"),
    "up": ("名次上升", "rank rises"),
    "same": ("名次不变", "rank unchanged"),
    "down": ("名次下降", "rank falls"),
    "unranked": ("未参与排名", "not ranked in both"),
}
ALL: Text = ("全部", "everybody")
PEOPLE = Column("people", ("人数", "people"), "people")
WAY_COLUMNS = tuple(Column(way, _WAYS[way], "people") for way in WAYS)
POINT_COLUMNS = tuple(Column(f"points_{way}", _POINTS[way], "points") for way in ("gain", "lose"))


def _first(heading: Text) -> Column:
    return Column("group", heading, "text")


def sheets(simulation: Simulation) -> list[Sheet]:
    """Give every table of a simulation, those without rows left out."""
    counts = simulation.counts
    found = [
        _summary(counts),
        _sizes(counts),
        _items(simulation),
        _districts(simulation),
        _deciles(counts),
        *_crossings(simulation),
        *_quota(simulation),
        _variants(simulation),
    ]
    return [sheet for sheet in found if sheet.rows]


def moving(sheet: Sheet) -> Sheet:
    """Leave out items that move nobody: people read the others. Files hold every one."""
    if sheet.name != "items":
        return sheet
    return sheet._replace(rows=tuple(row for row in sheet.rows if row.values[0] != 0 or row.values[2] != 0))


def points(units: int) -> str:
    """Print units of 10^-4 as points, without needless digits."""
    text = points_text(units, SCALE)
    return text.rstrip("0").rstrip(".") if units % POINT else text[: -SCALE - 1]


def _moved(counts: Counts, group: str, *, people: bool) -> tuple[int | None, ...]:
    names = [f"{group}:{way}" for way in WAYS]
    total = [counts.seen(f"{group}:people")] if people else []
    sums = [counts.seen_points(f"{group}:{way}") for way in ("gain", "lose")]
    return (*total, *(counts.seen(name) for name in names), *sums)


def _summary(counts: Counts) -> Sheet:
    columns = (_first(("范围", "group")), PEOPLE, *WAY_COLUMNS, *POINT_COLUMNS)
    return Sheet("summary", ("总览", "Summary"), columns, (Row(ALL, _moved(counts, "all", people=True)),))


def _sizes(counts: Counts) -> Sheet:
    rows = tuple(Row(_size(name, low, high), (counts.seen(name),)) for name, low, high in sizes())
    return Sheet(
        "changes",
        ("变动幅度", "How large the changes are"),
        (_first(("变动(分)", "change in points")), PEOPLE),
        rows,
    )


def _size(name: str, low: int | None, high: int | None) -> Text:
    if low is None:
        return "不变", "no change"
    zh, en = ("上升", "up") if "+" in name else ("下降", "down")
    if high is None:
        return f"{zh} {points(low)} 以上", f"{en} more than {points(low)}"
    if not low:
        return f"{zh} {points(high)} 以内", f"{en} at most {points(high)}"
    return f"{zh} {points(low)}–{points(high)}", f"{en} {points(low)}–{points(high)}"


def _items(simulation: Simulation) -> Sheet:
    rows = tuple(
        Row(
            _item(simulation, f"{key.doc}/{key.id}"),
            _moved(simulation.counts, f"item:{key.doc}/{key.id}", people=False),
        )
        for key in simulation.items
    )
    return Sheet("items", ("按指标", "By item"), (_first(("指标", "item")), *WAY_COLUMNS, *POINT_COLUMNS), rows)


def _item(simulation: Simulation, name: str) -> Text:
    chinese, english = simulation.labels.get(name, (name, name))
    doc = name.partition("/")[0]
    return f"{chinese}({doc})", f"{english} ({doc})"


def _districts(simulation: Simulation) -> Sheet:
    rows = [
        Row((name_of(d), d), _moved(simulation.counts, f"district:{n}", people=True)) for n, d in _each(simulation)
    ]
    columns = (_first(("辖区", "district")), PEOPLE, *WAY_COLUMNS, *POINT_COLUMNS)
    rows.append(Row(ALL, _moved(simulation.counts, "all", people=True)))
    return Sheet("districts", ("按辖区", "By district"), columns, tuple(rows))


def _each(simulation: Simulation) -> Iterator[tuple[int, str]]:
    return enumerate(simulation.districts)


def _deciles(counts: Counts) -> Sheet:
    rows = [
        Row(
            (
                f"第 {band.number + 1} 组(原分 {points(band.least)} 起)",
                f"{band.number + 1} (from {points(band.least)} points)",
            ),
            _moved(counts, f"decile:{band.number}", people=True),
        )
        for band in counts.bands
    ]
    rows.append(Row(ALL, _moved(counts, "all", people=True)))
    columns = (_first(("原得分分组", "group by score before")), PEOPLE, *WAY_COLUMNS, *POINT_COLUMNS)
    return Sheet("deciles", ("按原得分十分组", "By decile of the score before"), columns, tuple(rows))


def _crossings(simulation: Simulation) -> Iterator[Sheet]:
    for programme, least in simulation.question.thresholds.items():
        title = (f"门槛:{programme}({points(least)} 分)", f"Threshold: {programme} ({points(least)} points)")
        yield _cases(simulation, f"threshold:{programme}", f"threshold-{programme}", title, CROSSED)


def _quota(simulation: Simulation) -> Iterator[Sheet]:
    if simulation.question.quota is None:
        return
    quota = simulation.question.quota
    yield _cases(simulation, "quota", "quota", (f"名额 {quota} 个", f"Quota of {quota} places"), PLACED)
    columns = (_first(("范围", "group")), *(Column(name, _CASES[name], "people") for name in RANKS))
    row = Row(ALL, tuple(simulation.counts.seen(f"rank:{name}") for name in RANKS))
    yield Sheet("ranks", ("名次变化", "Changes of rank"), columns, (row,))


def _cases(simulation: Simulation, name: str, file: str, title: Text, cases: tuple[str, ...]) -> Sheet:
    counts = simulation.counts
    rows = [
        Row((name_of(d), d), tuple(counts.seen(f"{name}:district:{n}:{case}") for case in cases))
        for n, d in _each(simulation)
    ]
    rows.append(Row(ALL, tuple(counts.seen(f"{name}:{case}") for case in cases)))
    columns = (_first(("辖区", "district")), *(Column(case, _CASES[case], "people") for case in cases))
    return Sheet(file, title, columns, tuple(rows))


def _variants(simulation: Simulation) -> Sheet:
    counts, programmes = simulation.counts, list(simulation.question.thresholds)
    over = tuple(
        Column(f"over_{programme}", (f"达线:{programme}", f"reach {programme}"), "people")
        for programme in programmes
    )
    rows = tuple(
        Row(
            (name, name),
            (
                *_moved(counts, f"variant:{n}", people=False),
                *(counts.seen(f"variant:{n}:{programme}:over") for programme in programmes),
            ),
        )
        for n, name in enumerate(simulation.variants)
    )
    columns = (_first(("方案", "variant")), *WAY_COLUMNS, *POINT_COLUMNS, *over)
    return Sheet("variants", ("方案比较", "Variants"), columns, rows)

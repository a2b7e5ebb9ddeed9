"""The page: headings, tiles, charts with the tables they were drawn from, and what the run was made of.

It loads nothing and runs nothing: one file, readable without JavaScript, in Chinese and English, light and dark.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from projections.simulation.counting import POINT
from projections.simulation.report.charts import Bar, Pair, chart
from projections.simulation.report.markup import Text, both
from projections.simulation.report.style import STYLE
from projections.simulation.report.words import WORDS
from projections.simulation.run import Simulation
from projections.simulation.sheets import ALL, Column, Row, Sheet, moving, points
from projections.simulation.suppression import LEAST

_CSP = "default-src 'none'; style-src 'unsafe-inline'"


def page(simulation: Simulation, sheets: list[Sheet], language: str = "zh") -> str:
    """Write the report; `language` is the tongue that is shown first. The text depends on the run only."""
    title = WORDS["title"]
    body = "".join(
        [
            f"<header><h1>{both(title)}</h1>",
            f'<p class="lead">{both(_lead(simulation))}</p>',
            _contents(sheets),
            "</header><main>",
            *(_section(simulation, sheet) for sheet in sheets),
            "</main>",
            _about(simulation),
        ]
    )
    return document(title, body, language)


def examples_page(simulation: Simulation, examples: list[dict[str, Any]], language: str = "zh") -> str:
    """Write the explained examples, which are for the policy office and auditors alone."""
    title = WORDS["examples"]
    articles = "".join(_example(example) for example in examples)
    run = f"<footer><p><code>{simulation.run_id}</code></p></footer>"
    lead = f'<p class="lead">{both(WORDS["examples_lead"])}</p>'
    return document(title, f"<header><h1>{both(title)}</h1>{lead}</header><main>{articles}</main>{run}", language)


def _example(example: dict[str, Any]) -> str:
    number = example["example"]
    parts = []
    for which in ("current", "draft"):
        told = example[which]
        lines = "".join(_lines(told["explanation"][tongue], tongue) for tongue in ("zh", "en"))
        parts.append(f"<h3>{both(WORDS[which])}: {escape(told['total'])}</h3>{lines}")
    heading = both((f"例 {number}", f"Example {number}"))
    return f'<section aria-labelledby="e{number}"><h2 id="e{number}">{heading}</h2>{"".join(parts)}</section>'


def _lines(lines: Sequence[str], tongue: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{tongue}" lang="{"zh-CN" if tongue == "zh" else "en"}">{items}</ul>'


def document(title: Text, body: str, language: str) -> str:
    """Put a page around its content."""
    tongue = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tongue}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">'
        f"<title>{escape(title[0])} · {escape(title[1])}</title><style>{STYLE}</style></head>"
        f'<body>{_switch(language)}<div class="page">{body}</div></body></html>\n'
    )


def _switch(language: str) -> str:
    """Choose the tongue by two radio buttons: the style sheet does the rest."""
    legend = "语言 Language"
    options = "".join(
        f'<label><input type="radio" name="tongue" id="tongue-{tongue}"{" checked" if tongue == language else ""}>'
        f'<span lang="{code}">{name}</span></label>'
        for tongue, code, name in (("zh", "zh-CN", "中文"), ("en", "en", "English"))
    )
    return f'<form class="tongue" role="radiogroup" aria-label="{legend}">{options}</form>'


def _lead(simulation: Simulation) -> Text:
    docs = ", ".join(doc for doc, _ in simulation.draft)
    day = simulation.question.as_of
    return (
        f"草案 {docs},与现行办法比较,截至 {day}。",
        f"Draft of {docs}, compared with what is in force, as of {day}.",
    )


def _contents(sheets: list[Sheet]) -> str:
    links = "".join(f'<li><a href="#{escape(sheet.name)}">{both(sheet.title)}</a></li>' for sheet in sheets)
    return f'<nav aria-label="目录 Contents"><ul>{links}</ul></nav>'


def _section(simulation: Simulation, sheet: Sheet) -> str:
    name = escape(sheet.name)
    sheet = moving(sheet)
    drawn = _tiles(sheet) if sheet.name == "summary" else _drawn(sheet)
    note = _line(simulation) if sheet.name == "quota" else WORDS.get(sheet.name)
    told = "" if note is None else f"<p>{both(note)}</p>"
    heading = f'<h2 id="{name}">{both(sheet.title)}</h2>'
    return f'<section aria-labelledby="{name}">{heading}{told}{drawn}{_table(sheet)}</section>'


def _tiles(sheet: Sheet) -> str:
    """Show the summary large."""
    [row] = sheet.rows
    values = dict(zip((column.name for column in sheet.columns[1:]), row.values, strict=True))
    tiles = []
    for name, kind in (("people", ""), ("gain", "gain"), ("lose", "lose"), ("same", "")):
        column = next(column for column in sheet.columns if column.name == name)
        sum_of = values.get(f"points_{name}")
        more = (
            ""
            if sum_of is None
            else f"<small>{both((f'合计 {_signed(sum_of)} 分', f'{_signed(sum_of)} points in all'))}</small>"
        )
        tiles.append(
            f'<li class="{kind}">{both(column.heading)}<strong>{both(_people(values[name]))}</strong>{more}</li>'
        )
    return f'<ul class="tiles">{"".join(tiles)}</ul>'


def _drawn(sheet: Sheet) -> str:
    names = {column.name for column in sheet.columns}
    rows = [row for row in sheet.rows if row.label != ALL]
    if sheet.name == "items":
        pairs = [_pair(sheet, row, "points_lose", "points_gain") for row in rows]
    elif sheet.name == "changes":
        pairs = [Pair(row.label, None, _size_bar(row)) for row in rows]
    else:
        sides = next((pair for pair in _SIDES if set(pair) <= names), None)
        pairs = [] if sides is None else [_pair(sheet, row, *sides) for row in rows]
    if not pairs:
        return ""
    key = "" if sheet.name == "changes" else _key(sheet)
    return f"<figure>{chart(pairs, sheet.title)}{key}</figure>"


_SIDES = (("loses", "reaches"), ("drops_out", "gets_in"), ("lose", "gain"))


def _key(sheet: Sheet) -> str:
    names = {column.name: column.heading for column in sheet.columns}
    left, right = next(pair for pair in _SIDES if set(pair) <= names.keys())
    if sheet.name == "items":
        left, right = "points_lose", "points_gain"
    items = [("lose", names[left]), ("gain", names[right]), ("hidden", WORDS["hidden"])]
    return f'<ul class="key">{"".join(f"<li class={kind}>{both(text)}</li>" for kind, text in items)}</ul>'


def _pair(sheet: Sheet, row: Row, left: str, right: str) -> Pair:
    return Pair(row.label, _bar(sheet, row, left, "lose"), _bar(sheet, row, right, "gain"))


def _bar(sheet: Sheet, row: Row, name: str, kind: str) -> Bar:
    place = next(n for n, column in enumerate(sheet.columns[1:]) if column.name == name)
    value = row.values[place]
    says = _cell(sheet.columns[place + 1], value)
    return Bar(None if value is None else abs(value), says, kind)


def _size_bar(row: Row) -> Bar:
    english, value = row.label[1], row.values[0]
    kind = {"up": "gain", "down": "lose"}.get(english.partition(" ")[0], "same")
    return Bar(value, _people(value), kind)


def _table(sheet: Sheet) -> str:
    heads = "".join(f'<th scope="col">{both(column.heading)}</th>' for column in sheet.columns)
    rows = "".join(_table_row(sheet, row) for row in sheet.rows)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{escape(sheet.name)}">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _table_row(sheet: Sheet, row: Row) -> str:
    cells = "".join(
        f"<td>{both(_cell(column, value))}</td>"
        for column, value in zip(sheet.columns[1:], row.values, strict=True)
    )
    kind = ' class="all"' if row.label == ALL else ""
    return f'<tr{kind}><th scope="row">{both(row.label)}</th>{cells}</tr>'


def _cell(column: Column, value: int | None) -> Text:
    if value is None or column.holds == "people":
        return _people(value)
    return (_signed(value),) * 2


def _people(value: int | None) -> Text:
    return WORDS["withheld"] if value is None else (f"{value:,}",) * 2


def _signed(units: int) -> str:
    """Print points for reading: with their sign, thousands apart, rounded to whole points where there are many."""
    whole, rest = divmod(abs(units), POINT)
    text = f"{whole:,}" if whole >= 1000 or not rest else points(abs(units))
    return f"{'−' if units < 0 else '+' if units else ''}{text}"


def _line(simulation: Simulation) -> Text | None:
    line = simulation.counts.line
    if line is None:
        return None
    now, then = (("(名额有余)", "(places left over)") if at is None else (points(at),) * 2 for at in line)
    return (
        f"入围分数线:现行 {now[0]},草案 {then[0]}。同分者一并入围;积分不可用者不参与。",
        f"Line: {now[1]} now, {then[1]} under the draft. All who tie at the line get in; unusable points do not.",
    )


def _about(simulation: Simulation) -> str:
    rows = "".join(f"<dt>{both(name)}</dt><dd>{value}</dd>" for name, value in _facts(simulation))
    why = both(
        (
            f"少于 {LEAST} 人的数字不予显示,凡可据以推算的数字也不显示。本报告不含任何个人。",
            f"Numbers of fewer than {LEAST} people, and any that would tell one, are withheld. Nobody is named.",
        )
    )
    return f"<footer><h2>{both(WORDS['about'])}</h2><p>{why}</p><dl>{rows}</dl></footer>"


def _facts(simulation: Simulation) -> Iterator[tuple[Text, str]]:
    inputs = simulation.inputs
    yield ("运行编号", "Run id"), f"<code>{simulation.run_id}</code>"
    yield ("截至", "As of"), escape(str(inputs["as_of"]))
    if inputs["as_at"] is not None:
        yield ("已知至", "As at"), escape(str(inputs["as_at"]))
    yield ("人口摘要", "Population digest"), f"<code>{escape(inputs['population'])}</code>"
    yield ("草案", "Draft"), _documents(simulation.draft)
    yield ("现行办法", "In force"), _documents(simulation.question.current)
    yield ("程序版本", "Code"), f"<code>{escape(inputs['code'])}</code>"
    yield ("未计入", "Left out"), both((f"{simulation.left_out} 条", f"{simulation.left_out} lines or residents"))


def _documents(documents: tuple[tuple[str, str], ...]) -> str:
    return "<br>".join(f"{escape(doc)} <code>{content[:16]}</code>" for doc, content in documents)

"""The verb simulate: what a draft rulebook would change, for whom, before anybody publishes it."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from api import clock, composition
from api.cli.evaluating import documents_in
from api.cli.options import AsAt, AsJson, AsOf, civil_day, knowledge, settings_of, speaker
from api.cli.output import Exit, Speaker
from api.cli.usage import Misused
from api.refusals import PurposeMissing, RoleNotAllowed
from domain.rulebook import Document, Published, Unsound, as_published
from ledger.opening import Desk
from projections.exports.layout import ExportDamaged
from projections.exports.populations import ExportPopulation, LedgerPopulation
from projections.simulation.comparison import SCALE
from projections.simulation.examples import MOST, Examples
from projections.simulation.files import about_of, write
from projections.simulation.population import FilePopulation, Population
from projections.simulation.report import examples_page, page
from projections.simulation.run import Question, Simulation, named, simulate
from projections.simulation.scoring import Folder, PlanFolder, ReferenceFolder
from projections.simulation.sheets import Sheet, moving, points, sheets
from projections.simulation.worlds import Variant, VaryMisread, Worlds, variants_of

LEDGER = "ledger"
_SECONDS_BETWEEN_LINES = 2.0
_THRESHOLD = re.compile(r"(?P<programme>[a-z][a-z0-9_-]{0,39})=(?P<points>[0-9]{1,6}(\.[0-9]{1,4})?)")
_MAY_LOOK = ("auditor", "policy")

Draft = Annotated[Path, typer.Argument(help="The draft: a YAML file, or a folder. 草案。", exists=True)]


class Engine(StrEnum):
    """What scores: the plan, or the reference evaluator, for proof."""

    PLAN = "plan"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Look:
    """Who looks at examples, as what, and why."""

    count: int
    role: str
    by: str
    purpose: str


@dataclass(frozen=True)
class Ground:
    """What a simulation stands on: residents, the rules in force, and the desk where a ledger is behind them."""

    population: Population
    current: list[Published]
    as_of: date
    desk: Desk | None = None


def simulate_(
    context: typer.Context,
    draft: Draft,
    against: Annotated[
        Path | None,
        typer.Option(help="The rules in force, as YAML. 现行办法。", show_default="the ledger's", exists=True),
    ] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    population: Annotated[
        str, typer.Option(help="A file as for evaluate, a folder as export writes it, or `ledger`. 人口。")
    ] = LEDGER,
    quota: Annotated[int | None, typer.Option(help="Places to be had by rank. 名额。", min=1)] = None,
    threshold: Annotated[list[str] | None, typer.Option(help="PROGRAMME=POINTS, again for each. 门槛。")] = None,
    vary: Annotated[list[str] | None, typer.Option(help="ITEM.path=a,b,c of the draft: variants. 方案。")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the report and its tables go. 输出目录。")] = None,
    examples: Annotated[int, typer.Option(help="Residents to explain in full. 举例数。", min=0, max=MOST)] = 0,
    role: Annotated[
        str | None, typer.Option(help="As what you look at examples: auditor or policy. 身份。")
    ] = None,
    purpose: Annotated[str | None, typer.Option(help="Why you look; residents see it. 查询目的。")] = None,
    by: Annotated[str, typer.Option("--by", help="Who looks: a pseudonymous id. 经办人编号。")] = "",
    engine: Annotated[Engine, typer.Option(help="What scores. 计算方式。")] = Engine.PLAN,
    as_json: AsJson = False,
) -> None:
    """测算: Who would gain and lose under a draft, by item, district and decile, and who crosses a threshold."""
    voice = speaker(context, as_json=as_json)
    look = _look(examples, role, by, purpose, out)
    thresholds = _thresholds(threshold or [])
    drafted = _read(voice, draft)
    current = None if against is None else as_published(_read(voice, against))
    day, known = civil_day(as_of, clock.today()), knowledge(as_at)
    if as_of is None and population != LEDGER and Path(population).is_dir():
        day = _export(Path(population), None).as_of
    with _ground(context, population, current, day, known) as ground:
        variants = _variants(voice, drafted, vary or [])
        worlds = Worlds(ground.current, drafted, ground.as_of, ground.population.as_at, variants)
        documents = named(one.document for one in ground.current)
        question = Question(ground.as_of, documents, thresholds, quota, tuple(vary or ()))
        drawn = None if look is None else Examples(look.count, named(drafted)[0][1], ground.as_of)
        folder: Folder = PlanFolder() if engine is Engine.PLAN else ReferenceFolder()
        try:
            found = simulate(ground.population, worlds, folder, question, _progress(voice), drawn)
        except ExportDamaged as damaged:
            voice.wrong(voice.choose(f"导出已损坏:{damaged}", f"The export is damaged: {damaged}"))
            voice.give({"error": {"code": "export-damaged", "place": str(damaged)}})
            raise typer.Exit(Exit.WRONG) from None
        told = [] if drawn is None or look is None else _told(ground, drawn, look)
    _give(voice, found, told, out)


def _read(voice: Speaker, path: Path) -> list[Document]:
    documents, problems = documents_in(path)
    if problems:
        _tell(voice, problems)
        raise typer.Exit(Exit.WRONG)
    return documents


def _variants(voice: Speaker, drafted: list[Document], vary: list[str]) -> list[Variant]:
    try:
        return variants_of(drafted, vary)
    except VaryMisread as error:
        raise Misused(f"方案写法不对({error})", str(error), "--vary") from None
    except Unsound as unsound:
        _tell(voice, unsound.problems)
        raise typer.Exit(Exit.WRONG) from None


def _tell(voice: Speaker, problems: list[Any]) -> None:
    for problem in problems:
        voice.err.print(str(problem), markup=False, style="red")
    voice.give({"problems": [problem.as_json() for problem in problems]})


def _thresholds(given: list[str]) -> dict[str, int]:
    """Read PROGRAMME=POINTS to units of 10^-4."""
    found = {}
    for one in given:
        match = _THRESHOLD.fullmatch(one)
        if match is None:
            raise Misused("写作 项目=分值,例如 school=110", "PROGRAMME=POINTS, such as school=110", "--threshold")
        found[match["programme"]] = int(Decimal(match["points"]).scaleb(SCALE))
    return found


def _look(examples: int, role: str | None, by: str, purpose: str | None, out: Path | None) -> Look | None:
    """Say who may see examples. Raises RoleNotAllowed, PurposeMissing."""
    if not examples:
        return None
    if role not in _MAY_LOOK:
        raise RoleNotAllowed("--role")
    if not purpose or not purpose.strip() or not by:
        raise PurposeMissing("--purpose --by")
    if out is None:
        raise Misused("举例须写入一个目录", "examples are written to a folder", "--out")
    return Look(examples, role, by, f"simulation: as {role}: {purpose.strip()}"[:200])


@contextmanager
def _ground(
    context: typer.Context,
    population: str,
    current: list[Published] | None,
    as_of: date,
    as_at: int | datetime | None,
) -> Iterator[Ground]:
    """Open the population that was named."""
    if population == LEDGER:
        settings = settings_of(context)
        with composition.desk(settings) as desk:
            composition.follow(desk.database, settings, composition.head(desk.database))
            with composition.whole_population(desk.database, settings, as_of, as_at) as found:
                residents = LedgerPopulation(found.parts, found.rules.coverage, found.position, as_of)
                yield Ground(residents, found.rules.published if current is None else current, as_of, desk)
        return
    path = Path(population)
    if not path.exists():
        raise Misused("须为文件、目录或 ledger", "a file, a folder, or `ledger`", "--population")
    if current is None:
        raise Misused("没有账本时须指明现行办法", "without a ledger, say what is in force", "--against")
    if path.is_dir():
        yield Ground(_export(path, as_of), current, as_of)
    else:
        yield Ground(FilePopulation(path, as_of), current, as_of)


def _export(path: Path, as_of: date | None) -> ExportPopulation:
    try:
        found = ExportPopulation(path, as_of)
    except ExportDamaged:
        raise Misused("不是本版本的导出", "no export of this release", "--population") from None
    if as_of is not None and as_of != found.manifest.day:
        raise Misused(
            f"导出的截至日期是 {found.manifest.as_of}",
            f"places were exported as of {found.manifest.as_of}",
            "--as-of",
        )
    return found


def _progress(voice: Speaker) -> Callable[[int, float], None]:
    last = time.monotonic()

    def tell(done: int, share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            voice.progress(
                voice.choose(f"已测算 {done:,} 人({share:.0%})", f"{done:,} residents done ({share:.0%})")
            )

    return tell


def _told(ground: Ground, drawn: Examples, look: Look) -> list[dict[str, Any]]:
    """Explain who was drawn; where a ledger stands behind them, the look is written to its read log first."""
    if ground.desk is not None:
        ground.desk.note(look.by, look.purpose, *(UUID(key) for key in drawn.keys))
    return drawn.told()


def _give(voice: Speaker, found: Simulation, told: list[dict[str, Any]], out: Path | None) -> None:
    tables = sheets(found)
    files: list[Path] = []
    if out is not None:
        files = write(found, tables, out)
        report = out / "report.html"
        report.write_text(page(found, tables, voice.language), encoding="utf-8")
        files.append(report)
        files += _examples(found, told, out, voice.language) if told else []
    _show(voice, tables)
    if found.left_out:
        left = f"{found.left_out:,}"
        voice.say(
            voice.choose(
                f"未计 {left} 人:无法读取,或当日无居住地(文件中可写 place)。",
                f"{left} left out: not to be read, or at home nowhere on that day (a file may give `place`).",
            )
        )
    voice.say(voice.choose(f"运行编号 {found.run_id}", f"run {found.run_id}"))
    if out is not None:
        voice.say(str(out / "report.html"))
    voice.give(
        {
            **about_of(found),
            "tables": {sheet.name: _as_json(sheet) for sheet in tables},
            "files": [str(file) for file in files],
        }
    )


def _examples(found: Simulation, told: list[dict[str, Any]], out: Path, language: str) -> list[Path]:
    """Write the examples so that only their owner reads them."""
    texts = {
        "examples.json": json.dumps({"run": found.run_id, "examples": told}, ensure_ascii=False, indent=1) + "\n",
        "examples.html": examples_page(found, told, language),
    }
    for name, text in texts.items():
        (out / name).touch(mode=0o600)
        (out / name).chmod(0o600)
        (out / name).write_text(text, encoding="utf-8")
    return [out / name for name in texts]


def _as_json(sheet: Sheet) -> list[dict[str, Any]]:
    names = [column.name for column in sheet.columns[1:]]
    return [
        {"group": {"zh": row.label[0], "en": row.label[1]}, **dict(zip(names, row.values, strict=True))}
        for row in sheet.rows
    ]


def _show(voice: Speaker, tables: list[Sheet]) -> None:
    tongue = 0 if voice.language == "zh" else 1
    hidden = voice.choose("不显示", "withheld")
    for sheet in map(moving, tables):
        voice.table(
            [column.heading[tongue] for column in sheet.columns],
            [(row.label[tongue], *_shown(sheet, row.values, hidden)) for row in sheet.rows],
            title=sheet.title[tongue],
        )


def _shown(sheet: Sheet, values: tuple[int | None, ...], hidden: str) -> Iterator[str]:
    for column, value in zip(sheet.columns[1:], values, strict=True):
        if value is None:
            yield hidden
        else:
            yield points(value) if column.holds == "points" else f"{value:,}"

"""The verb import: a department's file in, a verdict for every row, a receipt."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from api import clock, composition
from api.cli import effects
from api.cli.full_files import VOIDS_MAX, Asked, Work, scope_of, take_full
from api.cli.options import AsJson, By, place_code, settings_of, speaker
from api.cli.receipts import as_object, code_of, shown, tell
from domain.errors import RejectsRefused
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.delivery import Delivery
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.job import ImportOrder, ImportReport, Progress, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.mapping import read_mapping
from ledger.ingest.receiving import open_delivery
from ledger.ingest.xlsx import XlsxDelivery
from ledger.opening import Desk
from projections.effects import Touched
from projections.forecast import Forecast

Again = Annotated[
    int,
    typer.Option(
        help="The n-th time anew: its own receipt; what was taken back comes back. 第几次重新导入。",
        min=0,
        max=AGAIN_MAX,
    ),
]
Full = Annotated[
    str | None,
    typer.Option(help="A full file of a place and months, 330200/2025-03: what it lacks is voided. 全量文件。"),
]
Plan = Annotated[str | None, typer.Option(help="Confirm a full file's plan. 确认全量计划。")]
Yes = Annotated[bool, typer.Option("--yes", help="Take a full file without looking first. 直接执行。")]
VoidsMax = Annotated[
    float, typer.Option(help="The share of what stood that a full file may void. 作废比例上限。", min=0, max=1)
]
Rows = Annotated[int | None, typer.Option(help="Of a full file: rows that the organ declared. 申报行数。", min=0)]
ControlSum = Annotated[
    int | None, typer.Option("--sum", help="Of a full file: the sum that the organ declared. 申报控制和。")
]


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, NDJSON or XLSX. 文件。", exists=True, dir_okay=False)],
    organ: Annotated[str, typer.Option(help="Who vouches for the rows. 数源部门。")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="Columns to fields, as YAML. 列映射。", exists=True, dir_okay=False)
    ] = None,
    kind: Annotated[str | None, typer.Option(help="The kind of every row. 事实种类。")] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Of a workbook. 工作表。", show_default="the only one that has a header")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows go.", show_default="beside the file, FILE.rejected")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; write nothing. 试运行。")
    ] = False,
    scores: Annotated[bool, typer.Option(help="In a dry run: say which scores would move. 试算积分影响。")] = True,
    place: Annotated[
        str | None, typer.Option(help="In a dry run: where scores are tried. 试算辖区。", show_default="at home")
    ] = None,
    again: Again = 0,
    full: Full = None,
    plan: Plan = None,
    yes: Yes = False,
    voids_max: VoidsMax = VOIDS_MAX,
    rows: Rows = None,
    control_sum: ControlSum = None,
    by: By = "system:points-import",
    as_json: AsJson = False,
) -> None:
    """导入: take in a department's file; every row gets a verdict, and the file a receipt."""
    voice = speaker(context, as_json=as_json)
    delivery = open_delivery(file, None if mapping is None else read_mapping(mapping), kind, sheet)
    order = ImportOrder(organ, by, clock.today(), channel="cli", again=again, dry_run=dry_run)
    beside = None if dry_run else _free(rejects, delivery)
    if full is not None:
        asked = Asked(scope_of(full, delivery), plan, yes, voids_max, rows, control_sum)
        work = Work(delivery, order, beside, shown(voice, file.name))
        raise typer.Exit(take_full(voice, settings_of(context), work, asked))
    settings, effect = settings_of(context), None
    at = None if place is None else place_code(place)
    forecast = Forecast(Touched())
    with composition.desk(settings) as desk:
        report = imported(desk, delivery, order, beside, shown(voice, file.name), forecast)
        if dry_run and scores and not report.repeated:
            with composition.effects(desk.database, settings, clock.today(), at) as found:
                effect = found.of(forecast.touched)
    tell(voice, report)
    if effect is not None:
        effects.tell(voice, effect)
    voice.give({**as_object(report), "scores": None if effect is None else effects.as_object(effect)})
    raise typer.Exit(code_of(report.receipt))


def _free(asked: Path | None, delivery: Delivery) -> Path:
    """Choose where rejected rows go: never over a file that is there. Raises RejectsRefused."""
    file = delivery.path
    if asked is not None:
        if asked.exists() or not os.access(asked.parent, os.W_OK):
            raise RejectsRefused(str(asked))
        return asked
    if not os.access(file.resolve().parent, os.W_OK):
        raise RejectsRefused(str(file.parent))
    file = file.with_suffix("") if file.suffix == ".gz" else file
    suffix = ".xlsx" if isinstance(delivery, XlsxDelivery) else file.suffix
    names = (f"{file.stem}.rejected{n and f'-{n}'}{suffix}" for n in ("", *map(str, range(2, 10_000))))
    return next(path for path in map(file.with_name, names) if not path.exists())


def imported(
    desk: Desk,
    delivery: Delivery,
    order: ImportOrder,
    rejects: Path | None,
    progress: Callable[[Progress], None] | None = None,
    forecast: Forecast | None = None,
) -> ImportReport:
    """Run one import, or only try it; then `forecast` is told what would be appended."""
    real = LedgerImportDesk(desk)
    dry = DryDesk(real, None if forecast is None else forecast.entry) if order.dry_run else real
    return run_import(dry, delivery, order, rejects, progress)

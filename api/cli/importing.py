"""The verb import: a department's file in, a verdict for every row, a receipt."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli import effects
from api.cli.options import AsJson, By, place_code, settings_of, speaker
from api.cli.output import Exit, Speaker
from domain.errors import RejectsRefused
from domain.facts import BatchCommitted
from ledger.ingest.again import AGAIN_MAX
from ledger.ingest.delivery import Delivery, open_delivery
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.hints import HINTS
from ledger.ingest.job import ImportOrder, ImportReport, Progress, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.mapping import read_mapping
from ledger.opening import Desk
from projections.effects import Touched
from projections.forecast import Forecast

PROGRESS_SECONDS = 2.0


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV or NDJSON. 文件。", exists=True, dir_okay=False)],
    organ: Annotated[str, typer.Option(help="Who vouches for the rows. 数源部门。")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="Columns to fields, as YAML. 列映射。", exists=True, dir_okay=False)
    ] = None,
    kind: Annotated[str | None, typer.Option(help="The kind of every row. 事实种类。")] = None,
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
    again: Annotated[
        int,
        typer.Option(
            help="The n-th time anew: its own receipt; what was taken back comes back. 第几次重新导入。",
            min=0,
            max=AGAIN_MAX,
        ),
    ] = 0,
    by: By = "system:points-import",
    as_json: AsJson = False,
) -> None:
    """导入: take in a department's file; every row gets a verdict, and the file a receipt."""
    voice = speaker(context, as_json=as_json)
    delivery = open_delivery(file, None if mapping is None else read_mapping(mapping), kind)
    order = ImportOrder(organ, by, clock.today(), channel="cli", again=again, dry_run=dry_run)
    beside = None if dry_run else _free(rejects, file)
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


def _free(asked: Path | None, file: Path) -> Path:
    """Choose where rejected rows go: never over a file that is there. Raises RejectsRefused."""
    if asked is not None:
        if asked.exists() or not os.access(asked.parent, os.W_OK):
            raise RejectsRefused(str(asked))
        return asked
    if not os.access(file.resolve().parent, os.W_OK):
        raise RejectsRefused(str(file.parent))
    names = (f"{file.stem}.rejected{n and f'-{n}'}{file.suffix}" for n in ("", *map(str, range(2, 10_000))))
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


def code_of(receipt: BatchCommitted) -> Exit:
    """Give the exit code: whether all, some or none of the rows stand in the ledger now."""
    if receipt.accepted + receipt.duplicate == receipt.rows:
        return Exit.DONE
    return Exit.INCOMPLETE if receipt.accepted + receipt.duplicate else Exit.WRONG


def shown(voice: Speaker, name: str) -> Callable[[Progress], None]:
    """Print a line now and then: the file, rows, rate, share of the file, remaining time."""
    started = last = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < PROGRESS_SECONDS:
            return
        last = now
        share = min(1.0, progress.bytes_read / max(1, progress.bytes_all))
        left = (now - started) / share * (1 - share) if share else 0
        rate = progress.rows / (now - started)
        voice.progress(
            voice.choose(
                f"{name}: {progress.rows:,} 行 · {share:.0%} · 每秒 {rate:,.0f} 行 · 还需 {left:.0f} 秒",
                f"{name}: {progress.rows:,} rows · {share:.0%} · {rate:,.0f} rows/s · {left:.0f} s left",
            )
        )

    return show


def tell(voice: Speaker, report: ImportReport) -> None:
    """Print a receipt, the findings by code with what to do, and the first rows concerned."""
    receipt = report.receipt
    if report.repeated:
        voice.say(
            voice.choose(
                "此文件已导入过,未作任何改动,这是当时的回执 (要重新逐行处理,请加 --again):",
                "This file was imported before; nothing was done (--again goes through it anew). Its receipt:",
            )
        )
    elif report.dry_run:
        voice.say(voice.choose("试运行,未写入任何内容:", "Dry run, nothing was written:"))
    words = (
        ("accepted", "接受", receipt.accepted),
        ("duplicate", "重复", receipt.duplicate),
        ("conflict", "冲突", receipt.conflict),
        ("held", "待确认", receipt.held),
        ("invalid", "不合格", receipt.invalid),
    )
    counts = " · ".join(f"{voice.choose(zh, en)} {count}" for en, zh, count in words if count or en == "accepted")
    voice.say(f"{voice.choose('行', 'rows')} {receipt.rows} = {counts}", style="bold")
    positions = "–" if receipt.first_position is None else f"{receipt.first_position}–{receipt.last_position}"
    voice.say(f"  batch {receipt.batch_id} · positions {positions} · sha256 {receipt.digest[:16]}", style="dim")
    voice.table(
        [voice.choose("代码", "code"), voice.choose("行数", "rows"), voice.choose("怎么办", "what to do")],
        [(code, count, _hint(voice, code)) for code, count in sorted(report.codes.items(), key=lambda c: -c[1])],
    )
    for number, line, finding in report.shown[:5]:
        value = "" if finding.value is None else voice.choose(finding.value.zh, finding.value.en)
        where = finding.column or finding.field
        wanted = f" → {finding.expected}" if finding.expected else ""
        voice.say(f"  {voice.choose('行', 'row')} {number} (line {line}) {where} {finding.code}: {value}{wanted}")
    if report.rejects is not None:
        voice.say(
            voice.choose(
                f"被拒的行在 {report.rejects}:改正后再次导入即可。",
                f"Rejected rows are in {report.rejects}: correct them and import that file.",
            )
        )


def _hint(voice: Speaker, code: Any) -> str:
    hint = HINTS[code]
    return voice.choose(hint.zh, hint.en)


def as_object(report: ImportReport) -> dict[str, Any]:
    """Give a report as JSON values."""
    return {
        "receipt": report.receipt.model_dump(mode="json"),
        "repeated": report.repeated,
        "dry_run": report.dry_run,
        "codes": {str(code): count for code, count in report.codes.items()},
        "shown": [
            {
                "row": number,
                "line": line,
                "verdict": finding.outcome,
                "code": finding.code,
                "field": finding.field,
                "column": finding.column,
                "value": None if finding.value is None else {"zh": finding.value.zh, "en": finding.value.en},
                "expected": finding.expected,
                "hint": {"zh": HINTS[finding.code].zh, "en": HINTS[finding.code].en},
            }
            for number, line, finding in report.shown
        ],
        "rejects": None if report.rejects is None else str(report.rejects),
    }

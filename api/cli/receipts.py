"""How verbs tell what became of a file: progress, verdicts, the receipt, the exit code."""

import time
from collections.abc import Callable
from typing import Any

from api.cli.output import Exit, Speaker
from domain.facts import BatchCommitted
from ledger.ingest.hints import HINTS
from ledger.ingest.job import ImportReport, Progress
from ledger.ingest.verdicts import Finding

PROGRESS_SECONDS = 2.0


def code_of(receipt: BatchCommitted) -> Exit:
    """Give the exit code: whether all, some or none of the rows stand in the ledger now."""
    if receipt.accepted + receipt.duplicate == receipt.rows:
        return Exit.DONE
    return Exit.INCOMPLETE if receipt.accepted + receipt.duplicate else Exit.WRONG


def now_and_then(voice: Speaker) -> Callable[[str], None]:
    """Print how far work is, every few seconds and not at once: short work says nothing."""
    last = time.monotonic()

    def say(text: str) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_SECONDS:
            last = time.monotonic()
            voice.progress(text)

    return say


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
    voice.say(f"  {_where(voice, report)}sha256 {receipt.digest[:16]}", style="dim")
    if report.settled_held:
        voice.say(
            voice.choose(
                f"另有 {report.settled_held} 条此前待确认的行经更正重报,已了结。",
                f"{report.settled_held} rows that waited for a person came again, corrected: they wait no longer.",
            )
        )
    voice.table(
        [voice.choose("代码", "code"), voice.choose("行数", "rows"), voice.choose("怎么办", "what to do")],
        [(code, count, _hint(voice, code)) for code, count in sorted(report.codes.items(), key=lambda c: -c[1])],
    )
    for number, line, finding in report.shown[:5]:
        for one in (finding, *finding.more):
            value = "" if one.value is None else voice.choose(one.value.zh, one.value.en)
            wanted = f" → {one.expected}" if one.expected else ""
            place = voice.choose(f"  第 {number} 条 (文件第 {line} 行)", f"  row {number} (line {line})")
            voice.say(
                f"{place} {one.column or one.field} {one.code}{': ' if value or wanted else ''}{value}{wanted}"
            )
    if report.rejects is not None:
        voice.say(
            voice.choose(
                f"被拒的行在 {report.rejects}:改正后再次导入即可。",
                f"Rejected rows are in {report.rejects}: correct them and import that file.",
            )
        )


def positions_of(voice: Speaker, receipt: BatchCommitted) -> str:
    """Say where a batch's entries stand."""
    first, last = receipt.first_position, receipt.last_position
    if first is None or last is None:
        return voice.choose("无新位置", "no positions")
    if first == last:
        return voice.choose(f"位置 {first}", f"position {first}")
    return voice.choose(f"位置 {first}–{last}", f"positions {first}–{last}")


def _where(voice: Speaker, report: ImportReport) -> str:
    """Name batch and positions; a dry run has neither."""
    if report.dry_run and not report.repeated:
        return ""
    batch = f"{voice.choose('批次', 'batch')} {report.receipt.batch_id}"
    return f"{batch} · {positions_of(voice, report.receipt)} · "


def _hint(voice: Speaker, code: Any) -> str:
    hint = HINTS[code]
    return voice.choose(hint.zh, hint.en)


def as_object(report: ImportReport) -> dict[str, Any]:
    """Give a report as JSON values."""
    return {
        "receipt": report.receipt.model_dump(mode="json")
        | ({"batch_id": None} if report.dry_run and not report.repeated else {}),
        "settled_held": report.settled_held,
        "repeated": report.repeated,
        "dry_run": report.dry_run,
        "codes": {str(code): count for code, count in report.codes.items()},
        "shown": [
            {
                "row": number,
                "line": line,
                "verdict": finding.outcome,
                **_fault(finding),
                "more": [_fault(one) for one in finding.more],
            }
            for number, line, finding in report.shown
        ],
        "rejects": None if report.rejects is None else str(report.rejects),
    }


def _fault(finding: Finding) -> dict[str, Any]:
    """Give one fault as JSON values."""
    hint = HINTS[finding.code]
    return {
        "code": finding.code,
        "field": finding.field,
        "column": finding.column,
        "value": None if finding.value is None else {"zh": finding.value.zh, "en": finding.value.en},
        "expected": finding.expected,
        "hint": {"zh": hint.zh, "en": hint.en},
    }

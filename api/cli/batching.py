"""Verbs about batches: what came in, and taking it back by two people."""

import hashlib
import sys
from pathlib import Path
from typing import Annotated, Any, cast, get_args
from uuid import UUID

import typer

from api import clock, composition
from api.cli import effects
from api.cli.options import AsJson, By, Place, hand_of, place_code, settings_of, speaker
from api.cli.output import Speaker
from api.cli.receipts import now_and_then
from api.cli.usage import Misused
from domain.errors import BatchUnknown
from domain.facts import FactVoided
from domain.facts.correction import VoidReason
from ledger.batches import LISTED, Batch, BatchCounts, Batches
from ledger.opening import Desk
from ledger.undo import Undoing
from projections.effects import Effect, Touched
from projections.forecast import Forecast

batch = typer.Typer(help="What deliveries brought, and taking it back. 导入批次。", no_args_is_help=True)
BatchId = Annotated[str, typer.Argument(metavar="ID", help="As the receipt or `batch list` gives it. 批次编号。")]
_REASONS = ", ".join(get_args(VoidReason))


def _reason(text: str | None) -> str | None:
    if text is not None and text not in get_args(VoidReason):
        raise Misused(f"须为其中之一:{_REASONS}", f"one of {_REASONS}")
    return text


Reason = Annotated[str, typer.Option(help=f"One of {_REASONS}. 作废原因。", callback=_reason)]


@batch.command("list")
def list_(
    context: typer.Context,
    organ: Annotated[str | None, typer.Option(help="Of one organ. 数源部门。")] = None,
    limit: Annotated[int, typer.Option(help="How many. 条数。", min=1, max=1_000)] = LISTED,
    before: Annotated[int | None, typer.Option(help="Go on before this position. 起点。", min=1)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="The ids alone, one a line. 只输出编号。")] = False,
    as_json: AsJson = False,
) -> None:
    """列出批次: newest first, by what last happened to them."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        found = Batches(desk.ledger).listed(limit, before, organ)
    if quiet and not as_json:
        sys.stdout.writelines(f"{one.batch_id}\n" for one in found)
        return
    voice.table(
        ["batch", *(voice.choose(zh, en) for zh, en in _COLUMNS)],
        [_row(voice, one) for one in found],
    )
    if not found:
        voice.say(voice.choose("没有批次。", "There are no batches."))
    voice.give({"batches": [as_object(one) for one in found], "next": found[-1].position if found else None})


@batch.command()
def show(
    context: typer.Context,
    batch_id: BatchId,
    file: Annotated[
        Path | None, typer.Option(help="Say whether this is the file. 核对文件。", exists=True, dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """查看批次: who, when, what became of every row, and of the entries since."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        one = Batches(desk.ledger).of(_id(batch_id))
        counts = None if one.receipt is None else Undoing(desk).counts(one)
    same = None if file is None else _is_file(one, file)
    voice.table(["batch", *(voice.choose(zh, en) for zh, en in _COLUMNS)], [_row(voice, one)])
    if counts is not None:
        _tell_counts(voice, counts)
    if same is not None:
        voice.say(
            voice.choose("✓ 就是这个文件。", "✓ It is this file.")
            if same
            else voice.choose("✗ 不是这个文件。", "✗ It is another file.")
        )
    voice.give({**as_object(one), "entries": None if counts is None else _counted(counts), "file_is_this": same})


@batch.command()
def undo(
    context: typer.Context,
    batch_id: BatchId,
    reason: Reason,
    by: By,
    note: Annotated[str, typer.Option(help="What the second person should know. 说明。")] = "points batch undo",
    place: Place = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look, and propose nothing. 只预览。")] = False,
    as_json: AsJson = False,
) -> None:
    """提请撤销: Say what would be voided and which scores move, and ask for it. Another person approves."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    with composition.desk(settings) as desk:
        one = Batches(desk.ledger).of(_id(batch_id))
        counts = Undoing(desk).counts(one)
        touched = _touched(desk, one)
        with composition.effects(
            desk.database, settings, clock.today(), None if place is None else place_code(place)
        ) as found:
            effect = found.of(touched)
        _tell_counts(voice, counts)
        effects.tell(voice, effect)
        position = None
        if not dry_run:
            receipt = Undoing(desk).propose(one.batch_id, cast("VoidReason", reason), hand_of(by), note)
            position = receipt.position
            voice.say(
                voice.choose(
                    f"已提请撤销;须由另一人批准:points batch approve {one.batch_id} --by …",
                    f"Proposed. Another person approves: points batch approve {one.batch_id} --by …",
                )
            )
    voice.give({**_previewed(one, counts, effect), "reason": reason, "proposed_at": position})


@batch.command()
def approve(
    context: typer.Context,
    batch_id: BatchId,
    by: By,
    reason: Annotated[
        str | None, typer.Option(help="Where several are proposed: which. 作废原因。", callback=_reason)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """批准撤销: Void what the batch brought, as a second person. The same call again goes on after a stop."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        far = now_and_then(voice)
        before = Batches(desk.ledger).of(_id(batch_id)).undone is not None
        undone = Undoing(desk).approve(
            _id(batch_id), hand_of(by), cast("VoidReason | None", reason), lambda seen: far(f"{seen:,}")
        )
    if before:
        voice.say(
            voice.choose(
                "此批次先前已撤销,本次未作任何改动;当时的结果:",
                "The batch had been undone before; nothing was done. What was done then:",
            )
        )
    voice.say(
        voice.choose(
            f"已撤销:作废 {undone.voided} 条;先前作废 {undone.void_before}、更正 {undone.corrected_before} 条,"
            f"{undone.erased} 条属已删除的人。作废批次 {undone.voided_by}",
            f"Undone: {undone.voided} entries voided; {undone.void_before} were void and"
            f" {undone.corrected_before} corrected before, {undone.erased} are of people erased."
            f" The voids are batch {undone.voided_by}",
        )
    )
    voice.give({**undone.model_dump(mode="json"), "repeated": before})


_COLUMNS = (
    ("时间", "when"),
    ("数源部门", "organ"),
    ("经办", "by"),
    ("行", "rows"),
    ("接受/重复/冲突/待确认/不合格", "accepted/duplicate/conflict/held/invalid"),
    ("位置", "positions"),
    ("控制和", "control sum"),
    ("状态", "state"),
)


def _row(voice: Speaker, one: Batch) -> tuple[object, ...]:
    at = f"{one.recorded_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    receipt = one.receipt
    if receipt is None:
        return one.batch_id, at, one.organ, one.by, "", "", "", "", voice.choose("未完成", "not ended")
    verdicts = (receipt.accepted, receipt.duplicate, receipt.conflict, receipt.held, receipt.invalid)
    first, last = receipt.first_position, receipt.last_position
    positions = "–" if first is None else f"{first}" if first == last else f"{first}–{last}"
    state = voice.choose("已撤销", "undone") if one.undone else voice.choose("有效", "in force")
    if one.compared is not None:
        state += voice.choose("·全量", " · full file")
    return (
        one.batch_id,
        at,
        one.organ,
        one.by,
        receipt.rows,
        "/".join(map(str, verdicts)),
        positions,
        receipt.control_sum,
        state,
    )


def as_object(one: Batch) -> dict[str, Any]:
    """Give a batch as JSON values. The file's digest is sealed, and not told: `batch show --file` compares it."""
    receipt = None if one.receipt is None else one.receipt.model_dump(mode="json", exclude={"digest"})
    return {
        "batch_id": str(one.batch_id),
        "organ": one.organ,
        "by": one.by,
        "channel": one.channel,
        "recorded_at": one.recorded_at.isoformat(),
        "position": one.position,
        "digest": "none" if one.receipt is None else "sealed",
        "receipt": receipt,
        "full": None if one.compared is None else one.compared.model_dump(mode="json"),
        "undone": None if one.undone is None else one.undone.model_dump(mode="json"),
    }


def _previewed(one: Batch, counts: BatchCounts, effect: Effect) -> dict[str, Any]:
    return {"batch_id": str(one.batch_id), "entries": _counted(counts), "scores": effects.as_object(effect)}


def _counted(counts: BatchCounts) -> dict[str, Any]:
    return {
        "kinds": counts.by_topic,
        "entries": counts.entries,
        "standing": counts.standing,
        "voided": counts.voided,
        "void_before": counts.void_before,
        "corrected_since": counts.corrected_before,
        "voids": counts.voids,
        "people": counts.subjects,
    }


def _tell_counts(voice: Speaker, counts: BatchCounts) -> None:
    voice.say(
        voice.choose(
            f"条目 {counts.entries} 条、{counts.subjects} 条流:仍有效 {counts.standing},撤销作废 {counts.voided},"
            f"此前作废 {counts.void_before},其后已更正 {counts.corrected_before}。",
            f"{counts.entries} entries in {counts.subjects} streams: {counts.standing} stand,"
            f" {counts.voided} voided by the undoing, {counts.void_before} void otherwise,"
            f" {counts.corrected_before} corrected since.",
        )
    )
    if counts.corrected_before:
        voice.say(
            voice.choose(
                "  更正条目留在账上:须由其自身作废。", "  Corrections stay: each is voided by its own name."
            ),
        )
    if counts.voids:
        voice.say(
            voice.choose(
                f"  另有 {counts.voids} 条作废,不能再作废;要恢复被作废的事实,请以 --again 再次报送。",
                f"  {counts.voids} voids besides: they cannot be voided; what they voided comes back with --again.",
            )
        )


def _touched(desk: Desk, one: Batch) -> Touched:
    forecast = Forecast(Touched())
    with desk.ledger.auditor() as connection:
        for page in Undoing(desk).entries(connection, one).pages():
            forecast.voids(b.ref for b in page if b.stands and not b.ours and b.topic != FactVoided.topic())
    return forecast.touched


def _is_file(one: Batch, file: Path) -> bool:
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return one.receipt is not None and one.receipt.digest == digest


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BatchUnknown from None

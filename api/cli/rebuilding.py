"""Verbs of a rebuild 重建投影: start, status, diff, switch, rollback, drop."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli.options import AsJson, LookedAtBy, Purpose, look_of, settings_of, speaker
from api.cli.output import Exit, Speaker
from projections.rebuild import Comparison, Progress, Rebuild, Status
from projections.rebuild.differing import Difference, difference, who
from projections.rebuild.making import PROCESSES
from projections.simulation.suppression import LEAST
from projections.standing import standing

rebuild = typer.Typer(
    help="Make the projections again beside the live ones, then switch. 重建投影。", no_args_is_help=True
)
_STATES = {
    "filling": ("建造中", "being filled"),
    "ready": ("可切换", "ready to be switched to"),
    "switched": ("已切换,保留上一代", "switched; the former generation is kept"),
    "rolled-back": ("已回退,保留新一代", "rolled back; the new generation is kept"),
}


@rebuild.command()
def start(
    context: typer.Context,
    view: Annotated[
        list[str] | None,
        typer.Option(help="Only this projection; may be repeated. 只重建此投影。", show_default="all"),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, max=16, help="Processes that fill. 进程数。")] = PROCESSES,
    as_json: AsJson = False,
) -> None:
    """开始或继续: Fill a generation beside the live one, or go on where that was stopped; then compare."""
    voice = speaker(context, as_json=as_json)
    with _work(context, voice, processes) as work:
        compared = work.start(view or ())
    _tell_compared(voice, compared)
    _next(voice, compared)


@rebuild.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """进度: How far it is, at what rate, what is left, and how old the oldest entry is that is not in it."""
    voice = speaker(context, as_json=as_json)
    with _work(context, voice) as work:
        found = work.status()
    if found is None:
        voice.say(voice.choose("没有正在重建或保留的投影。", "Nothing is being rebuilt, and nothing is kept."))
        voice.give({"generation": None})
        return
    _tell_status(voice, found)
    if found.generation.state == "filling" or found.erased:
        raise typer.Exit(Exit.INCOMPLETE)


@rebuild.command()
def diff(
    context: typer.Context,
    ids: Annotated[
        int,
        typer.Option(min=0, max=1_000, help="Name so many of whom; the looks are logged. 列出编号。"),
    ] = 0,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """差异: How many scores differ, by district and item; who meets a programme; small numbers are withheld."""
    voice = speaker(context, as_json=as_json)
    look = look_of(context, by, purpose) if ids else None
    with _work(context, voice) as work, work.aligned() as (cursor, generation):
        other = generation.schemas(work.live)
        found = difference(cursor, work.live, other)
        named = who(cursor, work.live, other, ids) if look else []
    if look is not None and named:
        with composition.desk(settings_of(context)) as desk:
            desk.note(look.by, look.purpose, *named)
    _tell_difference(voice, found, [str(subject) for subject in named])
    if found.districts or found.programmes:
        raise typer.Exit(Exit.WRONG)


@rebuild.command()
def switch(
    context: typer.Context,
    accept: Annotated[bool, typer.Option("--accept", help="Though it differs. 接受差异。")] = False,
    as_json: AsJson = False,
) -> None:
    """切换: Exchange what was rebuilt and what is live, in one transaction. The former one is kept."""
    voice = speaker(context, as_json=as_json)
    with _work(context, voice) as work:
        generation = work.switch(accept=accept)
    voice.say(
        voice.choose(
            f"✓ 已切换到第 {generation.number} 代。回退:points rebuild rollback;确认后:points rebuild drop。",
            f"✓ Generation {generation.number} is live. Back: `rebuild rollback`; once sure: `rebuild drop`.",
        ),
        style="green",
    )
    voice.give({"generation": generation.number, "state": "switched", "views": generation.views})


@rebuild.command()
def rollback(context: typer.Context, as_json: AsJson = False) -> None:
    """回退: Bring the former tables to where the live ones are, and exchange back."""
    voice = speaker(context, as_json=as_json)
    with _work(context, voice) as work:
        generation = work.rollback()
    voice.say(
        voice.choose(
            f"✓ 已回退;第 {generation.number} 代仍保留,可再切换或 drop。",
            f"✓ The former tables are live again; generation {generation.number} is kept: switch again, or drop.",
        ),
        style="green",
    )
    voice.give({"generation": generation.number, "state": "rolled-back", "views": generation.views})


@rebuild.command()
def drop(context: typer.Context, as_json: AsJson = False) -> None:
    """删除: Drop the generation that is not live: unfinished, ready, or kept after a switch."""
    voice = speaker(context, as_json=as_json)
    with _work(context, voice) as work:
        generation = work.drop()
    voice.say(voice.choose(f"✓ 第 {generation.number} 代已删除。", f"✓ Generation {generation.number} is dropped."))
    voice.give({"generation": generation.number, "state": "dropped"})


@contextmanager
def _work(context: typer.Context, voice: Speaker, processes: int = 1) -> Iterator[Rebuild]:
    settings = settings_of(context)
    with composition.database(settings) as database, composition.openers(database, settings) as opener:
        yield Rebuild(
            database,
            lambda schemas: standing(schemas, clock.today),
            opener(),
            clock.today,
            tell=lambda progress: voice.progress(_line(voice, progress)),
            processes=processes,
        )


def _line(voice: Speaker, progress: Progress) -> str:
    """Say how far a view is, at what rate, and how long the rest takes."""
    text = f"{progress.view} {progress.done:,} / {progress.of:,}"
    if progress.rate is not None and progress.left_s is not None:
        left = timedelta(seconds=round(progress.left_s))
        text += voice.choose(
            f" · 每秒 {progress.rate:,.0f} · 剩余 {left}", f" · {progress.rate:,.0f}/s · {left} left"
        )
    return text


def _tell_compared(voice: Speaker, compared: list[Comparison]) -> None:
    signs = {True: "=", False: "≠"}
    voice.table(
        voice.heads("projection", "position", "rows", "digest", "live"),
        [
            (
                *(one.projection, one.position, one.rebuilt.rows, one.rebuilt.sha256[:16]),
                "?" if one.live is None else signs[one.same],
            )
            for one in compared
        ],
    )
    voice.give(
        {
            "projections": [
                {
                    "name": one.projection,
                    "position": one.position,
                    "rows": one.rebuilt.rows,
                    "sha256": one.rebuilt.sha256,
                    "same": None if one.live is None else one.same,
                }
                for one in compared
            ]
        }
    )


def _next(voice: Speaker, compared: list[Comparison]) -> None:
    if any(one.live is None for one in compared):
        text = "现用投影出自另一账本,无从比较:points rebuild switch。"
        voice.say(voice.choose(text, "What is live is of another ledger: nothing to compare. Next: switch."))
    elif all(one.same for one in compared):
        voice.say(
            voice.choose(
                "与现用投影相同。下一步:points rebuild switch。", "The same as what is live. Next: switch."
            )
        )
    else:
        voice.say(
            voice.choose(
                "与现用投影不同:points rebuild diff 看差异,再 switch --accept。",
                "It differs from what is live: see `points rebuild diff`, then switch --accept.",
            )
        )


def _tell_status(voice: Speaker, found: Status) -> None:
    generation = found.generation
    state = voice.choose(*_STATES[generation.state])
    stopped = generation.state == "filling" and not found.at_work
    if stopped:
        state += voice.choose("(已停下:points rebuild start 继续)", " (stopped: points rebuild start goes on)")
    voice.say(
        voice.choose(f"第 {generation.number} 代:{state}", f"Generation {generation.number}: {state}"), style="bold"
    )
    for one in found.progress:
        voice.say("  " + _line(voice, one))
    pending = found.oldest_pending
    behind = voice.choose(f"落后 {found.behind} 个位置", f"{found.behind} positions behind")
    if pending is not None and found.behind:
        age = timedelta(seconds=round(pending.total_seconds()))
        behind += voice.choose(f",最早未计入的条目已有 {age}", f"; the oldest entry not in it is {age} old")
    voice.say("  " + behind)
    if found.erased:
        voice.wrong(
            voice.choose(
                f"有 {found.erased} 次销毁尚未读到,非现用的一代里还有被销毁的内容。",
                f"{found.erased} erasures are not read yet: the one that is not live holds what they erased.",
            ),
            "points worker",
        )
    voice.give(_status(found))


def _tell_difference(voice: Speaker, found: Difference, named: list[str]) -> None:
    def number(count: int | None) -> str:
        return voice.choose(f"少于 {LEAST} 或不公布", f"withheld (< {LEAST})") if count is None else f"{count:,}"

    if not found.districts and not found.programmes:
        voice.say(voice.choose("评分与积分应用均无差异。", "No score differs, and no programme."))
    kinds = ("residents", "more", "fewer", "alike", "new", "gone")
    heads = voice.choose("辖区 人数 增加 减少 总分相同 新增 消失", " ".join(("district", *kinds))).split()
    voice.table(heads, [(place, *(number(row[kind]) for kind in kinds)) for place, row in found.districts.items()])
    voice.table(
        voice.choose("文件 指标 人数", "document item residents").split(),
        [(*item, number(count)) for item, count in found.items.items()],
    )
    voice.table(
        voice.choose("积分应用 新符合 不再符合", "programme comes goes").split(),
        [(doc, number(comes), number(goes)) for doc, (comes, goes) in found.programmes.items()],
    )
    for subject in named:
        voice.say(subject)
    voice.give(
        {
            "residents": found.residents,
            "districts": found.districts,
            "items": [{"doc": doc, "item": item, "residents": count} for (doc, item), count in found.items.items()],
            "programmes": [
                {"doc": doc, "comes": comes, "goes": goes} for doc, (comes, goes) in found.programmes.items()
            ],
            "subjects": named,
        }
    )


def _status(found: Status) -> dict[str, Any]:
    generation = found.generation
    return {
        "generation": generation.number,
        "state": generation.state,
        "at_work": found.at_work,
        "views": generation.views,
        "differing": generation.differing,
        "compared_position": generation.compared_position,
        "position": found.position,
        "behind": found.behind,
        "oldest_pending_s": None if found.oldest_pending is None else found.oldest_pending.total_seconds(),
        "erased_since": found.erased,
        "progress": [
            {"view": one.view, "done": one.done, "of": one.of, "rate": one.rate, "left_s": one.left_s}
            for one in found.progress
        ],
    }

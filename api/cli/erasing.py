"""销毁: the verbs erase entry, subject, restrict, unrestrict, verify. Two people give the same command."""

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli.options import AsJson, By, Preview, Subject, hand_of, plain_text, settings_of, speaker, subject_id
from api.cli.output import Exit, Speaker
from api.cli.usage import Misused
from api.settings import Settings
from domain.errors import ProjectionBehind, SubjectUnknown
from domain.facts import Ref
from domain.retention import Obstacle, Why
from ledger.database import Database
from ledger.entry import Entry, Receipt
from projections.remains import left_of, needles_of, searched
from projections.standing import NAMES

erase = typer.Typer(help="Take away for ever what opens an entry or a history. 销毁。", no_args_is_help=True)
VALUE_BYTES_MIN = 6
Basis = Annotated[str, typer.Option(help="The legal basis, for the record. 依据。", callback=plain_text)]


@erase.command("entry")
def entry_(
    context: typer.Context,
    subject: Subject,
    version: Annotated[int, typer.Argument(min=1, help="The entry's number in `points history`. 条目号。")],
    basis: Basis,
    by: By,
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """单条销毁: Expunge one restricted entry; a second person gives the same command. It cannot be undone."""
    voice, settings, ref = (
        speaker(context, as_json=as_json),
        settings_of(context),
        Ref(stream=subject_id(subject), version=version),
    )
    with composition.desk(settings) as desk:
        if preview:
            desk.erasure.can_be_expunged(ref)
            entries = desk.history(ref.stream, by, f"erasure: {basis}"[:200], though_restricted=True)
            bars = desk.retaining.obstacles(ref.stream, clock.today(), version)
            _preview(voice, [entry for entry in entries if entry.originator_version == version], bars)
            return
        receipt = desk.erasure.expunge_by_two(ref, basis, hand_of(by), clock.today())
        _done(voice, settings, desk.database, receipt)


@erase.command("subject")
def subject_(
    context: typer.Context,
    subject: Subject,
    basis: Basis,
    by: By,
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """密钥销毁: Destroy a subject's key; a second person gives the same command. It cannot be undone."""
    voice, settings, stream = speaker(context, as_json=as_json), settings_of(context), subject_id(subject)
    with composition.desk(settings) as desk:
        if preview:
            entries = desk.history(stream, by, f"erasure: {basis}"[:200], though_restricted=True)
            if not entries:
                raise SubjectUnknown
            _preview(voice, entries, desk.retaining.obstacles(stream, clock.today()))
            return
        receipt = desk.erasure.destroy_by_two(stream, basis, hand_of(by), clock.today())
        _done(voice, settings, desk.database, receipt)


@erase.command()
def restrict(context: typer.Context, subject: Subject, basis: Basis, by: By, as_json: AsJson = False) -> None:
    """限制处理: Store and protect, and nothing else (PIPL 47); another person's same command does it."""
    voice, stream = speaker(context, as_json=as_json), subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        receipt = desk.retaining.restrict(stream, basis, clock.today(), hand_of(by))
    _said(voice, receipt, voice.choose("已限制处理,工作人员不再查阅。", "Restricted: staff read it no more."))


@erase.command()
def unrestrict(context: typer.Context, subject: Subject, basis: Basis, by: By, as_json: AsJson = False) -> None:
    """解除限制: Process again; another person's same command does it."""
    voice, stream = speaker(context, as_json=as_json), subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        receipt = desk.retaining.lift_restriction(stream, basis, clock.today(), hand_of(by))
    _said(voice, receipt, voice.choose("限制已解除。", "The restriction is lifted."))


@erase.command()
def verify(
    context: typer.Context,
    subject: Subject,
    values: Annotated[
        bool, typer.Option("--values", help="Search every table for what is typed, a line each. 逐表查找原值。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """核验: Look for what is left of an erased person, in the vault, in live tables and in kept ones."""
    voice, settings, stream = speaker(context, as_json=as_json), settings_of(context), subject_id(subject)
    typed = _typed(voice) if values else []
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database), NAMES)
        found = left_of(desk.database, stream)
        sought = [each for number, text in enumerate(typed, 1) for each in needles_of(text, number, desk.indexes)]
        if sought:
            found += searched(desk.database, sought, voice.progress)
    voice.table(voice.heads("table", "found", "rows"), found)
    voice.say(
        voice.choose(
            f"逐表查找原值 {len(typed)} 个;找到 {len(found)} 处。",
            f"{len(typed)} values were searched in every table; found in {len(found)} places.",
        )
    )
    voice.give({"subject": str(stream), "values": len(typed), "found": [one._asdict() for one in found]})
    if found:
        raise typer.Exit(Exit.WRONG)


def _typed(voice: Speaker) -> list[str]:
    """Read what to look for from standard input, so that no shell keeps it."""
    if sys.stdin.isatty():
        voice.progress(voice.choose("每行一个原值,空行结束:", "One value a line; an empty line ends:"))
    lines = iter(sys.stdin.readline, "")
    typed = list(dict.fromkeys(takewhile(bool, (line.strip() for line in lines))))
    if any(len(text.encode()) < VALUE_BYTES_MIN for text in typed):
        raise Misused("原值过短,会到处命中", "a value this short is found everywhere", "stdin")
    return typed


def _said(voice: Speaker, receipt: Receipt | None, done: str) -> None:
    if receipt is None:
        _asked(voice)
        return
    voice.say(done)
    voice.give({"state": "done", "position": receipt.position})


def _preview(voice: Speaker, entries: list[Entry], bars: Sequence[Obstacle]) -> None:
    """Say what would be closed, by kind: never what is in it. What has no sealed part stays readable."""
    kinds = Counter(entry.topic for entry in entries if entry.fact is not None and entry.fact.sealed_part())
    closed = sum(entry.fact is None for entry in entries)
    opened = len(entries) - closed - kinds.total()
    voice.table([voice.choose("种类", "kind"), voice.choose("将封闭", "would close")], sorted(kinds.items()))
    voice.say(
        voice.choose(
            f"将永久封闭 {kinds.total()} 条(另有 {closed} 条已封闭,{opened} 条没有密封内容);未作任何更改。",
            f"{kinds.total()} entries would be closed for ever; {closed} are already, {opened} hold nothing sealed."
            " Nothing was changed.",
        )
    )
    told = {"would_close": kinds.total(), "closed_already": closed, "nothing_sealed": opened, "kinds": dict(kinds)}
    _bars(voice, bars)
    voice.give({"state": "preview", **told, "barred_by": [one._asdict() for one in bars]})


def _bars(voice: Speaker, bars: Sequence[Obstacle]) -> None:
    """Say what bars it today: every one, and until when."""
    if not bars:
        voice.say(voice.choose("今天没有阻却事由。", "Nothing bars it today."))
        return
    voice.table(
        voice.heads("barred by", "name", "until", "entries", "source"),
        [
            (voice.choose(*_WHY[one.why]), one.what, one.until or "—", len(one.versions) or "", one.source)
            for one in bars
        ],
    )
    voice.say(voice.choose(f"今天有 {len(bars)} 项阻却。", f"{len(bars)} things bar it today."))


_WHY: dict[Why, tuple[str, str]] = {
    "hold": ("依法保全", "legal hold"),
    "dispute": ("在办异议", "open dispute"),
    "remedy": ("复议诉讼期限", "time for remedies"),
    "benefit": ("未结待遇", "running benefit"),
    "round": ("未结批次", "running round"),
    "retention": ("保存期限", "retention period"),
}


def _done(voice: Speaker, settings: Settings, database: Database, receipt: Receipt | None) -> None:
    if receipt is None:
        _asked(voice)
        return
    followed = _followed(settings, database, receipt)
    voice.say(voice.choose(f"已销毁,位置 {receipt.position}。", f"Erased; said at position {receipt.position}."))
    if not followed:
        voice.wrong(
            voice.choose("投影还没有读到这里。", "The projections have not read this yet."),
            voice.choose(
                "运行 points worker;算出的值要到那时才删。", "Run `points worker`: what was computed goes then."
            ),
        )
    voice.say(
        voice.choose(
            "备份与日志中的旧副本:更换密钥文件后才失效(points key change)。",
            "Copies in backups and logs end when the key file is changed: points key change.",
        )
    )
    told: dict[str, Any] = {
        "state": "done",
        "position": receipt.position,
        "new": receipt.new,
        "projected": followed,
    }
    voice.give(told)
    if not followed:
        raise typer.Exit(Exit.INCOMPLETE)


def _asked(voice: Speaker) -> None:
    voice.say(
        voice.choose(
            "已提请;须由另一人以同一命令批准并执行。",
            "Asked for; another person approves and does it with the same command.",
        )
    )
    voice.give({"state": "asked", "position": None})


def _followed(settings: Settings, database: Database, receipt: Receipt) -> bool:
    """Let the projections delete what they computed from it."""
    try:
        composition.follow(database, settings, receipt.position, NAMES)
    except ProjectionBehind:
        return False
    return True

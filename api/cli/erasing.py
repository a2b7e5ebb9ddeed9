"""销毁: the verbs erase entry, erase subject. Two people give the same command; an entry says so for ever."""

from collections import Counter
from typing import Annotated, Any

import typer

from api import composition
from api.cli.options import AsJson, By, Preview, Subject, hand_of, plain_text, settings_of, speaker, subject_id
from api.cli.output import Exit, Speaker
from api.settings import Settings
from domain.errors import ProjectionBehind, SubjectUnknown
from domain.facts import Ref
from ledger.database import Database
from ledger.entry import Entry, Receipt

erase = typer.Typer(help="Take away for ever what opens an entry or a history. 销毁。", no_args_is_help=True)
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
            entries = desk.history(ref.stream, by, f"erase entry: {basis}"[:200])
            _preview(voice, [entry for entry in entries if entry.originator_version == version])
            return
        receipt = desk.erasure.expunge_by_two(ref, basis, hand_of(by))
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
            entries = desk.history(stream, by, f"erase subject: {basis}"[:200])
            if not entries:
                raise SubjectUnknown
            _preview(voice, entries)
            return
        receipt = desk.erasure.destroy_by_two(stream, basis, hand_of(by))
        _done(voice, settings, desk.database, receipt)


def _preview(voice: Speaker, entries: list[Entry]) -> None:
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
    voice.give({"state": "preview", **told})


def _done(voice: Speaker, settings: Settings, database: Database, receipt: Receipt | None) -> None:
    if receipt is None:
        voice.say(
            voice.choose(
                "已提请;须由另一人以同一命令批准并执行。",
                "Asked for; another person approves and does it with the same command.",
            )
        )
        voice.give({"state": "asked", "position": None})
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


def _followed(settings: Settings, database: Database, receipt: Receipt) -> bool:
    """Let the projections delete what they computed from it."""
    try:
        composition.follow(database, settings, receipt.position)
    except ProjectionBehind:
        return False
    return True

"""Verbs of the ledger's keeper: init, db, worker."""

import signal
import threading
from typing import Annotated, Literal

import typer

from api import composition
from api.cli.options import AsJson, By, settings_of, speaker
from api.cli.output import Exit
from ledger import migrate as migrations
from ledger.migrate import State
from ledger.opening import found
from projections.standing import NAMES
from projections.supervisor import Supervisor

db = typer.Typer(help="The ledger's tables. 数据库表。", no_args_is_help=True)


def init(
    context: typer.Context,
    suite: Annotated[Literal["intl", "gm"], typer.Option(help="gm: SM3, SM4. 国密。")] = "intl",
    by: By = "officer:keeper",
    as_json: AsJson = False,
) -> None:
    """建账: Open a new ledger: tables, keys, the genesis entry. Doing it again changes nothing."""
    settings, voice = settings_of(context), speaker(context, as_json=as_json)
    with composition.database(settings, new=True) as database:
        receipt = found(database, settings.key_file, suite, by, composition.random_bytes)
    voice.say(
        voice.choose(
            f"账本 {settings.ledger} 已建立,套件 {suite},创世条目在位置 {receipt.position}。",
            f"Ledger {settings.ledger} is open, suite {suite}, genesis entry at position {receipt.position}.",
        )
    )
    voice.say(
        voice.choose(
            f"密钥文件:{settings.key_file}。没有它什么都打不开:请另行备份。",
            f"Key file: {settings.key_file}. Nothing opens without it: keep a copy elsewhere.",
        )
    )
    voice.give(
        {
            "ledger": settings.ledger,
            "suite": suite,
            "key_file": str(settings.key_file),
            "genesis": {"position": receipt.position, "leaf": receipt.leaf.hex(), "new": receipt.new},
        }
    )


@db.command("migrate")
def db_migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """升级表结构: Apply what is pending."""
    voice = speaker(context, as_json=as_json)
    with composition.database(settings_of(context)) as database:
        if dry_run:
            pending = migrations.dry_run(database)
            for name, text in pending:
                voice.say(f"-- {name}\n{text}")
            voice.give({"pending": [{"name": name, "sql": text} for name, text in pending]})
            return
        applied = migrations.migrate(database)
    voice.say("\n".join(applied) or voice.choose("没有待执行的迁移。", "Nothing is pending."))
    voice.give({"applied": applied})


@db.command("status")
def db_status(context: typer.Context, as_json: AsJson = False) -> None:
    """迁移状态: Compare the files with what the database remembers."""
    voice = speaker(context, as_json=as_json)
    with composition.database(settings_of(context)) as database:
        standing_of = migrations.status(database)
    voice.table(["migration", "state", "sha256"], [(s.name, s.state, s.digest[:12]) for s in standing_of])
    voice.give({"migrations": [{"name": s.name, "state": s.state, "sha256": s.digest} for s in standing_of]})
    if any(s.state is State.CHANGED for s in standing_of):
        raise typer.Exit(Exit.WRONG)
    if any(s.state is not State.APPLIED for s in standing_of):
        raise typer.Exit(Exit.INCOMPLETE)


def worker(context: typer.Context, as_json: AsJson = False) -> None:
    """运行投影: Keep the projections up to date until stopped (Ctrl-C or SIGTERM)."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # The desk first: what was erased after the backup that was restored is erased again before anything is read.
    with composition.desk(settings) as desk, composition.runners(desk.database, settings) as make:
        supervisor = Supervisor(
            NAMES, make, tell=lambda failure: voice.progress(f"{failure.projection}: {failure.reason}")
        )
        voice.progress(voice.choose("投影运行中,Ctrl-C 停止。", "Projections are running; Ctrl-C stops them."))
        supervisor.run(stop)
    voice.give({"stopped": supervisor.stopped})
    if supervisor.stopped:
        raise typer.Exit(Exit.WRONG)

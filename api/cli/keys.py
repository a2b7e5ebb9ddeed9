"""密钥文件: the verbs key status, key make, key change."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from api import composition
from api.cli.options import AsJson, Preview, settings_of, speaker
from api.cli.output import Exit, Speaker
from domain.errors import KeyFileForeign
from ledger.database import Database
from ledger.opening import encryption_in
from ledger.vault.encryption import create_key_file, in_file
from ledger.vault.rotation import rewrap, suite_of, wrapped_by

key = typer.Typer(help="The key file that wraps every key. 密钥文件。", no_args_is_help=True)


@key.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """状态: Count the keys of the vault by the key file that wraps them, and say which file is in use."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    with composition.database(settings) as database:
        in_use, counts = _id_of(database, settings.key_file), wrapped_by(database)
    _tell(voice, counts, in_use)
    voice.give({"key_file": str(settings.key_file), "key_id": in_use, "wrapped": counts})
    if set(counts) - {in_use}:
        raise typer.Exit(Exit.INCOMPLETE)


@key.command()
def make(
    context: typer.Context,
    new: Annotated[Path, typer.Argument(help="Where; nothing is written over. 新密钥文件。")],
    as_json: AsJson = False,
) -> None:
    """新建: Make a key file for its owner alone, before running processes are told of it."""
    voice = speaker(context, as_json=as_json)
    create_key_file(new.resolve(), composition.random_bytes)
    voice.say(
        voice.choose(
            f"{new} 已生成;以 POINTS_KEY_FILE 与 POINTS_OLD_KEY_FILE 重启各进程后运行 points key change。",
            f"{new} is made; restart every process with it and POINTS_OLD_KEY_FILE, then `points key change`.",
        )
    )
    voice.give({"key_file": str(new.resolve())})


@key.command()
def change(
    context: typer.Context,
    new: Annotated[Path, typer.Argument(help="The new key file; made where it is not there. 新密钥文件。")],
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """更换: Wrap every key anew with a new key file, while the ledger runs. Stopped anywhere, give it again.

    Processes that run meanwhile must know both files: POINTS_KEY_FILE the new, POINTS_OLD_KEY_FILE the old.
    """
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    old, target = settings.old_key_file or settings.key_file, new.resolve()
    with composition.database(settings) as database:
        before = wrapped_by(database)
        if preview:
            _tell(voice, before, _id_of(database, old))
            left = sum(n for key_id, n in before.items() if not (new.exists() and key_id == _id_of(database, new)))
            voice.say(
                voice.choose(
                    f"将重新包裹 {left} 个密钥;未作更改。",
                    f"{left} keys would be wrapped anew; nothing changed.",
                )
            )
            voice.give({"dry_run": True, "rewrapped": 0, "left": left, "wrapped": before})
            return
        if not set(before) <= {_id_of(database, old), *([_id_of(database, new)] if new.exists() else [])}:
            raise KeyFileForeign(str(old))
        if not new.exists():
            create_key_file(target, composition.random_bytes)
        done = rewrap(database, encryption_in(target, composition.random_bytes, old))
        in_use, after = _id_of(database, target), wrapped_by(database)
    _tell(voice, after, in_use)
    for line in _next(voice, target, old):
        voice.say(line)
    voice.give({"dry_run": False, "rewrapped": done, "key_file": str(target), "key_id": in_use, "wrapped": after})


def _id_of(database: Database, path: Path) -> str:
    return in_file(path, composition.random_bytes)(suite_of(database)).key_id.hex()


def _tell(voice: Speaker, counts: dict[str, int], in_use: str) -> None:
    here = voice.choose("在用", "in use")
    voice.table(
        [voice.choose("密钥文件编号", "key file's id"), voice.choose("包裹的密钥", "keys wrapped"), ""],
        [(key_id, n, here if key_id == in_use else "") for key_id, n in counts.items()],
    )


def _next(voice: Speaker, new: Path, old: Path) -> list[str]:
    name = shlex.quote(str(new))
    return [
        voice.choose("接下来:", "Next:"),
        f"  export POINTS_KEY_FILE={name}",
        voice.choose(
            f"  重启各进程后再运行 points key status;{old} 封存至不再需要旧备份,然后销毁。",
            f"  Restart every process, then run `points key status`; keep {old} sealed while old backups must stay"
            " usable, then destroy it.",
        ),
    ]

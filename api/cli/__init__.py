"""The command line `points`: one list of verbs, --json everywhere, exit codes of one table."""

import sys
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

from api.cli.output import Exit, Speaker, exit_code
from api.cli.usage import Misused, told
from api.cli.verbs import Verbs
from api.settings import Settings
from domain.errors import DatabaseUnavailable, ExportMismatch, Language, LedgerBehind, LedgerDamaged, Refusal
from ledger.database import DatabaseRefused
from ledger.migrate import MigrationRefused

_HELP = """Points Ledger 积分账本: facts in, scores out, explained.

Exit codes: 0 done · 1 something is wrong with what was looked at · 2 done, but incomplete · 3 wrong usage or file ·
4 not available · 5 refused by a rule of the ledger.
"""

_NOT_THERE = {"42P01", "42703", "42883", "3F000"}
"""SQLSTATE of a table, column, function or schema that is not there: a migration is pending."""

app = typer.Typer(
    cls=Verbs, help=_HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False
)


@app.callback()
def before_the_verb(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(help="Data directory of the embedded PostgreSQL. 数据目录。", show_default=".points"),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="zh or en.", show_default="from the environment")] = None,
) -> None:
    """Read the settings once."""
    if lang not in (None, "zh", "en"):
        raise Misused("只能是 zh 或 en", "zh or en", "--lang")
    context.obj = Settings.read(data=data, language=lang)


def main() -> None:
    """Run one verb; every end is one of the table's."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows no Chinese shows escapes, and nothing ends
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one verb and give its exit code. Refusals are told with their remedy, never with a trace."""
    voice = Speaker(as_json="--json" in arguments, language=_language(arguments))
    try:
        return int(app(arguments or ["--help"], prog_name="points", standalone_mode=False) or 0)
    except (typer.TyperException, ValidationError) as error:
        voice.misunderstood(told(error), _verb(arguments))
        return Exit.USAGE
    except (typer.Abort, KeyboardInterrupt):
        return Exit.UNAVAILABLE
    except (Refusal, DatabaseRefused, PersistenceError, MigrationRefused) as error:
        refusal = _refusal(error)
        voice.refuse(refusal)
        return Exit.WRONG if isinstance(refusal, LedgerDamaged | ExportMismatch) else exit_code(refusal)


def _refusal(error: Exception) -> Refusal:
    if isinstance(error, Refusal):
        return error
    if isinstance(error, MigrationRefused):
        return LedgerDamaged(str(error))
    if isinstance(error, DatabaseRefused) and error.sqlstate in _NOT_THERE:
        return LedgerBehind(str(error))
    return DatabaseUnavailable(str(error))


def _language(arguments: list[str]) -> Language:
    """Give the language of the call, understood or not: that of --lang, or the environment's."""
    words = [part for word in arguments for part in (word.split("=", 1) if word.startswith("--") else [word])]
    asked = next((after for word, after in pairwise(words) if word == "--lang"), None)
    return "zh" if Settings.read(language=asked).language == "zh" else "en"


def _verb(arguments: list[str]) -> str:
    """Give the verb of the call with the group it stands in, as far as it has them, to point at its help."""
    command: Any = typer.main.get_command(app)
    names: list[str] = []
    for word in arguments:
        if word in getattr(command, "commands", {}):
            command = command.commands[word]
            names.append(word)
    return " ".join(names)

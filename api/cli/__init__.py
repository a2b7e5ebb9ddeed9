"""The command line `points`: one list of verbs, --json everywhere, exit codes of one table."""

import sys
from io import TextIOWrapper
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

from api.cli import (
    applications,
    changes,
    demo,
    doctor,
    eligibility,
    evaluating,
    exporting,
    granting,
    importing,
    keeping,
    moving,
    placing,
    programmes,
    residents,
    serving,
    simulating,
)
from api.cli.batching import batch
from api.cli.benefits import benefit
from api.cli.decisions import decision
from api.cli.erasing import erase
from api.cli.feeds import feed
from api.cli.holding import held
from api.cli.keys import key
from api.cli.output import Exit, Speaker, exit_code
from api.cli.rounds import round_
from api.cli.rulebooks import rulebook
from api.cli.transparency import log, witness
from api.cli.usage import Misused, told
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

app = typer.Typer(help=_HELP, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


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


app.command()(demo.demo)
app.command()(keeping.init)
app.add_typer(keeping.db, name="db")
app.command()(granting.grant)
app.command()(granting.withdraw)
app.command()(granting.grants)
app.add_typer(rulebook, name="rulebook")
app.command("import")(importing.import_)
app.add_typer(batch, name="batch")
app.add_typer(feed, name="feed")
app.add_typer(held, name="held")
app.command()(residents.find)
app.command()(residents.score)
app.command()(residents.explain)
app.command()(changes.diff)
app.command()(residents.history)
app.command()(evaluating.evaluate)
app.add_typer(programmes.programme, name="programme")
app.add_typer(placing.of_rounds(applications.of_rounds(round_)), name="round")
app.add_typer(benefit, name="benefit")
app.add_typer(decision, name="decision")
app.command("eligible")(eligibility.eligible_)
app.command("move-trial")(moving.move)
app.command("simulate")(simulating.simulate_)
app.command()(exporting.export)
app.command()(serving.serve)
app.command()(serving.token)
app.command()(keeping.worker)
app.command()(keeping.rebuild)
app.command()(keeping.verify)
app.add_typer(erase, name="erase")
app.add_typer(key, name="key")
app.command()(doctor.doctor)
app.add_typer(log, name="log")
app.add_typer(witness, name="witness")


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

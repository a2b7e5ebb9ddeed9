"""The verbs of the command line, each loaded when it is called: one verb does not wait for what another needs."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

VERBS: dict[str, str] = {
    "demo": "demo:demo",
    "init": "keeping:init",
    "db": "keeping:db",
    "grant": "granting:grant",
    "withdraw": "granting:withdraw",
    "grants": "granting:grants",
    "account": "accounting:account",
    "rulebook": "rulebooks:rulebook",
    "import": "importing:import_",
    "batch": "batching:batch",
    "feed": "feeds:feed",
    "held": "holding:held",
    "find": "residents:find",
    "score": "residents:score",
    "explain": "residents:explain",
    "diff": "changes:diff",
    "history": "residents:history",
    "trace": "tracing:trace",
    "reads": "reads:reads",
    "audit": "auditing:audit",
    "evaluate": "evaluating:evaluate",
    "programme": "programmes:programme",
    "assessment": "assessing:assessment",
    "round": "round_group:rounds",
    "benefit": "benefits:benefit",
    "fraud": "frauds:fraud",
    "decision": "decision_group:decisions",
    "dispute": "disputing:dispute",
    "request": "answering_requests:request",
    "eligible": "eligibility:eligible_",
    "recognition": "prospects:recognition",
    "reminders": "prospects:reminders",
    "move-trial": "moving:move",
    "simulate": "simulating:simulate_",
    "export": "exporting:export",
    "serve": "serving:serve",
    "token": "serving:token",
    "worker": "keeping:worker",
    "roll": "rolling:roll",
    "rebuild": "rebuilding:rebuild",
    "verify": "verifying:verify",
    "erase": "erasing:erase",
    "hold": "legal_holds:hold",
    "key": "keys:key",
    "doctor": "doctor:doctor",
    "receipt": "receipting:receipt_",
    "statement": "statements:statement",
    "archive": "archiving:archive",
    "log": "transparency:log",
    "witness": "transparency:witness",
}
"""Each verb, in the order of the help, with the module of this folder and the name it has there: a function, or
a group of verbs."""


class _Loaded(Mapping[str, Any]):
    """The verbs as commands; looking one up imports its module."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def __getitem__(self, verb: str) -> Any:
        if verb not in self._found:
            module, _, name = VERBS[verb].partition(":")
            self._found[verb] = _command(verb, getattr(import_module(f"api.cli.{module}"), name))
        return self._found[verb]

    def __contains__(self, verb: object) -> bool:
        return verb in VERBS

    def __iter__(self) -> Iterator[str]:
        return iter(VERBS)

    def __len__(self) -> int:
        return len(VERBS)


def _command(verb: str, written: Any) -> Any:
    around = typer.Typer(rich_markup_mode=None)
    if isinstance(written, typer.Typer):
        around.add_typer(written, name=verb)
    else:
        around.command(verb)(written)
    return typer.main.get_group(around).commands[verb]


class Verbs(TyperGroup):
    """The group of all verbs."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands: Any = _Loaded()

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the library's own signature
        """Name the verbs without loading them."""
        return list(VERBS)

"""Verbs for rows that wait for a person: held list, held decide. 身份待确认."""

from typing import Annotated
from uuid import UUID

import typer

from api import clock, composition
from api.cli.options import AsJson, By, settings_of, speaker
from api.cli.output import Exit
from domain.errors import HeldRowUnknown
from ledger.ingest.confirming import confirm
from ledger.ingest.verdicts import Finding, Outcome
from ledger.vault.held import Decision

held = typer.Typer(help="Rows whose person is to be confirmed. 身份待确认。", no_args_is_help=True)
SHOWN_MAX = 1_000
_DECISIONS = f"{Decision.SAME_PERSON}, {Decision.OTHER_PERSON} or {Decision.REJECTED}. 结论。"


@held.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """列表: the rows that wait, oldest first. Nothing in it is personal."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        waiting = desk.held.waiting(limit=SHOWN_MAX)
    voice.table(
        ["id", "organ", voice.choose("原因", "why"), voice.choose("时间", "since")],
        [
            (row.held_id, row.organ, row.why, f"{row.held_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}")
            for row in waiting
        ],
    )
    if waiting:
        voice.say("→ points held decide ID same-person|other-person|rejected --by OFFICER")
    else:
        voice.say(voice.choose("没有待确认的行。", "No row waits."))
    voice.give(
        {
            "held": [
                {"id": str(row.held_id), "organ": row.organ, "why": row.why, "held_at": row.held_at}
                for row in waiting
            ]
        }
    )


@held.command()
def decide(
    context: typer.Context,
    held_id: Annotated[str, typer.Argument(metavar="ID", help="As `held list` gives it. 编号。")],
    decision: Annotated[Decision, typer.Argument(help=_DECISIONS)],
    by: By,
    subject: Annotated[
        str | None, typer.Option(help="Which of several persons, where the number is shared. 主体编号。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """确认: say whose a row is; it is then imported for that person."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        row, verdict = confirm(desk, _id(held_id), decision, by, None if subject is None else _id(subject))
    outcome = None
    if verdict is not None:
        outcome = verdict.outcome if isinstance(verdict, Finding) else Outcome.ACCEPTED
    voice.say(f"{row.decision} · {row.subject or '–'} · {outcome or '–'}")
    voice.give({"id": str(row.held_id), "decision": row.decision, "subject": row.subject, "verdict": outcome})
    if outcome is not None and outcome not in (Outcome.ACCEPTED, Outcome.DUPLICATE):
        raise typer.Exit(Exit.INCOMPLETE)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise HeldRowUnknown from None

"""依法保全: the verbs hold place, lift, list. Nobody under a hold is erased; two people give one command."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from api import clock, composition
from api.cli.options import AsJson, By, Subject, hand_of, plain_text, settings_of, speaker, subject_id
from api.cli.output import Exit, Speaker
from ledger.entry import Receipt
from ledger.opening import Desk

hold = typer.Typer(help="Legal holds: nothing of a person is erased meanwhile. 依法保全。", no_args_is_help=True)
Number = Annotated[
    str, typer.Argument(help="The hold's number, of whoever asked for it. 保全编号。", callback=plain_text)
]
Basis = Annotated[str, typer.Option(help="The legal basis, for the record. 依据。", callback=plain_text)]


@hold.command()
def place(
    context: typer.Context,
    subject: Subject,
    number: Number,
    basis: Basis,
    by: By,
    case: Annotated[str | None, typer.Option(help="The case it is for. Sealed. 案号。")] = None,
    as_json: AsJson = False,
) -> None:
    """保全: Place a hold; another person's same command places it."""
    voice, stream = speaker(context, as_json=as_json), subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        receipt = desk.retaining.place_hold(stream, number, basis, clock.today(), hand_of(by), case)
    _done(voice, receipt, number, voice.choose("已保全,不得销毁。", "The hold stands: nothing is erased."))


@hold.command()
def lift(
    context: typer.Context, subject: Subject, number: Number, basis: Basis, by: By, as_json: AsJson = False
) -> None:
    """解除: Lift a hold; another person's same command lifts it."""
    voice, stream = speaker(context, as_json=as_json), subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        receipt = desk.retaining.lift_hold(stream, number, basis, clock.today(), hand_of(by))
    _done(voice, receipt, number, voice.choose("保全已解除。", "The hold is lifted."))


@hold.command("list")
def list_(context: typer.Context, subject: Subject, by: By, as_json: AsJson = False) -> None:
    """列出: Say which holds stand for a person. It is written to the read log."""
    voice, stream = speaker(context, as_json=as_json), subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        holds = _standing(desk, stream, by)
    voice.table(voice.heads("hold", "placed on", "basis"), holds)
    voice.say(voice.choose(f"{len(holds)} 项保全。", f"{len(holds)} holds stand."))
    told = [dict(zip(("hold", "placed_on", "basis"), one, strict=True)) for one in holds]
    voice.give({"subject": str(stream), "holds": told})


def _standing(desk: Desk, stream: UUID, by: str) -> list[tuple[str, date, str]]:
    desk.keys.owner_key(stream)
    desk.history(stream, by, "retention: holds", though_restricted=True)
    story, _ = desk.retaining.story(stream)
    return [(number, each.placed_on, each.basis) for number, each in story.holds.items()]


def _done(voice: Speaker, receipt: Receipt | None, number: str, done: str) -> None:
    if receipt is None:
        voice.say(voice.choose("已提请;须由另一人以同一命令批准。", "Asked for; another person gives the same."))
        voice.give({"state": "asked", "hold": number, "position": None})
        raise typer.Exit(Exit.INCOMPLETE)
    voice.say(done)
    voice.give({"state": "done", "hold": number, "position": receipt.position})

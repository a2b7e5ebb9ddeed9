"""Verbs about one application to a round: apply, withdraw, review, return, supplement, answer, transfer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import typer

from api import clock
from api.cli.deciding import KEEPER, Number, On, Room, RoundName, day_of, room
from api.cli.options import AsJson, By, Subject, civil_day, hand_of, plain_text, speaker, subject_id
from api.cli.output import Speaker
from ledger.entry import Hand, Receipt
from projections.office import filing

Item = Annotated[str, typer.Argument(help="A condition of the programme, or an item of a table. 项。")]


def apply(
    context: typer.Context,
    name: RoundName,
    subject: Subject,
    number: Annotated[str, typer.Option(help="The application's number. 申请编号。")],
    choice: Annotated[list[str] | None, typer.Option(help="A school or town, in order of wish. 志愿。")] = None,
    town: Annotated[str | None, typer.Option(help="The town it names. 镇(街道)。")] = None,
    zone: Annotated[str | None, typer.Option(help="The zone of the money. 区域。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """申请: File an application within the window; filed late it is refused."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.applications.file(
            name, subject_id(subject), number, day, hand_of(by), choices=choice or (), town=town, zone=zone
        )
    _said(voice, name, number, receipt)


@dataclass(frozen=True)
class Acting:
    """One act on one application: the ledger open, by whom, on which day."""

    voice: Speaker
    room: Room
    name: str
    number: str
    on: date
    hand: Hand

    def said(self, receipt: Receipt, **more: Any) -> None:
        """Tell that it was recorded."""
        _said(self.voice, self.name, self.number, receipt, **more)


@contextmanager
def _acting(
    context: typer.Context, name: str, number: str, on: str | None, by: str, *, as_json: bool
) -> Iterator[Acting]:
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        yield Acting(voice, at_work, name, number, day, hand_of(by))


def withdraw(
    context: typer.Context, name: RoundName, number: Number, on: On = None, by: By = KEEPER, as_json: AsJson = False
) -> None:
    """撤回: Take an application back before the lock."""
    with _acting(context, name, number, on, by, as_json=as_json) as act:
        act.said(filing.withdraw(act.room, name, number, act.on, act.hand))


def review(
    context: typer.Context,
    name: RoundName,
    number: Number,
    item: Item,
    reason: Annotated[
        str | None, typer.Option("--return", help="Return it, and why. 退回理由。", callback=plain_text)
    ] = None,
    due: Annotated[str | None, typer.Option(help="Day by which it is supplemented. 补正期限。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """审核: Find an item in order, or return it with a reason and a day."""
    with _acting(context, name, number, on, by, as_json=as_json) as act:
        due_on = civil_day(due, act.on, "--due") if reason is not None else None
        told = filing.review(act.room, name, number, item, act.on, act.hand, reason=reason, due_on=due_on)
        act.said(told, item=item)


def supplement(
    context: typer.Context,
    name: RoundName,
    number: Number,
    item: Item,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """补正: Take what a returned item lacked, by its day."""
    with _acting(context, name, number, on, by, as_json=as_json) as act:
        act.said(filing.supplement(act.room, name, number, item, act.on, act.hand), item=item)


def answer(
    context: typer.Context,
    name: RoundName,
    number: Number,
    word: Annotated[Literal["accepted", "declined"], typer.Argument(help="接受或放弃。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """答复: Record the answer to an offer."""
    with _acting(context, name, number, on, by, as_json=as_json) as act:
        told = filing.answer(act.room, name, number, word, act.on, act.hand, today=clock.today())
        act.said(told, answer=word)


def transfer(
    context: typer.Context,
    name: RoundName,
    number: Number,
    unit: Annotated[str, typer.Argument(help="A town or school with a free place. 转入的学校或镇(街道)。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """转学: Exchange an accepted place for a free one of another unit."""
    with _acting(context, name, number, on, by, as_json=as_json) as act:
        act.said(filing.transfer(act.room, name, number, unit, act.on, act.hand), unit=unit)


def of_rounds(verbs: typer.Typer) -> typer.Typer:
    """Add these verbs to those of rounds."""
    for verb in (apply, withdraw, review, supplement, answer, transfer):
        verbs.command()(verb)
    return verbs


def _said(voice: Speaker, name: str, number: str, receipt: Receipt, **more: Any) -> None:
    state = voice.choose("已记录", "recorded") if receipt.new else voice.choose("此前已记录", "recorded before")
    voice.say(f"{name} {number}: {state} @{receipt.position}")
    voice.give({"round": name, "application": number, **more, "position": receipt.position, "new": receipt.new})

"""Verbs about one application to a round: apply, withdraw, review, return, supplement, answer, transfer."""

from typing import Annotated, Any, Literal

import typer

from api.cli.deciding import KEEPER, Number, On, RoundName, day_of, room
from api.cli.options import AsJson, By, Subject, civil_day, hand_of, plain_text, speaker, subject_id
from api.cli.output import Speaker
from domain.programme import ProgrammeDocument
from domain.programme.checks import every_condition
from domain.rulebook.resolution import RulebookSet
from ledger.entry import Receipt
from ledger.rounds.refusals import ItemUnknown
from projections.rounds import free_now

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


def withdraw(
    context: typer.Context, name: RoundName, number: Number, on: On = None, by: By = KEEPER, as_json: AsJson = False
) -> None:
    """撤回: Take an application back before the lock."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.applications.withdraw(name, number, day, hand_of(by))
    _said(voice, name, number, receipt)


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        at_work.follow()
        with at_work.known() as (_, snapshot):
            document = snapshot.programme(current.content)
            _known_item(document, snapshot.tables(current.place, current.counted_on), item)
        if reason is None:
            receipt = at_work.applications.review(name, number, item, day, hand_of(by))
        else:
            receipt = at_work.applications.return_item(
                name, number, item, day, hand_of(by), reason=reason, due_on=civil_day(due, day, "--due")
            )
    _said(voice, name, number, receipt, item=item)


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.applications.supplement(name, number, item, day, hand_of(by))
    _said(voice, name, number, receipt, item=item)


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.applications.answer(name, number, day, word, hand_of(by))
    _said(voice, name, number, receipt, answer=word)


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        at_work.follow()
        with at_work.known() as (_, snapshot):
            free = free_now(snapshot, current, day)
        receipt = at_work.applications.transfer(name, number, unit, free.get(unit, 0), day, hand_of(by))
    _said(voice, name, number, receipt, unit=unit)


def of_rounds(verbs: typer.Typer) -> typer.Typer:
    """Add these verbs to those of rounds."""
    for verb in (apply, withdraw, review, supplement, answer, transfer):
        verbs.command()(verb)
    return verbs


def _known_item(document: ProgrammeDocument, tables: RulebookSet, item: str) -> None:
    known = {condition.id for _, condition in every_condition(document.programme)}
    for table in tables.rulebooks:
        for row in table.items:
            known |= {row.id, f"{table.doc}/{row.id}"}
    if item not in known:
        raise ItemUnknown(item)


def _said(voice: Speaker, name: str, number: str, receipt: Receipt, **more: Any) -> None:
    state = voice.choose("已记录", "recorded") if receipt.new else voice.choose("此前已记录", "recorded before")
    voice.say(f"{name} {number}: {state} @{receipt.position}")
    voice.give({"round": name, "application": number, **more, "position": receipt.position, "new": receipt.new})

"""Verbs that run a round 申请批次: open, extend, places, lock, seed, rank, offer, show, cancel."""

from datetime import date
from typing import Annotated, Any, Literal

import typer

from api import clock
from api.cli.deciding import KEEPER, On, RoundName, day_of, room
from api.cli.options import AsJson, By, civil_day, hand_of, plain_text, speaker
from api.cli.output import Exit
from api.cli.round_words import object_of, said, tell
from api.cli.usage import Misused
from domain.round import Round
from projections.office import rounds as office
from projections.rounds import (
    Filed,
)

round_ = typer.Typer(help="Rounds 申请批次: windows, applications, ranking, places.", no_args_is_help=True)

Reason = Annotated[str | None, typer.Option(help="Why; it stands in the ledger. 理由。", callback=plain_text)]


@round_.command("open")
def open_(
    context: typer.Context,
    name: RoundName,
    programme: Annotated[str, typer.Argument(help="The programme: cx.school. 积分应用。")],
    opens: Annotated[str, typer.Option(help="First day of the window. 开始。")],
    closes: Annotated[str, typer.Option(help="Last day of the window. 截止。")],
    counted_on: Annotated[
        str | None, typer.Option(help="计分截止日.", show_default="the programme's, or the last day")
    ] = None,
    late_facts: Annotated[
        Literal["listed", "redetermined"], typer.Option(help="listed, or redetermined. 锁定后得知的事实。")
    ] = "listed",
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """开启: Open a round of a programme for a window, both days inside."""
    voice, today = speaker(context, as_json=as_json), clock.today()
    first, last = civil_day(opens, today, "--opens"), civil_day(closes, today, "--closes")
    if last < first:
        raise Misused("截止日早于开始日", "it closes before it opens", "--closes")
    day = None if counted_on is None else civil_day(counted_on, today, "--counted-on")
    opening = office.Opening(name, programme, first, last, day, late_facts)
    with room(context) as at_work:
        receipt = office.open_round(at_work, opening, hand_of(by), lambda _place: None)
        said(voice, at_work.rounds.current(name), receipt, today)


@round_.command()
def extend(
    context: typer.Context,
    name: RoundName,
    closes: Annotated[str, typer.Argument(help="The new last day. 新的截止日。")],
    reason: Annotated[str, typer.Option(help="Why. 理由。", callback=plain_text)],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """延期: Let the window close later than was said."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.rounds.extend(name, civil_day(closes, day, "CLOSES"), reason, day, hand_of(by))
        said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def places(
    context: typer.Context,
    name: RoundName,
    unit: Annotated[str, typer.Argument(help="A town, a school, or all. 镇(街道)或学校。")],
    count: Annotated[int, typer.Argument(min=0, max=10**6, help="How many. 名额。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """名额: Declare how many places a unit has."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.rounds.declare(name, unit, count, day, hand_of(by))
        said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def close(context: typer.Context, name: RoundName, on: On = None, by: By = KEEPER, as_json: AsJson = False) -> None:
    """截止: Say that the window is over: how many applications stand, how many were filed late and are void."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        done = office.close(at_work, name, day, hand_of(by))
        current = at_work.rounds.current(name)
    voice.say(
        voice.choose(
            f"有效 {done.standing} 份,逾期无效 {done.void} 份",
            f"{done.standing} stand, {done.void} filed late are void",
        )
    )
    said(voice, current, done.receipt, day, standing=done.standing, void=done.void)


@round_.command()
def lock(
    context: typer.Context,
    name: RoundName,
    on: On = None,
    reason: Reason = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """锁定: Decide by what is known now. With a feed missing it takes two people and one reason."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        done = office.lock(at_work, name, day, reason, hand_of(by))
        current = at_work.rounds.current(name)
    for kind in done.missing:
        voice.say(voice.choose(f"数据未报齐: {kind}", f"incomplete feed: {kind}"))
    if done.receipt is None:
        voice.say(voice.choose("已提出强制锁定,须由另一人同样确认。", "Asked for; another person must confirm."))
        voice.give({**object_of(current, day), "locked": False, "incomplete": done.missing})
        raise typer.Exit(Exit.INCOMPLETE)
    said(voice, current, done.receipt, day, incomplete=done.missing)


@round_.command()
def seed(
    context: typer.Context,
    name: RoundName,
    text: Annotated[str, typer.Argument(help="The seed, printable ASCII. 种子。")],
    drawn_from: Annotated[str, typer.Option("--from", help="Its source. 来源。", callback=plain_text)],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """种子: Publish the seed of the draw, once, after the window has closed."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = office.publish_seed(at_work, name, text, drawn_from, day, hand_of(by))
        said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def cancel(
    context: typer.Context,
    name: RoundName,
    reason: Annotated[str, typer.Option(help="Why. 理由。", callback=plain_text)],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """取消: Cancel a round: nothing follows from it."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        receipt = at_work.rounds.cancel(name, day, reason, hand_of(by))
        said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def show(context: typer.Context, name: RoundName, on: On = None, as_json: AsJson = False) -> None:
    """展示: Show a round: its days, its places and how many are taken, its applications with their items."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        found = office.seen(at_work, name, day)
    current, free = found.current, found.free
    tell(voice, current, day)
    voice.table(
        [voice.choose("单位", "unit"), voice.choose("名额", "places"), voice.choose("剩余", "free")],
        [(unit, count, free[unit]) for unit, count in sorted(current.places.items())],
    )
    told = [_application(one, current, day) for one in found.filed.values()]
    voice.table(
        [voice.choose("申请", "application"), voice.choose("状态", "state"), voice.choose("各项", "items")],
        [
            (each["application"], each["state"], " ".join(f"{k}:{v}" for k, v in each["items"].items()))
            for each in told
        ],
    )
    voice.give({**object_of(current, day), "free": free, "applications": told})


def _application(filed: Filed, current: Round, day: date) -> dict[str, Any]:
    application = filed.application
    place = application.place(day)
    return {
        "application": application.number,
        "filed_on": application.filed_on,
        "state": "stands" if application.stands(current) else "void",
        "items": {item: state.on(day) for item, state in sorted(application.items.items())},
        "choices": list(application.choices),
        "place": None if place is None else {"unit": place.unit, "answer": place.answer},
    }

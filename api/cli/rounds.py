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
from domain.facts import RoundOpened
from domain.round import Round
from domain.round.outcome import free_places
from ledger.rounds.refusals import CountedOnOther
from projections.programmes import named
from projections.rounds import (
    Filed,
    applications_of,
    incomplete_feeds,
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
    with room(context) as at_work:
        at_work.follow()
        with at_work.known() as (_, snapshot):
            document = named(snapshot.programmes, programme, first)
    fixed = document.programme.counted_on.day
    day = civil_day(counted_on, fixed if isinstance(fixed, date) else last, "--counted-on")
    if isinstance(fixed, date) and day != fixed:
        raise CountedOnOther(str(fixed))
    fact = RoundOpened.model_validate(
        {
            "round": name,
            "programme": document.programme.programme,
            "content": document.hash,
            "place": document.programme.authority,
            "opens_on": first,
            "closes_on": last,
            "counted_on": day,
            "late_facts": late_facts,
        }
    )
    with room(context) as at_work:
        receipt = at_work.rounds.open(fact, hand_of(by))
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
        at_work.follow()
        with at_work.known() as (_, snapshot):
            filed = [one.application for one in applications_of(snapshot, name).values()]
        receipt = at_work.rounds.close(name, filed, day, hand_of(by))
        current = at_work.rounds.current(name)
    standing = sum(each.stands(current) for each in filed)
    void = sum(each.withdrawn_on is None for each in filed) - standing
    voice.say(
        voice.choose(f"有效 {standing} 份,逾期无效 {void} 份", f"{standing} stand, {void} filed late are void")
    )
    said(voice, current, receipt, day, standing=standing, void=void)


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
        current = at_work.rounds.current(name)
        as_at = at_work.follow()
        with at_work.known(as_at) as (_, snapshot):
            document = snapshot.programme(current.content)
            tables = snapshot.tables(current.place, current.counted_on)
            missing = incomplete_feeds(document, tables, current, snapshot.rules.coverage)
        receipt = at_work.rounds.lock(name, day, as_at, missing, reason, hand_of(by))
        current = at_work.rounds.current(name)
    for kind in missing:
        voice.say(voice.choose(f"数据未报齐: {kind}", f"incomplete feed: {kind}"))
    if receipt is None:
        voice.say(voice.choose("已提出强制锁定,须由另一人同样确认。", "Asked for; another person must confirm."))
        voice.give({**object_of(current, day), "locked": False, "incomplete": missing})
        raise typer.Exit(Exit.INCOMPLETE)
    said(voice, current, receipt, day, incomplete=missing)


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
        receipt = at_work.rounds.publish_seed(name, text, drawn_from, day, hand_of(by))
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
        current = at_work.rounds.current(name)
        at_work.follow()
        with at_work.known() as (_, snapshot):
            filed = applications_of(snapshot, name)
    tell(voice, current, day)
    free = free_places(current, (one.application for one in filed.values()), day)
    voice.table(
        [voice.choose("单位", "unit"), voice.choose("名额", "places"), voice.choose("剩余", "free")],
        [(unit, count, free[unit]) for unit, count in sorted(current.places.items())],
    )
    told = [_application(one, current, day) for one in filed.values()]
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

"""Verbs that run a round 申请批次: open, extend, places, lock, seed, rank, offer, show, cancel."""

from datetime import date
from typing import Annotated, Any

import typer

from api import clock
from api.cli.deciding import FOLDER, On, Programmes, Room, RoundName, day_of, document_of, room
from api.cli.options import AsJson, By, civil_day, hand_of, plain_text, speaker
from api.cli.output import Exit, Speaker
from api.cli.programmes import chosen_document
from api.cli.ranking import told_ranking
from domain.facts import RoundOpened
from domain.round import Round
from domain.round.outcome import free_places
from domain.round.refusals import RoundNotLocked
from ledger.entry import Hand, Receipt
from ledger.rounds.refusals import CountedOnOther, RankingNotFinal
from projections.rounds import (
    Determined,
    Filed,
    applications_of,
    determined,
    incomplete_feeds,
    offers_due,
    ranked,
    ranking_hash,
    ranking_json,
)

round_ = typer.Typer(help="Rounds 申请批次: windows, applications, ranking, places.", no_args_is_help=True)

KEEPER = "officer:keeper"
Reason = Annotated[str | None, typer.Option(help="Why; it stands in the ledger. 理由。", callback=plain_text)]
STATES = {
    "unknown": ("未公布", "unknown"),
    "announced": ("未开始", "announced"),
    "open": ("受理中", "open"),
    "closed": ("已截止", "closed"),
    "locked": ("已锁定", "locked"),
    "published": ("已公布", "published"),
    "cancelled": ("已取消", "cancelled"),
}


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
    late_facts: Annotated[str, typer.Option(help="listed, or redetermined. 锁定后得知的事实。")] = "listed",
    programmes: Programmes = FOLDER,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """开启: Open a round of a programme for a window, both days inside."""
    voice, today = speaker(context, as_json=as_json), clock.today()
    first, last = civil_day(opens, today, "--opens"), civil_day(closes, today, "--closes")
    document = chosen_document(voice, programmes, programme, first)
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
        _said(voice, at_work.rounds.current(name), receipt, today)


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
        _said(voice, at_work.rounds.current(name), receipt, day)


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
        _said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def lock(
    context: typer.Context,
    name: RoundName,
    on: On = None,
    reason: Reason = None,
    programmes: Programmes = FOLDER,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """锁定: Decide by what is known now. With a feed missing it takes two people and one reason."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        document = document_of(voice, programmes, current.content)
        as_at = at_work.follow()
        with at_work.known(as_at) as (_, snapshot):
            tables = snapshot.tables(current.place, current.counted_on)
            missing = incomplete_feeds(document, tables, current, snapshot.rules.coverage)
        receipt = at_work.rounds.lock(name, day, as_at, missing, reason, hand_of(by))
        current = at_work.rounds.current(name)
    for kind in missing:
        voice.say(voice.choose(f"数据未报齐: {kind}", f"incomplete feed: {kind}"))
    if receipt is None:
        voice.say(voice.choose("已提出强制锁定,须由另一人同样确认。", "Asked for; another person must confirm."))
        voice.give({**_object(current, day), "locked": False, "incomplete": missing})
        raise typer.Exit(Exit.INCOMPLETE)
    _said(voice, current, receipt, day, incomplete=missing)


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
        _said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def rank(
    context: typer.Context,
    name: RoundName,
    publish: Annotated[bool, typer.Option("--publish", help="Record the decisions and publish. 公布。")] = False,
    on: On = None,
    programmes: Programmes = FOLDER,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """排名: Rank the applications: on what was known at the lock, before it on what is known now."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        if publish and current.as_at is None:
            raise RoundNotLocked
        document = document_of(voice, programmes, current.content)
        at_work.follow()
        with at_work.known(current.as_at) as (_, snapshot):
            found = determined(snapshot, current, document)
        ranking = ranked(current, document, found)
        content = ranking_hash(current, ranking)
        if publish:
            if not ranking.is_final:
                raise RankingNotFinal
            voice.progress(voice.choose(f"记录 {len(found)} 个认定决定…", f"recording {len(found)} decisions…"))
            _record(at_work, current, found, day, hand_of(by))
            # If we stop here, publishing again finds the decisions under their keys, and publishes.
            at_work.rounds.publish(name, content, day, hand_of(by))
    told_ranking(voice, ranking)
    voice.say(voice.choose(f"排名 {content}", f"ranking {content}"), style="dim")
    by_number = {each.number: each.decision for each in found}
    lines = ranking_json(current, ranking)
    for line in lines["ranked"]:
        decision = by_number[line["application"]]
        line |= {"points": decision.record["outcome"]["points"], "decision": decision.hash}
    voice.give({**lines, "content": content, "published": publish, "programme": current.content})


@round_.command()
def offer(
    context: typer.Context,
    name: RoundName,
    answer_by: Annotated[str, typer.Option(help="Last day to answer. 答复截止日。")],
    on: On = None,
    programmes: Programmes = FOLDER,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """录取: Offer the places that are free to whoever is next; declined and unanswered ones are passed on."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    last = civil_day(answer_by, day, "--answer-by")
    offered = []
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        if current.as_at is None:
            raise RoundNotLocked
        document = document_of(voice, programmes, current.content)
        found, now = _now(at_work, current, document)
        due = offers_due(current, document, found, now, day)
        for each in due.ranked:
            if each.outcome == "in" and each.unit is not None:
                filed = at_work.applications.of(name, each.application, hand_of(by))
                at_work.applications.offer(filed, each.unit, day, last, hand_of(by))
                offered.append({"application": each.application, "rank": each.rank, "unit": each.unit})
    voice.table(
        [voice.choose("申请", "application"), voice.choose("学校或镇(街道)", "unit")],
        [(each["application"], each["unit"]) for each in offered],
    )
    voice.say(voice.choose(f"发出 {len(offered)} 份录取通知。", f"{len(offered)} places offered."))
    voice.give({"round": name, "offered": offered, "answer_by": last})


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
        _said(voice, at_work.rounds.current(name), receipt, day)


@round_.command()
def show(context: typer.Context, name: RoundName, on: On = None, as_json: AsJson = False) -> None:
    """展示: Show a round: its days, its places and how many are taken, its applications with their items."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        at_work.follow()
        with at_work.known() as (_, snapshot):
            filed = applications_of(snapshot, name)
    _tell(voice, current, day)
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
    voice.give({**_object(current, day), "free": free, "applications": told})


def _now(at_work: Room, current: Round, document: Any) -> tuple[list[Determined], dict[str, Filed]]:
    """Give the decisions as at the lock, and the applications as they are now."""
    at_work.follow()
    with at_work.known() as (cases, snapshot):
        locked = cases.within(snapshot.cursor, current.as_at or snapshot.position)
        return determined(locked, current, document), applications_of(snapshot, current.name)


def _record(at_work: Room, current: Round, found: list[Determined], day: date, hand: Hand) -> None:
    at_work.decisions.record(
        [(each.filed.subject, each.decision) for each in found],
        day,
        hand,
        place=current.place,
        programme=current.programme,
        round_name=current.name,
    )


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


def _said(voice: Speaker, current: Round, receipt: Receipt, day: date, **more: Any) -> None:
    _tell(voice, current, day)
    voice.give({**_object(current, day), **more, "position": receipt.position, "new": receipt.new})


def _tell(voice: Speaker, current: Round, day: date) -> None:
    state = voice.choose(*STATES[current.state(day).value])
    voice.say(f"{current.name} {current.programme} {current.place}  {state}", style="bold")
    counted = voice.choose("计分截止日", "counted on")
    known = voice.choose("已知至", "as at")
    as_at = "" if current.as_at is None else f" · {known} {current.as_at}"
    voice.say(f"  {current.opens_on} – {current.closes_on} · {counted} {current.counted_on}{as_at}", style="dim")


def _object(current: Round, day: date) -> dict[str, Any]:
    return {
        "round": current.name,
        "programme": current.programme,
        "content": current.content,
        "state": current.state(day).value,
        "opens_on": current.opens_on,
        "closes_on": current.closes_on,
        "counted_on": current.counted_on,
        "as_at": current.as_at,
        "late_facts": current.late_facts,
        "overridden": current.overridden,
        "places": current.places,
        "published": list(current.published),
    }

"""The verb about what counts provisionally 暂予认定 in a round: how it stands, and the end of what is over."""

from typing import Annotated

import typer

from api.cli.deciding import KEEPER, On, RoundName, day_of, room
from api.cli.options import AsJson, By, hand_of, speaker
from projections.office import provisional as office

_STANDING = {
    "waiting": ("等待答复", "waiting for the organ"),
    "confirmed": ("已确认", "confirmed"),
    "not-confirmed": ("未予确认", "not confirmed"),
    "expired": ("已期满", "expired"),
}


def provisional(
    context: typer.Context,
    name: RoundName,
    settle: Annotated[
        bool, typer.Option("--settle", help="End what is over: candidates follow from it. 终止已失效的认定。")
    ] = False,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """暂予认定: What was recognised at the lock of a round, and how it stands: waiting, confirmed or over."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        found = office.look(at_work, name, day, hand_of(by), settle=settle)
        people = sorted({one.recognition.ref.stream for one in found})
        at_work.desk.note(by, f"dispute: {name}", *people)
    heads = [("主体", "subject"), ("异议", "dispute"), ("月份", "month"), ("失效日", "until"), ("状态", "standing")]
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (
                str(one.recognition.ref.stream),
                one.recognition.fact.dispute,
                one.recognition.fact.month,
                one.recognition.fact.until,
                voice.choose(*_STANDING[one.standing]),
            )
            for one in found
        ],
    )
    over = sum(one.standing in ("not-confirmed", "expired") for one in found)
    ended = sum(one.ended for one in found)
    if not found:
        voice.say(voice.choose("没有暂予认定。", "Nothing counts provisionally."))
    elif ended:
        voice.say(
            voice.choose(
                f"已终止 {ended} 项;points decision candidates --round {name} 显示须重新认定的决定。",
                f"{ended} ended; `points decision candidates --round {name}` shows the decisions to look at again.",
            )
        )
    elif over:
        voice.say(voice.choose(f"{over} 项已失效,用 --settle 终止。", f"{over} are over: end them with --settle."))
    voice.give({"round": name, "on": day, "months": [one.as_json() for one in found], "ended": ended})


def of_rounds(group: typer.Typer) -> typer.Typer:
    """Give the group with the verb in it."""
    group.command()(provisional)
    return group

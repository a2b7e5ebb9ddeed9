"""Verbs by which places go: rank and publish, offer what is free; and what became known later."""

from typing import Annotated

import typer

from api.cli.deciding import KEEPER, On, RoundName, day_of, room
from api.cli.options import AsJson, By, civil_day, hand_of, speaker
from api.cli.ranking import told_ranking
from projections.office import rounds as office


def rank(
    context: typer.Context,
    name: RoundName,
    publish: Annotated[bool, typer.Option("--publish", help="Record the decisions and publish. 公布。")] = False,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """排名: Rank the applications: on what was known at the lock, before it on what is known now."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        if publish:
            voice.progress(voice.choose("认定并记录…", "deciding and recording…"))
            found = office.publish(at_work, name, day, hand_of(by))
        else:
            found = office.rank(at_work, name)
    told_ranking(voice, found.ranking, found.provisional)
    voice.say(voice.choose(f"排名 {found.content}", f"ranking {found.content}"), style="dim")
    voice.give({**found.as_json(), "published": publish})


def offer(
    context: typer.Context,
    name: RoundName,
    answer_by: Annotated[str, typer.Option(help="Last day to answer. 答复截止日。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """录取: Offer the places that are free to whoever is next; declined and unanswered ones are passed on."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    last = civil_day(answer_by, day, "--answer-by")
    with room(context) as at_work:
        offered = office.offer(at_work, name, day, last, hand_of(by))
    voice.table(
        [voice.choose("申请", "application"), voice.choose("学校或镇(街道)", "unit")],
        [(each["application"], each["unit"]) for each in offered],
    )
    voice.say(voice.choose(f"发出 {len(offered)} 份录取通知。", f"{len(offered)} places offered."))
    voice.give({"round": name, "offered": offered, "answer_by": last})


def late(context: typer.Context, name: RoundName, as_json: AsJson = False) -> None:
    """锁定后得知: List what became known after the lock and speaks of days that counted, and how it is treated."""
    voice = speaker(context, as_json=as_json)
    with room(context) as at_work:
        current, told = office.late_facts(at_work, name)
    rule = {"listed": ("只列明", "listed alone"), "redetermined": ("重新认定", "re-determined")}[current.late_facts]
    voice.table(
        [voice.choose("申请", "application"), voice.choose("何人", "of"), voice.choose("事实", "fact")],
        [(each["application"], each["of"], each["fact"]["kind"]) for each in told],
    )
    voice.say(voice.choose(f"{len(told)} 条;本批次规定: {rule[0]}。", f"{len(told)} facts; the rule: {rule[1]}."))
    voice.give({"round": name, "late_facts": current.late_facts, "as_at": current.as_at, "late": told})


def of_rounds(verbs: typer.Typer) -> typer.Typer:
    """Add these verbs to those of rounds."""
    for verb in (rank, offer, late):
        verbs.command()(verb)
    return verbs

"""Verbs by which places go: rank and publish, offer what is free; and what became known later."""

from datetime import date
from typing import Annotated

import typer

from api.cli.deciding import KEEPER, On, Room, RoundName, day_of, room
from api.cli.options import AsJson, By, civil_day, hand_of, speaker
from api.cli.ranking import told_ranking
from domain.programme import ProgrammeDocument
from domain.round import Round
from domain.round.refusals import RoundNotLocked
from ledger.entry import Hand
from ledger.rounds.refusals import RankingNotFinal
from projections.late import late_of
from projections.rounds import (
    Determined,
    Filed,
    applications_of,
    determined,
    offers_due,
    ranked,
    ranking_hash,
    ranking_json,
)


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
        current = at_work.rounds.current(name)
        if publish and current.as_at is None:
            raise RoundNotLocked
        at_work.follow()
        with at_work.known(current.as_at) as (_, snapshot):
            document = snapshot.programme(current.content)
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
    offered = []
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        if current.as_at is None:
            raise RoundNotLocked
        document, found, now = _now(at_work, current)
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


def late(context: typer.Context, name: RoundName, as_json: AsJson = False) -> None:
    """锁定后得知: List what became known after the lock and speaks of days that counted, and how it is treated."""
    voice = speaker(context, as_json=as_json)
    with room(context) as at_work:
        current = at_work.rounds.current(name)
        at_work.follow()
        with at_work.known() as (_, snapshot):
            document = snapshot.programme(current.content)
            told = [each.as_json() for each in late_of(snapshot, current, document)]
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


def _now(at_work: Room, current: Round) -> tuple[ProgrammeDocument, list[Determined], dict[str, Filed]]:
    """Give the programme, the decisions as at the lock, and the applications as they are now."""
    at_work.follow()
    with at_work.known() as (cases, snapshot):
        locked = cases.within(snapshot.cursor, current.as_at or snapshot.position)
        document = locked.programme(current.content)
        return document, determined(locked, current, document), applications_of(snapshot, current.name)


def _record(at_work: Room, current: Round, found: list[Determined], day: date, hand: Hand) -> None:
    at_work.decisions.record(
        [(each.filed.subject, each.decision) for each in found],
        day,
        hand,
        place=current.place,
        programme=current.programme,
        round_name=current.name,
    )

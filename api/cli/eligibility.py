"""The verb that says what a resident may have: each programme met, or what is missing and the earliest day."""

from datetime import date
from typing import Annotated, NamedTuple
from uuid import UUID

import typer

from api import clock, composition
from api.cli.deciding import room
from api.cli.options import (
    AsAt,
    AsJson,
    AsOf,
    LookedAtBy,
    Purpose,
    civil_day,
    knowledge,
    look_of,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain.programme import ProgrammeDocument
from domain.programme.telling import tell
from projections.cases import Asked
from projections.eligible import Eligible, at_home, eligible
from projections.programmes import in_force, named
from projections.prospects import FEED_PAGE, Counted, Listed
from projections.standing import NAMES

DAYS = 30
"""A count says how many will meet a programme by themselves within so many days."""


def eligible_(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(help="The subject's id; without it, everybody under --programme. 记账主体编号。")
    ] = None,
    programme: Annotated[
        str | None, typer.Option(help="One programme: cx.rental. 积分应用。", show_default="those where they live")
    ] = None,
    town: Annotated[str | None, typer.Option(help="The town applied for. 镇(街道)。")] = None,
    zone: Annotated[str | None, typer.Option(help="The zone of the money. 区域。")] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    met: Annotated[bool, typer.Option("--met", help="List who meets it. 符合者名单。")] = False,
    within: Annotated[
        int | None, typer.Option(min=0, max=366, help="List who will by themselves within so many days. 天数。")
    ] = None,
    after: Annotated[str | None, typer.Option(help="Go on after this subject. 从此主体之后。")] = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """资格: What a resident may have and what is missing; without SUBJECT, who meets a programme, or how many."""
    if subject is None:
        _everybody(context, programme, Wanted(met, within, after), by, purpose, as_json=as_json)
        return
    if met or within is not None or after is not None:
        raise Misused("用于全体,不写 SUBJECT", "asks of everybody: leave SUBJECT out", "--met")
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    day, known, stream = civil_day(as_of, clock.today()), knowledge(as_at), subject_id(subject)
    with room(context) as at_work:
        at_work.follow()
        look_at(at_work.desk, stream, look)
        with at_work.known(known) as (_, snapshot):
            now = snapshot.now(stream)
            if programme is not None:
                wanted = [named(snapshot.programmes, programme, day)]
            else:
                wanted = at_home(snapshot, now, day, in_force(snapshot.programmes, day))
            found = [
                eligible(snapshot, document, _asked(document, now, day, town, zone), day) for document in wanted
            ]
            position = snapshot.position
    for each in found:
        _tell(voice, each)
    if not found:
        voice.say(voice.choose("居住地没有适用的积分应用。", "No programme applies where they live."))
    voice.give(
        {"subject": subject, "as_of": day, "as_at": position, "programmes": [each.as_json() for each in found]}
    )


class Wanted(NamedTuple):
    """Who of everybody is listed; neither: nobody is, they are counted."""

    met: bool
    within: int | None
    after: str | None


def _everybody(
    context: typer.Context, programme: str | None, wanted: Wanted, by: str | None, why: str | None, *, as_json: bool
) -> None:
    """List or count everybody under a programme, as kept. Who is listed can read in the read log who looked."""
    if programme is None:
        raise Misused(
            "须写 SUBJECT,或用它指明积分应用", "give SUBJECT, or name the programme with it", "--programme"
        )
    voice, today = speaker(context, as_json=as_json), clock.today()
    settings = settings_of(context)
    is_list = wanted.met or wanted.within is not None
    look = look_of(context, by, why) if is_list else None
    after = None if wanted.after is None else subject_id(wanted.after)
    with composition.desk(settings) as desk:
        voice.progress(voice.choose("跟上账本…", "following the ledger…"))
        composition.follow(desk.database, settings, composition.head(desk.database), NAMES)
        with composition.prospects(desk.database) as prospects:
            if look is None:
                _tell_counts(voice, programme, prospects.counts(programme, today, DAYS))
                return
            found = prospects.listed(programme, today, met=wanted.met, within_days=wanted.within, after=after)
        for one in found:
            look_at(desk, one.subject, look)
    if not found:
        voice.say(voice.choose("没有这样的人。", "There is nobody like that."))
        voice.give({"programme": programme, "as_of": today, "residents": [], "next": None})
        return
    voice.table(
        [voice.choose("主体", "subject"), voice.choose("地", "place"), voice.choose("何时", "when")],
        [(one.subject, one.place, _when(voice, one)) for one in found],
    )
    rows = [one._asdict() for one in found]
    last = found[-1].subject if len(found) == FEED_PAGE else None
    voice.give({"programme": programme, "as_of": today, "residents": rows, "next": last})


def _when(voice: Speaker, one: Listed) -> str:
    return voice.choose("符合", "met") if one.met else str(one.by_itself_on)


def _tell_counts(voice: Speaker, programme: str, found: list[Counted]) -> None:
    voice.table(
        [
            voice.choose("地", "place"),
            voice.choose("符合", "met"),
            voice.choose(f"{DAYS} 天内自然符合", f"within {DAYS} days"),
            voice.choose("其他", "others"),
        ],
        [(one.place, *("…" if n is None else n for n in (one.met, one.within, one.others))) for one in found],
    )
    voice.say(voice.choose("… 人数太少,不公布", "… withheld: too few"), style="dim")
    voice.give({"programme": programme, "within_days": DAYS, "counts": [one._asdict() for one in found]})


def _asked(document: ProgrammeDocument, subject: UUID, day: date, town: str | None, zone: str | None) -> Asked:
    return Asked(subject, document.programme.authority, day, town=town, zone=zone)


def _tell(voice: Speaker, each: Eligible) -> None:
    told = each.document.programme
    voice.say(f"{told.doc} {told.label.text(voice.language)}", style="bold")
    for line in tell(each.found, voice.language):
        voice.say(f"  {line}")
    if not each.found.met and each.not_before is not None:
        voice.say(voice.choose(f"  最早 {each.not_before} 可能符合", f"  could be met from {each.not_before} on"))

"""The verbs recognition and reminders: where a resident's points count, and what people should do soon."""

from datetime import timedelta
from typing import Annotated

import typer

from api import clock, composition
from api.cli.options import (
    AsAt,
    AsJson,
    AsOf,
    LookedAtBy,
    Place,
    Purpose,
    Subject,
    civil_day,
    knowledge,
    look_of,
    place_code,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.residents import look_at
from domain.recognition import tell_recognition
from projections.prospects import FEED_PAGE, Fed
from projections.standing import NAMES

DAYS_BACK = timedelta(days=31)


def recognition(
    context: typer.Context,
    subject: Subject,
    place: Place = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """互认: Which points count in a place, or in each of the home's city, and which stay behind."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    day, known, stream = civil_day(as_of, clock.today()), knowledge(as_at), subject_id(subject)
    code, settings = None if place is None else place_code(place), settings_of(context)
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        look_at(desk, stream, look)
        with composition.prospects(desk.database) as prospects:
            found = prospects.recognition(stream, day, known, code)
    for line in tell_recognition(found.standings, voice.language):
        voice.say(line)
    if not found.standings:
        voice.say(voice.choose("没有居住证,也没有居住登记。", "Neither a permit nor a registration is known."))
    places = [each.as_json(found.name) for each in found.standings]
    voice.give({"subject": found.subject, "as_of": day, "as_at": found.as_at, "places": places})


def reminders(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Option(help="One resident. 记账主体编号。", show_default="everybody")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="First day on which they began. 起始日。", show_default="a month ago")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day on which they began. 截止日。", show_default="today")
    ] = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """提醒: What people should do soon, each with the day, the cause and what to do."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    last = civil_day(until, clock.today(), "--until")
    first = civil_day(since, last - DAYS_BACK, "--since")
    stream, settings = None if subject is None else subject_id(subject), settings_of(context)
    with composition.desk(settings) as desk:
        voice.progress(voice.choose("跟上账本…", "following the ledger…"))
        composition.follow(desk.database, settings, composition.head(desk.database), NAMES)
        with composition.prospects(desk.database) as prospects:
            found: list[Fed] = []
            page = prospects.feed(first, last, subject=stream)
            while page:
                found += page
                if len(page) < FEED_PAGE:
                    break
                page = prospects.feed(first, last, subject=stream, after=page[-1].key)
        for one in sorted({each.subject for each in found}):
            look_at(desk, one, look)
    _tell(voice, found)
    told = [{"subject": one.subject, "place": one.place, **one.reminder.as_json()} for one in found]
    voice.give({"since": first, "until": last, "reminders": told})


def _tell(voice: Speaker, found: list[Fed]) -> None:
    if not found:
        voice.say(voice.choose("没有提醒。", "No reminder stands."))
        return
    words = [("起", "since"), ("主体", "subject"), ("做什么", "what to do"), ("缘由", "cause")]
    voice.table(
        [voice.choose(*word) for word in words],
        [
            (
                one.reminder.raised_on,
                one.subject,
                one.reminder.text(voice.language),
                one.reminder.cause(voice.language),
            )
            for one in found
        ],
    )

"""The verb that says what a resident may have: each programme met, or what is missing and the earliest day."""

from datetime import date
from typing import Annotated
from uuid import UUID

import typer

from api import clock
from api.cli.deciding import room
from api.cli.options import (
    AsAt,
    AsJson,
    AsOf,
    LookedAtBy,
    Purpose,
    Subject,
    civil_day,
    knowledge,
    look_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.residents import look_at
from domain.programme import ProgrammeDocument
from domain.programme.telling import tell
from projections.cases import Asked
from projections.eligible import Eligible, at_home, eligible
from projections.programmes import in_force, named


def eligible_(
    context: typer.Context,
    subject: Subject,
    programme: Annotated[
        str | None, typer.Option(help="One programme: cx.rental. 积分应用。", show_default="those where they live")
    ] = None,
    town: Annotated[str | None, typer.Option(help="The town applied for. 镇(街道)。")] = None,
    zone: Annotated[str | None, typer.Option(help="The zone of the money. 区域。")] = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """资格: What a resident may have, and for the rest what is missing and when it could be met."""
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


def _asked(document: ProgrammeDocument, subject: UUID, day: date, town: str | None, zone: str | None) -> Asked:
    return Asked(subject, document.programme.authority, day, town=town, zone=zone)


def _tell(voice: Speaker, each: Eligible) -> None:
    told = each.document.programme
    voice.say(f"{told.doc} {told.label.text(voice.language)}", style="bold")
    for line in tell(each.found, voice.language):
        voice.say(f"  {line}")
    if not each.found.met and each.not_before is not None:
        voice.say(voice.choose(f"  最早 {each.not_before} 可能符合", f"  could be met from {each.not_before} on"))

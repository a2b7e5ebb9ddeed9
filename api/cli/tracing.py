"""The verb trace: every entry of a resident, and what it did to the score."""

from collections.abc import Sequence

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
    Use,
    civil_day,
    knowledge,
    look_of,
    place_code,
    programme,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.residents import look_at
from domain.lateness import LATE_DAYS
from domain.places import name_of
from domain.words import kind_word
from projections.changes import When
from projections.traces import Trace, Traced


def trace(
    context: typer.Context,
    subject: Subject,
    place: Place = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    use: Use = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """追溯: every entry of a resident: who sent it, from when it is true, when it was recorded, what it did."""
    voice, settings, stream = speaker(context, as_json=as_json), settings_of(context), subject_id(subject)
    look, code = look_of(context, by, purpose), None if place is None else place_code(place)
    when = When(civil_day(as_of, clock.today()), knowledge(as_at))
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        look_at(desk, stream, look)
        with composition.traces(desk.database) as traces:
            found = traces.trace(stream, when, code, programme(use))
    _tell(voice, found)
    voice.give(
        {
            "subject": str(found.subject),
            "place": found.place,
            "as_of": found.as_of,
            "as_at": found.as_at,
            "total": found.total,
            "steps": [step.as_json() for step in found.steps],
        }
    )


def _tell(voice: Speaker, found: Trace) -> None:
    voice.say(f"{name_of(found.place)} {found.place}  {found.total}", style="bold")
    known = voice.choose(f"截至 {found.as_of} · 已知至 {found.as_at}", f"as of {found.as_of} · as at {found.as_at}")
    voice.say(f"  {known}", style="dim")
    heads = [("序号", "position"), ("记录", "recorded"), ("事实", "fact"), ("自", "from"), ("止", "until")]
    heads += [("部门", "organ"), ("变动", "change"), ("得分", "points")]
    voice.table([voice.choose(*head) for head in heads], [_row(voice, step) for step in found.steps])


def _row(voice: Speaker, step: Traced) -> Sequence[str | int]:
    entry, until = step.entry, step.true_until
    if entry is None:
        return ("", "", voice.choose("此后的其他变化", "other changes since"), "", "", "", *_moved(step))
    late = step.days_late is not None and step.days_late > LATE_DAYS
    mark = voice.choose(f"(迟报 {step.days_late} 天)", f" ({step.days_late} days late)") if late else ""
    return (
        entry.position,
        f"{entry.recorded_at.astimezone(clock.SHANGHAI):%Y-%m-%d}",
        f"{kind_word(entry.kind.partition('.')[0], voice.language)}{mark}",
        "" if step.true_from is None else str(step.true_from),
        "" if until is None else str(until),
        entry.organ,
        *_moved(step),
    )


def _moved(step: Traced) -> tuple[str, str]:
    moves = step.change is not None and step.change.difference != 0
    sign = "+" if step.change is not None and step.change.difference > 0 else ""
    return f"{sign}{step.difference}" if moves else "", step.total

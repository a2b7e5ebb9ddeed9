"""The verb diff: why a resident's score differs between two coordinates."""

from datetime import date
from typing import Annotated

import typer

from api import clock, composition
from api.cli.options import (
    AsJson,
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
from api.cli.residents import look_at
from domain.change import tell
from domain.errors import Language
from projections.changes import When

LANGUAGES: tuple[Language, ...] = ("zh", "en")
FromAsOf = Annotated[
    str | None, typer.Option(help="Civil day of the first score. 起始截至日期。", show_default="that of the second")
]
ToAsOf = Annotated[str | None, typer.Option(help="Civil day of the second score. 截至日期。", show_default="today")]
FromAsAt = Annotated[
    str | None,
    typer.Option(help="What the first score knew: a position or an instant. 起始已知至。", show_default="all"),
]
ToAsAt = Annotated[str | None, typer.Option(help="What the second score knew. 已知至。", show_default="all")]


def diff(
    context: typer.Context,
    subject: Subject,
    place: Place = None,
    from_as_of: FromAsOf = None,
    to_as_of: ToAsOf = None,
    from_as_at: FromAsAt = None,
    to_as_at: ToAsAt = None,
    use: Use = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """变化: why the score at one day and state of knowledge differs from that at another, in parts that add up."""
    voice, settings, stream = speaker(context, as_json=as_json), settings_of(context), subject_id(subject)
    look = look_of(context, by, purpose)
    code = None if place is None else place_code(place)
    to_day: date = civil_day(to_as_of, clock.today(), "--to-as-of")
    a, b = (
        When(civil_day(from_as_of, to_day, "--from-as-of"), knowledge(from_as_at, "--from-as-at")),
        When(to_day, knowledge(to_as_at, "--to-as-at")),
    )
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        look_at(desk, stream, look)
        with composition.changes(desk.database) as changes:
            change = changes.change(stream, a, b, code, programme(use))
    for line in tell(change, voice.language):
        voice.say(line)
    if a == b:
        voice.say(
            voice.choose(
                "→ 两个分数是同一个:请用 --from-as-of 或 --from-as-at 指明起始。",
                "→ Both scores are the same one: name the first with --from-as-of or --from-as-at.",
            )
        )
    told = {tongue: tell(change, tongue) for tongue in LANGUAGES}
    voice.give({"subject": subject, **change.as_json(), "explanation": told})

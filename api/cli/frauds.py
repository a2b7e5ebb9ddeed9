"""Verbs about fraud 弄虚作假: find."""

from typing import Annotated

import typer

from api import clock
from api.cli.deciding import KEEPER, On, day_of, room
from api.cli.options import AsJson, By, Subject, civil_day, hand_of, place_code, plain_text, speaker, subject_id
from api.cli.output import Exit
from api.cli.usage import Misused
from domain.facts import FraudFound

fraud = typer.Typer(help="Fraud 弄虚作假: found by two people, with a bar until a day.", no_args_is_help=True)


@fraud.callback()
def _only_verbs() -> None:
    """Keep `points fraud find` a verb of its own."""


@fraud.command()
def find(
    context: typer.Context,
    subject: Subject,
    place: Annotated[str, typer.Option(help="Where it bars: a place code. 辖区。")],
    until: Annotated[str, typer.Option(help="The first day without the bar. 处理期满日。")],
    basis: Annotated[str, typer.Option(help="On what. Sealed. 依据。")],
    reason: Annotated[str, typer.Option(help="Why, in the open. 理由。", callback=plain_text)],
    programme: Annotated[
        str | None, typer.Option(help="One programme alone. 积分应用。", show_default="every one of the place")
    ] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """认定: Find fraud: one person asks, another person's same call records it."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    ends = civil_day(until, clock.today(), "--until")
    if ends <= day:
        raise Misused("处理期满日须在认定日之后", "a bar ends after the day of the finding", "--until")
    fact = FraudFound(place=place_code(place), found_on=day, barred_until=ends, programme=programme, basis=basis)
    who = subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.frauds.find(who, fact, hand_of(by), reason)
    told = {"subject": str(who), "place": fact.place, "found_on": day, "barred_until": ends, "programme": programme}
    if receipt is None:
        voice.say(voice.choose("已提出,须由另一人同样确认。", "Asked for; another person must confirm."))
        voice.give({**told, "recorded": False})
        raise typer.Exit(Exit.INCOMPLETE)
    voice.say(voice.choose(f"已记录,{ends} 前不得申请。", f"Recorded: barred until {ends}."))
    voice.give({**told, "recorded": True, "position": receipt.position, "new": receipt.new})

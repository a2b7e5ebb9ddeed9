"""Verbs by which a ranking is shown to the public 公示: hung out with a day of removal, and read while it hangs."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.deciding import KEEPER, On, RoundName, day_of, room
from api.cli.options import AsJson, By, civil_day, hand_of, speaker
from api.cli.output import Speaker
from api.cli.usage import Misused
from ledger.calendars import CHINA, read_calendar
from projections.office import rounds as office

_DAY = timedelta(days=1)


def notice_(
    context: typer.Context,
    name: RoundName,
    days: Annotated[
        int | None, typer.Option(min=1, max=60, help="Working days that it hangs. 公示工作日数。")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Its last day, in place of --days. 公示截止日。")] = None,
    calendar: Annotated[Path, typer.Option(help="Working days. 工作日历。", exists=True)] = CHINA,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """公示: Hang out the ranking that was published last: masked names, for working days or until a day."""
    voice, first = speaker(context, as_json=as_json), day_of(on)
    if (days is None) == (until is None):
        raise Misused("与 --until 二选一", "either this or --until", "--days")
    last = civil_day(until, first, "--until")
    if days is not None:
        last = read_calendar(calendar).after(first - _DAY, days)
    if last < first:
        raise Misused("公示截止日早于开始日", "it ends before it begins", "--until")
    with room(context) as at_work:
        receipt = at_work.rounds.notice(name, first, last + _DAY, hand_of(by))
        current = at_work.rounds.current(name)
        lines = office.notice_lines(at_work, current)
    _tell(voice, lines)
    voice.say(voice.choose(f"公示 {first} 至 {last}", f"shown from {first} to {last}"))
    told = {"round": name, "starts_on": first, "last_day": last, "removed_on": last + _DAY, "notice": lines}
    voice.give({**told, "position": receipt.position, "new": receipt.new})


def board(
    context: typer.Context,
    name: RoundName,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """公示栏: Show what hangs out on a day, as the public sees it; before and after that nothing."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        lines = office.board(at_work, name, day)
    _tell(voice, lines)
    voice.give({"round": name, "on": day, "notice": lines})


def of_rounds(verbs: typer.Typer) -> typer.Typer:
    """Add these verbs to those of rounds."""
    verbs.command("notice")(notice_)
    verbs.command()(board)
    return verbs


def _tell(voice: Speaker, lines: list[dict[str, Any]]) -> None:
    voice.table(
        [
            voice.choose("名次", "rank"),
            voice.choose("姓名", "name"),
            voice.choose("单位", "unit"),
            voice.choose("积分", "points"),
        ],
        [(each["rank"], each["name"], each["unit"], each["points"] or "") for each in lines],
    )

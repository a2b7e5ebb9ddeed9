"""The verb roll: scores brought from one civil day to the next."""

import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import typer
from psycopg import Connection

from api import clock, composition
from api.cli.options import AsJson, civil_day, settings_of, speaker
from api.cli.output import Exit, Speaker
from api.cli.usage import Misused
from ledger.database import Role
from projections.rolls import SCORES, Rolled, rolled
from projections.runner import Runner
from projections.schemas import Schemas

_TOLD_EVERY_S = 1.0


def roll(
    context: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", help="Civil day, not one to come. 滚动到哪一天。", show_default="today")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """日终滚动: Score again whom the days since the last roll can have moved. The worker does it by itself."""
    voice, settings, today = speaker(context, as_json=as_json), settings_of(context), clock.today()
    day = civil_day(to, today, "--to")
    if day > today:
        raise Misused(f"不能晚于今天 {today}", f"no day after today, {today}", "--to")
    with (
        composition.database(settings) as database,
        composition.runners(database, settings, lambda: day) as make,
        make(SCORES) as runner,
        database.connect(Role.RUNNER) as connection,
    ):
        schemas = Schemas.of(database)
        before = rolled(connection, schemas, day)
        led = runner.lead()
        if not before.stands_on(day):
            if not led:
                voice.progress(
                    voice.choose(
                        "另一进程在运行投影,等它滚动。", "Another process runs the scores: waiting for it."
                    )
                )
            for now in _steps(runner, connection, schemas, day) if led else _watched(connection, schemas, day):
                voice.progress(_on_the_way(voice, now))
        after = rolled(connection, schemas, day)
    _tell(voice, before, after, day)
    if not after.stands_on(day):
        raise typer.Exit(Exit.INCOMPLETE)


def roll_object(found: Rolled, today: date) -> dict[str, Any]:
    """Say how far the roll is, for a program."""
    return {
        "day": found.day,
        "today": today,
        "sweeping": found.sweeping,
        "due": found.due,
        "behind": found.day is not None and not found.stands_on(today),
    }


def tell_roll(voice: Speaker, found: Rolled, today: date) -> None:
    """Say how far the roll is, and what to do where it is behind."""
    if found.day is None:
        voice.say(voice.choose("尚无积分。", "Nobody is scored yet."))
    elif found.stands_on(today):
        voice.say(voice.choose(f"积分已滚动到 {found.day}。", f"Scores are rolled to {found.day}."))
    else:
        voice.wrong(
            voice.choose(
                f"积分停在 {found.day},今天是 {today}:{found.due} 人到期未重算。",
                f"Scores stand on {found.day}, today is {today}: {found.due} residents are due.",
            ),
            "points roll",
        )


def _steps(runner: Runner, connection: Connection[Any], schemas: Schemas, day: date) -> Iterator[Rolled]:
    """Step until nothing is left. If we stop anywhere, whoever is not scored yet is still due."""
    told_at = time.monotonic()
    while runner.step().busy:
        if time.monotonic() >= told_at + _TOLD_EVERY_S:
            told_at = time.monotonic()
            yield rolled(connection, schemas, day)


def _watched(connection: Connection[Any], schemas: Schemas, day: date) -> Iterator[Rolled]:
    """Watch the process that leads until it is there, for a bounded time."""
    pause = threading.Event()
    for _ in range(int(composition.FOLLOW_SECONDS_MAX / _TOLD_EVERY_S)):
        now = rolled(connection, schemas, day)
        if now.stands_on(day):
            return
        yield now
        pause.wait(_TOLD_EVERY_S)


def _on_the_way(voice: Speaker, now: Rolled) -> str:
    if now.sweeping:
        return voice.choose(
            f"全部重算中:已算 {now.scored} 人", f"scoring everybody again: {now.scored} residents done"
        )
    return voice.choose(f"还有 {now.due} 人到期", f"{now.due} residents are due")


def _tell(voice: Speaker, before: Rolled, after: Rolled, day: date) -> None:
    again = after.scored if before.sweeping or after.scored != before.scored else max(0, before.due - after.due)
    if before.stands_on(day):
        voice.say(
            voice.choose(f"已滚动到 {before.day},无事可做。", f"Rolled to {before.day} already: nothing to do.")
        )
    elif after.stands_on(day):
        voice.say(
            voice.choose(
                f"✓ 已滚动到 {after.day},重算 {again} 人。", f"✓ Rolled to {after.day}, {again} scored again."
            ),
            style="green",
        )
    else:
        tell_roll(voice, after, day)
    voice.give({"from": before.day, "to": after.day, "scored": again, **roll_object(after, day)})

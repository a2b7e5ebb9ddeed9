"""The verb doctor: how the ledger is, and what waits for somebody."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import Connection

from api import clock, composition
from api.cli import feeds, requests, rolling
from api.cli.options import AsJson, settings_of, speaker, subject_id
from api.cli.output import Exit, Speaker
from api.settings import Settings
from ledger import migrate as migrations
from ledger.agreements import Agreements
from ledger.calendars import CHINA, read_calendar
from ledger.database import Database, Role
from ledger.migrate import State
from ledger.opening import Desk
from projections.checkpoints import reached
from projections.feed_checks import Sums
from projections.feed_checks import sums as feed_sums
from projections.heartbeats import Pulse, pulses
from projections.permits_at_once import holders_of_two
from projections.quarantine import ask_release, listed
from projections.rolls import rolled
from projections.schemas import Schemas
from projections.standing import NAMES

HELD_ROWS_COUNTED_MAX = 100_000
SILENT_AFTER = timedelta(seconds=15)
_NEXT_YEAR = (
    "把国务院下一年的放假通知加入工作日历文件 (terms/working-days.yaml,或 --calendar 所指的文件)",
    "add the State Council's notice for the next year to the calendar (terms/working-days.yaml, or --calendar)",
)


def doctor(
    context: typer.Context,
    release: Annotated[
        str | None, typer.Option(help="Fold a quarantined stream again from its entries. 解除隔离。")
    ] = None,
    sums: Annotated[
        bool, typer.Option("--feeds", help="Compare every feed's rows and sums with the ledger. 核对控制和。")
    ] = False,
    permits: Annotated[
        bool, typer.Option("--permits", help="List who holds two permits at once; reads everybody's. 一人两证。")
    ] = False,
    calendar: Annotated[Path, typer.Option(help="Working days. 工作日历。", exists=True, dir_okay=False)] = CHINA,
    as_json: AsJson = False,
) -> None:
    """体检: Say how the ledger is, and what waits: held rows, overdue feeds and requests, the calendar."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    with composition.desk(settings) as desk:
        schemas = Schemas.of(desk.database)
        if release is not None:
            with desk.database.connect(Role.RUNNER) as connection:
                ask_release(connection, schemas, subject_id(release))
        # An erasure that stopped halfway, or that a restored backup does not know, was done when the desk opened.
        finished = desk.erased_again
        state = _state(desk.database, schemas)
        state["erasures_finished"] = finished
        state["held_rows"] = len(desk.held.waiting(limit=HELD_ROWS_COUNTED_MAX))
        today = clock.today()
        late = Agreements(desk.ledger).overdue(today)
        asked = requests.overdue_objects(desk, today)
        with desk.database.connect(Role.RUNNER) as connection:
            standing = rolled(connection, schemas, today)
        differing = _differing(desk, settings, schemas) if sums else []
        double = _holding_two(desk, settings, schemas, today) if permits else []
    state["feeds_overdue"] = [feeds.overdue_object(one) for one in late]
    state["feeds_differing"] = [feeds.sums_object(one) for one in differing] if sums else None
    state["requests_overdue"] = asked
    state["second_permits"] = double if permits else None
    state["roll"] = rolling.roll_object(standing, today)
    state["calendar"] = _calendar(calendar, today)
    _tell(voice, state)
    rolling.tell_roll(voice, standing, today)
    feeds.tell(voice, late, differing)
    requests.tell_overdue(voice, asked)
    for one in double:
        who, number = one["subject"], one["number"]
        voice.wrong(
            voice.choose(f"一人两证: {who} {number}", f"two permits at once: {who} {number}"),
            voice.choose("请签发机关核对,终止其一", "let the police check, and end one of them"),
        )
    _tell_calendar(voice, state["calendar"])
    voice.give(state)
    wrong = [m for m in state["migrations"] if m["state"] != State.APPLIED] or state["quarantine"]
    if wrong or differing:
        raise typer.Exit(Exit.WRONG)
    if late or asked or double or state["roll"]["behind"]:
        raise typer.Exit(Exit.INCOMPLETE)


def _calendar(path: Path, today: date) -> dict[str, Any]:
    """Say how far working days are published. It is a warning, and changes no exit code: nothing waits here yet."""
    known = read_calendar(path)
    left, soon = known.days_left(today), known.ends_soon(today)
    return {"file": path.name, "covers_until": known.last, "days_left": left, "ends_soon": soon}


def _tell_calendar(voice: Speaker, state: dict[str, Any]) -> None:
    last, left = state["covers_until"], state["days_left"]
    if left < 0:
        voice.wrong(
            voice.choose(
                f"工作日历只到 {last}:以工作日计的时限都会被拒绝。",
                f"The calendar of working days ended on {last}: every clock in working days is refused.",
            ),
            voice.choose(*_NEXT_YEAR),
        )
    elif state["ends_soon"]:
        voice.wrong(
            voice.choose(
                f"工作日历只到 {last}(还有 {left} 天),此后的时限会被拒绝。",
                f"The calendar of working days ends on {last}, in {left} days; clocks beyond it are refused.",
            ),
            voice.choose(*_NEXT_YEAR),
        )


def _differing(desk: Desk, settings: Settings, schemas: Schemas) -> list[Sums]:
    """Say which feeds do not add up, on all that the ledger holds."""
    composition.follow(desk.database, settings, composition.head(desk.database))
    with desk.database.connect(Role.RUNNER) as connection, connection.cursor() as cursor:
        return [one for one in feed_sums(cursor, schemas) if not one.adds_up]


def _holding_two(desk: Desk, settings: Settings, schemas: Schemas, today: date) -> list[dict[str, Any]]:
    """Name the permits that stand today beside an older one that is in use."""
    composition.follow(desk.database, settings, composition.head(desk.database))
    with desk.database.connect(Role.RUNNER) as connection, connection.cursor(binary=True) as cursor:
        found = holders_of_two(cursor, schemas, today)
        return [{"subject": str(who), **one._asdict()} for who, each in found.items() for one in each]


def _state(database: Database, schemas: Schemas) -> dict[str, Any]:
    with database.connect(Role.RUNNER) as connection:
        row = connection.execute("SELECT current_setting('server_version')").fetchone()
        at = composition.head(database)
        return {
            "postgresql": row[0] if row else "",
            "head": at,
            "migrations": [{"name": s.name, "state": s.state} for s in migrations.status(database)],
            "projections": _projections(connection, schemas, at),
            "quarantine": [
                {"projection": h.projection, "stream": str(h.stream), "position": h.position, "reason": h.reason}
                for h in listed(connection, schemas)
            ],
        }


def _projections(connection: Connection[Any], schemas: Schemas, at: int) -> list[dict[str, Any]]:
    """Say how far each projection is, and what its last leader said of itself."""
    last = {pulse.projection: pulse for pulse in pulses(connection, schemas)}
    found = []
    for name in NAMES:
        with connection.cursor() as cursor:
            position = reached(cursor, schemas, [name])
        pulse = last.get(name)
        found.append(
            {
                "name": name,
                "position": position,
                "lag": max(0, at - position),
                "worker": None if pulse is None else _worker(pulse),
                "beat_at": None if pulse is None else pulse.beat_at,
                "failure": None if pulse is None else pulse.failure,
            }
        )
    return found


def _worker(pulse: Pulse) -> str:
    """Say what the last leader said of itself, or since when it has said nothing."""
    silent = clock.now() - pulse.beat_at
    return f"silent since {pulse.beat_at:%H:%M:%S}Z" if silent > SILENT_AFTER else str(pulse.state)


def _tell(voice: Speaker, state: dict[str, Any]) -> None:
    pending = [m for m in state["migrations"] if m["state"] != State.APPLIED]
    voice.say(
        f"PostgreSQL {state['postgresql']} · "
        + voice.choose(
            f"末位 {state['head']} · 待执行迁移 {len(pending)}",
            f"head {state['head']} · migrations pending {len(pending)}",
        )
    )
    if pending:
        voice.wrong(
            voice.choose("账本的表与本版本不一致。", "The ledger's tables are not those of this release."),
            voice.choose(
                "points db status 列出各迁移文件;points db migrate 执行待执行的。",
                "`points db status` lists the migrations; `points db migrate` applies what is pending",
            ),
        )
    voice.table(
        voice.heads("projection", "position", "lag", "worker", "failure"),
        [(p["name"], p["position"], p["lag"], p["worker"] or "", p["failure"] or "") for p in state["projections"]],
    )
    voice.say(
        voice.choose(
            f"隔离 {len(state['quarantine'])} 条流,待确认 {state['held_rows']} 行。",
            f"{len(state['quarantine'])} streams stand still, {state['held_rows']} rows are held.",
        )
    )
    for held in state["quarantine"]:
        voice.say(f"  {held['projection']} {held['stream']} @{held['position']} {held['reason']}")

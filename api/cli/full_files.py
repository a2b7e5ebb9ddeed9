"""A full file at the command line: compared, shown, confirmed by its plan, then done."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from api import clock, composition
from api.cli import effects
from api.cli.options import place_code
from api.cli.output import Exit, Speaker
from api.cli.receipts import as_object, code_of, now_and_then, tell
from api.settings import Settings
from domain.errors import BadCoordinate, ControlSumDiffers, FullPlanChanged, FullVoidsTooMany
from domain.facts import FullFileCompared
from ledger.database import Role
from ledger.ingest.delivery import Delivery
from ledger.ingest.dry_desk import DryDesk
from ledger.ingest.examine import Examiner
from ledger.ingest.full import FullRun, Scope
from ledger.ingest.job import ImportOrder, ImportReport, Progress, run_import
from ledger.ingest.ledger_desk import LedgerImportDesk
from ledger.ingest.plans import KINDS
from ledger.opening import Desk
from projections.effects import Touched
from projections.forecast import Forecast
from projections.full_files import Comparison, FullFiles, comparing
from projections.schemas import Schemas

VOIDS_MAX = 0.05
"""The share of what stood in the scope that a full file may void unless somebody says otherwise."""
_MONTHS = r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a call said of its full file: the scope, a plan that it confirms, its bound, the organ's own figures."""

    scope: Scope
    plan: str | None
    yes: bool
    voids_max: float
    rows: int | None
    control_sum: int | None


@dataclass(frozen=True, slots=True)
class Work:
    """The file, whose it is, where rejected rows go, and who is told how far it is."""

    delivery: Delivery
    order: ImportOrder
    rejects: Path | None
    progress: Callable[[Progress], None]


def scope_of(text: str, delivery: Delivery) -> Scope:
    """Read `330200/2025-03` or `330200/2025-01..2025-03`. Raises BadCoordinate."""
    place, _, months = text.partition("/")
    first, _, last = months.partition("..")
    last = last or first
    whole = all(re.fullmatch(_MONTHS, month) for month in (first, last))
    if delivery.kind is None or not whole or first > last:
        raise BadCoordinate("--full 330200/2025-01..2025-03 --kind KIND")
    return Scope(KINDS[delivery.kind], place_code(place), first, last)


def take_full(voice: Speaker, settings: Settings, work: Work, asked: Asked) -> Exit:
    """Compare, and show the plan; with a plan that is confirmed, do it. Gives the exit code.

    Raises what FullFiles and FullRun raise, ControlSumDiffers, FullPlanChanged, FullVoidsTooMany.
    """
    with composition.desk(settings) as desk:
        run = FullRun(desk, work.delivery, work.order, asked.scope)
        run.refuse_ungranted()
        begun = run.begun()
        if begun is not None and run.ended:
            return _done(voice, run.take(None, None, begun), begun)
        meant = not work.order.dry_run and (begun is not None or asked.plan is not None or asked.yes)
        forecast = Forecast(Touched())
        head = composition.head(desk.database)
        composition.follow(desk.database, settings, head)
        schemas = Schemas.of(desk.database)
        with (
            desk.database.connect(Role.RUNNER) as connection,
            comparing(connection, schemas, asked.scope, work.order.organ) as files,
        ):
            found = _compared(voice, desk, files, work, _as_at(head, begun, asked))
            _check(found, asked, begun)
            if meant:
                begun = begun or _begin(run, found)
                _void(voice, files, run, found)
            else:
                for page in files.absent():
                    forecast.voids(page)
        if not meant or begun is None:
            return _shown(voice, desk, settings, replace(work, order=run.order), found, forecast)
        return _done(voice, run.take(work.rejects, work.progress, begun), begun)


def _as_at(head: int, begun: FullFileCompared | None, asked: Asked) -> int:
    if begun is not None:
        return begun.as_at
    position, _, digest = (asked.plan or "").partition("-")
    if asked.plan is None:
        return head
    if not (position.isascii() and position.isdigit() and len(position) <= 18 and int(position) <= head and digest):
        raise FullPlanChanged(asked.plan)
    return int(position)


def _compared(voice: Speaker, desk: Desk, files: FullFiles, work: Work, as_at: int) -> Comparison:
    order, delivery, far = work.order, work.delivery, now_and_then(voice)
    real = LedgerImportDesk(desk)
    terms = delivery.mapping.terms(order.organ, order.received_on, real.grants(order.organ), delivery.kind)
    return files.compare(delivery, Examiner(terms), real, as_at, lambda rows: far(f"{rows:,} rows read"))


def _check(found: Comparison, asked: Asked, begun: FullFileCompared | None) -> None:
    """Hold the comparison against what the organ declared, what was confirmed, and the bound."""
    if begun is not None:  # confirmed before it stopped: somebody erased since then changes nothing
        return
    if asked.rows not in (None, found.rows):
        raise ControlSumDiffers(f"rows {found.rows} ≠ {asked.rows}")
    if asked.control_sum not in (None, found.control_sum):
        raise ControlSumDiffers(f"sum {found.control_sum} ≠ {asked.control_sum}")
    if asked.plan not in (None, found.token):
        raise FullPlanChanged(found.token)
    if found.absent > asked.voids_max * found.in_force:
        raise FullVoidsTooMany(f"{found.absent}/{found.in_force} > {asked.voids_max:.0%}")


def _begin(run: FullRun, found: Comparison) -> FullFileCompared:
    compared = FullFileCompared(
        batch_id=run.batch_id,
        plan=found.plan,
        as_at=found.as_at,
        fact_kind=run.scope.fact.kind_name(),
        place=run.scope.place,
        first_month=run.scope.first_month,
        last_month=run.scope.last_month,
        rows=found.rows,
        control_sum=found.control_sum,
        in_force=found.in_force,
        present=found.present,
        absent=found.absent,
    )
    run.begin(compared)
    return compared


def _void(voice: Speaker, files: FullFiles, run: FullRun, found: Comparison) -> None:
    done, far = 0, now_and_then(voice)
    for page in files.absent():
        run.void(page)
        done += len(page)
        far(f"{done:,}/{found.absent:,} voided")


def _shown(
    voice: Speaker, desk: Desk, settings: Settings, work: Work, found: Comparison, forecast: Forecast
) -> Exit:
    """Say what would be done, and by what name it is confirmed."""
    order = replace(work.order, dry_run=True)
    report = run_import(DryDesk(LedgerImportDesk(desk), forecast.entry), work.delivery, order, None, work.progress)
    with composition.effects(desk.database, settings, clock.today()) as scores:
        effect = scores.of(forecast.touched)
    tell(voice, report)
    _tell_comparison(voice, found)
    effects.tell(voice, effect)
    voice.say(
        voice.choose(
            f"确认执行:在同一命令后加 --plan {found.token}",
            f"To do this, repeat the call with --plan {found.token}",
        ),
        style="bold",
    )
    comparison = {**found._asdict(), "absent": found.absent, "confirm": found.token}
    voice.give({**as_object(report), "full": comparison, "scores": effects.as_object(effect)})
    return Exit.DONE


def _done(voice: Speaker, report: ImportReport, compared: FullFileCompared) -> Exit:
    tell(voice, report)
    voice.say(
        voice.choose(
            f"全量:此前有效 {compared.in_force},文件未列而作废 {compared.absent};已登记数据交付(完整)。",
            f"Full file: {compared.in_force} stood, {compared.absent} absent ones voided; the feed is complete.",
        )
    )
    voice.give({**as_object(report), "full": compared.model_dump(mode="json")})
    return code_of(report.receipt)


def _tell_comparison(voice: Speaker, found: Comparison) -> None:
    voice.say(
        voice.choose(
            f"全量比对(截至位置 {found.as_at}):此前有效 {found.in_force},文件列出 {found.present},"
            f"未列将作废 {found.absent};文件 {found.rows} 行,控制和 {found.control_sum}。",
            f"Compared as at {found.as_at}: {found.in_force} stand, {found.present} of them in the file,"
            f" {found.absent} absent and to be voided; the file has {found.rows} rows, control sum"
            f" {found.control_sum}.",
        )
    )

"""Verbs of whoever disputes 异议: open, evidence, withdraw, list, show, preview."""

import hashlib
import mimetypes
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api import clock, composition
from api.cli.deciding import KEEPER, On, Room, day_of, room
from api.cli.options import (
    AsJson,
    By,
    LookedAtBy,
    Purpose,
    Subject,
    hand_of,
    look_of,
    place_code,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain.dispute import Clock, Dispute, add_evidence, withdraw
from domain.dispute import clock as clock_of
from domain.dispute.refusals import DisputeNotOpen
from domain.facts import InsuranceMonthPaid
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Receipt

DisputeNumber = Annotated[str, typer.Argument(help="The dispute's number. 异议编号。")]
Calendar = Annotated[Path, typer.Option(help="Working days. 工作日历。", exists=True)]
_STATES = {
    "opened": ("已提出", "opened"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予受理", "declined"),
    "ruled": ("已裁定", "ruled"),
    "withdrawn": ("已撤回", "withdrawn"),
    "escalated": ("上级复核中", "with the city"),
}
_SAYS = {"no-data": ("未查询到数据", "no data"), "wrong-value": ("数据有误", "wrong value")}


def open_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    item: Annotated[str, typer.Option(help="document/item: zj.common/insurance. 指标。")],
    place: Annotated[str, typer.Option(help="Where the result was given. 辖区。")],
    says: Annotated[Literal["no-data", "wrong-value"], typer.Option(help="no-data or wrong-value. 理由类别。")],
    year: Annotated[int | None, typer.Option(help="Of the certified score. 核定年度。")] = None,
    decision: Annotated[str | None, typer.Option(help="The decision's hash. 决定。")] = None,
    months: Annotated[
        str | None, typer.Option(help="Months that are claimed: 2024-01,2024-02. 主张的月份。")
    ] = None,
    employer: Annotated[str | None, typer.Option(help="With which employer. Sealed. 单位。")] = None,
    claim: Annotated[str | None, typer.Option(help="In words. Sealed. 说明。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """提出异议: contest an item of a certified score (--year) or of a decision (--decision)."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    if (year is None) == (decision is None):
        raise Misused("--year 与 --decision 二选一", "either --year or --decision", "--year")
    claimed = None if months is None else [month.strip() for month in months.split(",") if month.strip()]
    said = {"says": says, "year": year, "decision": decision, "months": claimed}
    said |= {"employer": employer, "statement": claim}
    with room(context) as at_work:
        receipt = at_work.disputes.open(who, number, place_code(place), item, day, hand_of(by), **said)
    told_step(voice, number, receipt, ("已提出,等待受理。", "opened; it waits to be accepted."))


def evidence(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    file: Annotated[
        Path, typer.Argument(help="The document; the ledger keeps its digest. 文件。", exists=True, dir_okay=False)
    ],
    media_type: Annotated[
        str | None, typer.Option(help="image/png … 类型。", show_default="by the file's name")
    ] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """补充证据: record a document's digest, type and size; keep the document itself."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    kind = media_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    size = file.stat().st_size
    if not size:
        raise Misused("文件是空的", "the file is empty", "FILE")
    with room(context) as at_work:
        receipt = at_work.disputes.step(
            who, number, lambda one: add_evidence(one, day, digest, kind, size), hand_of(by)
        )
    told_step(voice, number, receipt, (f"已登记证据 {digest[:12]}。", f"evidence {digest[:12]} recorded."))


def withdraw_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """撤回异议: take it back."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.step(who, number, lambda one: withdraw(one, day), hand_of(by))
    told_step(voice, number, receipt, ("已撤回。", "withdrawn."))


def list_(
    context: typer.Context,
    subject: Subject,
    calendar: Calendar = CHINA,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """列出异议: a resident's disputes, their state and clock. The look is written to the read log."""
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    look, today = look_of(context, by, purpose), clock.today()
    with room(context) as at_work:
        look_at(at_work.desk, who, look)
        found = at_work.disputes.of(who)
    rows = [as_object(number, one, _clock(one, today, calendar)) for number, one in found.items()]
    heads = [("编号", "number"), ("指标", "item"), ("提出", "opened"), ("状态", "state"), ("应裁定", "due")]
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (
                row["number"],
                row["item"],
                row["opened_on"],
                voice.choose(*_STATES[row["state"]]),
                row["due_on"] or "",
            )
            for row in rows
        ],
    )
    if not rows:
        voice.say(voice.choose("没有异议。", "There are no disputes."))
    voice.give({"subject": str(who), "disputes": rows})


def show(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    calendar: Calendar = CHINA,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """查看异议: what is contested, both waits, the ruling with its reasons, and the remedies."""
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    look, today = look_of(context, by, purpose), clock.today()
    with room(context) as at_work:
        look_at(at_work.desk, who, look)
        found = at_work.disputes.of(who).get(number)
    if found is None or found.filed is None:
        raise DisputeNotOpen(number)
    waits = _clock(found, today, calendar)
    _tell(voice, found, waits)
    voice.give({"subject": str(who), **as_object(number, found, waits)})


def preview(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """试算: the score today if the months that are claimed were paid. Nothing is recorded."""
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    look, today = look_of(context, by, purpose), clock.today()
    with room(context) as at_work:
        look_at(at_work.desk, who, look)
        filed = at_work.disputes.of(who).get(number, Dispute()).filed
        if filed is None:
            raise DisputeNotOpen(number)
        if not filed.months:
            raise Misused("异议没有写明月份,无法试算", "the dispute claims no months: nothing to suppose", "NUMBER")
        at_work.follow()
        claimed = [InsuranceMonthPaid(month=month, place=filed.place[:6]) for month in filed.months]
        with composition.answers(at_work.desk.database) as answers:
            now = answers.score(who, filed.place, today)
            then = answers.score(who, filed.place, today, supposed=claimed)
    before, after = (one.score.points(one.score.total) for one in (now, then))
    voice.say(
        voice.choose(
            f"{len(claimed)} 个月若属实: {before} → {after} 分。",
            f"If the {len(claimed)} months were so: {before} → {after} points.",
        )
    )
    voice.give(
        {"subject": str(who), "number": number, "as_of": today, "months": filed.months, "now": before, "if": after}
    )


def told_step(voice: Speaker, number: str, receipt: Receipt, words: tuple[str, str]) -> None:
    """Say what a step did."""
    voice.say(f"{number}: {voice.choose(*words)}")
    voice.give({"number": number, "position": receipt.position, "new": receipt.new})


def _clock(dispute: Dispute, today: date, calendar: Path) -> Clock | None:
    running = dispute.accepted is not None and dispute.is_open
    return clock_of(dispute, today, read_calendar(calendar)) if running else None


def as_object(number: str, dispute: Dispute, waits: Clock | None) -> dict[str, Any]:
    """Give a dispute as JSON values."""
    filed, ruling, served = dispute.filed, dispute.ruling, dispute.served
    return {
        "number": number,
        "state": dispute.state,
        **({} if filed is None else filed.model_dump(mode="json", exclude={"kind", "dispute"})),
        "clock": None if waits is None else waits._asdict(),
        "due_on": None if waits is None else waits.due_on,
        "declined": dispute.declined and dispute.declined.reason,
        "evidence": [
            one.model_dump(mode="json", include={"digest", "media_type", "size"}) for one in dispute.evidence
        ],
        "checks": [one._asdict() for one in dispute.checks],
        "ruling": ruling and ruling.model_dump(mode="json", exclude={"kind", "dispute", "place"}),
        "served": served and served.model_dump(mode="json", exclude={"kind", "dispute", "place"}),
        "remedies": [
            one.model_dump(mode="json", include={"body", "decided_on", "outcome"}) for one in dispute.remedies
        ],
    }


def _tell(voice: Speaker, dispute: Dispute, waits: Clock | None) -> None:
    filed = dispute.filed
    if filed is None:
        return
    state, says = voice.choose(*_STATES[dispute.state]), voice.choose(*_SAYS[filed.says])
    voice.say(f"{filed.dispute}  {filed.item}  {says}  {filed.opened_on}  {state}", style="bold")
    if filed.months:
        voice.say(
            voice.choose(f"主张月份: {'、'.join(filed.months)}", f"months claimed: {', '.join(filed.months)}")
        )
    if waits is not None:
        due = waits.due_on or voice.choose("暂停(等待数据校核)", "standing still (an organ checks its data)")
        voice.say(
            voice.choose(
                f"时限 {waits.days} 个工作日: 受理方已用 {waits.ours},数源部门 {waits.theirs};应裁定: {due}",
                f"{waits.days} working days: {waits.ours} ours, {waits.theirs} the organ's; ruling due: {due}",
            )
        )
    if dispute.declined is not None:
        voice.say(voice.choose(f"不予受理: {dispute.declined.reason}", f"declined: {dispute.declined.reason}"))
    if dispute.ruling is not None:
        ruling = dispute.ruling
        outcome = {"maintained": ("维持", "maintained"), "corrected": ("更正", "corrected")}[ruling.outcome]
        voice.say(f"{voice.choose(*outcome)} {ruling.ruled_on} {ruling.department}: {ruling.reason}")
    if dispute.served is not None:
        voice.say(
            voice.choose(
                f"{dispute.served.served_on} 送达: 可在 {dispute.served.reconsideration_by} 前申请行政复议,"
                f"{dispute.served.lawsuit_by} 前提起诉讼。",
                f"served on {dispute.served.served_on}: reconsideration until {dispute.served.reconsideration_by},"
                f" a lawsuit until {dispute.served.lawsuit_by}.",
            )
        )


def dispute_of(at_work: Room, subject: str, number: str) -> Dispute:
    """Find a dispute. Raises DisputeNotOpen."""
    found = at_work.disputes.of(subject_id(subject)).get(number)
    if found is None:
        raise DisputeNotOpen(number)
    return found

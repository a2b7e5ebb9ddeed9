"""Verbs of whoever disputes 异议: open, evidence, withdraw, list, show, preview."""

import hashlib
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

import typer

from api import clock
from api.cli.deciding import KEEPER, On, Room, day_of, room
from api.cli.dispute_words import STATES, tell_dispute, tell_preview
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
from domain.dispute import Dispute
from domain.dispute.refusals import DisputeUnknown
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Receipt
from projections.office.contested import listed, reviews, seen
from projections.office.disputes import Disputing
from projections.office.previews import preview as supposed

DisputeNumber = Annotated[str, typer.Argument(help="The dispute's number. 异议编号。")]
Calendar = Annotated[Path, typer.Option(help="Working days. 工作日历。", exists=True)]


@dataclass(frozen=True)
class Stepping:
    """One step of one dispute: the ledger open, and the dispute with who acts on which day."""

    voice: Speaker
    room: Room
    dispute: Disputing

    def said(self, receipt: Receipt, chinese: str, english: str) -> None:
        """Tell what a step did."""
        told_step(self.voice, self.dispute.number, receipt, (chinese, english))

    @property
    def now(self) -> Dispute:
        """Fold the dispute as it stands."""
        return self.room.disputes.of(self.dispute.subject)[self.dispute.number]


@contextmanager
def stepping(
    context: typer.Context,
    subject: str,
    number: str,
    on: str | None,
    by: str,
    *,
    as_json: bool,
    organ: str | None = None,
) -> Iterator[Stepping]:
    """Open the ledger for one step; `organ` acts in the keeper's place. Raises what `room` does."""
    voice, day, who, hand = speaker(context, as_json=as_json), day_of(on), subject_id(subject), hand_of(by)
    with room(context) as at_work:
        acting = hand if organ is None else replace(hand, organ=organ)
        yield Stepping(voice, at_work, Disputing(at_work, who, number, day, acting))


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
    if (year is None) == (decision is None):
        raise Misused("须与 --decision 二选一", "either this or --decision", "--year")
    claimed = None if months is None else [month.strip() for month in months.split(",") if month.strip()]
    said = {"says": says, "year": year, "decision": decision, "months": claimed}
    said |= {"employer": employer, "statement": claim}
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        step.said(
            step.dispute.open(place_code(place), item, **said),
            "已提出,等待受理。",
            "opened; it waits to be accepted.",
        )


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
    kind = media_type or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    size = file.stat().st_size
    if not size:
        raise Misused("文件是空的", "the file is empty", "FILE")
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        told = (f"已登记证据 {digest[:12]}。", f"evidence {digest[:12]} recorded.")
        step.said(step.dispute.bring(digest, kind, size), *told)


def withdraw_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """撤回异议: take it back."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        step.said(step.dispute.withdraw(), "已撤回。", "withdrawn.")


@dataclass(frozen=True)
class Looking:
    """Somebody looks at a resident's disputes: it is in the read log already."""

    voice: Speaker
    room: Room
    subject: UUID

    def found(self, number: str) -> Dispute:
        """Find a dispute. Raises DisputeUnknown."""
        found = self.room.disputes.of(self.subject).get(number)
        if found is None or found.filed is None:
            raise DisputeUnknown(number)
        return found


@contextmanager
def looking(
    context: typer.Context, subject: str, by: str | None, purpose: str | None, *, as_json: bool
) -> Iterator[Looking]:
    """Open the ledger to look, and write down who does and why. Raises PurposeMissing, and what `room` does."""
    voice, who, look = speaker(context, as_json=as_json), subject_id(subject), look_of(context, by, purpose)
    with room(context) as at_work:
        look_at(at_work.desk, who, look)
        yield Looking(voice, at_work, who)


def list_(
    context: typer.Context,
    subject: Subject,
    calendar: Calendar = CHINA,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """列出异议: a resident's disputes and human reviews. The look is written to the read log."""
    with looking(context, subject, by, purpose, as_json=as_json) as look:
        found = listed(look.room.disputes.of(look.subject), clock.today(), read_calendar(calendar))
        reviewed = reviews(look.room, look.subject)
    voice, rows = look.voice, [one.as_json() for one in found]
    heads = [("编号", "number"), ("指标", "item"), ("提出", "opened"), ("状态", "state"), ("应裁定", "due")]
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (
                row["number"],
                row["item"],
                row["opened_on"],
                voice.choose(*STATES[row["state"]]),
                row["due_on"] or "",
            )
            for row in rows
        ],
    )
    if not rows:
        voice.say(voice.choose("没有异议。", "There are no disputes."))
    for one in reviewed:
        word = voice.choose("人工复核", "human review")
        voice.say(f"{word} {one['decision'][:12]}: {one['outcome'] or one['asked_on']} {one['reason'] or ''}")
    voice.give({"subject": str(look.subject), "disputes": rows, "reviews": reviewed})


def show(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    calendar: Calendar = CHINA,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """查看异议: what is contested, both waits, the ruling with its written reasons, and the remedies."""
    with looking(context, subject, by, purpose, as_json=as_json) as look:
        one = look.found(number)
        found = seen(look.room, look.subject, number, one, clock.today(), read_calendar(calendar))
    tell_dispute(look.voice, found)
    look.voice.give({"subject": str(look.subject), **found.as_json()})


def preview(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """试算: score, contested result, and who would move, if the months claimed were paid. Nothing is recorded."""
    with looking(context, subject, by, purpose, as_json=as_json) as look:
        filed = look.found(number).filed
        if filed is None:
            raise DisputeUnknown(number)
        found = supposed(look.room, look.subject, filed, clock.today())
    tell_preview(look.voice, found)
    look.voice.give({"subject": str(look.subject), **found.as_json(of_others=True)})


def told_step(voice: Speaker, number: str, receipt: Receipt, words: tuple[str, str]) -> None:
    """Say what a step did."""
    before = "" if receipt.new else voice.choose("(此前已记录)", " (recorded before)")
    voice.say(f"{number}: {voice.choose(*words)}{before}")
    voice.give({"number": number, "position": receipt.position, "new": receipt.new})

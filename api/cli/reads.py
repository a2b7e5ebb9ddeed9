"""Verbs of the read log 查询日志: who looked at a resident, receipts of looks, looks that are shown later."""

from contextlib import closing
from typing import Annotated

import typer

from api import clock, composition
from api.bodies.histories import ReadersBody, ReadingBody
from api.cli.options import (
    ACTOR_FORM,
    AsJson,
    By,
    LookedAtBy,
    Purpose,
    Subject,
    civil_day,
    hand_of,
    look_of,
    plain_text,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Exit, Speaker
from api.cli.usage import Misused
from api.refusals import ReadUnknown
from domain.errors import NotInLog
from ledger.database import Role
from ledger.deferrals import Deferral, defer_by_two
from ledger.evidence.looks import read_receipt
from ledger.history import READS_MAX
from ledger.reads import READS
from ledger.transparency.log import LogReader, NotInTheLog

reads = typer.Typer(
    help="The read log 查询日志: who looked at a resident, when and why; receipts; what is shown later.",
    no_args_is_help=True,
)
_ROLES = {
    "auditor": ("审计人员", "auditor"),
    "organ": ("数源部门", "organ"),
    "officer": ("经办人员", "officer"),
    "policy": ("政策部门", "policy office"),
    "code": ("持授权码的第三方", "who held a code"),
    "system": ("系统", "system"),
}
Everything = Annotated[
    bool, typer.Option("--all", help="As an auditor: what is not shown yet too, and the words. 审计视图。")
]


@reads.command()
def show(
    context: typer.Context,
    subject: Subject,
    everything: Everything = False,
    before: Annotated[int | None, typer.Option(min=1, help="Go on before this look. 续页。")] = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """查询记录: What a resident is shown of who looked, the latest first; this look is written down too."""
    voice, look, who = speaker(context, as_json=as_json), look_of(context, by, purpose), subject_id(subject)
    with composition.desk(settings_of(context)) as desk, desk.reads() as staff:
        desk.note(look.by, look.purpose, who)
        found = staff.of(who, None if everything else clock.today(), before)
        body = ReadersBody.of(who, found, staff.opened, voice.language, to_staff=everything)
    heads = [("次", "nth"), ("时间", "when"), ("查询者", "by"), ("目的", "why"), ("告知日", "shown on")]
    voice.table([voice.choose(*head) for head in heads], [_row(voice, one) for one in body.readings])
    if body.deferred:
        voice.say(
            voice.choose(
                f"另有 {body.deferred} 次依法延后告知。", f"{body.deferred} more are shown later, by law."
            ),
            style="yellow",
        )
    if len(found.reads) == READS_MAX:
        voice.say(f"→ points reads show {who} --before {found.reads[-1].number}")
    voice.give(body.model_dump(mode="json"))


@reads.command()
def receipt(
    context: typer.Context,
    subject: Subject,
    nth: Annotated[int, typer.Argument(min=1, help="Which look, as `reads show` counts. 第几次。")],
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """查询回执: Print the proof that a look is in the log of reads; `points verify` checks it offline."""
    voice, look, who = speaker(context, as_json=as_json), look_of(context, by, purpose), subject_id(subject)
    with composition.desk(settings_of(context)) as desk, desk.reads() as staff:
        desk.note(look.by, look.purpose, who)
        found = staff.nth(who, nth, clock.today())
        if found is None:
            raise ReadUnknown
        with closing(desk.database.connect(Role.AUDITOR)) as connection:
            try:
                proof = LogReader(connection, desk.keys.suite, READS).proof(found.number)
            except NotInTheLog:
                raise NotInLog(str(nth)) from None
        text = read_receipt(found, desk.keys.suite, proof)
    voice.plain(text)
    voice.give({"subject": str(who), "nth": nth, "receipt": text})


@reads.command()
def defer(
    context: typer.Context,
    subject: Subject,
    reader: Annotated[str, typer.Option(help="Whose looks: a pseudonymous id. 查询者编号。")],
    until: Annotated[str, typer.Option(help="First day on which they are shown. 告知日。")],
    basis: Annotated[str, typer.Option(help="By which law. 法律依据。", callback=plain_text)],
    by: By,
    as_json: AsJson = False,
) -> None:
    """延后告知: Let looks that follow be shown from a day on; a second person gives the same command."""
    voice, who, today = speaker(context, as_json=as_json), subject_id(subject), clock.today()
    if ACTOR_FORM.fullmatch(reader) is None:
        raise Misused("须为化名编号,例如 officer:0042", "a pseudonymous id, such as officer:0042", "--reader")
    day = civil_day(until, today, "--until")
    with composition.desk(settings_of(context)) as desk:
        done = defer_by_two(desk.approvals, Deferral(who, reader, day, basis), hand_of(by), today)
    voice.give({"subject": str(who), "reader": reader, "shown_on": day, "deferred": done})
    if not done:
        voice.say(voice.choose("已提请,须由另一人同样确认。", "Asked for; another person must confirm."))
        raise typer.Exit(Exit.INCOMPLETE)
    voice.say(
        voice.choose(
            f"此后 {reader} 的查询至 {day} 告知本人,在此之前只计次数。",
            f"From now on looks by {reader} are shown on {day}; until then they are counted.",
        )
    )


def _row(voice: Speaker, one: ReadingBody) -> tuple[object, ...]:
    role, _, name = one.reader.partition(":")
    who = f"{voice.choose(*_ROLES[role])} {name}" if role in _ROLES else one.reader
    why = " ".join(part for part in (one.why, one.reference, one.words) if part)
    at = f"{one.read_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
    later = "" if one.shown_on is None else f"{one.shown_on} {one.basis or ''}"
    return one.nth or "", at, who, why, later

"""Verbs for rows that wait for a person: held list, show, decide. 身份待确认."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from api import clock, composition
from api.cli.options import AsJson, By, settings_of, speaker
from api.cli.output import Exit, Speaker
from domain.errors import HeldRowUnknown
from ledger.ingest.confirming import confirm
from ledger.ingest.hints import HINTS
from ledger.ingest.verdicts import Finding, Outcome
from ledger.ingest.waiting import candidate_of
from ledger.opening import Desk
from ledger.vault.held import Decision, HeldRow, Origin
from ledger.vault.identities import Why

held = typer.Typer(help="Rows whose person is to be confirmed. 身份待确认。", no_args_is_help=True)
SHOWN_MAX = 1_000


class _Answer(StrEnum):
    """结论: what a person may decide."""

    SAME_PERSON = Decision.SAME_PERSON
    OTHER_PERSON = Decision.OTHER_PERSON
    REJECTED = Decision.REJECTED


_DECISIONS = ", ".join(_Answer)
HeldId = Annotated[str, typer.Argument(metavar="ID", help="As `held list` gives it. 编号。")]
_WHY = {
    Why.OTHER_NAME: ("证件号码以另一姓名登记", "the number is known under another name"),
    Why.SEVERAL_PERSONS: ("证件号码登记有多人", "several persons have the number"),
    Why.UNKNOWN_NUMBER: ("证件号码首次出现而没有姓名", "a new number without a name"),
}
_DECIDED = {
    Decision.SAME_PERSON: ("确认为已登记的本人", "it is the person who is known"),
    Decision.OTHER_PERSON: ("确认为另一人", "it is somebody else with the same number"),
    Decision.REJECTED: ("不予采用,由数源部门更正后重报", "rejected: the source sends it again, corrected"),
    Decision.ERASED: ("相关人员已删除", "the person was erased"),
    Decision.SUPERSEDED: ("更正后的同一行已入账", "the row came again, corrected, and stands"),
}
_BECAME = {
    Outcome.ACCEPTED: ("该行已入账。", "The row is in the ledger now."),
    Outcome.DUPLICATE: ("同一事实早已入账。", "The same fact was in the ledger already."),
    Outcome.CONFLICT: (
        "该行与已入账的内容冲突,未入账。",
        "The row conflicts with what is there, and was not taken.",
    ),
    Outcome.HELD: ("该行仍待确认。", "The row still waits."),
    Outcome.INVALID: ("该行不合格,未入账。", "The row cannot be taken."),
}


@held.command("list")
def list_(
    context: typer.Context,
    organ: Annotated[str | None, typer.Option(help="Of one organ. 数源部门。")] = None,
    as_json: AsJson = False,
) -> None:
    """列表: the rows that wait, oldest first. Nothing in it but a file's name may be personal."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        waiting = desk.held.waiting(limit=SHOWN_MAX, organ=organ)
        origins = desk.held.origins(waiting)
    heads = (("编号", "id"), ("数源部门", "organ"), ("原因", "why"), ("时间", "since"), ("来自", "from"))
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (row.held_id, row.organ, voice.choose(*_WHY[row.why]), _when(row), _from(voice, origin))
            for row, origin in zip(waiting, origins, strict=True)
        ],
    )
    if waiting:
        voice.say("→ points held show ID")
        voice.say(f"→ points held decide ID {_DECISIONS.replace(', ', '|')} --by OFFICER")
    else:
        voice.say(voice.choose("没有待确认的行。", "No row waits."))
    voice.give({"held": [_as_object(*each) for each in zip(waiting, origins, strict=True)]})


@held.command()
def show(context: typer.Context, held_id: HeldId, as_json: AsJson = False) -> None:
    """查看: one row: where it came from, what it says, whose it may be. Names and numbers are not shown."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        row = desk.held.row(_id(held_id))
        [origin] = desk.held.origins([row])
        kind = _kind(desk, row)
        persons = desk.held.persons(row.held_id) if row.decision is None else []
    lines = [
        ("编号", "id", row.held_id),
        ("数源部门", "organ", row.organ),
        ("来自", "from", _from(voice, origin)),
        ("导入批次", "batch", row.batch_id or "–"),
        ("事实种类", "kind", kind or "–"),
        ("原因", "why", voice.choose(*_WHY[row.why])),
        ("时间", "since", _when(row)),
        ("结论", "decision", voice.choose(*_told(row))),
        *(("可能是", "may be", person) for person in persons),
    ]
    for zh, en, value in lines:
        voice.say(f"{voice.choose(zh, en)}: {value}")
    if row.decision is None:
        voice.say(f"→ points held decide {row.held_id} {_DECISIONS.replace(', ', '|')} --by OFFICER")
    voice.give({**_as_object(row, origin), "kind": kind, "persons": [str(person) for person in persons]})


@held.command()
def decide(
    context: typer.Context,
    held_id: HeldId,
    decision: Annotated[_Answer, typer.Argument(help=f"{_DECISIONS}. 结论。")],
    by: By,
    subject: Annotated[
        str | None, typer.Option(help="Which of several persons, where the number is shared. 主体编号。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """确认: say whose a row is; it is then imported for that person."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        row, verdict = confirm(
            desk, _id(held_id), Decision(decision), by, None if subject is None else _id(subject)
        )
    outcome = None
    if verdict is not None:
        outcome = verdict.outcome if isinstance(verdict, Finding) else Outcome.ACCEPTED
    good = outcome in {None, Outcome.ACCEPTED, Outcome.DUPLICATE}
    voice.say(f"{'✓' if good else '✗'} {voice.choose(*_told(row))}")
    if row.subject is not None:
        voice.say(f"  {voice.choose('主体', 'subject')} {row.subject}")
    if outcome is not None:
        voice.say(f"  {voice.choose(*_BECAME[outcome])}")
    elif row.decision is not Decision.REJECTED:
        voice.say(f"  {voice.choose('早已确认,该行已处理。', 'Decided before; the row was dealt with then.')}")
    if isinstance(verdict, Finding) and not good:
        hint = HINTS[verdict.code]
        voice.say(f"  {verdict.code}: {voice.choose(hint.zh, hint.en)}")
    voice.give({"id": str(row.held_id), "decision": row.decision, "subject": row.subject, "verdict": outcome})
    if not good:
        raise typer.Exit(Exit.INCOMPLETE)


def _as_object(row: HeldRow, origin: Origin | None) -> dict[str, Any]:
    return {
        "id": str(row.held_id),
        "organ": row.organ,
        "why": row.why,
        "held_at": row.held_at,
        "batch_id": None if row.batch_id is None else str(row.batch_id),
        "file": None if origin is None else origin.file,
        "line": None if origin is None else origin.line,
        "decision": row.decision,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
        "subject": None if row.subject is None else str(row.subject),
    }


def _kind(desk: Desk, row: HeldRow) -> str | None:
    content = desk.held.content(row.held_id)
    return None if content is None else candidate_of(content).fact.kind


def _when(row: HeldRow) -> str:
    return f"{row.held_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _from(voice: Speaker, origin: Origin | None) -> str:
    if origin is None:
        return "–"
    return voice.choose(f"{origin.file} 第 {origin.line} 行", f"{origin.file} line {origin.line}")


def _told(row: HeldRow) -> tuple[str, str]:
    return ("待确认", "waits for a person") if row.decision is None else _DECIDED[row.decision]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise HeldRowUnknown from None

"""Verbs of whoever answers disputes 异议: accept, decline, ask, answer, rule, serve, escalate, remedy; review."""

from typing import Annotated, Literal

import typer

from api.cli.deciding import KEEPER, On, day_of, room
from api.cli.dispute_words import waiting
from api.cli.disputes import (
    Calendar,
    DisputeNumber,
    evidence,
    list_,
    open_,
    preview,
    show,
    stepping,
    told_step,
    withdraw_,
)
from api.cli.options import AsJson, By, Subject, civil_day, hand_of, plain_text, speaker, subject_id
from api.cli.output import Exit
from api.cli.usage import Misused
from domain.dispute import RULING_DAYS
from ledger.calendars import CHINA, read_calendar
from projections.office.disputes import RemedyBody, RemedyOutcome, Reviewing, RulingOutcome, Said

dispute = typer.Typer(help="Disputes 异议: contested results, item by item, with a clock.", no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="Why; it stands in the ledger. 理由。", callback=plain_text)]
Check = Annotated[str, typer.Argument(help="The check's number. 校核编号。")]
Cites = Annotated[
    str, typer.Option(help="Versions of entries in the resident's history: 7,8. 援引条目。", show_default="none")
]


@dispute.command()
def accept(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    days: Annotated[int, typer.Option(min=1, max=250, help="Working days to a ruling. 工作日。")] = RULING_DAYS,
    calendar: Calendar = CHINA,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """受理: look into it; the clock starts."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        receipt = step.dispute.accept(read_calendar(calendar), days)
        last = "" if step.now.accepted is None else step.now.accepted.rule_by
        step.said(receipt, f"已受理,{last} 前裁定。", f"accepted; a ruling is due by {last}.")


@dispute.command("decline")
def decline_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    reason: Reason,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """不予受理: with the reason, which the resident is told."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        step.said(step.dispute.decline(reason), "不予受理。", "declined.")


@dispute.command()
def ask(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    check: Check,
    organ: Annotated[str, typer.Option(help="Who vouched for the fact. 数源部门。")],
    provisional_until: Annotated[
        str | None, typer.Option(help="First day on which the claim counts no more without an answer. 暂认截止。")
    ] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """数据校核: ask the organ that vouched for the fact; the clock stands still until it answers."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        last = provisional_until
        until = None if last is None else civil_day(last, step.dispute.on, "--provisional-until")
        told = (f"已请 {organ} 校核,时限暂停。", f"{organ} is asked; the clock stands still.")
        step.said(step.dispute.ask(check, organ, until), *told)


@dispute.command()
def answer(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    check: Check,
    organ: Annotated[str, typer.Option(help="As which organ. 数源部门。")],
    cites: Cites = "",
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """校核答复: corrected by the organ's own entries (--cites), or its data stand."""
    with stepping(context, subject, number, on, by, as_json=as_json, organ=organ) as step:
        receipt = step.dispute.answer(check, versions_of(cites))
        told = ("已答复,时限继续。", "answered; the clock runs on.")
        if pending := step.now.pending:
            told = (
                f"已答复;时限仍暂停,等待 {waiting(pending)}。",
                f"answered; the clock still waits for {waiting(pending)}.",
            )
        step.said(receipt, *told)


@dispute.command()
def rule(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    outcome: Annotated[RulingOutcome, typer.Argument(help="维持或更正。")],
    reason: Reason,
    department: Annotated[str, typer.Option(help="Which department answers. 答复部门。")],
    cites: Cites = "",
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """裁定: one person asks, another person's same call records; neither recorded what is contested."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        receipt = step.dispute.rule(Said(outcome, reason, department, versions_of(cites)))
        if receipt is None:
            step.voice.say(
                step.voice.choose("已提出,须由另一人同样确认。", "Asked for; another person must confirm.")
            )
            step.voice.give({"number": number, "recorded": False})
            raise typer.Exit(Exit.INCOMPLETE)
        step.said(receipt, "已裁定,请送达。", "ruled; serve it.")


@dispute.command("serve")
def serve_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """送达: the ruling reached the resident; the clocks of the remedies start."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        receipt, served = step.dispute.serve(), step.now.served
        days = ("", "") if served is None else (served.reconsideration_by, served.lawsuit_by)
        step.said(
            receipt,
            f"已送达;行政复议至 {days[0]},诉讼至 {days[1]}。",
            f"served; reconsideration until {days[0]}, a lawsuit until {days[1]}.",
        )


@dispute.command("escalate")
def escalate_(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    to: Annotated[str, typer.Option(help="Which office looks again. 复核机关。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """提交上级复核: the city looks again, with a clock of its own."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        step.said(step.dispute.escalate(to), f"已提交 {to}。", f"given to {to}.")


@dispute.command()
def remedy(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    body: Annotated[RemedyBody, typer.Argument(help="复议或诉讼。")],
    outcome: Annotated[RemedyOutcome, typer.Argument(help="维持、撤销、变更、确认违法、责令重作。")],
    document: Annotated[str | None, typer.Option(help="Its number. Sealed. 文号。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """复议或诉讼结果: record what another body decided."""
    with stepping(context, subject, number, on, by, as_json=as_json) as step:
        step.said(step.dispute.remedy(body, outcome, document), "已记录。", "recorded.")


@dispute.command()
def review(
    context: typer.Context,
    subject: Subject,
    decision: Annotated[str, typer.Argument(help="The decision's hash. 决定。")],
    outcome: Annotated[
        Literal["asked", "upheld", "to-be-revised"],
        typer.Argument(help="asked: by the person; the others: what somebody found. 请求或结论。"),
    ],
    reason: Annotated[str | None, typer.Option(help="Of the finding. 理由。", callback=plain_text)] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """人工复核: refuse a decision that only a program made (PIPL 24), or record what somebody found."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    if outcome != "asked" and reason is None:
        raise Misused("请写明理由", "say why", "--reason")
    with room(context) as at_work:
        reviewing = Reviewing(at_work, who, decision, day, hand_of(by))
        receipt = reviewing.ask() if outcome == "asked" else reviewing.find(outcome, reason or "")
    told_step(voice, decision[:12], receipt, ("已记录。", "recorded."))


def versions_of(text: str) -> tuple[int, ...]:
    """Read versions written 7,8. Raises Misused."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isascii() and word.isdigit() and 0 < int(word) < 2**31 for word in words):
        raise Misused("写版本号,例如 7,8", "versions, such as 7,8", "--cites")
    return tuple(dict.fromkeys(int(word) for word in words))


dispute.command("open")(open_)
dispute.command()(evidence)
dispute.command("withdraw")(withdraw_)
dispute.command("list")(list_)
dispute.command()(show)
dispute.command()(preview)

"""Verbs of whoever answers disputes 异议: accept, decline, ask, answer, rule, serve, escalate, remedy; review."""

from typing import Annotated, Literal

import typer

from api import composition
from api.cli.deciding import KEEPER, On, day_of, room
from api.cli.disputes import (
    Calendar,
    DisputeNumber,
    dispute_of,
    evidence,
    list_,
    open_,
    preview,
    show,
    told_step,
    withdraw_,
)
from api.cli.options import AsJson, By, Subject, civil_day, hand_of, plain_text, speaker, subject_id
from api.cli.output import Exit
from api.cli.usage import Misused
from domain.dispute import RULING_DAYS, Ruling, ask_source, decide_remedy, decline, escalate, serve
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Hand
from ledger.said import head_position_of

dispute = typer.Typer(help="Disputes 异议: contested results, item by item, with a clock.", no_args_is_help=True)
Reason = Annotated[str, typer.Option(help="Why; it stands in the ledger. 理由。", callback=plain_text)]
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
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.accept(who, number, day, hand_of(by), read_calendar(calendar), days)
        due = dispute_of(at_work, subject, number).accepted
    last = "" if due is None else due.rule_by
    told_step(voice, number, receipt, (f"已受理,{last} 前裁定。", f"accepted; a ruling is due by {last}."))


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
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.step(who, number, lambda one: decline(one, day, reason), hand_of(by))
    told_step(voice, number, receipt, ("不予受理。", "declined."))


@dispute.command()
def ask(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    check: Annotated[str, typer.Argument(help="The check's number. 校核编号。")],
    organ: Annotated[str, typer.Option(help="Who vouched for the fact. 数源部门。")],
    provisional_until: Annotated[
        str | None, typer.Option(help="First day on which the claim counts no more without an answer. 暂认截止。")
    ] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """数据校核: ask the organ that vouched for the fact; the clock stands still until it answers."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    until = None if provisional_until is None else civil_day(provisional_until, day, "--provisional-until")
    with room(context) as at_work:
        receipt = at_work.disputes.step(
            who, number, lambda one: ask_source(one, check, organ, day, until), hand_of(by)
        )
    told_step(
        voice, number, receipt, (f"已请 {organ} 校核,时限暂停。", f"{organ} is asked; the clock stands still.")
    )


@dispute.command()
def answer(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    check: Annotated[str, typer.Argument(help="The check's number. 校核编号。")],
    organ: Annotated[str, typer.Option(help="As which organ. 数源部门。")],
    cites: Cites = "",
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """校核答复: corrected by the organ's own entries (--cites), or its data stand."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    hand = Hand(by, organ, channel="cli", source_class="manual")
    with room(context) as at_work:
        receipt = at_work.disputes.answer(who, number, check, day, hand, versions_of(cites))
    told_step(voice, number, receipt, ("已答复,时限继续。", "answered; the clock runs on."))


@dispute.command()
def rule(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    outcome: Annotated[Literal["maintained", "corrected"], typer.Argument(help="维持或更正。")],
    reason: Reason,
    department: Annotated[str, typer.Option(help="Which department answers. 答复部门。")],
    cites: Cites = "",
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """裁定: one person asks, another person's same call records; neither recorded what is contested."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        at_work.follow()
        filed = dispute_of(at_work, subject, number).filed
        place = "" if filed is None else filed.place
        known = head_position_of(at_work.desk.ledger, who)
        with composition.answers(at_work.desk.database) as answers:
            rulebooks = answers.rulebooks(place, day, known).hash
        ruling = Ruling(outcome, reason, department, rulebooks, known, versions_of(cites))
        receipt = at_work.disputes.rule(who, number, ruling, day, hand_of(by))
    if receipt is None:
        voice.say(voice.choose("已提出,须由另一人同样确认。", "Asked for; another person must confirm."))
        voice.give({"number": number, "recorded": False})
        raise typer.Exit(Exit.INCOMPLETE)
    told_step(voice, number, receipt, ("已裁定,请送达。", "ruled; serve it."))


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
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.step(who, number, lambda one: serve(one, day), hand_of(by))
        served = dispute_of(at_work, subject, number).served
    days = ("", "") if served is None else (served.reconsideration_by, served.lawsuit_by)
    told_step(
        voice,
        number,
        receipt,
        (
            f"已送达;行政复议至 {days[0]},诉讼至 {days[1]}。",
            f"served; reconsideration until {days[0]}, a lawsuit until {days[1]}.",
        ),
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
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.step(who, number, lambda one: escalate(one, day, to), hand_of(by))
    told_step(voice, number, receipt, (f"已提交 {to}。", f"given to {to}."))


@dispute.command()
def remedy(
    context: typer.Context,
    subject: Subject,
    number: DisputeNumber,
    body: Annotated[Literal["reconsideration", "court"], typer.Argument(help="复议或诉讼。")],
    outcome: Annotated[
        Literal["upheld", "revoked", "changed", "unlawful", "redo"],
        typer.Argument(help="维持、撤销、变更、确认违法、责令重作。"),
    ],
    document: Annotated[str | None, typer.Option(help="Its number. Sealed. 文号。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """复议或诉讼结果: record what another body decided."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.disputes.step(
            who, number, lambda one: decide_remedy(one, body, day, outcome, document), hand_of(by)
        )
    told_step(voice, number, receipt, ("已记录。", "recorded."))


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
        if outcome == "asked":
            receipt = at_work.disputes.ask_review(who, decision, day, hand_of(by))
        else:
            receipt = at_work.disputes.review(who, decision, day, hand_of(by), outcome, reason or "")
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

"""Verbs about the year's assessment 年度申评: open, join, claim, answer, certify, show."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api import clock
from api.cli.deciding import KEEPER, On, day_of, room
from api.cli.options import (
    AsJson,
    By,
    LookedAtBy,
    Purpose,
    Subject,
    civil_day,
    hand_of,
    look_of,
    place_code,
    plain_text,
    speaker,
    subject_id,
)
from api.cli.output import Exit, Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain.assessment import answer_by
from domain.facts import AssessmentOpened, ClaimFiled
from ledger.calendars import CHINA, read_calendar
from ledger.entry import Receipt
from ledger.rounds import Reply
from projections.office import assessing

assessment = typer.Typer(
    help="The year's assessment 年度申评: open, join, claim, answer, certify, show.", no_args_is_help=True
)

AtPlace = Annotated[str, typer.Argument(help="A place code: 330282. 地区。")]
OfYear = Annotated[int, typer.Argument(min=2000, max=2199, help="The year. 年度。")]
ClaimNumber = Annotated[str, typer.Option("--number", help="The claim's number. 申请编号。")]
Calendar = Annotated[Path, typer.Option(help="Working days. 工作日历。", exists=True)]
_STATES = {
    "not_taken_part": ("未参评", "did not take part"),
    "open": ("申评中", "in progress"),
    "certified": ("已核定", "certified"),
}


@assessment.command("open")
def open_(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    opens: Annotated[str, typer.Option(help="First day. 开始。")],
    closes: Annotated[str, typer.Option(help="Last day. 截止。")],
    counted_on: Annotated[str, typer.Option(help="计分截止日.")],
    opt_in: Annotated[
        bool, typer.Option("--opt-in", help="Certify nobody who did not take part. 须申请。")
    ] = False,
    review_days: Annotated[int, typer.Option(min=1, max=250, help="Working days for a claim. 审核工作日。")] = 10,
    recheck_days: Annotated[int, typer.Option(min=1, max=250, help="And for a recheck. 复核工作日。")] = 5,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """开启: Open a year's assessment in a place, both days inside."""
    voice, today = speaker(context, as_json=as_json), clock.today()
    first, last = civil_day(opens, today, "--opens"), civil_day(closes, today, "--closes")
    if last < first:
        raise Misused("截止日早于开始日", "it closes before it opens", "--closes")
    fact = AssessmentOpened(
        year=year,
        place=place_code(place, "PLACE"),
        opens_on=first,
        closes_on=last,
        counted_on=civil_day(counted_on, today, "--counted-on"),
        opt_in=opt_in,
        review_days=review_days,
        recheck_days=recheck_days,
    )
    with room(context) as at_work:
        receipt = at_work.assessments.open(fact, hand_of(by))
    _said(voice, {"opened": fact.model_dump(mode="json", exclude={"kind"})}, receipt)


@assessment.command()
def join(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    subject: Subject,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """参加: Take part in a year's assessment."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = at_work.assessments.join(place, year, who, day, hand_of(by))
    _said(voice, {"subject": str(who)}, receipt)


@assessment.command()
def claim(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    subject: Subject,
    item: Annotated[str, typer.Argument(help="document/item of a table: nb.common/volunteer. 指标。")],
    number: ClaimNumber,
    recheck: Annotated[bool, typer.Option("--recheck", help="Look at an automatic item again. 复核申请。")] = False,
    evidence: Annotated[str | None, typer.Option(help="SHA-256 of what was handed in. 材料摘要。")] = None,
    month: Annotated[list[str] | None, typer.Option(help="A month that is missing: 2025-03. 缺漏月份。")] = None,
    says: Annotated[str | None, typer.Option(help="In the resident's words. Sealed. 说明。")] = None,
    on: On = None,
    by: By = KEEPER,
    calendar: Calendar = CHINA,
    as_json: AsJson = False,
) -> None:
    """申请: Claim a new item with evidence 积分申请, or have an automatic one looked at again 复核申请."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    fact = ClaimFiled(
        year=year,
        place=place_code(place, "PLACE"),
        claim=number,
        item=item,
        asks="recheck" if recheck else "claim",
        filed_on=day,
        evidence=evidence,
        months=month or None,
        says=says,
    )
    with room(context) as at_work:
        receipt = at_work.assessments.claim(place, year, who, fact, hand_of(by))
        opened = at_work.assessments.current(place, year)
        filed = at_work.assessments.of(who, place, year).claims[number]
    due = answer_by(opened, filed, read_calendar(calendar))
    voice.say(voice.choose(f"最迟 {due} 答复", f"answered by {due} at the latest"))
    _said(voice, {"subject": str(who), "claim": number, "item": item, "answer_by": due}, receipt)


@assessment.command()
def answer(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    subject: Subject,
    number: Annotated[str, typer.Argument(help="The claim's number. 申请编号。")],
    word: Annotated[Literal["granted", "refused", "returned"], typer.Argument(help="同意、不同意或退回。")],
    reason: Annotated[str | None, typer.Option(help="Why. 理由。", callback=plain_text)] = None,
    due: Annotated[str | None, typer.Option(help="Day by which it is supplemented. 补正期限。")] = None,
    points: Annotated[str | None, typer.Option(help="Points granted by hand. 人工赋分。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """答复: Grant, refuse or return a claim. A new item is granted by two people with the same call."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    if (word == "returned") != (due is not None) or (word != "granted" and reason is None):
        raise Misused(
            "退回须写 --due 和 --reason;不同意须写 --reason", "a return needs --due and --reason", "--due"
        )
    reply = Reply(word, reason, None if due is None else civil_day(due, day, "--due"), _points(points))
    with room(context) as at_work:
        receipt = assessing.answer(at_work, place, year, who, number, reply, day, hand_of(by))
    if receipt is None:
        voice.say(voice.choose("已初审,须由另一人同样复审。", "First examined; another person must examine it."))
        voice.give({"subject": str(who), "claim": number, "answer": word, "recorded": False})
        raise typer.Exit(Exit.INCOMPLETE)
    _said(voice, {"subject": str(who), "claim": number, "answer": word, "recorded": True}, receipt)


@assessment.command()
def certify(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    subject: Annotated[str | None, typer.Argument(help="One subject. 记账主体编号。")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody it is for. 全部。")] = False,
    valid_to: Annotated[str | None, typer.Option(help="The first day without it. 失效日。")] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """核定: Certify the score of the counting day, or certify it again; the later one counts."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    if everybody == (subject is not None):
        raise Misused("写一个编号,或用 --all", "one subject, or --all", "SUBJECT")
    until = None if valid_to is None else civil_day(valid_to, day, "--valid-to")
    done: list[dict[str, Any]] = []
    left: list[dict[str, Any]] = []
    with room(context) as at_work:
        wanted = [subject_id(subject)] if subject is not None else assessing.everybody(at_work, place, year)
        told = assessing.certify(at_work, place, year, wanted, day, hand_of(by), until)
        for index, each in enumerate(told, 1):
            who = {"subject": str(each.subject)}
            if isinstance(each, assessing.Certified):
                done.append({**who, "points": each.points, "position": each.receipt.position})
            elif subject is not None:
                raise each.why
            else:
                left.append({**who, "why": each.why.code()})
            if index % 1_000 == 0:
                voice.progress(f"{index} / {len(wanted)}")
    voice.table(
        [voice.choose("居民", "subject"), voice.choose("核定积分", "points")],
        [(each["subject"], each["points"]) for each in done],
    )
    for one in left:
        voice.say(f"  {one['subject']}: {one['why']}")
    voice.say(voice.choose(f"核定 {len(done)} 人,未核定 {len(left)} 人", f"{len(done)} certified, {len(left)} not"))
    voice.give({"place": place, "year": year, "certified": done, "left": left})
    if left:
        raise typer.Exit(Exit.INCOMPLETE)


@assessment.command()
def show(
    context: typer.Context,
    place: AtPlace,
    year: OfYear,
    subject: Annotated[str | None, typer.Argument(help="One subject. 记账主体编号。")] = None,
    on: On = None,
    calendar: Calendar = CHINA,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """展示: Show a year: how many take part and are certified, and which claims wait; of SUBJECT, with a reason."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    who = None if subject is None else subject_id(subject)
    look = None if who is None else look_of(context, by, purpose)
    with room(context) as at_work:
        if who is not None and look is not None:
            look_at(at_work.desk, who, look)
        found = assessing.shown(at_work, place, year, day, read_calendar(calendar), who)
    opened = found.opened
    voice.say(f"{place} {year}  {opened.opens_on} – {opened.closes_on}", style="bold")
    told = " · ".join(f"{voice.choose(*_STATES[state])} {count}" for state, count in sorted(found.counts.items()))
    voice.say(told or voice.choose("尚无人参评。", "Nobody takes part yet."))
    voice.table(
        [voice.choose("申请", "claim"), voice.choose("指标", "item"), voice.choose("答复期限", "answer by"), ""],
        [
            (
                each.claim.number,
                each.claim.item,
                each.answer_by,
                voice.choose("逾期", "overdue") if each.overdue else "",
            )
            for each in found.waiting
        ],
    )
    one = None if who is None else assessing.year_json(found.years[who])
    voice.give({**found.as_json(), "year": one})


def _points(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        raise Misused("分数写作 5 或 2.5", "points are written 5 or 2.5", "--points") from None


def _said(voice: Speaker, told: dict[str, Any], receipt: Receipt) -> None:
    state = voice.choose("已记录", "recorded") if receipt.new else voice.choose("此前已记录", "recorded before")
    voice.say(f"{state} @{receipt.position}")
    voice.give({**told, "position": receipt.position, "new": receipt.new})

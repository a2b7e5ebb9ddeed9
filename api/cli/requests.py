"""Verbs of rights requests 个人信息权利请求: open, list, show, withdraw, arrange (docs/rights.md)."""

from datetime import date
from typing import Annotated, Any, get_args

import typer

from api import clock
from api.cli.deciding import KEEPER, On, day_of, room
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
from domain.facts import BY_TOPIC, AfterDeathArranged
from domain.facts.rights import Right
from domain.rights import Asked, RightsRequest
from domain.rights.refusals import RequestUnknown
from ledger.entry import Receipt
from ledger.opening import Desk
from ledger.rights import Rights, Waiting
from projections.office import rights as office

RequestNumber = Annotated[str, typer.Argument(help="The request's number. 请求编号。")]
Cites = Annotated[str, typer.Option(help="Versions of entries in the history: 7,8. 条目号。", show_default="none")]
RIGHTS = {
    "copy": ("查阅复制", "copy"),
    "correct": ("更正补充", "correct"),
    "delete": ("删除", "delete"),
    "explain": ("解释说明", "explain"),
}
_STATES = {
    "received": ("待答复", "waiting"),
    "answered": ("已答复", "answered"),
    "refused": ("已拒绝", "refused"),
    "withdrawn": ("已撤回", "withdrawn"),
}
_RELATIONS = {
    "spouse": "配偶",
    "parent": "父母",
    "child": "子女",
    "sibling": "兄弟姐妹",
    "grandparent": "祖父母、外祖父母",
    "grandchild": "孙子女、外孙子女",
}
_KINDS = {fact.kind_name() for fact in BY_TOPIC.values()}
_HEADS = [("编号", "number"), ("权利", "right"), ("提出", "asked"), ("应答复", "due"), ("状态", "state")]


def open_(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    right: Annotated[Right, typer.Option(help="Which right. 权利。")],
    place: Annotated[str, typer.Option(help="Whose clock counts. 受理辖区。")],
    versions: Annotated[
        str, typer.Option(help="Entries in question: 7,8. 条目号。", show_default="the whole history")
    ] = "",
    statement: Annotated[str | None, typer.Option(help="In words; a relative's interest. Sealed. 说明。")] = None,
    relative: Annotated[
        str | None, typer.Option(help="A near relative of the deceased asks: their subject. 近亲属。")
    ] = None,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """提出请求: receive a request of the person, or of a near relative; the clock of the answer starts."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    asked = Asked(number, place_code(place), right, numbers(versions, "--versions"), statement)
    kin = None if relative is None else subject_id(relative)
    with room(context) as at_work:
        receipt = office.ask(at_work, who, asked, day, hand_of(by), kin)
        due = at_work.rights.of(who)[number].asked
    words = (f"已受理,{due.answer_by} 前答复({due.source})。", f"received; due by {due.answer_by} ({due.source}).")
    told_step(voice, number, receipt, words)


def list_(
    context: typer.Context,
    subject: Annotated[
        str | None, typer.Argument(help="One person's. 记账主体编号。", show_default="whoever waits")
    ] = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """列出请求: whoever waits for an answer, the most urgent first; or one person's (the look is recorded)."""
    voice, today = speaker(context, as_json=as_json), clock.today()
    with room(context) as at_work:
        if subject is None:
            _tell_waiting(voice, at_work.rights.waiting(today))
            return
        look, who = look_of(context, by, purpose), subject_id(subject)
        look_at(at_work.desk, who, look)
        found = at_work.rights.of(who)
    voice.table(
        [voice.choose(*head) for head in _HEADS],
        [
            (
                number,
                voice.choose(*RIGHTS[one.asked.right]),
                one.asked.asked_on,
                one.asked.answer_by,
                voice.choose(*_STATES[one.state]),
            )
            for number, one in found.items()
        ],
    )
    if not found:
        voice.say(voice.choose("没有请求。", "There are no requests."))
    told = [as_object(number, one) for number, one in found.items()]
    voice.give({"subject": str(who), "requests": told})


def show(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """查看请求: what was asked for, until when, who decided what and why, and the remedy."""
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    look, today = look_of(context, by, purpose), clock.today()
    with room(context) as at_work:
        look_at(at_work.desk, who, look)
        found = at_work.rights.of(who).get(number)
    if found is None:
        raise RequestUnknown(number)
    _tell(voice, found, found.days_over(today))
    voice.give({"subject": str(who), **as_object(number, found)})


def withdraw(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """撤回请求: take it back."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = office.withdraw(at_work, who, number, day, hand_of(by))
    told_step(voice, number, receipt, ("已撤回。", "withdrawn."))


def arrange(
    context: typer.Context,
    subject: Subject,
    rights: Annotated[
        str, typer.Option(help="Rights relatives may not use: delete,copy. 不得行使的权利。", show_default="none")
    ] = "",
    kinds: Annotated[
        str, typer.Option(help="Kinds they are not shown: blood-donated. 不予出示的种类。", show_default="none")
    ] = "",
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """生前安排: say what near relatives may not do or see after death; what is said last counts."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    barred, hidden = _words(rights, set(get_args(Right)), "--rights"), _words(kinds, _KINDS, "--kinds")
    fact = AfterDeathArranged.model_validate({"arranged_on": day, "rights": barred, "kinds": hidden})
    with room(context) as at_work:
        receipt = at_work.rights.arrange(who, fact, hand_of(by))
    voice.say(voice.choose("已记录。", "Recorded."))
    voice.give({"subject": str(who), "position": receipt.position, "new": receipt.new})


def told_step(voice: Speaker, number: str, receipt: Receipt, words: tuple[str, str]) -> None:
    """Say what a step did."""
    voice.say(f"{number}: {voice.choose(*words)}")
    voice.give({"number": number, "recorded": True, "position": receipt.position, "new": receipt.new})


def numbers(text: str, where: str) -> tuple[int, ...]:
    """Read `7,8`. Raises Misused."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdigit() and int(part) > 0 for part in parts):
        raise Misused("应为条目号,例如 7,8", "versions of entries, such as 7,8", where)
    return tuple(int(part) for part in parts)


def as_object(number: str, one: RightsRequest) -> dict[str, Any]:
    """Give a request as JSON values; what a person said in words stays sealed."""
    asked = one.asked.model_dump(mode="json", exclude={"kind", "request", "statement"})
    beside = {"kind", "place", "request"}
    return {
        "number": number,
        "state": one.state,
        "erased": one.erased,
        **asked,
        "answered": one.answered and one.answered.model_dump(mode="json", exclude=beside, exclude_none=True),
        "refused": one.refused and one.refused.model_dump(mode="json", exclude=beside),
        "withdrawn_on": one.withdrawn_on,
    }


def waiting_object(one: Waiting) -> dict[str, Any]:
    """Give a request that waits as JSON values."""
    asked = one.request.asked
    told = {"subject": str(one.subject), "number": asked.request, "right": asked.right, "place": asked.place}
    return {**told, "answer_by": asked.answer_by, "days_over": one.days_over}


def overdue_objects(desk: Desk, today: date) -> list[dict[str, Any]]:
    """Give the requests whose answer is overdue on a day, the longest first."""
    return [waiting_object(one) for one in Rights(desk.ledger).waiting(today) if one.days_over]


def tell_overdue(voice: Speaker, found: list[dict[str, Any]]) -> None:
    """Say which requests are overdue."""
    for one in found:
        right, days, due = RIGHTS[one["right"]], one["days_over"], one["answer_by"]
        voice.wrong(
            voice.choose(
                f"权利请求 {one['number']} ({right[0]}) 应于 {due} 前答复,已逾期 {days} 天:{one['subject']}",
                f"Rights request {one['number']} ({right[1]}) was due by {due}, {days} days ago: {one['subject']}",
            ),
            "points request answer | refuse",
        )


def _words(text: str, known: set[str], where: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in known:
            raise Misused(f"没有 {word}", f"there is no {word}", where)
    return words


def _tell_waiting(voice: Speaker, found: list[Waiting]) -> None:
    voice.table(
        [voice.choose("居民", "subject"), *(voice.choose(*head) for head in _HEADS[:2]), *_due(voice)],
        [
            (
                one.subject,
                one.request.asked.request,
                voice.choose(*RIGHTS[one.request.asked.right]),
                one.request.asked.answer_by,
                one.days_over or "",
            )
            for one in found
        ],
    )
    if not found:
        voice.say(voice.choose("没有待答复的请求。", "No request waits for an answer."))
    voice.give({"waiting": [waiting_object(one) for one in found]})


def _due(voice: Speaker) -> tuple[str, str]:
    return voice.choose("应答复", "due"), voice.choose("逾期天数", "days over")


def _tell(voice: Speaker, one: RightsRequest, days_over: int) -> None:
    asked, state = one.asked, voice.choose(*_STATES[one.state])
    voice.say(f"{asked.request}  {voice.choose(*RIGHTS[asked.right])}  {asked.asked_on}  {state}", style="bold")
    over = voice.choose(f",已逾期 {days_over} 天", f", {days_over} days over") if days_over else ""
    due = voice.choose(f"应在 {asked.answer_by} 前答复", f"an answer is due by {asked.answer_by}")
    voice.say(f"{due}{over} ({asked.source})")
    if asked.relation is not None:
        who = (_RELATIONS[asked.relation], asked.relation)
        voice.say(f"{voice.choose('近亲属提出', 'asked by a relative')}: {voice.choose(*who)} {asked.relative}")
    if one.answered is not None:
        on, by = one.answered.answered_on, one.answered.decided_by
        voice.say(voice.choose(f"{on} 由 {by} 答复", f"answered on {on} by {by}"))
        if one.answered.digest is not None:
            voice.say(f"  SHA-256 {one.answered.digest}", style="dim")
    if one.erased:
        voice.say(voice.choose("全部记录已依法销毁。", "Everything was destroyed by law."))
    if one.refused is not None:
        no = one.refused
        on, by = no.refused_on, no.decided_by
        voice.say(voice.choose(f"{on} 由 {by} 拒绝: {no.reason}", f"refused on {on} by {by}: {no.reason}"))
        voice.say(f"  {no.remedy} ({no.lawsuit_by})")

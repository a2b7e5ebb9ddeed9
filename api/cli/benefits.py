"""Verbs about a benefit 待遇 paid month after month: start, recheck, pay, fail, stop, recover, show."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from api.cli.deciding import (
    KEEPER,
    Number,
    On,
    Room,
    RoundName,
    day_of,
    room,
)
from api.cli.options import AsJson, By, LookedAtBy, Purpose, hand_of, look_of, plain_text, speaker
from api.cli.output import Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain import benefit as benefits
from domain.benefit import Benefit, StopReason
from domain.civil import month_of, month_text
from domain.facts import Fact
from domain.programme import ProgrammeDocument, granted
from domain.round.refusals import RoundNotLocked
from ledger.rounds import Filed
from ledger.rounds.refusals import BenefitStands, NoMoney, NotAdmitted
from projections.eligibility import unmet_on
from projections.rounds import Filed as Found
from projections.rounds import asked_of, determined, ranked

benefit = typer.Typer(help="Benefits 待遇: start, recheck, pay, fail, stop, recover, show.", no_args_is_help=True)


@dataclass(frozen=True)
class Paying:
    """One benefit of one application, with the ledger open."""

    room: Room
    voice: Speaker
    filed: Filed
    document: ProgrammeDocument
    by: str

    def record(self, decide: Callable[[Benefit], Fact]) -> None:
        """Decide, append, and tell what the benefit is then."""
        filed, programme = self.filed, self.filed.round.programme
        receipt = self.room.benefits.record(
            filed.subject,
            programme,
            filed.application.number,
            decide,
            hand_of(self.by),
            round_name=filed.round.name,
        )
        now = self.room.benefits.of(filed.subject, programme, filed.application.number)
        _tell(self.voice, now)
        self.voice.give({**_object(now), "position": receipt.position, "new": receipt.new})


@contextmanager
def _paying(context: typer.Context, name: str, number: str, by: str, *, as_json: bool) -> Iterator[Paying]:
    voice = speaker(context, as_json=as_json)
    with room(context) as at_work:
        filed = at_work.applications.of(name, number, hand_of(by))
        at_work.follow()
        with at_work.known() as (_, snapshot):
            document = snapshot.programme(filed.round.content)
        yield Paying(at_work, voice, filed, document, by)


@benefit.command()
def start(
    context: typer.Context,
    name: RoundName,
    number: Number,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """开始: Grant the benefit to an application that is in."""
    day = day_of(on)
    with _paying(context, name, number, by, as_json=as_json) as paying:
        current, application = paying.filed.round, paying.filed.application
        if current.as_at is None or application.filed_on is None:
            raise RoundNotLocked
        with paying.room.known(current.as_at) as (_, snapshot):
            ranking = ranked(current, paying.document, determined(snapshot, current, paying.document))
        if number not in ranking.named("in"):
            raise NotAdmitted(number)
        grant = granted(paying.document.programme, application.zone, application.filed_on)
        if grant is None:
            raise NoMoney(application.zone or "")
        given = grant

        def decide(standing: Benefit) -> Fact:
            if standing.programme:
                raise BenefitStands(number)
            return benefits.start(given, current.programme, number, current.place, day)

        paying.record(decide)


@benefit.command()
def recheck(
    context: typer.Context,
    name: RoundName,
    number: Number,
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """复核: Check the conditions again before a payment; a failed check forfeits what was due."""
    day = day_of(on)
    with _paying(context, name, number, by, as_json=as_json) as paying:
        asked = asked_of(paying.filed.round, Found(paying.filed.subject, paying.filed.application))
        with paying.room.known() as (_, snapshot):
            unmet = unmet_on(snapshot, paying.document, asked, day)
        if unmet:
            paying.voice.say(
                paying.voice.choose(f"复核未通过: {', '.join(unmet)}", f"not passed: {', '.join(unmet)}")
            )
        paying.record(lambda standing: benefits.recheck(standing, unmet, day))


@benefit.command()
def pay(
    context: typer.Context,
    name: RoundName,
    number: Number,
    payment: Annotated[str, typer.Option("--payment", help="The payment's number. 发放编号。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """发放: Record the payment of the months that are due."""
    day = day_of(on)
    with _paying(context, name, number, by, as_json=as_json) as paying:
        terms = paying.document.programme.benefit
        if terms is None or terms.pays is None:
            raise NoMoney(name)
        pays, checked = terms.pays, terms.recheck == "before_each_payment"
        paying.record(lambda standing: benefits.pay(standing, payment, day, pays, needs_recheck=checked))


@benefit.command()
def stop(
    context: typer.Context,
    name: RoundName,
    number: Number,
    from_month: Annotated[str, typer.Option("--from", help="First month without it: 2026-01. 起始月。")],
    reason: Annotated[StopReason, typer.Option(help="Why. 理由。")],
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """终止: Pay nothing from a month on."""
    try:
        month = month_of(from_month)
    except ValueError:
        raise Misused("月份写作 2026-01", "a month is written 2026-01", "--from") from None
    with _paying(context, name, number, by, as_json=as_json) as paying:
        paying.record(lambda standing: benefits.stop(standing, month, reason))


@benefit.command()
def fail(
    context: typer.Context,
    name: RoundName,
    number: Number,
    payment: Annotated[str, typer.Option("--payment", help="Which payment. 发放编号。")],
    reason: Annotated[str, typer.Option(help="What the bank said. 银行退回原因。", callback=plain_text)],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """发放失败: Record that the bank sent a payment back; it is owed still."""
    day = day_of(on)
    with _paying(context, name, number, by, as_json=as_json) as paying:
        paying.record(lambda standing: benefits.fail(standing, payment, day, reason))


@benefit.command()
def recover(
    context: typer.Context,
    name: RoundName,
    number: Number,
    payment: Annotated[str, typer.Option("--payment", help="Which payment. 发放编号。")],
    fen: Annotated[int, typer.Option(min=1, help="How much, in fen. 分。")],
    reason: Annotated[Literal["fraud", "error", "other"], typer.Option(help="Why. 理由。")],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """追回: Record that a payment, or part of it, was taken back."""
    day = day_of(on)
    with _paying(context, name, number, by, as_json=as_json) as paying:
        paying.record(lambda standing: benefits.recover(standing, payment, day, fen, reason))


@benefit.command()
def show(
    context: typer.Context,
    name: RoundName,
    number: Number,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """展示: Show a benefit: its months, what was paid, what was forfeited. The look is written to the read log."""
    look = look_of(context, by, purpose)
    with _paying(context, name, number, look.by, as_json=as_json) as paying:
        look_at(paying.room.desk, paying.filed.subject, look)
        now = paying.room.benefits.of(paying.filed.subject, paying.filed.round.programme, number)
    _tell(paying.voice, now)
    paying.voice.give(_object(now))


def _tell(voice: Speaker, now: Benefit) -> None:
    if not now.programme:
        voice.say(voice.choose("待遇尚未开始。", "The benefit was not started."))
        return
    first, last = month_text(now.first), month_text(now.first + now.months - 1)
    yuan, paid = f"{now.fen_per_month / 100:.2f}", f"{now.paid_fen / 100:.2f}"
    voice.say(f"{now.programme} {now.application}  {first} – {last}", style="bold")
    voice.say(voice.choose(f"  每月 {yuan} 元,已发 {paid} 元", f"  {yuan} yuan a month, {paid} paid"))
    if now.forfeited:
        voice.say(voice.choose(f"  失去 {len(now.forfeited)} 个月", f"  {len(now.forfeited)} months forfeited"))


def _object(now: Benefit) -> dict[str, Any]:
    if not now.programme:
        return {"programme": None}
    return {
        "programme": now.programme,
        "application": now.application,
        "first_month": month_text(now.first),
        "months": now.months,
        "fen_per_month": now.fen_per_month,
        "paid_fen": now.paid_fen,
        "overpaid_fen": now.overpaid_fen,
        "forfeited": [month_text(month) for month in sorted(now.forfeited)],
        "checked_on": now.checked_on,
        "passed": now.passed,
        "stopped_for": now.stopped_for,
        "over": now.is_over(),
        "payments": {
            number: {
                "first": month_text(p.first),
                "last": month_text(p.last),
                "fen": p.fen,
                "failed": p.failed,
                "recovered": p.recovered,
            }
            for number, p in now.paid.items()
        },
    }

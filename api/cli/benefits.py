"""Verbs about a benefit 待遇 paid month after month: start, recheck, pay, fail, stop, recover, show."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from api.cli.deciding import (
    KEEPER,
    Number,
    On,
    RoundName,
    day_of,
    room,
)
from api.cli.options import AsJson, By, LookedAtBy, Purpose, hand_of, look_of, plain_text, speaker
from api.cli.output import Speaker
from api.cli.residents import look_at
from api.cli.usage import Misused
from domain.benefit import Benefit, StopReason
from domain.civil import month_of, month_text
from ledger.entry import Receipt
from projections.office.benefits import Paying, benefit_json, paying

benefit = typer.Typer(help="Benefits 待遇: start, recheck, pay, fail, stop, recover, show.", no_args_is_help=True)


@contextmanager
def _paying(context: typer.Context, name: str, number: str, by: str) -> Iterator[Paying]:
    with room(context) as at_work:
        yield paying(at_work, name, number, hand_of(by))


def _said(voice: Speaker, found: Paying, receipt: Receipt) -> None:
    _tell(voice, found.now)
    voice.give({**benefit_json(found.now), "position": receipt.position, "new": receipt.new})


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with _paying(context, name, number, by) as found:
        _said(voice, found, found.start(day))


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with _paying(context, name, number, by) as found:
        receipt, unmet = found.recheck(day)
        if unmet:
            voice.say(voice.choose(f"复核未通过: {', '.join(unmet)}", f"not passed: {', '.join(unmet)}"))
        _said(voice, found, receipt)


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with _paying(context, name, number, by) as found:
        _said(voice, found, found.pay(payment, day))


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
    voice = speaker(context, as_json=as_json)
    try:
        month = month_of(from_month)
    except ValueError:
        raise Misused("月份写作 2026-01", "a month is written 2026-01", "--from") from None
    with _paying(context, name, number, by) as found:
        _said(voice, found, found.stop(month, reason))


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with _paying(context, name, number, by) as found:
        _said(voice, found, found.fail(payment, day, reason))


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
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with _paying(context, name, number, by) as found:
        _said(voice, found, found.recover(payment, fen, reason, day))


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
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    with _paying(context, name, number, look.by) as found:
        look_at(found.office.desk, found.filed.subject, look)
        now = found.now
    _tell(voice, now)
    voice.give(benefit_json(now))


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

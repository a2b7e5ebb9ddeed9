"""Verbs of auditors: a sample that can be drawn again, and what is out of the ordinary."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli.options import AsJson, knowledge, plain_text, settings_of, speaker
from api.cli.output import Speaker
from domain.lateness import LATE_DAYS
from domain.words import kind_word
from ledger.batches import Batches
from projections.audits import Audits, ByHand, Corrected, Late, Of, Span

audit = typer.Typer(
    help="Samples that can be drawn again, and what is out of the ordinary. 审计。", no_args_is_help=True
)

Since = Annotated[
    str | None,
    typer.Option(help="After this position or instant. 起始(不含)。", show_default="the beginning"),
]
Until = Annotated[
    str | None,
    typer.Option(help="Up to this position or instant. 截止(含)。", show_default="everything"),
]
Limit = Annotated[int, typer.Option(help="Lines of each list. 每表行数。", min=1, max=10_000)]


@audit.command()
def sample(
    context: typer.Context,
    seed: Annotated[
        str, typer.Argument(help="Any text; the same one draws the same. 抽样种子。", callback=plain_text)
    ],
    count: Annotated[int, typer.Option("--count", "-n", help="How many. 数量。", min=1, max=10_000)] = 20,
    of: Annotated[Of, typer.Option(help="entries, subjects or decisions. 抽样对象。")] = "entries",
    organ: Annotated[str | None, typer.Option(help="Of one organ alone. 数源部门。")] = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """抽样: draw entries, people or decisions by a seed: uniform, and anybody can draw the same again."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk, composition.audits(desk.database) as audits:
        span = _span(audits, since, until)
        drawn = audits.sample(seed, count, span, of, organ)
    heads = [("序号", "position"), ("事实", "kind"), ("部门", "organ"), ("记录", "recorded"), ("主体", "subject")]
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (
                one.position,
                kind_word(one.kind.partition(".")[0], voice.language),
                one.organ,
                _day(one.recorded_at),
                f"{one.stream} #{one.version}",
            )
            for one in drawn
        ],
    )
    voice.say(
        voice.choose(
            f"再抽一次: points audit sample {seed!r} -n {count} --of {of}"
            f" --since {span.after} --until {span.until}。逐条追溯: points trace 主体编号。",
            f"Draw it again: points audit sample {seed!r} -n {count} --of {of}"
            f" --since {span.after} --until {span.until}. Then: points trace SUBJECT.",
        ),
        style="dim",
    )
    voice.give(
        {
            "seed": seed,
            "of": of,
            "span": span._asdict(),
            "drawn": [{**one._asdict(), "stream": str(one.stream)} for one in drawn],
        }
    )


@audit.command()
def anomalies(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    late_days: Annotated[
        int, typer.Option(help="Later than this is late. 迟报天数。", min=0, max=36_500)
    ] = LATE_DAYS,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """异常: late facts by batch, what officers recorded by hand, corrections by batch."""
    voice = speaker(context, as_json=as_json)
    settings = settings_of(context)
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        with composition.audits(desk.database) as audits:
            span = _span(audits, since, until)
            late, by_hand = audits.late(span, late_days, limit), audits.by_hand(span, limit)
            corrected = [(one, _brought(desk.ledger, one)) for one in audits.corrected(span, limit)]
    _tell(voice, late_days, late, by_hand, corrected)
    voice.give(
        {
            "span": span._asdict(),
            "late_days": late_days,
            "late": [_plain(one) for one in late],
            "by_hand": [_plain(one) for one in by_hand],
            "corrected": [{**_plain(one), "entries": brought} for one, brought in corrected],
        }
    )


def _tell(
    voice: Speaker,
    late_days: int,
    late: Sequence[Late],
    by_hand: Sequence[ByHand],
    corrected: Sequence[tuple[Corrected, int | None]],
) -> None:
    _list(
        voice,
        (f"迟报超过 {late_days} 天", f"More than {late_days} days late"),
        [("部门", "organ"), ("事实", "kind"), ("批次", "batch"), ("条数", "facts"), ("最迟天数", "days at most")],
        [
            (
                one.organ,
                kind_word(one.kind.partition(".")[0], voice.language),
                one.batch_id or "",
                one.facts,
                one.days_max,
            )
            for one in late
        ],
    )
    _list(
        voice,
        ("手工录入", "Recorded by hand"),
        [
            ("经办人", "officer"),
            ("部门", "organ"),
            ("月份", "month"),
            ("条数", "facts"),
            ("人数", "people"),
            ("占比", "share"),
        ],
        [(one.recorded_by, one.organ, one.month, one.facts, one.subjects, f"{one.share:.1%}") for one in by_hand],
    )
    _list(
        voice,
        ("批次更正", "Corrections by batch"),
        [("批次", "batch"), ("更正", "corrected"), ("入账", "entries"), ("经办人数", "officers"), ("最近", "last")],
        [(one.batch_id, one.corrections, brought, one.officers, str(one.last_on)) for one, brought in corrected],
    )


def _span(audits: Audits, since: str | None, until: str | None) -> Span:
    return audits.span(knowledge(since, "--since"), knowledge(until, "--until"))


def _brought(ledger: Any, one: Corrected) -> int | None:
    """Give how many entries the batch brought, as its receipt says; None: it has none yet."""
    receipt = Batches(ledger).of(one.batch_id).receipt
    return None if receipt is None else receipt.accepted


def _list(
    voice: Speaker, title: tuple[str, str], heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]]
) -> None:
    voice.say(voice.choose(*title), style="bold")
    if rows:
        voice.table([voice.choose(*head) for head in heads], rows)
    else:
        voice.say(voice.choose("  没有。", "  none"))


def _plain(row: Any) -> dict[str, Any]:
    return {name: str(value) if name == "batch_id" and value else value for name, value in row._asdict().items()}


def _day(instant: Any) -> str:
    return f"{instant.astimezone(clock.SHANGHAI):%Y-%m-%d}"

"""Verbs about feeds: what organs have agreed to deliver. What is overdue, `points doctor` tells."""

from typing import Annotated, Any, Literal

import typer

from api import composition
from api.cli.granting import FactKind, Organ
from api.cli.options import AsJson, By, hand_of, place_code, plain_text, settings_of, speaker
from api.cli.output import Speaker
from domain.agreements import Agreement, Overdue
from domain.civil import month_text
from domain.facts import FeedAgreed, FeedAgreementEnded
from ledger.agreements import Agreements
from projections.feed_checks import Sums

feed = typer.Typer(help="What organs have agreed to deliver. 数据交付约定。", no_args_is_help=True)
Place = Annotated[str, typer.Argument(help="Where: a whole division code, such as 330200. 辖区代码。")]
Since = Annotated[str, typer.Option(help="First month: 2025-01. 起始月。")]


@feed.command()
def agree(
    context: typer.Context,
    organ: Organ,
    fact_kind: FactKind,
    place: Place,
    since: Since,
    every: Annotated[
        Literal["month", "quarter", "half-year", "year"], typer.Option(help="The period. 周期。")
    ] = "month",
    due_days: Annotated[
        int, typer.Option(help="Due so many days after the period's end. 期满后几日内。", min=0, max=366)
    ] = 20,
    basis: Annotated[str, typer.Option(help="The agreement. 依据。", callback=plain_text)] = "points feed agree",
    by: By = "officer:keeper",
    as_json: AsJson = False,
) -> None:
    """约定: An organ delivers a kind for a place every period. The same again changes nothing."""
    fact = FeedAgreed(
        organ=organ,
        fact_kind=fact_kind,
        place=place_code(place),
        first_month=since,
        every=every,
        due_days=due_days,
        basis=basis,
    )
    with composition.desk(settings_of(context)) as desk:
        Agreements(desk.ledger).agree(fact, hand_of(by))
        found = Agreements(desk.ledger).every()
    _list(speaker(context, as_json=as_json), [one for one in found if one.organ == organ])


@feed.command()
def end(
    context: typer.Context,
    organ: Organ,
    fact_kind: FactKind,
    place: Place,
    since: Since,
    last: Annotated[str, typer.Option(help="Its last month: 2026-12. 最后一月。")],
    by: By = "officer:keeper",
    as_json: AsJson = False,
) -> None:
    """终止约定: An agreement ends with a month."""
    fact = FeedAgreementEnded(
        organ=organ, fact_kind=fact_kind, place=place_code(place), first_month=since, last_month=last
    )
    with composition.desk(settings_of(context)) as desk:
        Agreements(desk.ledger).end(fact, hand_of(by))
        found = Agreements(desk.ledger).every()
    _list(speaker(context, as_json=as_json), [one for one in found if one.organ == organ])


@feed.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """列出约定."""
    with composition.desk(settings_of(context)) as desk:
        found = Agreements(desk.ledger).every()
    _list(speaker(context, as_json=as_json), found)


def _list(voice: Speaker, found: list[Agreement]) -> None:
    columns = (("数源部门", "organ"), ("种类", "kind"), ("辖区", "place"), ("起", "from"), ("月数", "months"))
    names = [voice.choose(zh, en) for zh, en in (*columns, ("期满后日数", "due days"), ("止", "last"))]
    voice.table(names, [["" if cell is None else cell for cell in as_object(one).values()] for one in found])
    if not found:
        voice.say(voice.choose("没有约定。", "Nothing is agreed."))
    voice.give({"agreements": [as_object(one) for one in found]})


def as_object(one: Agreement) -> dict[str, Any]:
    """Give an agreement as JSON values."""
    return {
        "organ": one.organ,
        "kind": one.kind,
        "place": one.place,
        "first_month": month_text(one.first_month),
        "months": one.months,
        "due_days": one.due_days,
        "last_month": None if one.last_month is None else month_text(one.last_month),
    }


def overdue_object(one: Overdue) -> dict[str, Any]:
    """Give what is overdue as JSON values."""
    period = one.period
    months = {"first_month": month_text(period.first_month), "last_month": month_text(period.last_month)}
    who = {"organ": one.agreement.organ, "kind": one.agreement.kind, "place": one.agreement.place}
    return {**who, **months, "due_on": period.due_on.isoformat()}


def sums_object(one: Sums) -> dict[str, Any]:
    """Give a feed's sums as JSON values."""
    return {
        "organ": one.organ,
        "kind": one.kind,
        "place": one.place,
        "first_month": month_text(one.first_month),
        "last_month": month_text(one.last_month),
        "position": one.position,
        "rows": one.rows,
        "control_sum": one.control_sum,
        "stood": list(one.then),
        "stands": list(one.now),
        "adds_up": one.adds_up,
    }


def tell(voice: Speaker, late: list[Overdue], differing: list[Sums]) -> None:
    """Print what is overdue and what does not add up."""
    voice.table(
        [voice.choose(zh, en) for zh, en in (("逾期未交付", "overdue"), ("种类", "kind"), ("辖区", "place"))]
        + [voice.choose(zh, en) for zh, en in (("起", "from"), ("止", "to"), ("应于", "due on"))],
        [list(overdue_object(one).values()) for one in late],
    )
    for one in differing:
        months = f"{month_text(one.first_month)}..{month_text(one.last_month)}"
        voice.wrong(
            voice.choose(
                f"{one.organ} {one.kind} {one.place} {months}(位置 {one.position}):申报 {one.rows} 行、控制和"
                f" {one.control_sum};当时 {one.then[0]} 条、和 {one.then[1]},现 {one.now[0]} 条、和 {one.now[1]}",
                f"{one.organ} {one.kind} {one.place} {months} (position {one.position}): {one.rows} rows, sum"
                f" {one.control_sum} declared; {one.then[0]} facts, sum {one.then[1]} then,"
                f" {one.now[0]}, sum {one.now[1]} now",
            ),
            voice.choose("向数源部门核对,或重新报送全量文件。", "Ask the organ, or take in its full file."),
        )

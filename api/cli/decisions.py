"""Verbs about decisions 认定决定: list, show, replay, candidates, settle."""

from typing import Annotated, Any

import typer

from api.cli.deciding import KEEPER, On, day_of, room
from api.cli.options import AsJson, By, LookedAtBy, Purpose, hand_of, look_of, plain_text, speaker
from api.cli.output import Speaker
from api.cli.residents import look_at
from domain.decision import Candidate
from domain.facts.decisions import Settlement
from ledger.rounds.refusals import DecisionUnknown
from projections.decisions import Kept, kept, settlements
from projections.office import decisions as office
from projections.office.decisions import candidate_json, one_of

decision = typer.Typer(
    help="Decisions 认定决定: list, show, replay, bundle, candidates, settle.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(help="The decision's hash, or its first digits. 认定决定。")]
OfRound = Annotated[str | None, typer.Option("--round", help="Of one round. 批次。", show_default="all")]
OfProgramme = Annotated[str | None, typer.Option("--programme", help="Of one programme. 积分应用。")]


@decision.command("list")
def list_(
    context: typer.Context, of_round: OfRound = None, programme: OfProgramme = None, as_json: AsJson = False
) -> None:
    """列出: List decisions: which programme, as of, as at. Of what they decided nothing is told here."""
    voice = speaker(context, as_json=as_json)
    with room(context) as at_work:
        at_work.follow()
        with at_work.known() as (_, snapshot):
            found = kept(snapshot, round_name=of_round, programme=programme)
    voice.table(
        [voice.choose("决定", "decision"), voice.choose("积分应用", "programme"), "as of", "as at", ""],
        [
            (each.name[:12], each.fact.doc, each.fact.as_of, each.fact.as_at, each.fact.application or "")
            if each.fact is not None
            else (each.name, "", "", "", voice.choose("(已销毁)", "(can no longer be opened)"))
            for each in found
        ],
    )
    voice.say(voice.choose(f"{len(found)} 个认定决定。", f"{len(found)} decisions."))
    voice.give({"decisions": [_object(each) for each in found]})


@decision.command()
def show(
    context: typer.Context,
    name: Name,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """展示: Show what was decided, on what and why. The look is written to the read log."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    with room(context) as at_work:
        at_work.follow()
        with at_work.known() as (_, snapshot):
            one = one_of(snapshot, name)
            settled = settlements(snapshot).get(one.name, [])
        look_at(at_work.desk, one.subject, look)
    if one.fact is None:
        raise DecisionUnknown(name)
    record = one.decision.record
    voice.say(f"{one.fact.doc} {one.fact.application or ''}  {one.fact.decided_on}", style="bold")
    voice.say(
        f"  as of {one.fact.as_of} · as at {one.fact.as_at} · under {one.fact.rulebooks[:12]} · {one.name}",
        style="dim",
    )
    for line in record["explanation"][voice.language]:
        voice.say(line)
    for each in settled:
        voice.say(f"  {each.settled_on} {_word(voice, each.outcome)}: {each.reason}")
    voice.give({**_object(one), "record": record, "settled": [each.model_dump(mode="json") for each in settled]})


@decision.command("candidates")
def candidates_(
    context: typer.Context,
    of_round: OfRound = None,
    settled_too: Annotated[bool, typer.Option("--all", help="Settled ones too. 含已处理。")] = False,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """重新认定: List decisions that later or corrected facts would change: before, after, and the cause."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    told = []
    with room(context) as at_work:
        found = office.pending(at_work, of_round)
        for each in found:
            if each.settled and not settled_too:
                continue
            look_at(at_work.desk, each.kept.subject, look)
            now = {"as_at_now": each.position, "settled": each.settled}
            told.append({**_object(each.kept), **now, **candidate_json(each.candidate)})
            _tell(voice, each.kept, each.candidate)
        moved = [] if of_round is None else office.moved(at_work, of_round, found)
    if not told:
        voice.say(voice.choose("没有须重新认定的决定。", "No decision would be another one."))
    voice.table(
        [
            voice.choose("申请", "application"),
            voice.choose("公布的名次", "published"),
            voice.choose("现应为", "now"),
        ],
        [(move.application, _place(move.before), _place(move.after)) for move in moved if move.turns],
    )
    voice.give({"candidates": told, "moves": [{**move._asdict(), "turns": move.turns} for move in moved]})


@decision.command()
def settle(
    context: typer.Context,
    name: Name,
    outcome: Annotated[Settlement, typer.Argument(help="维持、更正或调整补贴。")],
    reason: Annotated[str, typer.Option(help="Why. 理由。", callback=plain_text)],
    on: On = None,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """处理: Settle a candidate: upheld, revised, or a payment adjusted. The decision itself stays as it is."""
    voice, day = speaker(context, as_json=as_json), day_of(on)
    with room(context) as at_work:
        done = office.settle(at_work, name, outcome, reason, day, hand_of(by))
    voice.say(f"{done.decision[:12]}: {_word(voice, outcome)} @{done.receipt.position}")
    told = {"decision": done.decision, "outcome": outcome, "after": done.after}
    voice.give({**told, "position": done.receipt.position, "new": done.receipt.new})


def _place(told: tuple[int | None, str]) -> str:
    return f"{told[0] or '-'} {told[1]}"


def _object(each: Kept) -> dict[str, Any]:
    told: dict[str, Any] = {"decision": each.name, "position": each.position, "subject": str(each.subject)}
    return told if each.fact is None else {**told, **each.fact.model_dump(mode="json", exclude={"record", "kind"})}


def _tell(voice: Speaker, each: Kept, candidate: Candidate) -> None:
    turns = voice.choose("结果不同", "another outcome") if candidate.turns else ""
    voice.say(f"{each.name[:12]} {each.fact.doc if each.fact else ''}  {turns}", style="bold")
    for one in candidate.differences:
        voice.say(f"  {one.what}: {_value(one.before)} → {_value(one.after)}")
    for row in candidate.causes:
        voice.say(f"  ← {row.kind} @{row.position}", style="dim")


def _value(value: Any) -> str:
    return str(value["total"]) if isinstance(value, dict) and "total" in value else str(value)


def _word(voice: Speaker, outcome: str) -> str:
    chinese = {"upheld": "维持", "revised": "更正", "payment-adjusted": "调整补贴"}
    return voice.choose(chinese[outcome], outcome)

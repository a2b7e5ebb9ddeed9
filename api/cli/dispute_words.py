"""Disputes 异议 told to a person: where one stands, its waits, reasons and remedies; what would be if upheld."""

from collections.abc import Sequence
from typing import Any

from api.cli.output import Speaker
from domain.dispute import Check, Clock
from domain.dispute.telling import tell
from domain.words import kind_word
from projections.office.contested import Seen
from projections.office.previews import Moved, Outcome, Place, Preview, masked_number

STATES = {
    "opened": ("已提出", "opened"),
    "accepted": ("已受理", "accepted"),
    "declined": ("不予受理", "declined"),
    "ruled": ("已裁定", "ruled"),
    "withdrawn": ("已撤回", "withdrawn"),
    "escalated": ("上级复核中", "with the city"),
}
_SAYS = {"no-data": ("未查询到数据", "no data"), "wrong-value": ("数据有误", "wrong value")}
_BODIES = {"reconsideration": ("行政复议", "reconsideration"), "court": ("诉讼", "court")}
_REMEDIES = {
    "upheld": ("维持", "upheld"),
    "revoked": ("撤销", "revoked"),
    "changed": ("变更", "changed"),
    "unlawful": ("确认违法", "found unlawful"),
    "redo": ("责令重作", "to be done again"),
}
_PLACES = {
    "in": ("入围", "in"),
    "out": ("未入围", "out"),
    "not_eligible": ("不符合条件", "not eligible"),
    "awaits_draw": ("待摇号", "awaits the draw"),
}


def tell_preview(voice: Speaker, found: Preview) -> None:
    """Say what would be if a dispute were upheld: the score, the contested result, the ranking."""
    claimed, totals = len(found.filed.months or ()), f"{found.now or '-'} → {found.then or '-'}"
    voice.say(
        voice.choose(
            f"{claimed} 个月若属实,截至 {found.as_of}: {totals} 分。",
            f"If the {claimed} months were so, as of {found.as_of}: {totals} points.",
        )
    )
    if found.certified is not None:
        year, day, was, now, then = (
            found.certified[name] for name in ("year", "counted_on", "points", "now", "if")
        )
        voice.say(
            voice.choose(
                f"{year} 年度核定 {was} 分;按计分截止日 {day} 重算: {now} → {then} 分。",
                f"Certified for {year}: {was}; counted again on {day}: {now} → {then}.",
            )
        )
    if found.outcome is not None:
        _tell_outcome(voice, found.outcome)
    if found.ranking is not None:
        _tell_ranking(voice, found.ranking)


def _tell_outcome(voice: Speaker, outcome: Outcome) -> None:
    told = outcome.as_json()
    word = {True: ("符合条件", "met"), False: ("不符合条件", "not met")}
    before, after = (voice.choose(*word[told[when]["met"]]) for when in ("before", "after"))
    voice.say(f"{voice.choose('决定', 'decision')} {outcome.decision[:12]}: {before} → {after}", style="bold")
    for each in outcome.differences:
        voice.say(f"  {each.what}: {_value(each.before)} → {_value(each.after)}")


def _value(value: Any) -> str:
    return str(value["total"]) if isinstance(value, dict) and "total" in value else str(value)


def _tell_ranking(voice: Speaker, ranking: Moved) -> None:
    told = ranking.as_json(of_others=True)
    own = [
        f"{told['own'][when][0] or '-'} {voice.choose(*_PLACES[told['own'][when][1]])}"
        for when in ("before", "after")
    ]
    voice.say(
        voice.choose(
            f"{ranking.round} 的排名已公布,不改动。若重排: 本人 {own[0]} → {own[1]},变动 {told['would_move']} 件。",
            f"The ranking of {ranking.round} is published and stays. Ranked again: own place {own[0]} → {own[1]},"
            f" {told['would_move']} would move.",
        )
    )
    heads = (("申请", "application"), ("公布的名次", "published"), ("若重排", "ranked again"))
    voice.table(
        [voice.choose(*head) for head in heads],
        [
            (masked_number(move.application), _place(voice, move.before), _place(voice, move.after))
            for move in ranking.moves
        ],
    )


def _place(voice: Speaker, place: Place) -> str:
    rank, outcome = place
    return f"{rank or '-'} {voice.choose(*_PLACES[outcome])}"


def tell_dispute(voice: Speaker, found: Seen) -> None:
    """Say where a dispute stands: what is contested, both waits, the reasons, the remedies."""
    dispute, filed = found.dispute, found.dispute.filed
    if filed is None:
        return
    state, says = voice.choose(*STATES[dispute.state]), voice.choose(*_SAYS[filed.says])
    voice.say(f"{filed.dispute}  {filed.item}  {says}  {filed.opened_on}  {state}", style="bold")
    if filed.months:
        voice.say(
            voice.choose(f"主张月份: {'、'.join(filed.months)}", f"months claimed: {', '.join(filed.months)}")
        )
    if found.waits is not None:
        voice.say(_clock_text(voice, found.waits, waiting(dispute.pending)))
    if dispute.declined is not None:
        voice.say(voice.choose(f"不予受理: {dispute.declined.reason}", f"declined: {dispute.declined.reason}"))
    if found.reasons is not None:
        for line in tell(found.reasons, voice.language):
            voice.say(line)
    if dispute.served is not None:
        served = dispute.served
        voice.say(
            voice.choose(
                f"{served.served_on} 送达: 可在 {served.reconsideration_by} 前申请行政复议,"
                f"{served.lawsuit_by} 前提起诉讼。",
                f"served on {served.served_on}: reconsideration until {served.reconsideration_by},"
                f" a lawsuit until {served.lawsuit_by}.",
            )
        )
    for one in dispute.remedies:
        voice.say(f"{one.decided_on} {voice.choose(*_BODIES[one.body])}: {voice.choose(*_REMEDIES[one.outcome])}")
    positions = ", ".join(f"{kind_word(step.kind, voice.language)} {step.position}" for step in found.steps)
    voice.say(f"{voice.choose('回执', 'receipts')} (points receipt): {positions}", style="dim")


def waiting(pending: Sequence[Check]) -> str:
    """Name the source checks that wait for an answer, each with the organ that was asked: C-1 nb-hrss."""
    return ", ".join(f"{check.name} {check.organ}" for check in pending)


def _clock_text(voice: Speaker, waits: Clock, checks: str) -> str:
    due = waits.due_on or voice.choose(f"暂停(等待数据校核 {checks})", f"standing still (waits for {checks})")
    return voice.choose(
        f"时限 {waits.days} 个工作日: 受理方已用 {waits.ours},数源部门 {waits.theirs};应裁定: {due}",
        f"{waits.days} working days: {waits.ours} ours, {waits.theirs} the organ's; ruling due: {due}",
    )

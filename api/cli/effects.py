"""How verbs tell what would happen to scores."""

from typing import Any

from api.cli.output import Speaker
from projections.effects import Effect

_UNIT = 10_000


def tell(voice: Speaker, effect: Effect) -> None:
    """Print how many scores would move, and by how much."""
    if effect.sample:
        voice.say(
            voice.choose(
                f"积分影响:涉及约 {effect.people:,} 人,抽样试算 {effect.looked_at:,} 人(以下为样本数):",
                f"Scores: about {effect.people:,} people, {effect.looked_at:,} of them tried as a sample:",
            )
        )
    else:
        voice.say(
            voice.choose(
                f"积分影响:涉及 {effect.people:,} 人,逐人试算:", f"Scores: {effect.people:,} people, each tried:"
            )
        )
    count = {name: _count(voice, number) for name, number in effect.counts.items()}
    voice.say(
        voice.choose(
            f"  变动 {count['changed']} 人(升 {count['up']},降 {count['down']}),不变 {count['unchanged']} 人,"
            f"新建档 {count['new']} 人,无处计分 {count['nowhere']} 人,隔离 {count['quarantined']} 人。",
            f"  {count['changed']} change ({count['up']} up, {count['down']} down), {count['unchanged']} do not;"
            f" {count['new']} new, {count['nowhere']} at home nowhere, {count['quarantined']} quarantined.",
        )
    )
    told = [(low, high, number) for low, high, number in effect.steps if number != 0]
    if effect.counts["changed"]:
        voice.table(
            [voice.choose("变动(分)", "points"), voice.choose("人数", "people")],
            [(_between(low, high), _count(voice, number)) for low, high, number in told],
        )
    if effect.quantiles:
        voice.say("  " + " · ".join(f"{name} {_points(value)}" for name, value in effect.quantiles.items()))


def as_object(effect: Effect) -> dict[str, Any]:
    """Give it as JSON values; null: fewer than ten people, or it would give them away."""
    return {
        "people": effect.people,
        "sample": effect.sample,
        "looked_at": effect.looked_at,
        "engine": "reference",
        **effect.counts,
        "steps": [{"from": low, "to": high, "people": number} for low, high, number in effect.steps],
        "quantiles": {name: _points(value) for name, value in effect.quantiles.items()},
    }


def _count(voice: Speaker, number: int | None) -> str:
    return voice.choose("不足十", "under 10") if number is None else f"{number:,}"


def _between(low: int | None, high: int | None) -> str:
    if low is None:
        return f"< {high}"
    return f"≥ {low}" if high is None else f"{low} … {high}"


def _points(units: int) -> str:
    """Write units of 10^-4 as points with two places: what is finer is told by the score itself."""
    return f"{units / _UNIT:+.2f}"

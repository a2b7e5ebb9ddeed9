"""Recognition and trials of moves in plain words, in Chinese or in English."""

from collections.abc import Iterator, Sequence

from domain.errors import Language
from domain.notation import points_text
from domain.places import Tier, name_of
from domain.recognition.move import MoveTrial
from domain.recognition.places import Standing
from domain.score import Line
from domain.words import VALIDITY, choose

_TIERS = {
    Tier.PROVINCE: ("省级共性", "province"),
    Tier.CITY: ("市级共性", "city"),
    Tier.DISTRICT: ("区(县、市)个性", "district"),
}
_CLOCKS = (
    "  持证累计 {} → {} 个月,连续 {} → {} 个月",
    "  months with a permit {} → {} in all, {} → {} unbroken",
)
_RECOGNISED = (
    "{name}: 互认 {points} 分({tiers});若居住证在此,试算 {trial} 分",
    "{name}: {points} points recognised ({tiers}); {trial} if the permit were here (trial)",
)
_PERMIT = {
    "existing-permit": ("居住证当天转换互认", "the permit converts on the same day"),
    "registered-months": ("省内登记满六个月,当天转换", "six registered months convert on the same day"),
    "kept": ("居住证不变", "the permit stays"),
    "waits": ("须待符合申领条件,最早 {day}", "a new permit is needed, at the earliest on {day}"),
}


def tell_recognition(standings: Sequence[Standing], language: Language = "zh") -> Iterator[str]:
    """Tell each place in a line, and below it the rows whose points stay behind."""
    for standing in standings:
        points = standing.trial.points
        name = _name(standing.place, language)
        tiers = "、".join if language == "zh" else ", ".join
        shown = tiers(f"{_TIERS[tier][language == 'en']} {points(units)}" for tier, units in standing.tiers.items())
        trial = points(standing.trial.total)
        if standing.basis == "official":
            validity = standing.trial.validity
            effect = f" · {choose(VALIDITY[validity], language)}" if validity else ""
            yield choose(
                (
                    f"{name}(居住证所在地): {trial} 分{effect}",
                    f"{name} (the permit's place): {trial} points{effect}",
                ),
                language,
            )
            continue
        yield choose(_RECOGNISED, language).format(
            name=name, points=points(standing.recognised), tiers=shown, trial=trial
        )
        for row in standing.left_behind:
            label = _label(row.line, language)
            lost = points(row.left_behind)
            yield choose((f"    {label} {lost} 分留在原地", f"    {label}: {lost} points stay behind"), language)


def tell_move(trial: MoveTrial, language: Language = "zh") -> Iterator[str]:
    """Tell what a move would change: the permit, the totals, then row by row."""
    old, new = _name(trial.from_place, language), _name(trial.to_place, language)
    before, after = trial.before, trial.after
    yield choose(
        (f"搬家试算:{trial.on} 从{old}迁往{new}", f"A trial: a move from {old} to {new} on {trial.on}"), language
    )
    day = trial.permit.from_day or trial.on
    yield "  " + choose(_PERMIT[trial.permit.how], language).format(day=day)
    was, now = before.points(before.total), after.points(after.total)
    effect = tuple(VALIDITY[after.validity])[language == "en"] if after.validity else ""
    yield choose(
        (
            f"  总分 {was} → {now},相差 {_signed(trial.difference, trial.scale)}  {effect}",
            f"  total {was} → {now}, {_signed(trial.difference, trial.scale)}  {effect}",
        ),
        language,
    ).rstrip()
    for row in trial.rows:
        label = _label(row.line, language)
        yield f"    {label}: {points_text(row.before, trial.scale)} → {points_text(row.after, trial.scale)}"
    first, second = trial.clocks_before, trial.clocks_after
    months = (first.cumulative_months, second.cumulative_months, first.unbroken_months, second.unbroken_months)
    yield choose(_CLOCKS, language).format(*months)


def _label(line: Line, language: Language) -> str:
    return f"{line.label.text(language)} ({choose(_TIERS[line.tier], language)})"


def _name(place: str, language: Language) -> str:
    return name_of(place) if language == "zh" else place


def _signed(units: int, scale: int) -> str:
    return ("+" if units > 0 else "") + points_text(units, scale)

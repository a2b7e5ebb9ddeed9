"""Results of old systems 历史系统结果, in plain sentences: evidence of what was said, never part of a score."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.errors import Language
from domain.facts import LegacyDecisionRecorded, LegacyScoreRecorded
from domain.places import name_of
from domain.words import choose

_OUTCOMES = {
    "granted": ("予以认定", "granted"),
    "refused": ("不予认定", "refused"),
    "withdrawn": ("撤回", "withdrawn"),
    "other": ("其他结果", "another outcome"),
}
LABEL = ("历史系统结果(仅作证据,不计分)", "Result of an old system (evidence, not counted)")


class Legacy(NamedTuple):
    """What an old system said, and the entry that records it."""

    fact: LegacyScoreRecorded | LegacyDecisionRecorded
    version: int
    position: int


def told(results: Sequence[Legacy], language: Language) -> list[str]:
    """Say each in a sentence."""
    return [f"{choose(LABEL, language)}: {_sentence(one, language)} (@{one.position})" for one in results]


def _sentence(one: Legacy, language: Language) -> str:
    fact = one.fact
    where = f"{name_of(fact.place)} {fact.place}"
    if isinstance(fact, LegacyScoreRecorded):
        rules = f" · {fact.rules}" if fact.rules else ""
        return choose(
            (
                f"{fact.scored_on} {where} {fact.system}{rules}:{fact.points} 分",
                f"{fact.scored_on} {where} {fact.system}{rules}: {fact.points} points",
            ),
            language,
        )
    points = "" if fact.points is None else choose((f",{fact.points} 分", f", {fact.points} points"), language)
    outcome = choose(_OUTCOMES[fact.outcome], language)
    return f"{fact.decided_on} {where} {fact.system} · {fact.programme}: {outcome}{points}"

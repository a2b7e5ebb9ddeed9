"""How a ranking is told to a person."""

from collections.abc import Mapping

from api.cli.output import Speaker
from domain.programme.ranking import ALL, Ranking


def told_ranking(voice: Speaker, ranking: Ranking, provisional: Mapping[str, str] | None = None) -> None:
    """Print rank, application, outcome and unit of everybody; `provisional` says until when for whom."""
    marked = provisional or {}
    voice.table(
        [voice.choose("名次", "rank"), voice.choose("申请", "application"), voice.choose("结果", "outcome"), ""],
        [
            (each.rank or "", each.application, _outcome(voice, each.outcome), _unit(each.unit))
            for each in ranking.ranked
        ],
    )
    for application, until in marked.items():
        voice.say(
            voice.choose(
                f"{application}: 含暂予认定,{until} 前未予确认即失效",
                f"{application}: rests on what counts provisionally, until {until} unless it is confirmed",
            ),
            style="yellow",
        )


def _unit(unit: str | None) -> str:
    return "" if unit in (None, ALL) else str(unit)


def _outcome(voice: Speaker, word: str) -> str:
    chinese = {"in": "入围", "out": "未入围", "awaits_draw": "待摇号", "not_eligible": "不符合条件"}
    return voice.choose(chinese[word], word.replace("_", " "))

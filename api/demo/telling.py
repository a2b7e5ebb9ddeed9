"""A score on a few lines, for somebody who sees the first one: rows that give points, and the rest by name.

`points explain` tells every row in a sentence; three residents told so would be a wall of text.
"""

from dataclasses import dataclass

from domain.errors import Language
from domain.explanation import explain
from domain.score import Line, LineState, Loss, Score
from domain.words import choose, count_text

_PLACEHOLDER = "°"


@dataclass(frozen=True)
class Digest:
    """Rows (points, item, count, what caps took); sentences to be read whole; names of the rest; the sums."""

    rows: list[tuple[str, str, str, str]]
    sentences: list[str]
    rest: list[str]
    sums: list[str]


def digest(score: Score, language: Language, whole: frozenset[str]) -> Digest:
    """Shorten an explanation, without changing a word of what it keeps: the items of `whole`, and the sums."""
    told = explain(score, language)
    sentences, sums = told[1 : 1 + len(score.lines)], told[1 + len(score.lines) :]
    lines = [line for line in score.lines if isinstance(line, Line)]
    return Digest(
        rows=[_row(score, line, language) for line in lines if line.earned],
        sentences=[
            said
            for line, said in zip(score.lines, sentences, strict=True)
            if isinstance(line, Line) and line.item in whole
        ],
        rest=_rest(lines, language),
        sums=sums[:-1],
    )


def _row(score: Score, line: Line, language: Language) -> tuple[str, str, str, str]:
    cut = [loss for loss in score.lines if isinstance(loss, Loss) and (loss.doc, loss.of) == (line.doc, line.item)]
    lost = score.points(sum(loss.lost for loss in cut))
    return (
        score.points(line.points).rjust(7),
        line.label.text(language) + (_PLACEHOLDER if line.rule.placeholder else ""),
        "" if line.unit in ("state", "points/10000") else count_text(line.quantity or 0, line.unit, language),
        choose((f"封顶,超出的 {lost} 分不计", f"capped: {lost} do not count"), language) if cut else "",
    )


def _rest(lines: list[Line], language: Language) -> list[str]:
    comma = choose(("、", ", "), language)
    zero = [line for line in lines if not line.earned and line.state is not LineState.NO_DATA]
    without = [line for line in lines if line.state is LineState.NO_DATA]
    told = []
    for names, words in ((zero, ("0 分", "no points")), (without, ("暂未查询到数据", "no data found yet"))):
        if names:
            told.append(f"{choose(words, language)}: {comma.join(line.label.text(language) for line in names)}")
    if any(line.rule.placeholder for line in lines if line.earned):
        words = ("分值为占位,不是实际政策", "placeholder numbers, not policy")
        told.append(f"{_PLACEHOLDER} {choose(words, language)}")
    return told

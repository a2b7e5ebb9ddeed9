"""What an explanation for one person shows of relatives: of which kind facts were counted, and how many.

A relative is another person, whose history has readers of its own (PIPL 6: no more than the purpose needs). So a
line that counts a relative's facts names no entry, no day, no level and no place of theirs.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from uuid import UUID

from domain.change.model import Change, Moved
from domain.factrow import FactRow
from domain.score import RELATIVE, Line, Score


def veiled(score: Score, own: Collection[UUID]) -> Score:
    """Veil what is not of the resident's own streams."""
    return replace(score, lines=tuple(_line(one, own) if isinstance(one, Line) else one for one in score.lines))


def veiled_change(change: Change, own: Collection[UUID]) -> Change:
    """Veil the same in what moved between two scores."""
    steps = tuple(
        replace(
            step,
            pieces=tuple(replace(piece, moved=tuple(_moved(piece.moved, own))) for piece in step.pieces),
        )
        for step in change.steps
    )
    return replace(change, steps=steps, before=veiled(change.before, own), after=veiled(change.after, own))


def _line(line: Line, own: Collection[UUID]) -> Line:
    if all(row.ref_stream in own for row in (*line.used, *(other.row for other in line.ignored))):
        return line
    ignored = tuple(other for other in line.ignored if other.row.ref_stream in own)
    used = (row for row in line.used if row.ref_stream in own)
    theirs = _counted(row for row in line.used if row.ref_stream not in own)
    return line._replace(used=(*used, *theirs), ignored=ignored, periods=None)


def _moved(moved: Iterable[Moved], own: Collection[UUID]) -> Iterable[Moved]:
    moved = list(moved)
    yield from (one for one in moved if one.row.ref_stream in own)
    for counts in (True, False):
        theirs = (one.row for one in moved if one.row.ref_stream not in own and one.counts is counts)
        yield from (Moved(row, counts) for row in _counted(theirs))


def _counted(rows: Iterable[FactRow]) -> list[FactRow]:
    """Give a row for each kind: how many there are, and nothing else."""
    counts = Counter((row.role, row.kind) for row in rows)
    return [
        FactRow(role=role, kind=kind, position=0, ref_stream=RELATIVE, ref_version=0, quantity=count)
        for (role, kind), count in counts.items()
    ]

"""A score taken apart so that the parts add up to it, and two scores compared part by part."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.change.model import Effect, Moved, Piece, Turn, in_scale
from domain.knowledge import FactRow
from domain.notation import Label
from domain.score import Held, Line, LineState, Loss, Score


class Where(NamedTuple):
    """A place of the evaluation that has points of its own."""

    effect: Effect
    doc: str = ""
    of: str = ""
    level: str = ""


FLOOR, HOLDS, VALIDITY = Where(Effect.FLOOR), Where(Effect.HOLDS), Where(Effect.VALIDITY)


def apart(score: Score, scale: int) -> dict[Where, int]:
    """Take a score apart. All but validity add up to the total, all together to the usable points.

    Rows before any cap; what each cap took; what was not chosen; what the floor gave or an invalid total took; what
    holds took; what cannot be used. By definition of the last three nothing is left over.
    """
    units: dict[Where, int] = {}

    def add(where: Where, points: int) -> None:
        if points:
            units[where] = units.get(where, 0) + in_scale(score, points, scale)

    for line in score.rows:
        add(_row(line), 0 if line.state is LineState.OTHER_USE else line.earned)
    for loss in score.losses:
        add(_loss(loss), loss.counted - loss.earned)
    floored = max(0, score.before_deductions + score.deductions) if score.is_valid else 0
    add(FLOOR, floored)
    units[FLOOR] = units.get(FLOOR, 0) - sum(points for where, points in units.items() if where != FLOOR)
    add(HOLDS, score.total - floored)
    add(VALIDITY, score.usable - score.total)
    return units


def _row(line: Line) -> Where:
    return Where(Effect.EARNED if line.block == "item" else Effect.DEDUCTIONS, line.doc, line.item)


def _loss(loss: Loss) -> Where:
    effect = Effect.CHOICES if loss.level == "choice" else Effect.CAPS
    return Where(effect, loss.doc, loss.of, loss.level)


def pieces_between(before: Score, after: Score, scale: int) -> list[Piece]:
    """Give where points moved. The pieces add up to the difference of the totals, and of the usable points."""
    old, new = apart(before, scale), apart(after, scale)
    old_lines, new_lines = _lines(before), _lines(after)
    labels = _labels(before) | _labels(after)
    pieces = []
    for where in dict.fromkeys([*old, *new]):
        points = new.get(where, 0) - old.get(where, 0)
        if not points:
            continue
        label = labels.get((where.doc, where.of))
        if where in old_lines or where in new_lines:
            pieces.append(_row_piece(where, points, label, old_lines.get(where), new_lines.get(where)))
        else:
            moved = tuple(_moved_holds(before, after)) if where == HOLDS else ()
            pieces.append(Piece(*_head(where, points), label=label, moved=moved))
    return sorted(pieces, key=lambda piece: _ORDER[piece.effect])


_ORDER = {effect: number for number, effect in enumerate(Effect)}


def _head(where: Where, points: int) -> tuple[Effect, int, str, str, str]:
    return where.effect, points, where.doc, where.of, where.level


def _lines(score: Score) -> dict[Where, Line]:
    return {_row(line): line for line in score.rows}


def _labels(score: Score) -> dict[tuple[str, str], Label]:
    labels = {(part.doc, part.id): part.label for part in (*score.categories, *score.tables)}
    return labels | {(line.doc, line.item): line.label for line in score.rows}


def _row_piece(where: Where, points: int, label: Label | None, old: Line | None, new: Line | None) -> Piece:
    line = new or old
    count = None
    if old is None or new is None or old.unit == new.unit:
        counts = [0 if side is None else side.quantity for side in (old, new)]
        if counts[0] is not None and counts[1] is not None:
            count = counts[1] - counts[0]
    return Piece(
        *_head(where, points),
        label=label,
        count=count,
        unit=line.unit if line else "",
        moved=tuple(_moved(old, new)),
    )


_Name = tuple[object, int, int]


def _name(row: FactRow) -> _Name:
    return row.ref_stream, row.ref_version, row.part


def _used(line: Line | None) -> dict[_Name, FactRow]:
    return {_name(row): row for row in line.used} if line else {}


def _moved(old: Line | None, new: Line | None) -> Iterator[Moved]:
    was, now = _used(old), _used(new)
    yield from (Moved(row, counts=True) for name, row in now.items() if name not in was)
    whys = {_name(other.row): other.why for other in new.ignored} if new else {}
    for name, row in was.items():
        if name not in now:
            yield Moved(row, counts=False, why=whys.get(name))


def _moved_holds(before: Score, after: Score) -> Iterator[Moved]:
    was, now = _held(before), _held(after)
    yield from (Moved(hold.fact, counts=True) for name, hold in now.items() if name not in was)
    yield from (Moved(hold.fact, counts=False) for name, hold in was.items() if name not in now)


def _held(score: Score) -> dict[tuple[str, str, _Name], Held]:
    return {(hold.doc, hold.hold, _name(hold.fact)): hold for hold in score.holds}


def turns_between(before: Score, after: Score) -> list[Turn]:
    """Give what turned beside points; the state of a row only where its points stayed."""
    pairs = [
        ("validity", before.validity or "", after.validity or ""),
        ("permit", before.permit_state.value, after.permit_state.value),
        ("valid", _flag(before.is_valid), _flag(after.is_valid)),
        ("ineligible", _flag(before.ineligible), _flag(after.ineligible)),
    ]
    turns = [Turn(what, old, new) for what, old, new in pairs if old != new]
    old_lines = _lines(before)
    for where, line in _lines(after).items():
        old = old_lines.get(where)
        if old is not None and old.state is not line.state and old.earned == line.earned:
            turns.append(Turn("state", old.state.value, line.state.value, line.doc, line.item, line.label))
    return turns


def _flag(value: bool) -> str:  # noqa: FBT001 - the flag is the thing told
    return "yes" if value else "no"

"""A change in plain words, in Chinese or in English: one sentence a step, then the sum."""

from collections.abc import Iterator

from domain.change.model import Cause, Change, Effect, Piece, Step, Turn
from domain.errors import Language
from domain.knowledge import FactRow
from domain.notation import points_text
from domain.places import name_of
from domain.words import PERMIT, VALIDITY, WHY, choose, count_text, kind_word

_FACTS_SHOWN = 6
_DIFFERENCES_SHOWN = 4
_CAUSES = {
    Cause.LATE_FACTS: ("补报", "late"),
    Cause.CORRECTIONS: ("更正", "corrected"),
    Cause.IDENTITY: ("身份信息更正", "identity corrected"),
    Cause.FEEDS: ("数据交付", "feeds delivered"),
    Cause.FAMILY: ("家庭成员", "relatives"),
    Cause.CALENDAR: ("时间推移", "time passed"),
    Cause.NEW_FACTS: ("新增", "new"),
    Cause.PLACE: ("计分地变更", "another place"),
    Cause.RULES: ("积分办法变更", "rules changed"),
}
_SUMS = {
    **{cause.value: words for cause, words in _CAUSES.items()},
    "caps": ("封顶", "caps"),
    "choices": ("择一", "choices"),
    "floor": ("保底", "floor"),
    "holds": ("冻结", "holds"),
}
_FLOOR = ("总分不低于 0,或总分过低无效", "the total is not below 0, or too low to be valid")
_TURNS = {
    "validity": ("效力", "validity"),
    "permit": ("", ""),  # its states name it
    "valid": ("积分是否成立", "score valid"),
    "ineligible": ("是否不得申请", "barred from use"),
}
_STATES = {
    "scored": ("计分", "scored"),
    "zero": ("0 分", "zero"),
    "no_data": ("暂未查询到数据", "no data"),
    "other_use": ("不用于此", "for other uses"),
}
_FLAGS = {"yes": ("是", "yes"), "no": ("否", "no")}
_UNSAID = ("未规定", "not said")


def tell(change: Change, language: Language = "zh") -> list[str]:
    """Write a change out: what it was and is, each step, what moved nothing, and the sum."""
    teller = _Teller(change, language)
    return [teller.headline(), *map(teller.step, change.steps), *teller.end()]


class _Teller:
    """One change told in one language."""

    def __init__(self, change: Change, language: Language) -> None:
        self._change = change
        self._language = language

    def headline(self) -> str:
        """Give both totals and the difference."""
        change = self._change
        totals = [score.points(score.total) for score in (change.before, change.after)]
        difference = self._signed(change.difference)
        return self._choose(
            f"{change.a.as_of} 的 {totals[0]} 分 → {change.b.as_of} 的 {totals[1]} 分: {difference}。",
            f"{totals[0]} points as of {change.a.as_of} → {totals[1]} as of {change.b.as_of}: {difference}.",
        )

    def step(self, step: Step) -> str:
        """Tell one step: its cause, what each row gained or lost, what caps, floor and holds made of it."""
        clauses = [self._rows(step), self._caps(step), *self._rest(step), *map(self._turn, step.turns)]
        told = self._choose(";", "; ").join(clause for clause in clauses if clause)
        return self._cause(step) + ": " + told + self._choose("。", ".")

    def end(self) -> Iterator[str]:
        """Tell what moved nothing, and the sum by cause."""
        change = self._change
        if change.idle:
            facts = self._facts(change.idle)
            yield self._choose(f"未影响积分: {facts}。", f"Without effect: {facts}.")
        if not change.steps:
            yield self._choose("积分没有变化。", "Nothing changed.")
            return
        sums = change.sums
        if sums:
            told = self._comma.join(
                f"{self._choose(*_SUMS[name])} {self._signed(units)}" for name, units in sums.items() if units
            )
            yield (
                self._choose("合计: ", "Sum: ")
                + f"{told} = {self._signed(change.difference)}"
                + self._choose("。", ".")
            )

    def _cause(self, step: Step) -> str:
        words = [step.recorded_on.isoformat()] if step.recorded_on else []
        words += [self._choose("尚不知悉的", "not known there:")] if step.forgotten else []
        words.append(self._choose(*_CAUSES[step.cause]))
        change = self._change
        if step.facts:
            words.append(self._facts(step.facts))
        elif step.cause is Cause.CALENDAR:
            words.append(f"{change.a.as_of} → {change.b.as_of}")
        elif step.cause is Cause.PLACE:
            words.append(" → ".join(self._place(at.place) for at in (change.a, change.b)))
        words += [self._document(step)] if step.documents else []
        return " ".join(words)

    def _place(self, place: str) -> str:
        return name_of(place) if self._language == "zh" else place

    def _document(self, step: Step) -> str:
        told = []
        for document in step.documents:
            if document.old is None and document.doc:
                told.append(document.doc + self._choose(" 生效", " in force"))
            elif document.new is None and document.doc:
                told.append(document.doc + self._choose(" 不再适用", " no longer in force"))
            else:
                shown = self._comma.join(map(str, document.differences[:_DIFFERENCES_SHOWN]))
                more = " …" if len(document.differences) > _DIFFERENCES_SHOWN else ""
                told.append(f"{document.doc} {shown}{more}".strip())
        return self._comma.join(told)

    def _facts(self, rows: tuple[FactRow, ...]) -> str:
        by_kind: dict[str, list[FactRow]] = {}
        for row in rows:
            by_kind.setdefault(row.kind, []).append(row)
        return self._comma.join(self._of_kind(kind, group) for kind, group in by_kind.items())

    def _of_kind(self, kind: str, rows: list[FactRow]) -> str:
        shown = ", ".join(f"#{row.position}" for row in rows[:_FACTS_SHOWN])
        more = ", …" if len(rows) > _FACTS_SHOWN else ""
        word = kind_word(kind, self._language)
        return self._choose(f"{word} {len(rows)} 条 ({shown}{more})", f"{word} × {len(rows)} ({shown}{more})")

    def _rows(self, step: Step) -> str:
        return self._comma.join(map(self._row, step.of(Effect.EARNED, Effect.DEDUCTIONS)))

    def _row(self, piece: Piece) -> str:
        name = piece.label.text(self._language) if piece.label else piece.of
        counted = ""
        if piece.count and piece.unit not in ("state", "points/10000"):
            counted = (
                f" {'+' if piece.count > 0 else '-'}{count_text(abs(piece.count), piece.unit, self._language)}"
            )
        reasons = dict.fromkeys(moved.why for moved in piece.moved if moved.why and not moved.counts)
        why = self._comma.join(choose(WHY[reason], self._language) for reason in reasons)
        return f"{name}{counted} {self._signed(piece.points)}" + (f" ({why})" if why else "")

    def _caps(self, step: Step) -> str:
        caps = step.of(Effect.CAPS)
        if not caps:
            return ""
        before = sum(piece.points for piece in step.of(Effect.EARNED, Effect.DEDUCTIONS))
        capped = sum(piece.points for piece in caps)
        counted = self._signed(before + capped)
        return self._choose(
            f"封顶 {self._signed(capped)},封顶后计 {counted}", f"caps {self._signed(capped)}: {counted} count"
        )

    def _rest(self, step: Step) -> Iterator[str]:
        chosen = sum(piece.points for piece in step.of(Effect.CHOICES))
        if chosen:
            yield f"{self._choose(*_SUMS['choices'])} {self._signed(chosen)}"
        for piece in step.of(Effect.FLOOR):
            yield f"{self._choose(*_FLOOR)} {self._signed(piece.points)}"
        for piece in step.of(Effect.HOLDS):
            yield f"{self._choose(*_SUMS['holds'])} {self._signed(piece.points)}"

    def _turn(self, turn: Turn) -> str:
        name = turn.label.text(self._language) if turn.label else self._choose(*_TURNS[turn.what])
        return f"{name} {self._state(turn.what, turn.before)} → {self._state(turn.what, turn.after)}".strip()

    def _state(self, what: str, state: str) -> str:
        words = {"validity": VALIDITY, "permit": PERMIT, "state": _STATES}.get(what, _FLAGS)
        return self._choose(*words.get(state, _UNSAID))

    def _signed(self, units: int) -> str:
        return ("+" if units > 0 else "") + points_text(units, self._change.scale)

    def _choose(self, chinese: str, english: str) -> str:
        return choose((chinese, english), self._language)

    @property
    def _comma(self) -> str:
        return self._choose("、", ", ")

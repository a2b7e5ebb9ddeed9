"""A score in plain words, in Chinese or in English.

For each row: its clause, how it was counted, which facts it rests on, what caps took, which facts gave nothing and
why; then the sums, the validity and the rulebooks.
"""

from collections.abc import Iterator, Sequence

from domain.awards import Amount
from domain.civil import month_index, month_text
from domain.errors import Language
from domain.knowledge import FactRow, Ignored, Why
from domain.measures import own_day
from domain.places import Tier, name_of
from domain.rulebook.model import Deduction
from domain.score import RELATIVE, Held, Line, LineState, Loss, Score
from domain.words import PERMIT, SUBJECTS, VALIDITY, WHY, choose, count_text, fact_words, kind_word

_FACTS_SHOWN = 6
_HASH_SHOWN = 12
_TIERS = {
    Tier.PROVINCE: ("省级共性", "province"),
    Tier.CITY: ("市级共性", "city"),
    Tier.DISTRICT: ("区(县、市)个性", "district"),
}
_LEVELS = {
    "year": ("年度", "year"),
    "item": ("指标", "item"),
    "choice": ("择一", "choice"),
    "category": ("类别", "category"),
    "tier": ("总表", "table"),
}
_PLACEHOLDER = ("分值为占位,不是实际政策", "the numbers are placeholders, not policy")
_EFFECTS = {
    "zero": ("总分按 0 分计", "the total counts as 0"),
    "suspend": ("积分暂停使用", "the points are paused"),
    "ineligible": ("不得申请积分应用", "no use may be applied for"),
}


def explain(score: Score, language: Language = "zh") -> list[str]:
    """Write a score out, line by line, in the order of evaluation."""
    teller = _Teller(score, language)
    return [teller.headline(), *teller.lines(), *teller.sums()]


class _Teller:
    """One score told in one language."""

    def __init__(self, score: Score, language: Language) -> None:
        self._score = score
        self._language = language

    def headline(self) -> str:
        """Give the total, the place, the day and the validity."""
        score, total = self._score, self._points(self._score.total)
        place = name_of(score.place) if self._language == "zh" else score.place
        return self._choose(
            f"截至 {score.as_of},{place} 总分 {total} 分,{self._validity()}。",
            f"As of {score.as_of}, at {place}: {total} points, {self._validity()}.",
        )

    def lines(self) -> Iterator[str]:
        """Tell rows, losses and holds."""
        for line in self._score.lines:
            if isinstance(line, Line):
                yield self._row(line)
            elif isinstance(line, Loss):
                yield self._loss(line)
            else:
                yield self._hold(line)

    def sums(self) -> Iterator[str]:
        """Tell the tables, the deductions, the total and under what it was computed."""
        score = self._score
        tiers = self._comma.join(
            f"{self._choose(*_TIERS[tier])} {self._points(score.tier(tier))}"
            for tier in dict.fromkeys(table.tier for table in score.tables)
        )
        before, deductions = self._points(score.before_deductions), self._points(score.deductions)
        total = self._points(score.total)
        yield self._choose(
            f"合计: {tiers or '没有适用的积分办法'};小计 {before},扣分 {deductions},总分 {total} 分。",
            f"Sum: {tiers or 'no rulebook applies'}; before deductions {before}, deductions {deductions},"
            f" total {total} points.",
        )
        if score.before_deductions + score.deductions < 0 and score.is_valid:
            yield self._choose("扣分超过得分,总分不低于 0。", "Deductions exceed points; the total is not below 0.")
        if not score.is_valid:
            yield self._choose("总分过低,本次积分无效。", "The total is too low: the score is not valid.")
        usable = self._points(score.usable)
        yield self._choose(
            f"效力: {self._validity()},可用 {usable} 分。", f"Validity: {self._validity()}; usable {usable}."
        )
        yield self._choose(
            f"依据积分办法版本 {score.rulebooks[:_HASH_SHOWN]}: ",
            f"Under rulebooks {score.rulebooks[:_HASH_SHOWN]}: ",
        ) + ", ".join(f"{doc} {hash_[:_HASH_SHOWN]}" for doc, hash_ in score.documents)

    def _row(self, line: Line) -> str:
        parts = [*self._of_whom(line), self._counted(line)]
        if line.rule.placeholder:
            parts.append(self._choose(*_PLACEHOLDER))
        if line.used:
            facts = self._facts(line.used)
            parts.append(self._choose(f"依据 {facts}", f"from {facts}"))
        if line.ignored:
            parts.append(self._ignored(line.ignored))
        name = line.label.text(self._language)
        return f"{name} [{line.clause}]: " + self._choose(";", "; ").join(parts) + self._choose("。", ".")

    def _of_whom(self, line: Line) -> list[str]:
        """Say whose facts count and for which day, where that is not the resident's on the as-of day."""
        measure = line.rule.measure
        told = [] if measure.subjects == "self" else [self._choose(*SUBJECTS[measure.subjects])]
        if measure.as_of is not None:
            day = own_day(measure.as_of, self._score.as_of)
            told.append(self._choose(f"计至 {day}", f"as of {day}"))
        return told

    def _counted(self, line: Line) -> str:
        if line.state is LineState.NO_DATA:
            return self._choose("暂未查询到数据", "no data found yet")
        per = "facts" if line.unit == "state" else line.unit  # a state has no unit of its own to be so much per
        how = line.rule.award.said(self._amount(per), self._language)
        earned = self._points(line.earned)
        if line.state is LineState.OTHER_USE:
            return self._other_use(line, earned)
        if line.unit in ("state", "points/10000"):
            return self._choose(f"{how},得 {earned} 分", f"{how}: {earned} points")
        amount = self._amount(line.unit)(line.quantity or 0)
        told = self._choose(f"计 {amount},{how},得 {earned} 分", f"{amount}, {how}: {earned} points")
        return told + self._missing(line)

    def _missing(self, line: Line) -> str:
        """Say what a row that gives nothing lacks: 满 20 小时计分,还差 8 小时."""
        if line.wanted is None:
            return ""
        amount = self._amount(line.unit)
        wanted, missing = amount(line.wanted), amount(line.wanted - (line.quantity or 0))
        return self._choose(f",满 {wanted}计分,还差 {missing}", f"; counts from {wanted} on, {missing} missing")

    def _other_use(self, line: Line, earned: str) -> str:
        uses = self._comma.join(line.rule.applies_to) if isinstance(line.rule, Deduction) else ""
        return self._choose(
            f"只在 {uses} 中扣减({earned} 分),本次不扣", f"taken only for {uses} ({earned} points), not here"
        )

    def _amount(self, unit: str) -> Amount:
        return lambda quantity: count_text(quantity, unit, self._language)

    def _facts(self, rows: Sequence[FactRow]) -> str:
        theirs = [row for row in rows if row.ref_stream == RELATIVE]
        if theirs:
            own = [row for row in rows if row.ref_stream != RELATIVE]
            of_them = [self._of_relative(row) for row in theirs]
            return self._comma.join([self._facts(own), *of_them] if own else of_them)
        if all(row.kind == "insurance-month-paid" for row in rows):
            return self._months(rows)
        told = self._comma.join(self._fact(row) for row in rows[:_FACTS_SHOWN])
        if len(rows) <= _FACTS_SHOWN:
            return told
        return told + self._choose(f"等 {len(rows)} 条", f" and {len(rows) - _FACTS_SHOWN} more")

    def _of_relative(self, row: FactRow) -> str:
        word = kind_word(row.kind, self._language)
        return self._choose(f"亲属的{word} {row.quantity} 条", f"a relative's {word} × {row.quantity}")

    def _fact(self, row: FactRow) -> str:
        return fact_words(row, self._language) + f" (#{row.position})"

    def _months(self, rows: Sequence[FactRow]) -> str:
        """Tell months as unbroken runs."""
        runs: list[list[int]] = []
        for month in sorted({month_index(row.starts_on) for row in rows if row.starts_on}):
            if runs and runs[-1][1] + 1 == month:
                runs[-1][1] = month
            else:
                runs.append([month, month])
        told = self._comma.join(
            month_text(first)
            if first == last
            else self._choose("{} 至 {}", "{} to {}").format(month_text(first), month_text(last))
            for first, last in runs[-_FACTS_SHOWN:]
        )
        return told if len(runs) <= _FACTS_SHOWN else "…" + self._comma + told

    def _ignored(self, ignored: Sequence[Ignored]) -> str:
        groups: dict[Why, list[Ignored]] = {}
        for other in ignored:
            groups.setdefault(other.why, []).append(other)
        told = self._comma.join(
            f"{self._choose(*WHY[why])} {len(group)}"
            + self._choose(" 条", "")
            + " ("
            + ", ".join(f"#{other.row.position}" for other in group[:_FACTS_SHOWN])
            + (" …)" if len(group) > _FACTS_SHOWN else ")")
            for why, group in groups.items()
        )
        return self._choose(f"未计 {len(ignored)} 条: {told}", f"not counted {len(ignored)}: {told}")

    def _loss(self, loss: Loss) -> str:
        label, level = loss.label.text(self._language), self._choose(*_LEVELS[loss.level])
        if loss.level == "choice":
            lost = self._points(loss.lost)
            return self._choose(
                f"择一 {label}: 同类中另一项计分,本项的 {lost} 分不计。",
                f"Choice {label}: another item of the category counts, its {lost} points do not.",
            )
        earned, counted, lost = (self._points(units) for units in (loss.earned, loss.counted, loss.lost))
        years = f" ({', '.join(map(str, loss.years))})" if loss.years else ""
        return self._choose(
            f"{level}封顶 {label}{years}: 得 {earned} 分,计 {counted} 分,超出的 {lost} 分不计。",
            f"Cap of the {level} {label}{years}: {earned} earned, {counted} count, {lost} are lost.",
        )

    def _hold(self, hold: Held) -> str:
        name = hold.label.text(self._language) if hold.label else hold.hold
        effect, fact = self._choose(*_EFFECTS[hold.effect]), self._fact(hold.fact)
        until = hold.until.isoformat() if hold.until else self._choose("永久", "for ever")
        told = self._choose(
            f"{name} [{hold.clause}]: {hold.since} 起至 {until},{effect};依据 {fact}",
            f"{name} [{hold.clause}]: from {hold.since} until {until}, {effect}; from {fact}",
        )
        if hold.placeholder:
            told += self._choose(";", "; ") + self._choose(*_PLACEHOLDER)
        return told + self._choose("。", ".")

    def _validity(self) -> str:
        score = self._score
        permit = self._choose(*PERMIT[score.permit_state.value])
        if score.permit.awaits_request and score.permit_state.value in ("normal", "due"):
            permit += self._choose(",恢复后尚未申请", ", restored, not yet requested")
        if score.validity is None:
            return self._choose(f"积分办法未规定效力({permit})", f"no rulebook says whether they count ({permit})")
        validity = self._choose(*VALIDITY[score.validity])
        return self._choose(f"{validity}({permit})", f"{validity} ({permit})")

    def _points(self, units: int) -> str:
        return self._score.points(units)

    def _choose(self, chinese: str, english: str) -> str:
        return choose((chinese, english), self._language)

    @property
    def _comma(self) -> str:
        return self._choose("、", ", ")

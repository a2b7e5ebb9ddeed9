"""The written reasons of a ruling 裁定理由: which rule in which version, which entries, whose answer, and why."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from domain.civil import month_index, month_text
from domain.errors import Language
from domain.factrow import FactRow, rows_of
from domain.facts import DisputeRuled, Fact, FactCorrected, Known, Ref
from domain.notation import Label
from domain.places import name_of
from domain.words import choose, fact_words, kind_word

_HASH_SHOWN = 12
_MONTH = "insurance-month"
OUTCOMES = {"maintained": ("维持", "maintained"), "corrected": ("更正", "corrected")}


class Rule(NamedTuple):
    """The clause that was applied: a row of a table, or a condition of a programme, in one version of it."""

    item: str
    label: Label
    clause: str
    source: str | None
    version: str
    effective_from: date

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            **self._asdict(),
            "label": self.label.model_dump(),
            "effective_from": self.effective_from.isoformat(),
        }


class Cited(NamedTuple):
    """An entry that a ruling cites. `fact` None: it can no longer be opened, or is not shown."""

    ref: Ref
    position: int
    kind: str
    organ: str
    recorded_at: datetime
    fact: Fact | None = None

    def words(self, language: Language) -> str:
        """Say what the entry says, as far as rules read it; of sensitive kinds the kind alone."""
        kind = kind_word(self.kind, language)
        content = self.fact.replacement if isinstance(self.fact, FactCorrected) else self.fact
        if content is None or content.about.sensitive:
            return kind
        rows = rows_of(Known(content, self.position, self.ref))
        said = [_words(row, language) for row in rows if row.starts_on is not None]
        return " ".join(said if content is self.fact and said else [kind, *said])

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "version": self.ref.version,
            "position": self.position,
            "kind": self.kind,
            "organ": self.organ,
            "recorded_at": self.recorded_at.isoformat(),
            "says": {"zh": self.words("zh"), "en": self.words("en")},
        }


class Reasons(NamedTuple):
    """Why it was ruled so. `rule` None: no rule of that name is known any more."""

    ruling: DisputeRuled
    rule: Rule | None
    cited: tuple[Cited, ...]

    def as_json(self) -> dict[str, Any]:
        """Give them as JSON values, with the sentences in both tongues."""
        return {
            "rule": None if self.rule is None else self.rule.as_json(),
            "rulebooks": self.ruling.rulebooks,
            "as_at": self.ruling.as_at,
            "inputs": [each.as_json() for each in self.cited],
            "department": self.ruling.department,
            "zh": list(tell(self, "zh")),
            "en": list(tell(self, "en")),
        }


def tell(reasons: Reasons, language: Language) -> Iterator[str]:
    """Write the reasons out: outcome, rule and version, entries, department."""

    def say(chinese: str, english: str) -> str:
        return choose((chinese, english), language)

    ruling, rule = reasons.ruling, reasons.rule
    yield f"{say(*OUTCOMES[ruling.outcome])} {ruling.ruled_on}: {ruling.reason}"
    if rule is not None:
        name, version = rule.label.text(language), f"{rule.effective_from} {rule.version[:_HASH_SHOWN]}"
        yield say(
            f"依据: {name} [{rule.clause}],{rule.item},版本 {version}",
            f"Rule: {name} [{rule.clause}], {rule.item}, version {version}",
        )
    yield say(
        f"办法组 {ruling.rulebooks[:_HASH_SHOWN]},认定所依据的记录截至位置 {ruling.as_at}",
        f"Under rulebooks {ruling.rulebooks[:_HASH_SHOWN]}, on what was recorded up to position {ruling.as_at}",
    )
    for each in reasons.cited:
        yield say(
            f"援引第 {each.ref.version} 号记录: {each.words(language)}({each.organ},@{each.position})",
            f"Cites entry {each.ref.version}: {each.words(language)} ({each.organ}, @{each.position})",
        )
    yield say(f"裁定部门: {ruling.department}", f"Department: {ruling.department}")


def _words(row: FactRow, language: Language) -> str:
    if row.starts_on is not None and row.kind.startswith(_MONTH):
        words = f"{kind_word(row.kind, language)} {month_text(month_index(row.starts_on))}"
    else:
        words = fact_words(row, language)
    place = "" if row.place is None else choose((name_of(row.place), row.place), language)
    return f"{words} {place}".strip()

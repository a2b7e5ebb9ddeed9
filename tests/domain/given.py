"""The words in which the rules are tested: Given(facts).scored(table, on=day).item(name) == points("0.50")."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from domain import facts
from domain.coverage import Coverage, Feed
from domain.explanation import explain
from domain.facts import Fact, Known, Ref
from domain.family import ALONE, Family
from domain.knowledge import FactRow, Knowledge, Why, in_force, rows_of
from domain.notation import exact_text
from domain.places import Tier
from domain.rulebook import RulebookSet, read_tree, resolve
from domain.score import Line, Loss, Score
from domain.scoring import score
from ledger.rulebooks import Library, load_directory

YINZHOU, HAISHU, CIXI, FENGHUA, QIANWAN = "330212", "330203", "330282", "330213", "3302QW"
WENZHOU_RUIAN, SHANGHAI_PUDONG = "330381", "310115"
SUBJECT = UUID(int=1)
HOUSE = Path(__file__).parents[2]
EVIDENCE = "0" * 64


@cache
def library() -> Library:
    return load_directory(HOUSE / "rulebooks")


def alone(doc: str) -> RulebookSet:
    return RulebookSet.of([library().document(doc)])


def in_force_at(place: str, on: str) -> RulebookSet:
    return resolve(library().published, place, date.fromisoformat(on))


def points(text: str) -> Decimal:
    return Decimal(text)


@dataclass
class Scored:
    score: Score

    def item(self, name: str) -> Decimal:
        return self._points(self.score.line(name).points)

    def raw(self, name: str) -> str:
        return exact_text(self.score.line(name).raw)

    def quantity(self, name: str) -> int | None:
        return self.score.line(name).quantity

    def state(self, name: str) -> str:
        return self.score.line(name).state.value

    def line(self, name: str) -> Line:
        return self.score.line(name)

    def ignored(self, name: str) -> list[Why]:
        return [other.why for other in self.score.line(name).ignored]

    def used(self, name: str) -> list[int]:
        return [row.position for row in self.score.line(name).used]

    def tier(self, name: str) -> Decimal:
        return self._points(self.score.tier(Tier(name)))

    def losses(self) -> list[tuple[str, str, Decimal]]:
        return [(loss.level, loss.of, self._points(loss.lost)) for loss in self.score.losses]

    def loss(self, level: str) -> Loss:
        [loss] = [loss for loss in self.score.losses if loss.level == level]
        return loss

    @property
    def total(self) -> Decimal:
        return self._points(self.score.total)

    @property
    def deductions(self) -> Decimal:
        return self._points(self.score.deductions)

    @property
    def usable(self) -> Decimal:
        return self._points(self.score.usable)

    @property
    def validity(self) -> str | None:
        return self.score.validity

    def told(self, language: Any = "zh") -> str:
        return "\n".join(explain(self.score, language))

    def _points(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.score.scale)


@dataclass
class Given:
    """A history: facts in the order in which they became known; positions begin at 1."""

    entries: list[Known] = field(default_factory=list)
    feeds: list[Feed] = field(default_factory=list)
    restricted: bool = True

    def __init__(self, *facts: Fact) -> None:
        self.entries = []
        self.feeds = []
        for fact in facts:
            self.then(fact)

    def then(self, fact: Fact, refers_to: int | None = None) -> Self:
        position = len(self.entries) + 1
        target = None if refers_to is None else Ref(stream=SUBJECT, version=refers_to)
        self.entries.append(Known(fact, position, Ref(stream=SUBJECT, version=position), target))
        return self

    def voided(self, entry: int, from_date: str | None = None) -> Self:
        if from_date is None:
            return self.then(facts.FactVoided(reason="source-error"), refers_to=entry)
        day = date.fromisoformat(from_date)
        void = facts.FactVoided(reason="revoked", effect="from_date", from_date=day)
        return self.then(void, refers_to=entry)

    def corrected(self, entry: int, by: Fact) -> Self:
        correction = facts.FactCorrected.model_validate({"reason": "source-error", "replacement": by})
        return self.then(correction, refers_to=entry)

    def covered(self, kind: str, place: str, first: int = 0, last: int = 30_000, position: int = 0) -> Self:
        self.feeds.append(Feed(kind, place, first, last, position))
        return self

    @property
    def rows(self) -> list[FactRow]:
        return [row for entry in self.entries for row in rows_of(entry)]

    def known(self, as_at: int | None = None) -> Knowledge:
        return in_force(self.rows, as_at)

    def scored(
        self,
        rulebooks: RulebookSet,
        on: str,
        at: str = YINZHOU,
        as_at: int | None = None,
        *,
        family: Family = ALONE,
        use: str | None = None,
    ) -> Scored:
        day = date.fromisoformat(on)
        return Scored(score(self.known(as_at), rulebooks, at, day, Coverage(self.feeds, as_at), family, use))


def table(*items: dict[str, Any], **document: Any) -> RulebookSet:
    """Make a set of one table of a few rows; whatever is not said is left open."""
    return tables({"items": list(items), **document})


def tables(*documents: dict[str, Any]) -> RulebookSet:
    return RulebookSet.of(read_tree(_whole(document, number)) for number, document in enumerate(documents))


def _whole(document: dict[str, Any], number: int) -> dict[str, Any]:
    rows: dict[str, Any] = {"clause": "c", "label": {"zh": "指标", "en": "item"}}
    whole: dict[str, Any] = {
        "doc": f"test.{number}",
        "label": {"zh": "测试表", "en": "test table"},
        "authority": "330200",
        "tier": "city",
        "effective": {"from": "2000-01-01"},
        "scale": 2,
        "cap": None,
        **document,
    }
    for block in ("items", "deductions", "holds"):
        if block in whole:
            whole[block] = [{"id": f"{block[:-1]}{index}", **rows, **row} for index, row in enumerate(whole[block])]
    for block in ("categories", "schemes"):
        if block in whole:
            whole[block] = [{"label": rows["label"], **row} for row in whole[block]]
    for scheme in whole.get("schemes", ()):
        scheme.setdefault("owner", "o")
    return whole


def attested(scheme: str, **item: Any) -> dict[str, Any]:
    """Make a row that gives a point for each unit attested under a scheme."""
    measure = {"kind": "sum", "of": f"attested/{scheme}"}
    return {"id": scheme, "measure": measure, "award": {"as": "per", "points": 1}, **item}


def worth(scheme: str, quantity: int, place: str = YINZHOU, on: str = "2020-01-01") -> Fact:
    """Make a fact that earns so many points in such a row."""
    return facts.Attested(scheme=scheme, place=place, valid_from=date.fromisoformat(on), quantity=quantity)


def insurance(month: str, place: str = YINZHOU, **fields: Any) -> Fact:
    return facts.InsuranceMonthPaid(month=month, place=place, **fields)


def insured(first: str, count: int, place: str = YINZHOU, **fields: Any) -> list[Fact]:
    index = int(first[:4]) * 12 + int(first[5:]) - 1
    months = (f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(index, index + count))
    return [insurance(month, place, **fields) for month in months]


def residence(on: str, spell: str = "R1", place: str = YINZHOU) -> Fact:
    return facts.ResidenceRegistered(registered_on=date.fromisoformat(on), place=place, spell=spell)


def residence_ended(on: str, spell: str = "R1", place: str = YINZHOU) -> Fact:
    return facts.ResidenceEnded(ended_on=date.fromisoformat(on), place=place, spell=spell)


def born(on: str) -> Fact:
    return facts.IdentityMinted(
        document_type="passport", document_number="E12345678", name="某", born_on=date.fromisoformat(on)
    )


def permit(kind: str, on: str, place: str = YINZHOU, number: str = "P1") -> Fact:
    return facts.BY_TOPIC[f"{kind}.v1"].model_validate(
        {"on": date.fromisoformat(on), "place": place, "permit": number}
    )


def education(level: Any, on: str = "2010-07-01") -> Fact:
    return facts.EducationAwarded(level=level, awarded_on=date.fromisoformat(on))


def skill(level: Any, on: str = "2015-07-01") -> Fact:
    return facts.SkillAwarded(level=level, awarded_on=date.fromisoformat(on))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def served(on: str, hours: int = 0, minutes: int = 0, **fields: Any) -> Fact:
    day = date.fromisoformat(on)
    return facts.VolunteerHoursServed(served_on=day, place=YINZHOU, minutes=hours * 60 + minutes, **fields)


def donated(on: str, millilitres: int) -> Fact:
    return facts.BloodDonated(place=YINZHOU, donated_on=date.fromisoformat(on), millilitres=millilitres)


def honour(level: Any, on: str, act: str = "general", place: str = YINZHOU) -> Fact:
    return facts.HonourReceived(level=level, received_on=date.fromisoformat(on), place=place, act=act)


def employment(on: str, until: str | None = None, spell: str = "E1", place: str = YINZHOU) -> Fact:
    return facts.EmploymentStarted(started_on=date.fromisoformat(on), until=_day(until), place=place, spell=spell)


def housing(tenure: Any, on: str, until: str | None = None, spell: str = "H1") -> Fact:
    return facts.HousingStarted(
        started_on=date.fromisoformat(on),
        until=_day(until),
        place=YINZHOU,
        spell=spell,
        tenure=tenure,
    )


def granted(doc: str, item: str, points_e4: int, on: str, valid_to: str | None = None) -> Fact:
    return facts.ManualGrant(
        doc=doc,
        item=item,
        clause="c",
        place=YINZHOU,
        granted_on=date.fromisoformat(on),
        valid_to=_day(valid_to),
        points_e4=points_e4,
        evidence=EVIDENCE,
        approval=EVIDENCE,
    )


def offence(level: str, acted: str, place: str = YINZHOU, **fields: Any) -> Fact:
    days = {name: date.fromisoformat(value) if name.endswith("_on") else value for name, value in fields.items()}
    return facts.RestrictedFact.model_validate(
        {"category": "offence", "level": level, "place": place, "acted_on": date.fromisoformat(acted), **days}
    )


ZHEJIANG = alone("zj.common")
BEILUN_TRANSCRIPTION = alone("zj.common.beilun")
NINGBO_CITY = alone("nb.common")

"""Scores and their explanations, as they are given out. The shapes of domain/score.py, described."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from api.bodies.base import Body, Day, Digest, Label, Points, Position, example
from domain.errors import Language
from domain.explanation import explain
from domain.legacy import LABEL, Legacy, told
from projections.answers import Answer

TierName = Literal["province", "city", "district"]


class RulebookSetBody(Body):
    """The documents under which a score was computed: the set's hash, and (document, content hash) of each."""

    hash: Digest
    documents: list[tuple[str, Digest]]


class PermitBody(Body):
    """The residence permit on the day."""

    state: Literal["none", "normal", "due", "suspended", "ended"]
    place: str | None
    awaits_request: bool


class TiersBody(Body):
    """Points of each tier after its caps."""

    province: Points
    city: Points
    district: Points


class PartBody(Body):
    """A table or a category, before and after its cap."""

    doc: str
    tier: TierName
    id: str
    label: Label
    earned: Points
    points: Points
    cap: Points | None


class SecondPermitBody(Body):
    """A permit issued while another of the province was in use: somebody should look at it."""

    number: str
    place: str
    on: Day
    older: str
    older_place: str
    entry: Position


class ScoreBody(Body):
    """A resident's score as of a civil day, as at a position, at a place.

    `trial` 试算: at another place than the permit's. `usable` is zero while the score is not in effect.
    """

    model_config = example(
        {
            "subject": "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11",
            "as_at": 1024,
            "trial": False,
            "place": "330212",
            "as_of": "2026-01-15",
            "rulebooks": {"hash": "5e" * 32, "documents": [["zj.common", "da" * 32]]},
            "total": "50.00",
            "usable": "50.00",
            "before_deductions": "50.00",
            "deductions": "0.00",
            "valid": True,
            "ineligible": False,
            "validity": "effective",
            "validity_label": {"zh": "有效", "en": "in effect"},
            "permit": {"state": "normal", "place": "330212", "awaits_request": False},
            "tiers": {"province": "50.00", "city": "0.00", "district": "0.00"},
            "tables": [],
            "categories": [],
        }
    )

    subject: UUID
    as_at: Position
    trial: bool
    use: Annotated[str | None, Field(description="the programme for which points were asked")] = None
    disputed: Annotated[tuple[str, ...], Field(description="items (document/item) with an open dispute")] = ()
    second_permits: Annotated[
        tuple[SecondPermitBody, ...], Field(description="permits that stand beside an older one that is in use")
    ] = ()
    place: Annotated[str, Field(examples=["330212"])]
    as_of: Day
    rulebooks: RulebookSetBody
    total: Points
    usable: Points
    before_deductions: Points
    deductions: Points
    valid: bool
    ineligible: bool
    validity: Literal["effective", "accruing", "paused", "lost"] | None
    validity_label: Label | None
    permit: PermitBody
    tiers: TiersBody
    tables: list[PartBody]
    categories: list[PartBody]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """Describe an answer without its lines."""
        return cls(**_head(answer))


class FactName(Body):
    """One entry that a line rests on."""

    kind: str
    stream: UUID
    version: Annotated[int, Field(gt=0)]
    position: Position


class RelativeFacts(Body):
    """Facts of a relative that a line rests on: of which kind and how many. Nothing else of a relative is given."""

    kind: str
    of: Literal["relative"]
    count: Annotated[int, Field(gt=0)]


class IgnoredBody(Body):
    """A fact that gave nothing, and why; `because` names the fact that is in its way."""

    fact: FactName
    why: str
    because: FactName | None = None


class LineBody(Body):
    """One row of a table: what was counted, what it earned, which facts were used and which not."""

    line: Literal["item", "deduction"]
    item: str
    clause: str
    doc: str
    source: str | None
    owner: str | None
    label: Label
    category: str | None
    placeholder: bool
    state: Literal["scored", "zero", "no_data", "other_use"]
    quantity: int | None
    unit: str
    raw: Annotated[str, Field(description="exact, before rounding; a fraction where it is none in decimals")]
    earned: Points
    points: Points
    used: list[FactName | RelativeFacts]
    ignored: list[IgnoredBody]
    wanted: Annotated[int | None, Field(description="the quantity with which points would begin")] = None
    missing: Annotated[int | None, Field(description="what is missing to that quantity")] = None
    periods: list[tuple[Day, Day]] | None = None


class LossBody(Body):
    """What a cap took, as a line of its own."""

    line: Literal["year_cap", "item_cap", "choice_cap", "category_cap", "tier_cap"]
    doc: str
    of: str
    label: Label
    earned: Points
    counted: Points
    lost: Points
    years: list[int] | None = None


class HoldBody(Body):
    """A hold in force."""

    line: Literal["hold"]
    doc: str
    hold: str
    clause: str
    effect: Literal["zero", "suspend", "ineligible"]
    since: Day
    until: Day | None
    placeholder: bool
    used: list[FactName]


class LegacyBody(Body):
    """历史系统结果: what an old system said; evidence, never counted. `fact` leaves out what is sealed."""

    label: Label
    version: Annotated[int, Field(gt=0)]
    position: Position
    fact: Annotated[dict[str, Any], Field(description="legacy-score-recorded or legacy-decision-recorded")]

    @classmethod
    def of(cls, one: Legacy) -> Self:
        """Describe one."""
        fact = one.fact.model_dump(mode="json", exclude_none=True)
        return cls(label=Label(zh=LABEL[0], en=LABEL[1]), version=one.version, position=one.position, fact=fact)


class ExplanationBody(ScoreBody):
    """A score with every line behind it, and the same in plain sentences.

    `next_change_on`: the next day on which it changes by itself; null where none comes within 80 years. `legacy`:
    results of old systems, which are no part of the score.
    """

    model_config = ConfigDict(json_schema_extra=None)

    next_change_on: Day | None
    lines: list[Annotated[LineBody | LossBody | HoldBody, Field(discriminator="line")]]
    language: Language
    sentences: list[str]
    legacy: list[LegacyBody]

    @classmethod
    def told(cls, answer: Answer, language: Language, legacy: Sequence[Legacy] = ()) -> Self:
        """Describe an answer in a language."""
        lines = answer.score.as_json()["lines"]
        moves_on = answer.next_change_on()
        return cls(
            **_head(answer),
            next_change_on=None if moves_on is None else moves_on.isoformat(),
            lines=lines,
            language=language,
            sentences=[*explain(answer.score, language), *told(legacy, language)],
            legacy=[LegacyBody.of(one) for one in legacy],
        )


def _head(answer: Answer) -> dict[str, Any]:
    told = answer.score.head_as_json()
    return {
        "subject": answer.subject,
        "as_at": answer.as_at,
        "trial": answer.trial,
        "use": answer.use,
        "disputed": [*answer.disputed],
        "second_permits": [one._asdict() | {"on": one.on.isoformat()} for one in answer.second_permits],
        **told,
    }

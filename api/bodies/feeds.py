"""What organs have agreed to deliver, as it is asked for and given out."""

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from api.bodies.base import Body
from api.sending import Sent
from domain.agreements import Agreement
from domain.civil import month_text
from domain.facts.base import KindName, Month, OrganId, PlainText
from domain.places import PlaceCode
from ledger.ingest.plans import DELIVERED


def _known(kind: str) -> str:
    if kind not in _KINDS:
        raise ValueError("unknown-kind")
    return kind


_KINDS = frozenset(fact.kind_name() for fact in DELIVERED)
Kind = Annotated[KindName, AfterValidator(_known)]


class AgreementAsked(Sent):
    """An organ delivers a kind for a place every period from a month on."""

    organ: OrganId
    fact_kind: Kind
    place: PlaceCode
    first_month: Month
    every: Literal["month", "quarter", "half-year", "year"] = "month"
    due_days: Annotated[int, Field(ge=0, le=366, description="due so many days after the period's end")] = 20
    basis: PlainText = "HTTP"


class EndAsked(Sent):
    """An agreement ends with a month."""

    organ: OrganId
    fact_kind: Kind
    place: PlaceCode
    first_month: Month
    last_month: Month


class AgreementBody(Body):
    """One agreement. `last_month` null: it goes on."""

    organ: str
    fact_kind: str
    place: str
    first_month: Month
    months: Annotated[int, Field(ge=1, le=12, description="of a period")]
    due_days: Annotated[int, Field(ge=0)]
    last_month: Month | None

    @classmethod
    def of(cls, one: Agreement) -> Self:
        """Describe an agreement."""
        return cls(
            organ=one.organ,
            fact_kind=one.kind,
            place=one.place,
            first_month=month_text(one.first_month),
            months=one.months,
            due_days=one.due_days,
            last_month=None if one.last_month is None else month_text(one.last_month),
        )


class AgreementsBody(Body):
    """All that was ever agreed, organ by organ."""

    agreements: list[AgreementBody]

    @classmethod
    def of(cls, found: Sequence[Agreement]) -> Self:
        """Describe agreements."""
        return cls(agreements=[AgreementBody.of(one) for one in found])

"""What residents show to others over HTTP: statements 积分证明, questions that are answered once 授权核验."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from api.bodies.base import Body, Day, Digest, Points, Position, example
from api.papers.issuing import ASK_DAYS, DAYS, DAYS_MAX
from api.sending import Sent
from domain.facts import QuestionAuthorised, StatementIssued
from domain.facts.base import PlainText
from domain.notation import e4_text
from domain.places import PlaceCode

Number = Annotated[str, Field(pattern=r"^S-[A-Z2-7]{13}$", examples=["S-QH3ZK5T7XW2AB"])]
Days = Annotated[int, Field(ge=1, le=DAYS_MAX)]


class Stating(Sent):
    """A statement of today's points at a place; without one, where the permit is. `days`: of validity."""

    place: PlaceCode | None = None
    days: Days = DAYS


class Authorising(Sent):
    """Who may ask one question once: whether the points at a place are at least so many."""

    party: PlainText
    at_least: Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$", examples=["60"])]
    place: PlaceCode
    days: Days = ASK_DAYS


class Asking(Sent):
    """The one-time code that the resident gave; blanks, hyphens and small letters do not matter."""

    code: Annotated[str, Field(min_length=1, max_length=64)]


class StatementBody(Body):
    """What a statement says: points, place, day, validity. Whose it is, it does not say.

    `valid`: today is one of its days; `last_day` is the last of them.
    """

    model_config = example(
        {
            "number": "S-QH3ZK5T7XW2AB",
            "place": "330212",
            "points": "27.00",
            "as_of": "2026-01-15",
            "issued_on": "2026-01-15",
            "last_day": "2026-02-13",
            "valid": True,
            "rulebooks": "5c" * 32,
            "position": 1024,
        }
    )
    number: Number
    place: str
    points: Points
    as_of: Day
    issued_on: Day
    last_day: Day
    valid: bool
    rulebooks: Digest
    position: Position

    @classmethod
    def of(cls, fact: StatementIssued, position: int, *, valid: bool) -> "StatementBody":
        """Tell a statement."""
        return cls(
            number=fact.number,
            place=fact.place,
            points=e4_text(fact.points_e4),
            as_of=fact.as_of.isoformat(),
            issued_on=fact.issued_on.isoformat(),
            last_day=(fact.valid_to - timedelta(days=1)).isoformat(),
            valid=valid,
            rulebooks=fact.rulebooks,
            position=position,
        )


class AuthorisedBody(Body):
    """The code, which is shown now and never again, and the last day on which it is answered."""

    code: Annotated[str, Field(examples=["QH3Z-K5T7-XW2A-BCDE-FGHI-JKLM"])]
    party: str
    place: str
    at_least: Points
    last_day: Day
    position: Position

    @classmethod
    def of(cls, code: str, fact: QuestionAuthorised, position: int) -> "AuthorisedBody":
        """Tell what was authorised."""
        return cls(
            code=code,
            party=fact.party,
            place=fact.place,
            at_least=e4_text(fact.at_least_e4),
            last_day=(fact.expires_on - timedelta(days=1)).isoformat(),
            position=position,
        )


class AnsweredBody(Body):
    """Yes or no, and nothing else."""

    place: str
    at_least: Points
    met: bool
    as_of: Day

"""What a resident shows to others: statements of points 积分证明, and questions answered once 授权核验."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from domain.facts.base import About, Day, Digest, Fact, PlainText, SpellId
from domain.facts.use import PointsE4, Position
from domain.places import PlaceCode


class StatementIssued(Fact):
    """出具积分证明: total, place, day and validity, nothing of the history. It is valid in [issued_on, valid_to).

    `holder` is PBKDF2-HMAC-SHA-256 over type|number of the holder's identity document, salted with the statement's
    number, 600,000 times (RFC 8018): who sees the document can tell that the statement is its holder's.
    """

    about: ClassVar[About] = About(zh="出具积分证明", key=("number",))
    kind: Literal["statement-issued.v1"] = "statement-issued.v1"
    number: SpellId
    place: PlaceCode
    as_of: Day
    as_at: Position
    rulebooks: Digest
    points_e4: Annotated[PointsE4, Field(description="10^-4 points")]
    issued_on: Day
    valid_to: Day
    holder: Digest


class QuestionAuthorised(Fact):
    """授权核验: the resident lets somebody ask once whether the points reach a threshold, in [.., expires_on).

    `code` is SHA-256 of the one-time code, which the resident hands over; the ledger never knows it.
    """

    about: ClassVar[About] = About(zh="授权核验", key=("code",))
    kind: Literal["question-authorised.v1"] = "question-authorised.v1"
    code: Digest
    party: PlainText
    place: PlaceCode
    at_least_e4: Annotated[PointsE4, Field(description="10^-4 points")]
    authorised_on: Day
    expires_on: Day


class QuestionAnswered(Fact):
    """核验答复: the question was asked and answered, yes or no, once and for all."""

    about: ClassVar[About] = About(zh="核验答复", key=("code",))
    kind: Literal["question-answered.v1"] = "question-answered.v1"
    code: Digest
    met: bool
    as_of: Day
    as_at: Position
    rulebooks: Digest


KINDS: tuple[type[Fact], ...] = (StatementIssued, QuestionAuthorised, QuestionAnswered)

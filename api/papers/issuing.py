"""What is said in statements 积分证明 and questions 授权核验, for the command line and for HTTP alike."""

import base64
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from domain.facts import QuestionAnswered, QuestionAuthorised, StatementIssued
from domain.notation import E4
from ledger.statements import hash_of, holder_of
from projections.answers import Answer

DAYS, DAYS_MAX, ASK_DAYS = 30, 366, 7
_NUMBER_BYTES, _CODE_BYTES = 8, 15
_POINTS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
RandomBytes = Callable[[int], bytes]


class BadThreshold(ValueError):
    """A threshold is a number of points from 0 on, with four decimals at most."""


def threshold_e4(text: str) -> int:
    """Read a threshold of points to 1/10000. Raises BadThreshold."""
    if _POINTS.fullmatch(text) is None:
        raise BadThreshold
    return int(Decimal(text).scaleb(E4))


def statement_of(
    answer: Answer, document: tuple[str, str], today: date, days: int, random_bytes: RandomBytes
) -> StatementIssued:
    """Say what somebody's score is worth today. `document`: type and number of the holder's identity document."""
    number = f"S-{_letters(random_bytes(_NUMBER_BYTES))}"
    return StatementIssued(
        number=number,
        place=answer.score.place,
        as_of=today,
        as_at=answer.as_at,
        rulebooks=answer.score.rulebooks,
        points_e4=answer.score.usable_e4,
        issued_on=today,
        valid_to=today + timedelta(days=days),
        holder=holder_of(number, *document),
    )


def question_of(
    party: str, place: str, at_least_e4: int, today: date, days: int, random_bytes: RandomBytes
) -> tuple[str, QuestionAuthorised]:
    """Make the one-time code, as it is shown, and the question that it opens. The ledger knows its hash alone."""
    code = _letters(random_bytes(_CODE_BYTES))
    fact = QuestionAuthorised(
        code=hash_of(code),
        party=party,
        place=place,
        at_least_e4=at_least_e4,
        authorised_on=today,
        expires_on=today + timedelta(days=days),
    )
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4)), fact


def answer_of(asked: QuestionAuthorised, found: Answer, today: date) -> QuestionAnswered:
    """Answer a question on what is known today: yes or no."""
    met = found.score.usable_e4 >= asked.at_least_e4
    return QuestionAnswered(
        code=asked.code, met=met, as_of=today, as_at=found.as_at, rulebooks=found.score.rulebooks
    )


def reading_of(asked: QuestionAuthorised) -> tuple[str, str]:
    """Say who reads for an answer, and why: it stands in the read log, and the resident sees it."""
    return f"code:{asked.code[:16]}", f"check: {asked.party}"[:200]


def _letters(random: bytes) -> str:
    return base64.b32encode(random).decode().rstrip("=")

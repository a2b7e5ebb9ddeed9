"""A resident's score, and every line behind it."""

from fastapi import APIRouter, Request, Response

from api.bodies.scores import ExplanationBody, ScoreBody
from api.refusals import PlaceNeeded
from api.represent import UNCHANGED, represent
from api.wiring import SPOKEN, AtCoordinates, Coordinates, Reading, ReadingScore, Spoken, StrictRoute
from domain.errors import Language
from projections.answers import Answer

router = APIRouter(prefix="/v1/residents/{subject}", tags=["scores"], route_class=StrictRoute, dependencies=SPOKEN)


@router.get("/score", operation_id="score", response_model=ScoreBody, responses=UNCHANGED, summary="Score 积分")
def score(request: Request, reading: ReadingScore, at: AtCoordinates) -> Response:
    """Give a resident's points at a place, as of a day, as at a moment. Without `place`: where they are at home."""
    return _represented(request, _answer(reading, at), at.use)


@router.get(
    "/explanation",
    operation_id="explanation",
    response_model=ExplanationBody,
    responses=UNCHANGED,
    summary="Explanation 说明",
)
def explanation(request: Request, reading: ReadingScore, at: AtCoordinates, language: Spoken) -> Response:
    """Give every point down to facts, clause and rulebook version, and why a rule gave nothing."""
    return _explained(request, reading, _answer(reading, at), at.use, language)


def _answer(reading: Reading, at: Coordinates) -> Answer:
    """Ask. Raises what Answers raises, and PlaceNeeded."""
    ask, subject = reading.door.answering.ask, reading.noted().subject
    if at.place is not None:
        place = at.place
        found = [ask(lambda answers: answers.score(subject, place, at.as_of, at.as_at, use=at.use))]
    else:
        found = ask(lambda answers: answers.home_scores(subject, at.as_of, at.as_at, at.use))
    if not found:
        raise PlaceNeeded
    reading.noted(of=found[0].subject)
    return found[0]


def _explained(request: Request, reading: Reading, answer: Answer, use: str | None, language: Language) -> Response:
    legacy = reading.door.answering.ask(lambda answers: answers.legacy(answer.subject, answer.as_at))
    return _represented(request, answer, use, ExplanationBody.told(answer, language, legacy))


def _represented(
    request: Request, answer: Answer, use: str | None, explained: ExplanationBody | None = None
) -> Response:
    """Write an answer, with its lines where they are given. It depends on its coordinates alone."""
    score = answer.score
    body = ScoreBody.of(answer) if explained is None else explained
    where = (score.as_of.isoformat(), score.place, use)
    return represent(
        request, body, answer.as_at, score.rulebooks, *where, None if explained is None else explained.language
    )

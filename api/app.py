"""The application: routes, problems and the guard around one door. `points serve` runs it."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from api import problems
from api.door import Door
from api.guard import Guard
from api.problems import MEDIA_TYPE, Problem
from api.routes import (
    applications,
    assessments,
    audits,
    batches,
    benefits,
    checks,
    decisions,
    dispute_acts,
    disputes,
    events,
    everybody,
    feeds,
    frauds,
    health,
    histories,
    moves,
    programmes,
    prospects,
    requests,
    round_acts,
    rounds,
    rulebooks,
    scores,
    statements,
    transparency,
)

DESCRIPTION = """Facts go in as CloudEvents; scores come out, explained to facts, clauses and rulebook versions.

Every read takes three axes of time: `as_of`, a civil day; `as_at`, a position or an instant of knowledge; and the
rulebooks in force. Every refusal is a problem (RFC 9457) with a stable code, in Chinese and English."""
NOUNS = (
    *(events, batches, feeds, scores, histories, audits, rulebooks),
    *(
        programmes,
        rounds,
        round_acts,
        applications,
        benefits,
        decisions,
        disputes,
        dispute_acts,
        requests,
        moves,
        prospects,
        everybody,
    ),
    *(assessments, frauds, statements, checks),
    *(transparency, health),
)


def create_app(door: Door) -> FastAPI:
    """Make the application for a door."""
    app = FastAPI(
        title="Points Ledger 积分账本",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url=None,  # their scripts come from elsewhere: pages of our own follow
        redoc_url=None,
        redirect_slashes=False,
        responses={"default": {"model": Problem, "description": "refused: a problem (RFC 9457)"}},
    )
    app.state.door = door
    for noun in NOUNS:
        app.include_router(noun.router)
    problems.install(app)
    app.add_middleware(Guard)
    app.openapi = _described(app.openapi)  # type: ignore[method-assign] # the seam that FastAPI documents
    return app


def _described(plain: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Describe the application; refusals under their own media type, not under that of the answer beside them."""

    def described() -> dict[str, Any]:
        made = plain()
        for operations in made["paths"].values():
            for operation in operations.values():
                refused = operation["responses"]["default"]["content"]
                for plain_type in [one for one in refused if one != MEDIA_TYPE]:
                    refused[MEDIA_TYPE] = refused.pop(plain_type)
        return made

    return described

"""Problems (RFC 9457): every refusal as the same JSON, in both tongues, with a stable code and nothing personal.

`type` is a name, not an address: the codes are listed in docs/http.md.
"""

import logging
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import psycopg
from eventsourcing.persistence import InterfaceError, OperationalError, PersistenceError
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api import refusals
from api.languages import language_of
from domain.errors import DatabaseUnavailable, Language, Refusal
from ledger.commit import OutcomeUnknown
from ledger.database import DatabaseRefused
from ledger.ingest.hints import HINTS
from ledger.ingest.verdicts import Finding
from ledger.turn import VersionConflict

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:points-ledger:problem:"
RETRY_AFTER_SECONDS = 2
_FRAMES_SHOWN = 6
_OUR_OWN = ("pattern", "ge", "gt", "le", "lt", "expected", "min_length", "max_length")
_log = logging.getLogger("points.http")


class Both(BaseModel):
    """One text in two tongues."""

    model_config = ConfigDict(frozen=True)
    zh: str
    en: str


class Fault(BaseModel):
    """One place in a request that is not as expected. Says the form that is wanted, never what stood there."""

    model_config = ConfigDict(frozen=True)
    where: Annotated[str, Field(description="a parameter, a header, or a field of the event")]
    code: Annotated[str, Field(description="stable; programs may read it")]
    expected: Annotated[str, Field(description="the form that would have been right, in no language")] = ""
    hint: Both | None = None


class Problem(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(frozen=True)
    type: Annotated[str, Field(examples=[TYPE + "subject-unknown"])]
    title: Annotated[str, Field(description="in the reader's language")]
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(examples=["subject-unknown"])]
    detail: Annotated[str, Field(description="where, if it is known; never a value")] = ""
    instance: Annotated[str, Field(description="this one occurrence; the server's log names it too")]
    titles: Both
    hints: Both
    errors: list[Fault] = []


class Faulty(Exception):
    """A refusal with the places that caused it."""

    def __init__(self, refusal: Refusal, faults: Sequence[Fault]) -> None:
        super().__init__(refusal.code())
        self.refusal = refusal
        self.faults = faults


def fault(finding: Finding) -> Fault:
    """Tell a finding of a row as a place of a request."""
    hint = HINTS[finding.code]
    return Fault(
        where=finding.column or finding.field,
        code=finding.code.value,
        expected=finding.expected,
        hint=Both(zh=hint.zh, en=hint.en),
    )


def problem(refusal: Refusal, language: Language, instance: str, faults: Sequence[Fault] = ()) -> Problem:
    """Write a refusal as a problem."""
    bare = type(refusal)()
    return Problem(
        type=TYPE + refusal.code(),
        title=bare.message(language),
        status=refusal.status,
        code=refusal.code(),
        detail=refusal.place,
        instance=instance,
        titles=Both(zh=bare.message("zh"), en=bare.message("en")),
        hints=Both(zh=refusal.remedy("zh"), en=refusal.remedy("en")),
        errors=list(faults),
    )


def answer(told: Problem, language: Language, headers: Mapping[str, str] | None = None) -> Response:
    """Make the response."""
    extra = dict(headers or {})
    extra["Content-Language"] = "zh-CN" if language == "zh" else "en"
    if told.status == 503:
        extra["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if told.status == 401:
        extra["WWW-Authenticate"] = 'Bearer realm="points-ledger"'
    return Response(told.model_dump_json(), told.status, extra, MEDIA_TYPE)


def refuse(
    request: Request, refusal: Refusal, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """Answer a request with a refusal."""
    language = language_of(request.scope)
    return answer(problem(refusal, language, instance_of(request.scope), faults), language, headers)


def instance_of(scope: Mapping[str, Any]) -> str:
    """Name this one request, as the guard has numbered it."""
    return f"urn:uuid:{scope['state']['request_id']}"


def refusal_of(error: Exception) -> Refusal:
    """Find the words for any error. Nothing of the error's own text is in them."""
    match error:
        case Refusal():
            return error
        case VersionConflict():
            return refusals.MovedOn()
        case OutcomeUnknown():
            return refusals.OutcomeUnknown()
        case OperationalError() | InterfaceError() | psycopg.OperationalError() | psycopg.InterfaceError():
            return DatabaseUnavailable()
        case DatabaseRefused() if error.sqlstate is None or error.sqlstate[:2] in _PASSING:
            return DatabaseUnavailable()
        case _:
            return refusals.Unexpected()


_PASSING = ("08", "40", "53", "55", "57")
"""SQLSTATE classes of what trying again may mend: connection, rollback, resources, not available, intervention."""


def note(error: Exception, request_id: str) -> None:
    """Log an error by its class and where it arose; its text, and its causes', may hold what was in a row."""
    frames = traceback.extract_tb(error.__traceback__)[: -_FRAMES_SHOWN - 1 : -1]
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    _log.error("request %s failed: %s at %s", request_id, type(error).__name__, places)


def _on_refusal(request: Request, error: Exception) -> Response:
    refusal = refusal_of(error)
    if not isinstance(error, Refusal):
        note(error, request.scope["state"]["request_id"])
    return refuse(request, refusal)


def _on_faulty(request: Request, error: Exception) -> Response:
    if not isinstance(error, Faulty):
        raise TypeError
    return refuse(request, error.refusal, error.faults)


def _on_validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError
    faults = [
        Fault(
            where=".".join(str(step) for step in one["loc"]),
            code=str(one["type"]).replace("_", "-"),
            expected=_expected(one),
        )
        for one in error.errors()
    ]
    return refuse(request, refusals.ParametersInvalid(), faults)


def _expected(error: Mapping[str, Any]) -> str:
    """Say the bound or the pattern, which are ours; never the input."""
    said = error.get("ctx", {})
    return ", ".join(f"{name} {said[name]}" for name in _OUR_OWN if name in said)


def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError
    known = {404: refusals.RouteUnknown, 405: refusals.MethodNotAllowed}
    return refuse(request, known.get(error.status_code, refusals.RequestMalformed)(), headers=error.headers)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem."""
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(Faulty, _on_faulty)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    for family in (PersistenceError, psycopg.Error, DatabaseRefused):
        app.add_exception_handler(family, _on_refusal)

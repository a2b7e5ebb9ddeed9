"""Bodies that are sent to acts: read strictly, once it is known who sends them; told like any other parameter."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from api import strict_json
from api.problems import Fault, Faulty
from api.refusals import ActMediaType, ParametersInvalid
from ledger.entry import Receipt

JSON = "application/json"
_OUR_OWN = ("pattern", "ge", "le", "gt", "lt", "expected")


class Sent(BaseModel):
    """What a body says: closed, so that a field that is not known is refused and not passed over."""

    model_config = ConfigDict(frozen=True, extra="forbid")


B = TypeVar("B", bound=Sent)
Route = TypeVar("Route", bound=Callable[..., Any])


def sent(model: type[B]) -> Any:
    """Give what reads a body. Raises Faulty with every place that is not as expected, and as strict_json does."""

    async def read(request: Request) -> B:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise ActMediaType
        return read_body(model, await request.body())

    return Depends(read)


def read_body(model: type[B], body: bytes) -> B:
    """Read a body. Says of a fault where it is and what is wanted, never what stood there."""
    strict_json.parse(body)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        found = [
            Fault(where=_where(one["loc"], model), code=str(one["type"]).replace("_", "-"), expected=_wanted(one))
            for one in error.errors(include_url=False, include_input=False)
        ]
    raise Faulty(ParametersInvalid(), found)


def act(
    router: APIRouter,
    path: str,
    operation: str,
    summary: str,
    takes: type[Sent],
    gives: type[BaseModel],
    **said: Any,
) -> Callable[[Route], Route]:
    """Register an act: what it takes, with an example, and gives: 201 when it was recorded now, 200 when before."""
    again: dict[int | str, dict[str, Any]] = {
        200: {"model": gives, "description": "recorded before: the first receipt"}
    }
    return router.post(
        path,
        operation_id=operation,
        summary=summary,
        response_model=gives,
        status_code=201,
        responses=again,
        openapi_extra=described(takes, **said),
    )


def described(model: type[Sent], **example: Any) -> dict[str, Any]:
    """Describe the body of an act, with an example that is one."""
    content = {JSON: {"schema": model.model_json_schema(), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def answered(body: BaseModel, receipt: Receipt | None = None, status: int | None = None) -> Response:
    """Answer an act: 201 where it was recorded now, 200 where it had been, or the status that is given."""
    made = 201 if receipt is not None and receipt.new else 200
    return Response(body.model_dump_json(), status or made, media_type=JSON)


def _where(place: tuple[int | str, ...], model: type[Sent]) -> str:
    """Name a place by our own fields alone: a name that was sent is not told back."""
    known = [str(step) for step in place if isinstance(step, int) or step in model.model_fields]
    return ".".join(["body", *known])


def _wanted(error: Any) -> str:
    said = error.get("ctx", {})
    return ", ".join(
        f"{name} {said[name]}" for name in ("pattern", "ge", "le", "gt", "lt", "expected") if name in said
    )

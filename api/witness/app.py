"""What a witness answers over HTTP (C2SP tlog-witness): add-checkpoint, and the last head it cosigned."""

import logging
import re
from collections.abc import Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ledger.transparency.heads import FolderOfHeads
from ledger.transparency.witnessing import REQUEST_BYTES_MAX, Witness, WitnessRefused

_ORIGIN_HASH = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger("points.witness")


def create_witness(witness: Witness, heads: FolderOfHeads, seconds: Callable[[], int]) -> Starlette:
    """Make the application. `seconds` gives POSIX time."""

    async def add_checkpoint(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > REQUEST_BYTES_MAX:
                return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {REQUEST_BYTES_MAX} bytes")
        try:
            line = await run_in_threadpool(witness.add, body, seconds())
        except WitnessRefused as refusal:
            if refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                # The log shows two histories, or something is broken between us: the operator must look.
                _log.error("ALARM: a head was not cosigned: %s", refusal)
            if refusal.size is not None:
                return Response(f"{refusal.size}\n", refusal.status, media_type="text/x.tlog.size")
            return _refused(refusal.status, str(refusal))
        return PlainTextResponse(line)

    async def checkpoint(request: Request) -> Response:
        name = request.path_params["origin"]
        note = await run_in_threadpool(heads.note, name) if _ORIGIN_HASH.fullmatch(name) else None
        if note is None:
            return _refused(HTTPStatus.NOT_FOUND, "no head of such a log was cosigned here")
        return PlainTextResponse(note.whole())

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin}/checkpoint", checkpoint, methods=["GET"]),
        ]
    )


def _refused(status: HTTPStatus, why: str) -> Response:
    return PlainTextResponse(why + "\n", status)

"""Answers that may be asked for again: an ETag, and 304 where the reader has it already (RFC 9110, 13.1.2)."""

import hashlib
from typing import Any

from fastapi import Request, Response
from pydantic import BaseModel

from ledger.canonical import canonical

RELEASE = "1"
"""Goes into every tag: raised when the same coordinates are answered in another form."""


UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "unchanged since the ETag that was given"}}


def represent(request: Request, body: BaseModel, *identity: str | int | None) -> Response:
    """Answer with a body; `identity` says all that it depends on."""
    tag = '"' + hashlib.sha256(canonical([RELEASE, request.url.path, *map(str, identity)])).hexdigest()[:32] + '"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Accept-Language"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


def _has(header: str, tag: str) -> bool:
    tags = [one.strip().removeprefix("W/") for one in header.split(",")]
    return "*" in tags or tag in tags

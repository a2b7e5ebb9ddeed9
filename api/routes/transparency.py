"""The log's public part: its last signed head and its tiles (C2SP tlog-tiles). No entry, no header, no position."""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from api.refusals import LogResourceUnknown
from api.wiring import SPOKEN, StrictRoute, UsingDoor
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.tiles import NoSuchTile, read_path

FOR_EVER = "public, max-age=31536000, immutable"
router = APIRouter(prefix="/log", tags=["log"], route_class=StrictRoute, dependencies=SPOKEN)


@router.get(
    "/checkpoint",
    operation_id="readCheckpoint",
    summary="The last signed head 检查点",
    response_class=PlainTextResponse,
)
async def checkpoint(door: UsingDoor) -> Response:
    """Give the last signed head with its cosignatures, as a signed note."""
    try:
        head = await run_in_threadpool(door.log.ask, LogReader.head)
    except NotInTheLog:
        raise LogResourceUnknown("checkpoint") from None
    return PlainTextResponse(head.note.whole(), headers={"Cache-Control": "max-age=1"})


@router.get(
    "/tile/{path:path}", operation_id="readTile", summary="A tile of the tree 哈希瓦片", response_class=Response
)
async def tile(door: UsingDoor, path: str) -> Response:
    """Give a tile: up to 256 hashes of 32 bytes."""
    try:
        wanted = read_path(path)
        content = await run_in_threadpool(door.log.ask, lambda reader: reader.tile(wanted))
    except NoSuchTile:
        raise LogResourceUnknown("tile") from None
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})

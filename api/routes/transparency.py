"""The logs' public part: the last signed head and the tiles of each (C2SP tlog-tiles). No row, header or position.

The log of reads is as public as that of entries: its leaves are commitments, and tell neither whom nor by whom.
"""

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from api.refusals import LogResourceUnknown
from api.wiring import SPOKEN, StrictRoute, UsingDoor
from ledger.reads import READS
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.tiles import NoSuchTile, read_path
from ledger.transparency.tree import ENTRIES, Tree

FOR_EVER = "public, max-age=31536000, immutable"
router = APIRouter(prefix="/log", tags=["log"], route_class=StrictRoute, dependencies=SPOKEN)


def _serve(tree: Tree, prefix: str, named: str, zh: str) -> None:
    """Add the two addresses of one log."""

    @router.get(
        f"{prefix}/checkpoint",
        operation_id=f"read{named}Checkpoint",
        summary=f"The last signed head {zh}检查点",
        response_class=PlainTextResponse,
    )
    async def checkpoint(door: UsingDoor) -> Response:
        """Give the last signed head with its cosignatures, as a signed note."""
        try:
            head = await run_in_threadpool(door.log.ask, LogReader.head, tree)
        except NotInTheLog:
            raise LogResourceUnknown("checkpoint") from None
        return PlainTextResponse(head.note.whole(), headers={"Cache-Control": "max-age=1"})

    @router.get(
        f"{prefix}/tile/{{path:path}}",
        operation_id=f"read{named}Tile",
        summary=f"A tile of the tree {zh}哈希瓦片",
        response_class=Response,
    )
    async def tile(door: UsingDoor, path: str) -> Response:
        """Give a tile: up to 256 hashes of 32 bytes."""
        try:
            wanted = read_path(path)
            content = await run_in_threadpool(door.log.ask, lambda reader: reader.tile(wanted), tree)
        except NoSuchTile:
            raise LogResourceUnknown("tile") from None
        return Response(content, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})


_serve(ENTRIES, "", "", "")
_serve(READS, "/reads", "Reads", "查询日志")

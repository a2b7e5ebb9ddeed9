"""Proofs that entries are in the log, as answers: C2SP tlog-proof texts with the entry's header."""

from fastapi import Response
from fastapi.responses import PlainTextResponse

from api.door import Door
from domain.errors import NotInLog
from ledger.evidence.proving import receipt_of
from ledger.transparency.log import NotInTheLog


def proof_of(door: Door, position: int) -> Response:
    """Write the proof of an entry. Raises NotInLog where the log has not signed that far."""
    try:
        text = door.log.ask(lambda reader: receipt_of(reader, position))
    except NotInTheLog:
        raise NotInLog(str(position)) from None
    return PlainTextResponse(text, headers={"Cache-Control": "no-store"})

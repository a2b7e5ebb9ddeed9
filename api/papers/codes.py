"""QR codes (ISO/IEC 18004), by segno."""

import io
from typing import Any, Literal

from domain.errors import PaperMissing
from ledger.evidence.links import MARK

QUIET_ZONE = 4
"""The margin in modules that the standard asks for."""


def qr_code(text: str, kind: Literal["svg", "png"] = "svg", scale: int = 4) -> bytes:
    """Draw a text as a QR code of the lowest error correction: a receipt is long, and paper is not torn.

    A receipt's letters go in the alphanumeric mode: two of them in eleven bits.

    Raises PaperMissing where the extra is not installed, ValueError where no code is large enough.
    """
    try:
        import segno  # noqa: PLC0415 - an extra
    except ImportError:
        raise PaperMissing("segno") from None
    drawn = io.BytesIO()
    address, mark, letters = text.partition(MARK)
    parts: Any = [(address + mark, None, None), (letters, None, None)] if mark else text
    segno.make_qr(parts, error="l", boost_error=False).save(drawn, kind=kind, scale=scale, border=QUIET_ZONE)
    return drawn.getvalue()

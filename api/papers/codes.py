"""QR codes (ISO/IEC 18004), by segno."""

import io
from typing import Literal

from domain.errors import PaperMissing

QUIET_ZONE = 4
"""The margin in modules that the standard asks for."""


def qr_code(text: str, kind: Literal["svg", "png"] = "svg", scale: int = 4) -> bytes:
    """Draw a text as a QR code of the lowest error correction: a receipt is long, and paper is not torn.

    Raises PaperMissing where the extra is not installed, ValueError where the text has more than 2,953 bytes.
    """
    try:
        import segno  # noqa: PLC0415 - an extra
    except ImportError:
        raise PaperMissing("segno") from None
    drawn = io.BytesIO()
    segno.make_qr(text, error="l", boost_error=False).save(drawn, kind=kind, scale=scale, border=QUIET_ZONE)
    return drawn.getvalue()

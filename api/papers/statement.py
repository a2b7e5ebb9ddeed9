"""The statement of points 积分证明 as PDF, set by typst: what it says, a QR code, and the receipt attached."""

from datetime import datetime, timedelta
from pathlib import Path

from api.papers.codes import qr_code
from domain.errors import PaperMissing
from domain.facts import StatementIssued
from domain.notation import e4_text
from domain.places import name_of
from ledger.evidence.links import linked

TEMPLATE = Path(__file__).with_name("statement.typ")


def statement_pdf(fact: StatementIssued, receipt: str, address: str, issued_at: datetime) -> bytes:
    """Set a statement. `address` is what the QR code's link begins with; the same values give the same bytes.

    Raises PaperMissing.
    """
    try:
        import pylopdf_fonts_zh_cn  # noqa: PLC0415 - an extra
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise PaperMissing("typst, pylopdf-fonts-zh-cn") from None
    last = fact.valid_to - timedelta(days=1)
    inputs = {
        "number": fact.number,
        "points": e4_text(fact.points_e4),
        "place": f"{name_of(fact.place)} ({fact.place})",
        "as_of": fact.as_of.isoformat(),
        "issued_on": fact.issued_on.isoformat(),
        "last": last.isoformat(),
        "rulebooks": fact.rulebooks[:16],
        "receipt": receipt,
        "qr": qr_code(linked(receipt, address)).decode(),
    }
    compiled = typst.compile(
        str(TEMPLATE),
        sys_inputs=inputs,
        font_paths=[str(pylopdf_fonts_zh_cn.sans_path().parent)],
        ignore_system_fonts=True,
        timestamp=issued_at,
    )
    if not isinstance(compiled, bytes):
        raise TypeError("one document was asked for")
    return compiled

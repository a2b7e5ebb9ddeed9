"""A file as it arrives: what it is by its first bytes and its name, and the delivery that reads it."""

from difflib import get_close_matches
from pathlib import Path

from ledger.ingest.delivery import CsvDelivery, Delivery, NdjsonDelivery
from ledger.ingest.hygiene import safe_name
from ledger.ingest.mapping import DeliveryMapping
from ledger.ingest.plans import DELIVERED, KINDS
from ledger.ingest.refusals import NoSheets, UnknownKind
from ledger.ingest.survey import BOM, Survey, opened, survey
from ledger.ingest.verdicts import Phrase
from ledger.ingest.workbook.package import OLE, ZIP, refuse_old
from ledger.ingest.xlsx import XlsxDelivery

_JSON_NAMES = (".ndjson", ".jsonl", ".json")


def open_delivery(
    path: Path, mapping: DeliveryMapping | None = None, kind: str | None = None, sheet: str | None = None
) -> Delivery:
    """Open a file and understand its form; `kind` names the kind of every row and overrides the mapping's.

    `sheet` names the sheet of a workbook. Raises DeliveryRefused, naming the place and the remedy.
    """
    mapping = mapping or DeliveryMapping()
    if sheet is not None:
        mapping = mapping.model_copy(update={"sheet": sheet})
    _refuse_unknown(path, kind or mapping.kind)
    with path.open("rb") as file:
        start = file.read(4)
    if start == ZIP:
        return XlsxDelivery(path, mapping, kind)
    if start == OLE:
        refuse_old(path)
    if sheet is not None:
        raise NoSheets(path.name)
    seen = survey(path)
    named = Path(path.stem) if seen.packed else path
    if named.suffix.lower() in _JSON_NAMES or _starts_with_brace(path, seen):
        return NdjsonDelivery(path, seen, mapping, kind)
    return CsvDelivery(path, seen, mapping, kind)


def _refuse_unknown(path: Path, kind: str | None) -> None:
    """Refuse a kind that there is not, with the nearest that a file may bring."""
    if kind is None or kind in KINDS:
        return
    near = get_close_matches(kind.lower(), [fact.kind_name() for fact in DELIVERED], n=1, cutoff=0.5)
    meant = Phrase(f"是否为 {near[0]}?", f"Is it {near[0]}?") if near else None
    raise UnknownKind(f"{path.name}: {safe_name(kind)}".rstrip(": "), meant)


def _starts_with_brace(path: Path, seen: Survey) -> bool:
    with opened(path, packed=seen.packed) as file:
        return file.read(256).removeprefix(BOM).lstrip()[:1] == b"{" and seen.encoding == "utf-8"

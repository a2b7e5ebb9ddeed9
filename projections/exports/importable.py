"""A person's entries as rows that an import reads: into an empty ledger they give the same score.

Their ids are made of the entries' places, so that voids and corrections name what they named. Identity entries are
left out, since an import makes its own, and so are kinds that no file may bring.
"""

from typing import Any
from uuid import UUID

from domain.facts import Fact, FactCorrected, FeedDelivered, IdentityMinted, ParticularsCorrected
from ledger.entry import StoredEntry, instant_text
from ledger.ingest.plans import DELIVERED, plan_of

Row = dict[str, Any]
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""An id of letters: no run of digits in it can be taken for a number of a person's."""


def row_of(entry: StoredEntry, fact: Fact, who: IdentityMinted) -> Row | None:
    """Give an entry as a row about a person, or None where no file may bring its kind."""
    if type(fact) not in DELIVERED or isinstance(fact, FeedDelivered):
        return None
    hand = entry.hand
    row: Row = {
        "kind": fact.kind,
        "document_type": who.document_type,
        "document_number": who.document_number,
        "name": who.name,
        "source_id": _id(entry.originator_id, entry.originator_version),
        **_fields(fact),
    }
    if hand.refers_to is not None:
        row["refers_to"] = _id(hand.refers_to.stream, hand.refers_to.version)
    if hand.source_time is not None:
        row["source_time"] = instant_text(hand.source_time)
    basis = _basis(fact) or hand.legal_basis
    if basis is not None:
        row["legal_basis"] = basis
    return row


def _id(stream: UUID, version: int) -> str:
    return f"{stream.hex.translate(_LETTERS)}/{version}"


def _fields(fact: Fact) -> Row:
    fields = fact.model_dump(mode="json", exclude_none=True, exclude={"kind"})
    if not isinstance(fact, FactCorrected):
        fields.pop("basis", None)
    if isinstance(fact, ParticularsCorrected):
        plan = plan_of(type(fact))
        return {plan.row_name(name): value for name, value in fields.items()}
    inner = fields.get("replacement")
    if isinstance(inner, dict):
        inner.pop("basis", None)
    fields.pop("basis", None)
    return fields


def _basis(fact: Fact) -> str | None:
    inner = fact.replacement if isinstance(fact, FactCorrected) else fact
    found = getattr(inner, "basis", None) or getattr(fact, "basis", None)
    return found if isinstance(found, str) else None

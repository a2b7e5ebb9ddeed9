"""What rows with the same open cells share, worked out once: their bytes with gaps for what is the person's own.

A file says the same month, place and insurance in a hundred thousand rows. The row-wise Examiner reads the first of
them; the others are the same bytes with another number and another sealed part. tests/properties prove it.
"""

from dataclasses import dataclass

from pydantic import ValidationError

from domain.facts import Fact, RestrictedFact, Stream
from ledger.canonical import canonical
from ledger.entry import Request
from ledger.ingest.examine import Candidate
from ledger.ingest.faults import alone
from ledger.ingest.fields import FactReader
from ledger.ingest.hygiene import clean
from ledger.ingest.plans import DELIVERED, Plan, plan_of
from ledger.ingest.tally import open_quantity
from ledger.ingest.verdicts import RowRefused


def goes_by_columns(fact: type[Fact]) -> bool:
    """Say whether rows of a kind stand alone.

    They name no other entry and close no spell, and nothing else depends on what is sealed in them.
    """
    plan, sealed = plan_of(fact), fact.sealed_fields()
    decisive = {*plan.key, *plan.past, *plan.months, *plan.required, *(day for pair in plan.ends for day in pair)}
    return (
        fact.about.stream is Stream.SUBJECT
        and not (fact.about.refers or fact.about.closes or fact.about.sensitive or fact is RestrictedFact)
        and bool(fact.about.key)
        and not sealed & decisive
        and not fact.__pydantic_decorators__.model_validators
    )


CARD = "resident-card"
"""The document whose numbers are checked in columns."""
KINDS_BY_COLUMNS = frozenset(fact for fact in DELIVERED if goes_by_columns(fact))


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """The bytes that rows of one pattern share, cut where the document number or the sealed part stands.

    `key` are the two sides of the natural key's text, `request` what stands before and after the subject, `plain`
    what stands before the sealed object. `state` is the open part, `quantity` what the fact adds to the control
    sum. Two patterns are equal only where they are one.
    """

    fact: type[Fact]
    topic: str
    state: bytes
    quantity: int
    key: tuple[bytes, bytes]
    request: tuple[bytes, bytes]
    plain: bytes


def pattern_of(candidate: Candidate, organ: str) -> Pattern | None:
    """Take the pattern off a row that the Examiner took, read without its sealed cells; None where it has none."""
    fact, person = candidate.fact, candidate.person
    if person is None or person.document_type != CARD or type(fact) not in KINDS_BY_COLUMNS or fact.sealed_part():
        return None
    return cut_at(person.document_number, fact, candidate.request, organ)


def cut_at(gap: str, fact: Fact, request: Request, organ: str) -> Pattern | None:
    """Cut the bytes of an entry where `gap` stands in its request; None where it stands there more than once."""
    key = canonical([organ, request.source, request.source_id, request.part]).split(gap.encode())
    asked = canonical([organ, request.subject]).split(gap.encode())
    if len(key) != 2 or len(asked) != 2:
        return None
    opened = fact.open_part()
    return Pattern(
        fact=type(fact),
        topic=fact.kind,
        state=canonical(opened),
        quantity=open_quantity(fact),
        key=(key[0], key[1]),
        request=(asked[0], asked[1].removesuffix(b"]") + b","),
        plain=canonical({"kind": fact.kind, "open": opened, "sealed": {}}).removesuffix(b"{}}"),
    )


class SealedColumn:
    """One column whose values are stored as ciphertext: each distinct value is read once.

    `fragments` holds the canonical bytes of `"field":value` by the cell's text: empty for a blank cell, None for
    one that only the Examiner can judge.
    """

    def __init__(self, field: str, facts: list[type[Fact]], reader: FactReader) -> None:
        self.field = field
        self._plan: Plan = plan_of(facts[0])
        self._reader = reader
        self._model = alone(facts[0], field)
        self.alike = all(_said(field, fact) == _said(field, facts[0]) for fact in facts)
        self.fragments: dict[str, bytes | None] = {}

    def read(self, text: str) -> bytes | None:
        """Read a value not met before."""
        found = self._read(text) if self.alike or not text else None
        self.fragments[text] = found
        return found

    def _read(self, text: str) -> bytes | None:
        try:
            value = self._reader.converted(self._plan, self.field, clean(text))
            if value is None:
                return b""
            return canonical(self._model.model_validate({self.field: value}).model_dump(mode="json"))[1:-1]
        except (RowRefused, ValidationError):
            return None


def _said(field: str, fact: type[Fact]) -> str:
    return repr(fact.model_fields[field].rebuild_annotation())

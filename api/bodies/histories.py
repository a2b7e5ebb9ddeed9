"""Entries of a person's history, and who looked at it, as they are given out."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Digest, Position
from ledger.entry import Entry
from ledger.history import Reading

WITHHELD = frozenset(
    {"name", "document_number", "address", "payer", "employer", "school", "certificate", "act"}
    | {"reference", "items", "content", "says", "record", "statement", "document"}
)
"""Of what is sealed, what staff are not given here: it says, or may say, who somebody is.

The last are free text, of an old system (legacy-score-recorded, legacy-decision-recorded) or of who claims or
disputes, a decision whole, with all that went into it, and the number of a court's document.
"""


class Sight(Enum):
    """How much of an entry's content a reader is given: all, all but who somebody is, nothing but its kind."""

    ALL = "all"
    WITHOUT_WHO = "without who"
    NOTHING = "nothing"


class RefBody(Body):
    """One entry, named for ever."""

    stream: UUID
    version: Annotated[int, Field(gt=0)]


class EntryBody(Body):
    """One entry with its envelope.

    `fact` None: it was erased by law, or is of a kind that this release does not know. `withheld` names the fields
    that the reader is not given. `voided`: a later entry, within what was asked for, voids or corrects it.
    """

    version: Annotated[int, Field(gt=0)]
    position: Position
    recorded_at: datetime
    kind: Annotated[str | None, Field(examples=["insurance-month-paid.v1"])]
    organ: str
    recorded_by: str
    channel: str
    source_class: Literal["automatic", "manual", "agency", "self"]
    source_time: datetime | None
    legal_basis: str | None
    batch_id: UUID | None
    refers_to: RefBody | None
    voided: bool
    leaf: Digest
    fact: Annotated[dict[str, Any] | None, Field(description="the fields of the kind: /v1/kinds/{kind}/schema")]
    withheld: list[str]

    @classmethod
    def of(cls, entry: Entry, topic: str, *, voided: bool, sight: Sight) -> Self:
        """Describe an entry for a reader."""
        hand = entry.hand
        fact = None if entry.fact is None else entry.fact.model_dump(mode="json", exclude_none=True)
        withheld = set() if fact is None or sight is Sight.ALL else withhold(fact, sight)
        return cls(
            version=entry.originator_version,
            position=entry.position or 0,
            recorded_at=_there(entry.recorded_at),
            kind=topic,
            organ=hand.organ,
            recorded_by=hand.recorded_by,
            channel=hand.channel,
            source_class=hand.source_class,
            source_time=hand.source_time,
            legal_basis=hand.legal_basis,
            batch_id=hand.batch_id,
            refers_to=None
            if hand.refers_to is None
            else RefBody(stream=hand.refers_to.stream, version=hand.refers_to.version),
            voided=voided,
            leaf=_there(entry.leaf).hex(),
            fact=fact,
            withheld=sorted(withheld),
        )


def _there(value: Any) -> Any:
    """Give what every stored entry has."""
    if value is None:
        raise TypeError("an entry that was read has its place")
    return value


def withhold(fact: dict[str, Any], sight: Sight) -> set[str]:
    """Take out what the reader is not given, in the fact and in what replaces it; name what was there."""
    unseen = fact.keys() - {"kind"} if sight is Sight.NOTHING else fact.keys() & WITHHELD
    for name in unseen:
        del fact[name]
    inner = fact.get("replacement")
    within = withhold(inner, sight) if isinstance(inner, dict) else set()
    return {*unseen, *(f"replacement.{name}" for name in within)}


class HistoryBody(Body):
    """One page of a history, oldest first. `next` leads on, and so does the header Link."""

    subject: UUID
    entries: list[EntryBody]
    next: str | None


class ReadingBody(Body):
    """Somebody on duty read the history: who, when, why, and how far it went."""

    read_at: datetime
    reader: Annotated[str, Field(examples=["auditor:a-17"])]
    purpose: str
    entries: int
    last_version: int | None

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Describe one line of the log."""
        return cls(
            read_at=reading.read_at,
            reader=reading.reader,
            purpose=reading.purpose,
            entries=reading.entries,
            last_version=reading.last_version,
        )


class ReadersBody(Body):
    """Who read a person's history, the latest first."""

    subject: UUID
    readings: list[ReadingBody]

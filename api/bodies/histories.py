"""Entries of a person's history, and who looked at it, as they are given out."""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field

from api.bodies.base import Body, Digest, Position
from domain.errors import Language
from domain.looking import PURPOSES
from domain.words import choose
from ledger.entry import Entry
from ledger.history import Looked
from ledger.reads import Read

WITHHELD = frozenset(
    {"name", "document_number", "address", "payer", "employer", "school", "certificate", "act"}
    | {"reference", "items", "content", "says", "record", "statement", "document", "case"}
)
"""Of what is sealed, what staff are not given here: it says, or may say, who somebody is.

The last are free text, of an old system (legacy-score-recorded, legacy-decision-recorded) or of who claims or
disputes, a decision whole, with all that went into it, and the numbers of a court's document and of the case for
which something is held.
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
    """Somebody on duty read about the person: who, when, why, and how far the history went.

    `nth` counts the person's reads from 1; None: it is from before they were counted. `reference` is the number of
    the case, where one was given. `words` are for auditors alone: they may name somebody else. `shown_on`: by a
    legal basis, the person was told from this day on.
    """

    nth: int | None
    read_at: datetime
    reader: Annotated[
        str, Field(examples=["auditor:a-17"], description="a pseudonymous id; before the colon, as what")
    ]
    purpose: Annotated[str, Field(examples=["audit"], description="a code of the list of purposes")]
    why: Annotated[str, Field(examples=["审计抽查"], description="the purpose in words")]
    reference: str | None
    words: str | None
    entries: int
    last_version: int | None
    shown_on: date | None
    basis: str | None

    @classmethod
    def of(cls, read: Read, said: dict[str, str], basis: str | None, language: Language, *, to_staff: bool) -> Self:
        """Describe one line of the log, `said` being what was sealed of it."""
        return cls(
            nth=read.nth,
            read_at=read.read_at,
            reader=read.reader,
            purpose=read.code,
            why=choose(PURPOSES[read.code], language),
            reference=said.get("reference"),
            words=said.get("words") if to_staff else None,
            entries=read.entries,
            last_version=read.last_version,
            shown_on=read.shown_on,
            basis=basis,
        )


class ReadersBody(Body):
    """Who read about a person, the latest first; `deferred` reads are counted and not shown yet."""

    subject: UUID
    readings: list[ReadingBody]
    deferred: int
    next: str | None

    @classmethod
    def of(
        cls,
        subject: UUID,
        looked: Looked,
        opened: Callable[[Read], dict[str, str]],
        language: Language,
        *,
        to_staff: bool,
        following: str | None = None,
    ) -> Self:
        """Describe a page. `to_staff`: for auditors, who see what is not shown yet and the words."""
        readings = [
            ReadingBody.of(
                one, opened(one), looked.bases.get((one.reader, one.shown_on)), language, to_staff=to_staff
            )
            for one in looked.reads
        ]
        return cls(subject=subject, readings=readings, deferred=looked.deferred, next=following)

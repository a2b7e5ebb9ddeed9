"""The persons of a piece become streams and keys; the unknown are minted, and their identity entries sealed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from domain.facts.identity import DocumentType
from domain.person import Person
from ledger.blocks import Block
from ledger.canonical import canonical
from ledger.ingest.patterns import Pattern, cut_at
from ledger.ingest.sealing import PlainRow, Sealer
from ledger.vault.identities import Identities, Outcome, Resolution
from ledger.vault.indexes import Indexes
from ledger.vault.minting import VAULT_ORGAN, minting_entry

Who = tuple[str, str, str, int]
"""Type and number of a document, the name, and 0. Without a name: the row's place + 1, for rows before it count."""


def who_is(person: Person, at: int) -> Who:
    """Name the person of a row by plain texts."""
    return person.document_type, person.document_number, person.name or "", 0 if person.name else at + 1


@dataclass(slots=True)
class Resolved:
    """Who the persons of a piece are. `streams` gives 16 bytes and the key, None for one that was destroyed.

    `answers` are those of the vault where it was asked for more than who is known; `identities` the entries of
    `minted` subjects.
    """

    streams: dict[Who, tuple[bytes, bytes | None]]
    answers: dict[Who, Resolution] = field(default_factory=dict)
    identities: Block | None = None
    minted: list[UUID] = field(default_factory=list)


class Resolver:
    """Resolves under one batch. `sealer` seals for the vault's own organ."""

    def __init__(self, identities: Identities, indexes: Indexes, sealer: Sealer) -> None:
        self._identities = identities
        self._indexes = indexes
        self._sealer = sealer
        self._pattern: Pattern | None = None

    def resolve(self, persons: Iterable[Who], my_turn: Callable[[], None]) -> Resolved:
        """Resolve persons in the order of their rows: who is known in one query, the others when it is our turn."""
        asked = list(dict.fromkeys(persons))
        if not asked:
            return Resolved({})
        indexes = self._indexes.of_many(asked)
        holders = self._identities.holders(indexes)
        found = Resolved(
            {
                who: (holder.stream, holder.key)
                for who, holder in zip(asked, holders, strict=True)
                if holder is not None and not holder.unrecorded
            }
        )
        left = [at for at, who in enumerate(asked) if who not in found.streams]
        if left:
            my_turn()
            answers = self._identities.resolve_indexes([indexes[at] for at in left])
            # If we stop here, what was minted is found unrecorded by the next import, which appends its entry.
            found.answers = {asked[at]: answer for at, answer in zip(left, answers, strict=True)}
            self._learn_keys(found)
            self._mint(found)
        return found

    def _learn_keys(self, found: Resolved) -> None:
        subjects = {who: one.subject for who, one in found.answers.items() if one.subject is not None}
        keys = self._identities.keys_of(set(subjects.values()))
        found.streams |= {who: (subject.bytes, keys.get(subject)) for who, subject in subjects.items()}

    def _mint(self, found: Resolved) -> None:
        """Seal the identity entry of each minted subject, under the name met first."""
        first: dict[UUID, Who] = {}
        for who, one in found.answers.items():
            if one.outcome is Outcome.MINTED and one.subject is not None and found.streams[who][1] is not None:
                first.setdefault(one.subject, who)
        if first:
            rows = [self._minted(subject, who, found.streams[who][1] or b"") for subject, who in first.items()]
            found.identities, found.minted = self._sealer.block(rows), list(first)

    def _minted(self, subject: UUID, who: Who, key: bytes) -> PlainRow:
        kind, number, name, _ = who
        entry = minting_entry(Person(cast("DocumentType", kind), number, name), subject, "")
        if entry.fact is None or entry.request is None:
            raise TypeError("a minted subject has its fact and its request")
        if self._pattern is None:
            self._pattern = cut_at(str(subject), entry.fact, entry.request, VAULT_ORGAN)
        if self._pattern is None:
            raise TypeError("the request of a minted subject names it once")
        return PlainRow(
            subject.bytes, key, str(subject).encode(), self._pattern, canonical(entry.fact.sealed_part())
        )

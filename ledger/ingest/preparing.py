"""A piece of a file made ready to be appended: read, resolved, sealed. Runs in any process.

What depends on the pieces before it, minting, waits for its turn: so the first name of a number in the file has the
number, whichever process is faster.
"""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from domain.person import Person
from ledger import rows
from ledger.blocks import Block
from ledger.entry import Hand
from ledger.ingest.columns import ColumnReader, Plain
from ledger.ingest.delivery import CsvDelivery, Place, judge
from ledger.ingest.examine import Candidate
from ledger.ingest.patterns import CARD, KINDS_BY_COLUMNS
from ledger.ingest.pieces import Piece
from ledger.ingest.resolving import Resolved, Resolver, Who, who_is
from ledger.ingest.sealing import PlainRow, Sealer, in_order
from ledger.ingest.settle import HELD, entry_of
from ledger.ingest.tally import open_quantity
from ledger.ingest.verdicts import Code, Finding
from ledger.ingest.waiting import kept_content
from ledger.mapper import EntryMapper
from ledger.vault.held import HeldRows, Origin, RowToHold
from ledger.vault.ring import VaultKeyRing


class Queue(Protocol):
    """Where a piece waits until those before it have minted."""

    def my_turn(self) -> None:
        """Wait. Asked again, it is still our turn."""

    def pass_on(self) -> None:
        """Let the next piece mint, if it is our turn."""


@dataclass(slots=True)
class Prepared:
    """One piece, ready. Rows are named by the numbers of their records in the piece; `blank` ones are no rows.

    `identities` are the entries of `minted` subjects and go in first. `numbers` says which record each entry of
    `block` is, `quantities` what it adds to the control sum. `told` are rows that need no append. `by_rows` says
    that nothing was done: the piece holds rows that depend on others, and is the Settler's.
    """

    start: Place
    end: Place
    records: int
    by_rows: bool = False
    blank: list[int] = field(default_factory=list)
    told: list[tuple[int, Finding]] = field(default_factory=list)
    identities: Block | None = None
    minted: list[UUID] = field(default_factory=list)
    block: Block | None = None
    numbers: list[int] = field(default_factory=list)
    quantities: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """What preparing needs of the vault, under one batch's `hand`."""

    resolver: Resolver
    held: HeldRows
    keys: VaultKeyRing
    mapper: EntryMapper
    sealer: Sealer
    hand: Hand


class Preparer:
    """Prepares the pieces of one delivery. For one thread."""

    def __init__(self, delivery: CsvDelivery, reader: ColumnReader, bench: Bench) -> None:
        self._delivery = delivery
        self._reader = reader
        self._bench = bench

    def prepare(self, piece: Piece, queue: Queue) -> Prepared:
        """Do all that needs no turn of the ledger. What was minted and held is durable when this returns."""
        delivery = self._delivery
        plain = self._reader.read(piece.texts(delivery.encoding, delivery.delimiter.decode()))
        made = Prepared(piece.start, piece.end, len(piece))
        others = self._examined(piece, plain, made)
        if not all(_stands_alone(candidate) for candidate in others.values()):
            return Prepared(piece.start, piece.end, len(piece), by_rows=True)
        whose: dict[int, Who] = {
            at: (CARD, number, name, 0 if name else at + 1)
            for at, number, name in zip(plain.index, plain.numbers, plain.names, strict=True)
        }
        if others:
            whose |= {at: who_is(_person(candidate), at) for at, candidate in others.items()}
            whose = dict(sorted(whose.items()))
        found = self._bench.resolver.resolve(whose.values(), queue.my_turn)
        queue.pass_on()
        made.identities, made.minted = found.identities, found.minted
        self._turn_away(piece, whose, found, made)
        self._seal(plain, others, whose, found, made)
        return made

    def _examined(self, piece: Piece, plain: Plain, made: Prepared) -> dict[int, Candidate]:
        """Let the Examiner judge what was not found plainly good; give what it takes."""
        taken: dict[int, Candidate] = {}
        if len(plain) == len(piece):
            return taken
        read = set(plain.index)
        for at in range(len(piece)):
            judgement = None if at in read else self._judged(piece, at)
            if isinstance(judgement, Candidate):
                taken[at] = judgement
            elif judgement is not None:
                made.told.append((at, judgement))
            elif at not in read:
                made.blank.append(at)
        return taken

    def _judged(self, piece: Piece, at: int) -> Candidate | Finding | None:
        row = self._delivery.row(at, piece.record(at))
        return None if row is None else judge(self._delivery, self._reader.examiner, row)

    def _turn_away(self, piece: Piece, whose: dict[int, Who], found: Resolved, made: Prepared) -> None:
        """Tell the rows about persons who are erased, or to be confirmed; put the latter into the queue."""
        if not found.answers and all(key for _, key in found.streams.values()):
            return
        held = []
        for at, who in whose.items():
            answer = found.answers.get(who)
            if answer is not None and answer.why is not None:
                candidate = self._judged(piece, at)
                if not isinstance(candidate, Candidate):
                    raise TypeError("a row whose person was looked for is one that holds")
                content = kept_content(candidate)
                origin = Origin(self._delivery.path.name, piece.record(at).line)
                hand = self._bench.hand
                held.append(
                    RowToHold(
                        _person(candidate),
                        hand.organ,
                        answer.why,
                        content,
                        candidate.request,
                        hand.batch_id,
                        origin,
                    )
                )
                made.told.append((at, Finding(HELD[answer.why], "name")))
            elif who not in found.streams:
                made.told.append((at, Finding(Code.PERSON_ERASED, "document_number")))
            elif found.streams[who][1] is None:
                made.told.append((at, Finding(Code.PERSON_ERASED)))
        self._bench.held.hold(held)
        made.told.sort(key=lambda told: told[0])

    def _seal(
        self, plain: Plain, others: dict[int, Candidate], whose: dict[int, Who], found: Resolved, made: Prepared
    ) -> None:
        """Make the block of the rows whose person is known."""
        away = {at for at, _ in made.told}
        taken: dict[int, PlainRow] = {}
        for at, number, pattern, sealed in zip(
            plain.index, plain.numbers, plain.patterns, plain.sealed, strict=True
        ):
            if at not in away:
                stream, key = found.streams[whose[at]]
                taken[at] = PlainRow(stream, key or b"", number.encode(), pattern, sealed)
        blocks = []
        if taken:
            blocks.append((list(taken), self._bench.sealer.block(list(taken.values()))))
        quantities = {at: row.pattern.quantity for at, row in taken.items()}
        left = {at: candidate for at, candidate in others.items() if at not in away}
        if left:
            blocks.append((list(left), self._sealed_alone(left, whose, found)))
            quantities |= {at: open_quantity(candidate.fact) for at, candidate in left.items()}
        if blocks:
            made.numbers, made.block = blocks[0] if len(blocks) == 1 else in_order(blocks)
            made.quantities = [quantities[at] for at in made.numbers]

    def _sealed_alone(self, left: dict[int, Candidate], whose: dict[int, Who], found: Resolved) -> Block:
        """Seal rows one by one, as a single fact is."""
        streams = {at: UUID(bytes=found.streams[whose[at]][0]) for at in left}
        self._bench.keys.prepare(set(streams.values()))
        entries = [entry_of(candidate, streams[at], self._bench.hand, None) for at, candidate in left.items()]
        return Block.of([rows.ready(self._bench.mapper.to_stored_event(entry)) for entry in entries])


def _stands_alone(candidate: Candidate) -> bool:
    """Say whether nothing in the ledger but its person has to be known of a row."""
    return candidate.person is not None and type(candidate.fact) in KINDS_BY_COLUMNS and candidate.target is None


def _person(candidate: Candidate) -> Person:
    if candidate.person is None:
        raise TypeError("the row is about nobody by document")
    return candidate.person

"""A log in the database: it follows its rows in the order of their positions and signs what it has become.

There are two, of entries and of reads (ledger/transparency/tree.py). A leaf's index is dense: the first row is 0,
whatever holes the positions have. One process at a time keeps a log; what it writes goes in one transaction, so
that tiles, edge and position always fit each other.

Before a head is signed the root is computed twice, from the tiles and from the edge, and the tiles must still give
the root of the head that was signed before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from ledger.commit import tuples
from ledger.database import Database, Role, refused
from ledger.suites import Suite
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.growing import Grown, grow
from ledger.transparency.keys import Signer
from ledger.transparency.merkle import Frontier, consistency_proof, inclusion_proof, range_hash
from ledger.transparency.notes import (
    Note,
    NoteRefused,
    Signature,
    checked,
    read_note,
    read_signature,
)
from ledger.transparency.proofs import LogProof
from ledger.transparency.tiles import HASH_BYTES, WIDTH, NoSuchTile, Tile, TileTree, hashes_of, tiles_of_proof
from ledger.transparency.tree import ENTRIES, Tree

LEAVES_A_STEP = 16_384
_NEXT: LiteralString = (
    "SELECT {position},{content} FROM {rows} WHERE {position} >= %s AND {only} ORDER BY {position} LIMIT %s"
)
_INDEX: LiteralString = (
    "SELECT t.tile, t.width, e.counted, e.last FROM (SELECT tile, first_position, length(hashes) / 32 AS width"
    " FROM {tiles} WHERE level = 0 AND first_position <= %s ORDER BY first_position DESC LIMIT 1) t,"
    " LATERAL (SELECT count(*) AS counted, max({position}) AS last FROM {rows}"
    " WHERE {position} BETWEEN t.first_position AND %s AND {only}) e"
)
_HEAD: LiteralString = (
    "SELECT size, root, position, note, ARRAY(SELECT line FROM {cosignatures} c WHERE c.size = h.size"
    " ORDER BY line) FROM {heads} h"
)
_TILES: LiteralString = (
    "SELECT level, tile, hashes FROM {tiles}"
    " JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted(level, tile) USING (level, tile)"
)
_WRITE: LiteralString = (
    "INSERT INTO {tiles} (level, tile, hashes, first_position)"
    " SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[], %s::bigint[])"
    " ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes"
)


class LogDiffers(Exception):
    """The tree is not what it was, or not what the entries say: nothing is signed until a person has looked."""


class NotInTheLog(LookupError):
    """No row stands there, or the log has not reached it, or signed it, yet."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head: its size, root, the position of its last row, and the note with all its signatures."""

    checkpoint: Checkpoint
    position: int
    note: Note


class LogReader:
    """Reads tiles, heads and proofs of one tree on a connection of any role that may read them."""

    def __init__(self, connection: Connection[Any], suite: Suite, tree: Tree = ENTRIES) -> None:
        self.connection = connection
        self.suite = suite
        self.of = tree
        self._hashed = suite.hash

    def tile(self, tile: Tile) -> bytes:
        """Give a tile's bytes; of a wider one the beginning. Raises NoSuchTile."""
        found = self._one(
            "SELECT substring(hashes for %s) FROM {tiles} WHERE level = %s AND tile = %s",
            [tile.width * HASH_BYTES, tile.level, tile.index],
        )
        if found is None or len(found[0]) != tile.width * HASH_BYTES:
            raise NoSuchTile(tile.path)
        return bytes(found[0])

    def tree(self, size: int) -> TileTree:
        """Give the tree as it was with `size` leaves."""
        return TileTree(self._hashed, size, self.tile)

    def head(self, size: int | None = None) -> Head:
        """Give the last signed head, or the one of a size, with its cosignatures. Raises NotInTheLog."""
        if size is None:
            found = self._one(_HEAD + " ORDER BY size DESC LIMIT 1", [])
        else:
            found = self._one(_HEAD + " WHERE size = %s", [size])
        if found is None:
            raise NotInTheLog("nothing has been signed yet" if size is None else "no head has that size")
        size, root, position, text, lines = found
        note = read_note(text)
        cosigned = note.joined(read_signature(line.removesuffix("\n")) for line in lines)
        return Head(Checkpoint(Checkpoint.read(note.text).origin, size, bytes(root)), position, cosigned)

    def index(self, position: int) -> int:
        """Give the index of the leaf of the row at a position. Raises NotInTheLog."""
        found = self._one(_INDEX, [position, position])
        if found is None or found[3] != position or found[2] > found[1]:
            raise NotInTheLog(f"no {self.of.noun} stands there, or the log has not reached it yet")
        return int(found[0]) * WIDTH + int(found[2]) - 1

    def proof(self, position: int) -> LogProof:
        """Prove that the row at a position is in the last signed head. Raises NotInTheLog."""
        index, head = self.index(position), self.head()
        if index >= head.checkpoint.size:
            raise NotInTheLog("the log has not signed that far yet")
        return self.proven(index, head)

    def proven(self, index: int, head: Head) -> LogProof:
        """Prove that a leaf is under a signed head. Raises IndexError where the head ends before it."""
        size = head.checkpoint.size
        # All tiles at once: a proof waits for the database three times, however high the tree is.
        levels, tiles = zip(*tiles_of_proof(index, size), strict=True) if size else ((), ())
        rows = self.asked(_TILES, [list(levels), list(tiles)])
        read = {(level, tile): bytes(hashes) for level, tile, hashes in rows}
        tree = TileTree(self._hashed, size, lambda one: read.get((one.level, one.index)) or self.tile(one))
        return LogProof(index, tuple(inclusion_proof(self._hashed, tree.node, index, size)), head.note)

    def heads_over(self, index: int) -> Iterator[Head]:
        """Give the signed heads that cover a leaf, the oldest first."""
        for (size,) in self.asked("SELECT size FROM {heads} WHERE size > %s ORDER BY size", [index]):
            yield self.head(size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Prove that the tree of `old` leaves is the beginning of that of `size`. Raises NoSuchTile, IndexError."""
        return consistency_proof(self._hashed, self.tree(size).node, old, size)

    def root(self, size: int) -> bytes:
        """Compute the root of the first `size` leaves from the tiles. Raises NoSuchTile."""
        return range_hash(self._hashed, self.tree(size).node, 0, size)

    def leaves(self, question: LiteralString, given: Sequence[Any]) -> list[tuple[int, bytes]]:
        """Ask for rows with their position and content; give each position with its leaf."""
        leaf = self.of.leaf
        return [(row[0], leaf(self.suite, row)) for row in self.asked(question, given)]

    def asked(self, question: LiteralString, given: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Ask about this tree, whose tables and columns are named in braces (ledger/transparency/tree.py)."""
        return tuples(self.connection).execute(self.of.sql(question), given).fetchall()

    def _one(self, question: LiteralString, given: Sequence[Any]) -> tuple[Any, ...] | None:
        return next(iter(self.asked(question, given)), None)


class LogKeeper:
    """Keeps one log of a ledger, on a connection of the log's own role."""

    def __init__(self, connection: Connection[Any], suite: Suite, signer: Signer, tree: Tree = ENTRIES) -> None:
        self.reader = LogReader(connection, suite, tree)
        self.signer = signer
        self._connection = connection
        self._hashed = suite.hash

    @classmethod
    def open(cls, database: Database, suite: Suite, signer: Signer, tree: Tree = ENTRIES) -> "LogKeeper":
        """Connect as the log. The caller closes `reader.connection`."""
        return cls(database.connect(Role.LOG), suite, signer, tree)

    def lead(self) -> bool:
        """Try to become the one who keeps the log; held until the connection ends."""
        found = (
            tuples(self._connection)
            .execute(
                "SELECT pg_try_advisory_lock(hashtextextended(current_schema || %s, 0))", [self.reader.of.leader]
            )
            .fetchone()
        )
        return bool(found and found[0])

    def follow(self, leaves_max: int = LEAVES_A_STEP) -> int:
        """Take the next rows into the tree; say how many. Raises LogDiffers, DatabaseRefused."""
        try:
            with self._connection.transaction():
                return self._follow(leaves_max)
        except psycopg.Error as error:
            failure = refused(error)
        raise failure

    def _follow(self, leaves_max: int) -> int:
        size, position, edge = self._grown()
        rows = self.reader.leaves(_NEXT, [position, leaves_max + 1])
        if size:
            self._check_last(size, position, rows[0] if rows else None)
            rows = rows[1:]
        rows = rows[:leaves_max]
        if not rows:
            return 0
        leaves = [leaf for _, leaf in rows]
        frontier = Frontier(self._hashed, size, hashes_of(edge))
        frontier.append(leaves)
        self._write(grow(self._hashed, size, leaves, self._last), [at for at, _ in rows], size)
        self._do(
            "UPDATE {growth} SET size = %s, position = %s, edge = %s",
            [frontier.size, rows[-1][0], b"".join(frontier.edge)],
        )
        # If we stop here, nothing of this step is kept and the same rows are read again.
        return len(rows)

    def _grown(self) -> tuple[int, int, bytes]:
        [(size, position, edge)] = self.reader.asked("SELECT size, position, edge FROM {growth} FOR UPDATE")
        return size, position, bytes(edge)

    def _check_last(self, size: int, position: int, row: tuple[int, bytes] | None) -> None:
        tile, within = divmod(size - 1, WIDTH)
        leaf = self._last(0, tile)[within * HASH_BYTES : (within + 1) * HASH_BYTES]
        if row != (position, leaf):
            noun = self.reader.of.noun
            raise LogDiffers(f"the {noun} at position {position} is not the one that the log has there")

    def _last(self, level: int, tile: int) -> bytes:
        found = self.reader.asked("SELECT hashes FROM {tiles} WHERE level = %s AND tile = %s", [level, tile])
        return bytes(found[0][0]) if found else b""

    def _write(self, tiles: Iterable[Grown], positions: Sequence[int], size: int) -> None:
        written = list(tiles)
        firsts = [None if one.tile.level else positions[max(0, one.tile.index * WIDTH - size)] for one in written]
        self._do(
            _WRITE,
            [
                [one.tile.level for one in written],
                [one.tile.index for one in written],
                [one.hashes for one in written],
                firsts,
            ],
        )

    def sign(self) -> Head | None:
        """Sign the tree as it is, unless that is signed already. Raises LogDiffers, DatabaseRefused."""
        try:
            with self._connection.transaction():
                return self._sign()
        except psycopg.Error as error:
            failure = refused(error)
        raise failure

    def _sign(self) -> Head | None:
        size, position, edge = self._grown()
        after = self._signed_before()
        if size == after:
            return None
        root = self.reader.root(size)
        if size < after or root != Frontier(self._hashed, size, hashes_of(edge)).root():
            raise LogDiffers("tiles and edge give two roots")
        checkpoint = Checkpoint(self.signer.verifier.name, size, root)
        note = Note(checkpoint.text(), (self.signer.sign(checkpoint.text()),))
        # `after` is unique: whoever signed meanwhile makes this fail, and the head is made anew.
        self._do(
            "INSERT INTO {heads} (size, after, root, position, note) VALUES (%s, %s, %s, %s, %s)",
            [size, after, root, position, note.whole()],
        )
        return Head(checkpoint, position, note)

    def _signed_before(self) -> int:
        """Give the last head's size, 0 where there is none, once the tree and our own signature still say so."""
        try:
            head = self.reader.head()
            signers = checked(head.note, [self.signer.verifier])
        except NotInTheLog:
            return 0
        except NoteRefused:
            raise LogDiffers("the last signed head cannot be read, or its signature does not hold") from None
        before = head.checkpoint
        if not signers or Checkpoint.read(head.note.text) != before:
            raise LogDiffers(f"the head of {before.size} leaves is not what we signed")
        if self.reader.root(before.size) != before.root:
            raise LogDiffers(f"the tiles no longer give the root that was signed for {before.size} leaves")
        return before.size

    def keep(self, size: int, cosignatures: Iterable[Signature]) -> None:
        """Keep what witnesses signed under a head. Signatures are checked by the caller."""
        for one in cosignatures:
            self._do(
                "INSERT INTO {cosignatures} (size, line) VALUES (%s, %s) ON CONFLICT DO NOTHING", [size, one.line()]
            )

    def _do(self, statement: LiteralString, given: Sequence[Any]) -> None:
        self._connection.execute(self.reader.of.sql(statement), given)

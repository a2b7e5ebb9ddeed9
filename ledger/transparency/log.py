"""The log in the database: it follows the entries in the order of their positions and signs what it has become.

A leaf's index is dense: the first entry is 0, whatever holes the positions have. One process at a time keeps the
log; what it writes goes in one transaction, so that tiles, edge and position always fit each other.

Before a head is signed the root is computed twice, from the tiles and from the edge, and the tiles must still give
the root of the head that was signed before.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

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

LEAVES_A_STEP = 16_384
_LEADER = "points-ledger/log"
_INDEX = (
    "SELECT t.tile, t.width, e.counted, e.last FROM (SELECT tile, first_position, length(hashes) / 32 AS width"
    " FROM tree_tiles WHERE level = 0 AND first_position <= %s ORDER BY first_position DESC LIMIT 1) t,"
    " LATERAL (SELECT count(*) AS counted, max(notification_id) AS last FROM entries"
    " WHERE notification_id BETWEEN t.first_position AND %s) e"
)
_TILES = (
    "SELECT level, tile, hashes FROM tree_tiles"
    " JOIN unnest(%s::smallint[], %s::bigint[]) AS wanted(level, tile) USING (level, tile)"
)
_WRITE = (
    "INSERT INTO tree_tiles (level, tile, hashes, first_position)"
    " SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[], %s::bigint[])"
    " ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes"
)


class LogDiffers(Exception):
    """The tree is not what it was, or not what the entries say: nothing is signed until a person has looked."""


class NotInTheLog(LookupError):
    """No entry stands there, or the log has not reached it, or signed it, yet."""


@dataclass(frozen=True, slots=True)
class Head:
    """A signed head: its size, root, the position of its last entry, and the note with all its signatures."""

    checkpoint: Checkpoint
    position: int
    note: Note


class LogReader:
    """Reads tiles, heads and proofs on a connection of any role that may read them."""

    def __init__(self, connection: Connection[Any], suite: Suite) -> None:
        self.connection = connection
        self.suite = suite
        self._hashed = suite.hash

    def tile(self, tile: Tile) -> bytes:
        """Give a tile's bytes; of a wider one the beginning. Raises NoSuchTile."""
        found = self._one(
            "SELECT substring(hashes for %s) FROM tree_tiles WHERE level = %s AND tile = %s",
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
        narrowed, given = ("", []) if size is None else (" WHERE size = %s", [size])
        found = self._one(
            "SELECT size, root, position, note, ARRAY(SELECT line FROM tree_cosignatures c WHERE c.size = h.size"  # noqa: S608 - one of two fixed texts
            f" ORDER BY line) FROM tree_heads h{narrowed} ORDER BY size DESC LIMIT 1",
            given,
        )
        if found is None:
            raise NotInTheLog("nothing has been signed yet" if size is None else "no head has that size")
        size, root, position, text, lines = found
        note = read_note(text)
        cosigned = note.joined(read_signature(line.removesuffix("\n")) for line in lines)
        return Head(Checkpoint(Checkpoint.read(note.text).origin, size, bytes(root)), position, cosigned)

    def index(self, position: int) -> int:
        """Give the index of the leaf of the entry at a position. Raises NotInTheLog."""
        found = self._one(_INDEX, [position, position])
        if found is None or found[3] != position or found[2] > found[1]:
            raise NotInTheLog("no entry stands there, or the log has not reached it yet")
        return int(found[0]) * WIDTH + int(found[2]) - 1

    def proof(self, position: int) -> LogProof:
        """Prove that the entry at a position is in the last signed head. Raises NotInTheLog."""
        index, head = self.index(position), self.head()
        if index >= head.checkpoint.size:
            raise NotInTheLog("the log has not signed that far yet")
        return self.proven(index, head)

    def proven(self, index: int, head: Head) -> LogProof:
        """Prove that a leaf is under a signed head. Raises IndexError where the head ends before it."""
        size = head.checkpoint.size
        # All tiles at once: a proof waits for the database three times, however high the tree is.
        levels, tiles = zip(*tiles_of_proof(index, size), strict=True) if size else ((), ())
        rows = tuples(self.connection).execute(_TILES, [list(levels), list(tiles)])
        read = {(level, tile): bytes(hashes) for level, tile, hashes in rows}
        tree = TileTree(self._hashed, size, lambda one: read.get((one.level, one.index)) or self.tile(one))
        return LogProof(index, tuple(inclusion_proof(self._hashed, tree.node, index, size)), head.note)

    def heads_over(self, index: int) -> Iterator[Head]:
        """Give the signed heads that cover a leaf, the oldest first."""
        sizes = tuples(self.connection).execute(
            "SELECT size FROM tree_heads WHERE size > %s ORDER BY size", [index]
        )
        for (size,) in sizes.fetchall():
            yield self.head(size)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """Prove that the tree of `old` leaves is the beginning of that of `size`. Raises NoSuchTile, IndexError."""
        return consistency_proof(self._hashed, self.tree(size).node, old, size)

    def root(self, size: int) -> bytes:
        """Compute the root of the first `size` leaves from the tiles. Raises NoSuchTile."""
        return range_hash(self._hashed, self.tree(size).node, 0, size)

    def _one(self, question: str, given: Sequence[Any]) -> tuple[Any, ...] | None:
        return tuples(self.connection).execute(question.encode(), given).fetchone()


class LogKeeper:
    """Keeps the log of one ledger, on a connection of the log's own role."""

    def __init__(self, connection: Connection[Any], suite: Suite, signer: Signer) -> None:
        self.reader = LogReader(connection, suite)
        self.signer = signer
        self._connection = connection
        self._hashed = suite.hash

    @classmethod
    def open(cls, database: Database, suite: Suite, signer: Signer) -> "LogKeeper":
        """Connect as the log. The caller closes `reader.connection`."""
        return cls(database.connect(Role.LOG), suite, signer)

    def lead(self) -> bool:
        """Try to become the one who keeps the log; held until the connection ends."""
        found = (
            tuples(self._connection)
            .execute("SELECT pg_try_advisory_lock(hashtextextended(current_schema || %s, 0))", [_LEADER])
            .fetchone()
        )
        return bool(found and found[0])

    def follow(self, leaves_max: int = LEAVES_A_STEP) -> int:
        """Take the next entries into the tree; say how many. Raises LogDiffers, DatabaseRefused."""
        try:
            with self._connection.transaction():
                return self._follow(leaves_max)
        except psycopg.Error as error:
            failure = refused(error)
        raise failure

    def _follow(self, leaves_max: int) -> int:
        size, position, edge = self._grown()
        entries = (
            tuples(self._connection)
            .execute(
                "SELECT notification_id, leaf FROM entries WHERE notification_id >= %s"
                " ORDER BY notification_id LIMIT %s",
                [position, leaves_max + 1],
            )
            .fetchall()
        )
        if size:
            self._check_last(size, position, entries[0] if entries else None)
            entries = entries[1:]
        entries = entries[:leaves_max]
        if not entries:
            return 0
        leaves = [leaf for _, leaf in entries]
        frontier = Frontier(self._hashed, size, hashes_of(edge))
        frontier.append(leaves)
        self._write(grow(self._hashed, size, leaves, self._last), [at for at, _ in entries], size)
        self._connection.execute(
            "UPDATE tree_growth SET size = %s, position = %s, edge = %s",
            [frontier.size, entries[-1][0], b"".join(frontier.edge)],
        )
        # If we stop here, nothing of this step is kept and the same entries are read again.
        return len(entries)

    def _grown(self) -> tuple[int, int, bytes]:
        [found] = (
            tuples(self._connection).execute("SELECT size, position, edge FROM tree_growth FOR UPDATE").fetchall()
        )
        size, position, edge = found
        return size, position, bytes(edge)

    def _check_last(self, size: int, position: int, entry: tuple[Any, ...] | None) -> None:
        tile, within = divmod(size - 1, WIDTH)
        leaf = self._last(0, tile)[within * HASH_BYTES : (within + 1) * HASH_BYTES]
        if entry is None or entry[0] != position or bytes(entry[1]) != leaf:
            raise LogDiffers(f"the entry at position {position} is not the one that the log has there")

    def _last(self, level: int, tile: int) -> bytes:
        found = (
            tuples(self._connection)
            .execute("SELECT hashes FROM tree_tiles WHERE level = %s AND tile = %s", [level, tile])
            .fetchone()
        )
        return b"" if found is None else bytes(found[0])

    def _write(self, tiles: Iterable[Grown], positions: Sequence[int], size: int) -> None:
        written = list(tiles)
        firsts = [None if one.tile.level else positions[max(0, one.tile.index * WIDTH - size)] for one in written]
        self._connection.execute(
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
        self._connection.execute(
            "INSERT INTO tree_heads (size, after, root, position, note) VALUES (%s, %s, %s, %s, %s)",
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
            self._connection.execute(
                "INSERT INTO tree_cosignatures (size, line) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                [size, one.line()],
            )

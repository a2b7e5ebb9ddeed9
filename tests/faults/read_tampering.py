"""What somebody with the whole database in their hands does to the read log, and where it must be found."""

from collections.abc import Callable
from dataclasses import replace

from ledger.reads import SELECT, Read, read_of
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.growing import grow
from ledger.transparency.merkle import Frontier
from ledger.transparency.notes import Note
from ledger.transparency.tiles import HASH_BYTES, WIDTH
from tests.faults.tampering import Place, Victim

_EDITS = (
    "reader = reader || 'x'",
    "purpose = CASE purpose WHEN 'court' THEN 'audit' ELSE 'court' END",
    "subject = gen_random_uuid()",
    "read_at = read_at + interval '1 microsecond'",
    "entries = entries + 1",
    "last_version = coalesce(last_version, 0) + 1",
    "nth = nth + 1000",
    "shown_on = '2999-01-01'",
    "salt = set_byte(salt, 3, get_byte(salt, 3) # 4)",
    "sealed = coalesce(sealed, '') || '\\x00'",
    "content_hash = set_byte(content_hash, 31, get_byte(content_hash, 31) # 128)",
    "content_hash = NULL",
)


def read_edited(victim: Victim) -> Place:
    """One column of one read holds something else."""
    reads = reads_of(victim)
    index = victim.chance.randrange(len(reads))
    change = f"UPDATE read_log SET {victim.chance.choice(_EDITS)} WHERE number = %s"
    victim.admin.execute(change.encode(), [reads[index].number])
    return _place(reads, index)


def read_deleted(victim: Victim) -> Place:
    """One read is gone."""
    reads = reads_of(victim)
    index = victim.chance.randrange(len(reads))
    victim.admin.execute("DELETE FROM read_log WHERE number = %s", [reads[index].number])
    return _place(reads, index)


def reads_truncated(victim: Victim) -> Place:
    """The last reads are gone, and half of the times the log is cut back with them."""
    reads = reads_of(victim)
    sizes = _sizes(victim)
    back = victim.chance.choice(sizes[:-1])
    victim.admin.execute("DELETE FROM read_log WHERE number > %s", [reads[back - 1].number])
    if victim.chance.random() < 0.5:
        victim.admin.execute("DELETE FROM read_tree_cosignatures WHERE size > %s", [back])
        victim.admin.execute("DELETE FROM read_tree_heads WHERE size > %s", [back])
        _rewritten_tree(victim, reads[:back])
    return _place(reads, *range(back, len(reads)))


def reads_forked(victim: Victim) -> Place:
    """A look was by somebody else: row, commitment, tree and heads made anew, signed with the log's own key."""
    reads = reads_of(victim)
    index = victim.chance.randrange(len(reads))
    forged = replace(reads[index], reader="auditor:nobody")
    forged = replace(forged, content_hash=forged.content(victim.given.suite))
    change = "UPDATE read_log SET reader = %s, content_hash = %s WHERE number = %s"
    victim.admin.execute(change, [forged.reader, forged.content_hash, forged.number])
    after = [*reads[:index], forged, *reads[index + 1 :]]
    _rewritten_tree(victim, after)
    if victim.reads is None:
        raise AssertionError("nobody looked")
    signer, frontier, done = victim.reads.keeper.signer, Frontier(victim.given.suite.hash), 0
    for size in _sizes(victim):
        frontier.append([one.leaf(victim.given.suite) for one in after[done:size]])
        done = size
        checkpoint = Checkpoint(signer.verifier.name, size, frontier.root())
        note = Note(checkpoint.text(), (signer.sign(checkpoint.text()),))
        change = "UPDATE read_tree_heads SET root = %s, note = %s WHERE size = %s"
        victim.admin.execute(change, [checkpoint.root, note.whole(), size])
    return _place(reads, index)


def reads_unlogged(victim: Victim) -> Place:
    """The log of reads itself was changed: a hash of its tiles."""
    reads = reads_of(victim)
    at = victim.chance.randrange(len(reads))
    tile, within = divmod(at, WIDTH)
    byte = within * HASH_BYTES + victim.chance.randrange(HASH_BYTES)
    change = "UPDATE read_tree_tiles SET hashes = set_byte(hashes, %s, get_byte(hashes, %s) # 1)"
    victim.admin.execute(f"{change} WHERE level = 0 AND tile = %s".encode(), [byte, byte, tile])
    return _place(reads, at)


READ_SORTS: tuple[Callable[[Victim], Place], ...] = (
    read_edited,
    read_deleted,
    reads_truncated,
    reads_forked,
    reads_unlogged,
)


def reads_of(victim: Victim) -> list[Read]:
    found = victim.admin.execute(f"{SELECT} ORDER BY number".encode()).fetchall()
    return [read_of(row) for row in found]


def _place(reads: list[Read], *indexes: int) -> Place:
    return Place(min(indexes), max(indexes), tuple(reads[index].number for index in indexes), of_reads=True)


def _sizes(victim: Victim) -> list[int]:
    return [size for (size,) in victim.admin.execute("SELECT size FROM read_tree_heads ORDER BY size").fetchall()]


def _rewritten_tree(victim: Victim, reads: list[Read]) -> None:
    hashed = victim.given.suite.hash
    leaves = [one.leaf(victim.given.suite) for one in reads]
    victim.admin.execute("DELETE FROM read_tree_tiles")
    for one in grow(hashed, 0, leaves, lambda *_: b""):
        first = None if one.tile.level else reads[one.tile.index * WIDTH].number
        victim.admin.execute(
            "INSERT INTO read_tree_tiles (level, tile, hashes, first_position) VALUES (%s, %s, %s, %s)",
            [one.tile.level, one.tile.index, one.hashes, first],
        )
    frontier = Frontier(hashed)
    frontier.append(leaves)
    victim.admin.execute(
        "UPDATE read_tree_growth SET size = %s, position = %s, edge = %s",
        [len(leaves), reads[-1].number, b"".join(frontier.edge)],
    )

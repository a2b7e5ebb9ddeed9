"""Trees for tests: RFC 6962's own recursive words, and our ways to the same hashes."""

from collections.abc import Sequence

from ledger.suites import SUITES
from ledger.transparency.merkle import Node
from ledger.transparency.tiles import Tile, TileTree, tile_root, tiles_between

SHA256 = SUITES["intl"].hash


def leaves(count: int) -> list[bytes]:
    """Give the hashes of so many different leaves."""
    return [SHA256(b"\x00" + index.to_bytes(8)) for index in range(count)]


def rfc_root(hashes: Sequence[bytes]) -> bytes:
    """Hash as RFC 6962, 2.1 says it."""
    if not hashes:
        return SHA256(b"")
    if len(hashes) == 1:
        return hashes[0]
    middle = rfc_split(len(hashes))
    return SHA256(b"\x01" + rfc_root(hashes[:middle]) + rfc_root(hashes[middle:]))


def rfc_split(size: int) -> int:
    """Give the largest power of two below size, by doubling."""
    power = 1
    while 2 * power < size:
        power *= 2
    return power


def rfc_path(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Give PATH(m, D[n]) (RFC 6962, 2.1.1)."""
    if len(hashes) == 1:
        return []
    middle = rfc_split(len(hashes))
    if index < middle:
        return [*rfc_path(index, hashes[:middle]), rfc_root(hashes[middle:])]
    return [*rfc_path(index - middle, hashes[middle:]), rfc_root(hashes[:middle])]


def rfc_subproof(old: int, hashes: Sequence[bytes], *, is_known: bool = True) -> list[bytes]:
    """Give SUBPROOF(m, D[n], b) (RFC 6962, 2.1.2)."""
    if old == len(hashes):
        return [] if is_known else [rfc_root(hashes)]
    middle = rfc_split(len(hashes))
    if old <= middle:
        return [*rfc_subproof(old, hashes[:middle], is_known=is_known), rfc_root(hashes[middle:])]
    return [*rfc_subproof(old - middle, hashes[middle:], is_known=False), rfc_root(hashes[:middle])]


def nodes_of(hashes: Sequence[bytes]) -> Node:
    """Give whole subtrees of these leaves, hashed anew each time."""
    return lambda level, index: rfc_root(hashes[index << level : (index + 1) << level])


def tiles_of(hashes: Sequence[bytes], old: int = 0, tiles: dict[Tile, bytes] | None = None) -> dict[Tile, bytes]:
    """Write the tiles of a tree that had `old` leaves before."""
    tiles = {} if tiles is None else tiles
    for tile in tiles_between(old, len(hashes)):
        tiles[tile] = b"".join(_hash_in(tiles, hashes, tile, at) for at in range(tile.width))
    return tiles


def _hash_in(tiles: dict[Tile, bytes], hashes: Sequence[bytes], tile: Tile, at: int) -> bytes:
    index = tile.index * 256 + at
    return hashes[index] if tile.level == 0 else tile_root(SHA256, tiles[Tile(tile.level - 1, index)])


def tile_tree(hashes: Sequence[bytes]) -> TileTree:
    """Give a tree that is read from its tiles."""
    return TileTree(SHA256, len(hashes), tiles_of(hashes).__getitem__)

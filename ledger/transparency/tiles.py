"""Tiles: the tree in files of 256 hashes (C2SP tlog-tiles).

A tile at level L holds the hashes of 256 neighbouring whole subtrees of 256^L leaves each. A full tile never
changes; the last one of a level may be partial, and its width is then part of its name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ledger.transparency.merkle import Hash, level_up

HASH_BYTES = 32
HEIGHT = 8
WIDTH = 1 << HEIGHT
LEVEL_MAX = 63
_PATH = re.compile(r"(0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_CACHED_TILES_MAX = 4_096


class NoSuchTile(LookupError):
    """There is no tile of that name, or not yet of that width."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile's place: `level` counts in steps of 256, `width` hashes from the left."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Give the path below `tile/`: level 0, index 1,234,067 is `0/x001/x234/067`."""
        parts, rest = [f"{self.index % 1000:03d}"], self.index // 1000
        while rest:
            parts.insert(0, f"x{rest % 1000:03d}")
            rest //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{self.level}/{'/'.join(parts)}{partial}"

    @property
    def full(self) -> "Tile":
        """Give the tile that this one becomes."""
        return replace(self, width=WIDTH)


def read_path(path: str) -> Tile:
    """Read a path below `tile/`. Raises NoSuchTile for any other spelling."""
    found = _PATH.fullmatch(path)
    if found is None or not path.isascii():
        raise NoSuchTile(path[:40])
    level, parts, width = found.groups()
    tile = Tile(int(level), int(parts.replace("x", "").replace("/", "")), int(width or WIDTH))
    if tile.level > LEVEL_MAX or (width and tile.width >= WIDTH) or tile.path != path:
        raise NoSuchTile(path[:40])
    return tile


def tiles_between(old: int, size: int) -> Iterator[Tile]:
    """Name the tiles that a tree of `size` leaves has and one of `old` leaves had not, from the leaves upwards."""
    level = 0
    while size:
        first, full, width = old // WIDTH, size // WIDTH, size % WIDTH
        yield from (Tile(level, index) for index in range(first, full))
        if width and old != size:
            yield Tile(level, full, width)
        old, size, level = first, full, level + 1


def width_at(tile: Tile, size: int) -> int:
    """Say how many hashes a tile has in a tree of `size` leaves: 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * tile.level) - tile.index * WIDTH))


def tiles_of_proof(index: int, size: int) -> set[tuple[int, int]]:
    """Name the tiles (level, index) in which an inclusion proof's hashes stand: the leaf's way up, and the edge."""
    found, level = set[tuple[int, int]](), 0
    while size:
        found |= {(level, index // WIDTH), (level, size // WIDTH)}
        index, size, level = index // WIDTH, size // WIDTH, level + 1
    return found


class TileTree:
    """Whole subtrees read from the tiles of a tree of `size` leaves, for proofs.

    `read` gives a tile's bytes; it may give a wider one. What was read is kept, for at most 4,096 tiles (32 MiB).
    """

    def __init__(self, hashed: Hash, size: int, read: Callable[[Tile], bytes]) -> None:
        self.size = size
        self._hashed = hashed
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of a whole subtree. Raises NoSuchTile."""
        above, within = divmod(level, HEIGHT)
        # Higher subtrees of a tile are hashed from it; a tile's own root stands in the tile above.
        tile_index, at = divmod(index << within, WIDTH)
        hashes = self._hashes(above, tile_index)[at : at + (1 << within)]
        if len(hashes) != 1 << within:
            raise NoSuchTile(f"{level}/{index}")
        while len(hashes) > 1:
            hashes = level_up(self._hashed, hashes)
        return hashes[0]

    def _hashes(self, level: int, index: int) -> list[bytes]:
        known = self._tiles.get((level, index))
        if known is None:
            tile = Tile(level, index)
            width = width_at(tile, self.size)
            if width == 0:
                raise NoSuchTile(tile.path)
            known = hashes_of(self._read(replace(tile, width=width)))[:width]
            if len(self._tiles) >= _CACHED_TILES_MAX:
                self._tiles.clear()
            self._tiles[level, index] = known
        return known


def hashes_of(tile: bytes) -> list[bytes]:
    """Cut a tile's bytes into hashes."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def tile_root(hashed: Hash, tile: bytes) -> bytes:
    """Hash a full tile into the one hash that stands in the tile above. Raises ValueError for a partial tile."""
    hashes = hashes_of(tile)
    if len(hashes) != WIDTH:
        raise ValueError("a partial tile has no hash above")
    while len(hashes) > 1:
        hashes = level_up(hashed, hashes)
    return hashes[0]

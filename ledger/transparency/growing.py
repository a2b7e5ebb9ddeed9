"""How tiles grow: leaves in, changed tiles out, from the leaves upwards. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.transparency.merkle import Hash
from ledger.transparency.tiles import HASH_BYTES, WIDTH, Tile, tile_root


@dataclass(frozen=True, slots=True)
class Grown:
    """A tile's whole new content. `added` counts its new hashes from the right."""

    tile: Tile
    hashes: bytes
    added: int

    @property
    def is_new(self) -> bool:
        """Say whether nothing stood there before."""
        return self.added == self.tile.width


def grow(
    hashed: Hash, size: int, leaves: Sequence[bytes], last: Callable[[int, int], bytes], level: int = 0
) -> list[Grown]:
    """Add leaves' hashes to a tree of `size`; or hashes to the `size` of them at a higher `level` of tiles.

    `last` gives what stands in the last tile of a level, (level, tile) in; it is asked only where that tile is
    partial.
    """
    changed: list[Grown] = []
    while leaves:
        tile, within = divmod(size, WIDTH)
        content = last(level, tile) if within else b""
        if len(content) != within * HASH_BYTES:
            raise ValueError("the last tile of a level does not fit the size")
        above: list[bytes] = []
        at = 0
        while at < len(leaves):
            added = leaves[at : at + WIDTH - within]
            content += b"".join(added)
            width = within + len(added)
            changed.append(Grown(Tile(level, tile, width), content, len(added)))
            if width == WIDTH:
                above.append(tile_root(hashed, content))
            at, tile, within, content = at + len(added), tile + 1, 0, b""
        size, leaves, level = size // WIDTH, above, level + 1
    return changed

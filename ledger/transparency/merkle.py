"""Merkle trees as in RFC 6962, 2.1: heads, inclusion proofs and consistency proofs, made and checked.

A tree of n leaves is the leaves' hashes in their order. Whole subtrees are named (level, index): the hash over the
leaves from index · 2^level to (index + 1) · 2^level. A proof is a list of such hashes, the leaf's side first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

Hash = Callable[[bytes], bytes]
"""Bytes in, 32 bytes out: the hash of the ledger's suite."""

Node = Callable[[int, int], bytes]
"""(level, index) in, the hash of that whole subtree out."""


class ProofRefused(Exception):
    """A proof does not show what it claims."""


def leaf_hash(hashed: Hash, data: bytes) -> bytes:
    """Hash a leaf's bytes. The `leaf` of an entry is this already."""
    return hashed(b"\x00" + data)


def node_hash(hashed: Hash, left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into one."""
    return hashed(b"\x01" + left + right)


def level_up(hashed: Hash, hashes: Sequence[bytes]) -> list[bytes]:
    """Pair a level's hashes; an odd one at the end has no parent yet."""
    return [hashed(b"\x01" + left + right) for left, right in zip(hashes[::2], hashes[1::2], strict=False)]


def whole_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut the leaves from `start` to `end` into the fewest whole subtrees, left to right.

    `start` must be 0 or a multiple of a power of two that is not less than end - start, as RFC 6962 cuts them.
    """
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def range_hash(hashed: Hash, node: Node, start: int, end: int) -> bytes:
    """Hash the leaves from `start` to `end`, cut as RFC 6962 cuts them. Nothing at all has the hash of no bytes."""
    subtrees = [node(level, index) for level, index in whole_subtrees(start, end)]
    if not subtrees:
        return hashed(b"")
    head = subtrees.pop()
    while subtrees:
        head = node_hash(hashed, subtrees.pop(), head)
    return head


def _split(size: int) -> int:
    """Give the largest power of two that is less than size."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(hashed: Hash, node: Node, index: int, size: int) -> list[bytes]:
    """Prove that a leaf stands at `index` in the tree of `size` leaves (RFC 6962, 2.1.1). Raises IndexError."""
    if not 0 <= index < size:
        raise IndexError("the leaf is not in the tree")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_hash(hashed, node, middle, end))
            end = middle
        else:
            proof.append(range_hash(hashed, node, start, middle))
            start = middle
    proof.reverse()
    return proof


def consistency_proof(hashed: Hash, node: Node, old: int, size: int) -> list[bytes]:
    """Prove that the tree of `old` leaves is the beginning of the one of `size` (RFC 6962, 2.1.2).

    Empty where `old` is 0 or `size`. Raises IndexError.
    """
    if not 0 <= old <= size:
        raise IndexError("the older tree is the larger one")
    if old in (0, size):
        return []
    proof: list[bytes] = []
    start, end, is_known = 0, size, True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(range_hash(hashed, node, middle, end))
            end = middle
        else:
            proof.append(range_hash(hashed, node, start, middle))
            start, is_known = middle, False
    if not is_known:
        # The verifier knows the old head only where the old tree is a whole left part.
        proof.append(range_hash(hashed, node, start, end))
    proof.reverse()
    return proof


def sides_of(at: int, last: int, siblings: int) -> list[bool]:
    """Say for each sibling on the way up from a node whether it stands on the left.

    `at` is the node's index and `last` the index of the last node on its level. Raises ProofRefused.
    """
    sides = []
    for _ in range(siblings):
        if last == 0:
            raise ProofRefused("the proof is too long")
        is_left = bool(at & 1) or at == last
        if is_left:
            # A last node without a sibling goes up as it is.
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        sides.append(is_left)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ProofRefused("the proof is too short")
    return sides


def _climbed(hashed: Hash, head: bytes, siblings: Iterable[tuple[bytes, bool]]) -> bytes:
    for sibling, is_left in siblings:
        head = node_hash(hashed, sibling, head) if is_left else node_hash(hashed, head, sibling)
    return head


def check_inclusion(hashed: Hash, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check an inclusion proof (RFC 9162, 2.1.3.2). Raises ProofRefused."""
    if not 0 <= index < size:
        raise ProofRefused("the leaf is not in the tree")
    sides = sides_of(index, size - 1, len(proof))
    if _climbed(hashed, leaf, zip(proof, sides, strict=True)) != root:
        raise ProofRefused("the proof does not lead to the root")


def check_consistency(
    hashed: Hash, old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Check a consistency proof (RFC 9162, 2.1.4.2). Raises ProofRefused."""
    if not 0 <= old <= size:
        raise ProofRefused("the older tree is the larger one")
    if old in (0, size):
        _check_trivial(hashed, old, old_root, size, root, proof)
        return
    # Where the old tree is one whole subtree its root is the proof's beginning, and need not be sent.
    hashes = list(proof) if old & (old - 1) else [old_root, *proof]
    if not hashes:
        raise ProofRefused("the proof is too short")
    first, siblings = hashes[0], hashes[1:]
    height = ((old - 1) ^ old).bit_length() - 1
    sides = sides_of((old - 1) >> height, (size - 1) >> height, len(siblings))
    way = list(zip(siblings, sides, strict=True))
    if _climbed(hashed, first, [step for step in way if step[1]]) != old_root:
        raise ProofRefused("the proof does not lead to the old root")
    if _climbed(hashed, first, way) != root:
        raise ProofRefused("the proof does not lead to the root")


def _check_trivial(hashed: Hash, old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofRefused("the proof is too long")
    if old == 0 and old_root != hashed(b""):
        raise ProofRefused("the old root is not that of an empty tree")
    if old == size and old_root != root:
        raise ProofRefused("two roots for one size")


class Frontier:
    """A growing tree's right edge: one whole subtree for each bit of its size. Memory of O(log size).

    It is the second way to a root: one leaf after another, where tiles are hashed level by level.
    """

    def __init__(self, hashed: Hash, size: int = 0, edge: Iterable[bytes] = ()) -> None:
        self._hashed = hashed
        self.size = size
        self.edge = list(edge)
        """Left to right, the largest first."""
        if len(self.edge) != size.bit_count():
            raise ValueError("an edge has one hash for each bit of the size")

    def append(self, leaves: Iterable[bytes]) -> None:
        """Add leaves' hashes."""
        hashed, edge, size = self._hashed, self.edge, self.size
        for leaf in leaves:
            head, grown = leaf, size
            while grown & 1:
                head = hashed(b"\x01" + edge.pop() + head)
                grown >>= 1
            edge.append(head)
            size += 1
        self.size = size

    def root(self) -> bytes:
        """Give the head of the tree."""
        if not self.edge:
            return self._hashed(b"")
        head = self.edge[-1]
        for left in reversed(self.edge[:-1]):
            head = node_hash(self._hashed, left, head)
        return head

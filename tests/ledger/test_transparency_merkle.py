"""Heads and proofs are those of RFC 6962, by every way there is to them, and nothing else is taken for one."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ledger.transparency.merkle import (
    Frontier,
    ProofRefused,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    range_hash,
)
from ledger.transparency.tiles import NoSuchTile, Tile, read_path, tiles_between, width_at
from tests.ledger.trees import (
    SHA256,
    leaves,
    nodes_of,
    rfc_path,
    rfc_root,
    rfc_subproof,
    tile_tree,
    tiles_of,
)

EDGES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513]
KNOWN = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
"""Leaves and roots that implementations of Certificate Transparency share as test vectors."""


@st.composite
def sizes(draw: st.DrawFn) -> tuple[int, int]:
    size = draw(st.one_of(st.sampled_from(EDGES), st.integers(1, 600)))
    return size, draw(st.integers(0, size - 1))


def test_roots_are_those_that_others_compute() -> None:
    hashes = [leaf_hash(SHA256, bytes.fromhex(text)) for text in KNOWN]
    for size, root in ROOTS.items():
        grown = Frontier(SHA256)
        grown.append(hashes[:size])
        assert grown.root().hex() == root
        assert range_hash(SHA256, tile_tree(hashes[:size]).node, 0, size).hex() == root


@given(sizes())
@example((513, 0))
def test_every_way_to_a_root_is_the_rfcs(sized: tuple[int, int]) -> None:
    size, cut = sized
    hashes = leaves(size)
    grown = Frontier(SHA256)
    grown.append(hashes[:cut])
    taken_up = Frontier(SHA256, cut, grown.edge)
    taken_up.append(hashes[cut:])
    assert taken_up.root() == rfc_root(hashes) == range_hash(SHA256, tile_tree(hashes).node, 0, size)


@given(sizes())
def test_a_leafs_path_is_the_rfcs_and_leads_to_the_root(sized: tuple[int, int]) -> None:
    size, index = sized
    hashes = leaves(size)
    proof = inclusion_proof(SHA256, tile_tree(hashes).node, index, size)
    assert proof == rfc_path(index, hashes)
    check_inclusion(SHA256, hashes[index], index, size, proof, rfc_root(hashes))


@given(sizes())
def test_a_consistency_proof_is_the_rfcs_and_holds(sized: tuple[int, int]) -> None:
    size, old = sized
    hashes = leaves(size)
    proof = consistency_proof(SHA256, tile_tree(hashes).node, old, size)
    assert proof == ([] if old == 0 else rfc_subproof(old, hashes))
    check_consistency(SHA256, old, rfc_root(hashes[:old]), size, rfc_root(hashes), proof)


@given(sizes(), st.data())
def test_nothing_else_is_taken_for_an_inclusion_proof(sized: tuple[int, int], data: st.DataObject) -> None:
    size, index = sized
    hashes = leaves(size)
    proof = rfc_path(index, hashes)
    bad = data.draw(st.sampled_from(_spoilt(proof)))
    with pytest.raises(ProofRefused):
        check_inclusion(SHA256, hashes[index], index, size, bad, rfc_root(hashes))
    for other in {index ^ 1, index + 1, size - 1 - index} - {index}:
        with pytest.raises(ProofRefused):
            check_inclusion(SHA256, hashes[index], other, size, proof, rfc_root(hashes))


@given(sizes(), st.data())
def test_nothing_else_is_taken_for_a_consistency_proof(sized: tuple[int, int], data: st.DataObject) -> None:
    size, old = sized
    hashes = leaves(size)
    proof = consistency_proof(SHA256, nodes_of(hashes), old, size)
    old_root, root = rfc_root(hashes[:old]), rfc_root(hashes)
    with pytest.raises(ProofRefused):
        check_consistency(SHA256, old, old_root, size, root, data.draw(st.sampled_from(_spoilt(proof))))
    with pytest.raises(ProofRefused):
        check_consistency(SHA256, old, SHA256(b"another past"), size, root, proof)
    if old:
        with pytest.raises(ProofRefused):
            check_consistency(SHA256, old, old_root, size, SHA256(b"another present"), proof)


def _spoilt(proof: list[bytes]) -> list[list[bytes]]:
    longer = [[*proof, SHA256(b"one more")], [SHA256(b"one more"), *proof]]
    changed = [[*proof[:at], SHA256(one), *proof[at + 1 :]] for at, one in enumerate(proof)]
    return [*longer, *changed, *([proof[:-1], proof[1:]] if proof else [])]


@given(sizes())
def test_a_tree_grown_in_two_steps_has_the_tiles_of_one_grown_at_once(sized: tuple[int, int]) -> None:
    size, old = sized
    hashes = leaves(size)
    grown = tiles_of(hashes, old, tiles_of(hashes[:old]))
    at_once = tiles_of(hashes)
    assert {tile: grown[tile] for tile in at_once} == at_once
    assert all(len(content) == 32 * tile.width for tile, content in grown.items())


def test_the_tiles_of_seventy_thousand_leaves_are_those_of_the_specification() -> None:
    tiles = list(tiles_between(0, 70_000))
    assert [(tile.level, tile.width) for tile in tiles if tile.width < 256] == [(0, 112), (1, 17), (2, 1)]
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert sum(tile.level == 1 and tile.width == 256 for tile in tiles) == 1
    assert [(tile.level, tile.width) for tile in tiles_between(0, 256)] == [(0, 256), (1, 1)]
    assert [width_at(replace(tile, width=256), 70_000) for tile in tiles] == [tile.width for tile in tiles]


@given(st.builds(Tile, st.integers(0, 63), st.integers(0, 2**40), st.integers(1, 256)))
def test_a_tiles_path_names_it_and_no_other(tile: Tile) -> None:
    assert read_path(tile.path) == tile


def test_the_path_of_the_specification() -> None:
    assert Tile(0, 1_234_067).path == "0/x001/x234/067"
    assert Tile(3, 5, 17).path == "3/005.p/17"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "00/001",
        "64/001",
        "0/1",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/300",
        "0/001.p/01",
        "0/x000/001",
        "0/001/002",
        "../0/001",
        "0/001 ",
        "0/00¹",
        "entries/000",
        "0/x01/001",
        "0/001.p/1/2",
        "-1/000",
    ],
)
def test_other_paths_name_nothing(path: str) -> None:
    with pytest.raises(NoSuchTile):
        read_path(path)


def test_a_subtree_that_is_not_whole_is_not_read() -> None:
    tree = tile_tree(leaves(300))
    for level, index in ((9, 0), (0, 300), (8, 1), (3, 37)):
        with pytest.raises(NoSuchTile):
            tree.node(level, index)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(SHA256, nodes_of(leaves(3)), index, size)
    with pytest.raises(ProofRefused):
        check_inclusion(SHA256, leaves(3)[0], index, size, [], leaves(3)[0])


def test_an_older_tree_is_not_larger() -> None:
    with pytest.raises(IndexError):
        consistency_proof(SHA256, nodes_of(leaves(3)), 4, 3)
    with pytest.raises(ProofRefused):
        check_consistency(SHA256, 4, b"", 3, b"", [])


def test_an_edge_has_as_many_hashes_as_its_size_has_bits() -> None:
    with pytest.raises(ValueError, match="one hash for each bit"):
        Frontier(SHA256, 3, leaves(1))

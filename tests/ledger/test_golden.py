"""What was written once decodes for ever, byte for byte, and by an outsider's hand as well as by ours."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.facts import BY_TOPIC
from ledger.canonical import canonical, canonical_reference
from ledger.entry import Head, content_hash
from ledger.mapper import plaintext
from ledger.suites import SUITES
from tests.ledger.golden import FOLDER, RECORDED_AT, golden, mapper_of, missing, read, text_of
from tests.ledger.golden.page import PAGE, page_with_vectors
from tests.ledger.golden.samples import samples
from tests.ledger.independent import aes256, gcm_open, hmac_of, sha256, sm3, sm4

FILES = sorted(FOLDER.glob("*.json"))
DIGESTS: dict[str, Callable[[bytes], bytes]] = {"intl": sha256, "gm": sm3}
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@each_file
def test_a_golden_row_decodes_to_its_fact(path: Path) -> None:
    entry = load(path)
    stored = read(entry["row"])
    fact = mapper_of(stored.suite).opened(stored)

    assert fact is not None
    assert plaintext(fact) == entry["fact"]


@each_file
def test_a_golden_row_keeps_its_header_and_its_leaf(path: Path) -> None:
    entry = load(path)
    stored = read(entry["row"])
    head = Head.of(stored)

    assert head.header(stored.originator_version, stored.prev, RECORDED_AT) == entry["header"].encode()
    assert head.leaf(stored.originator_version, stored.prev, RECORDED_AT) == stored.leaf


@each_file
def test_a_golden_row_keeps_its_two_commitments(path: Path) -> None:
    entry = load(path)
    stored = read(entry["row"])
    mapper = mapper_of(stored.suite)
    fact = mapper.opened(stored)

    assert fact is not None
    assert mapper.binding_of(stored, fact) == stored.binding
    assert content_hash(SUITES[stored.suite], stored.salt, stored.state, stored.sealed) == stored.content_hash


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("name", samples())
def test_what_is_written_today_is_what_was_written_then(suite: str, name: str) -> None:
    fact, bare = samples()[name]

    assert text_of(golden(suite, fact, bare=bare)) == (FOLDER / f"{suite}.{name}.json").read_text(encoding="utf-8")


@each_file
def test_an_outsider_computes_the_same_from_the_documented_format(path: Path) -> None:
    entry = load(path)
    row, keys = entry["row"], {name: bytes.fromhex(key) for name, key in entry["keys"].items()}
    digest = DIGESTS[row["suite"]]
    owner, salt, state = keys["owner"], bytes.fromhex(row["salt"]), row["state"].encode()
    sealed = b"" if row["sealed"] is None else bytes.fromhex(row["sealed"])
    plain = canonical_reference(entry["fact"])
    request = [entry["request"][part] for part in ("source", "source_id", "part")]
    binding_key = expand(digest, owner, b"points-ledger/bind/1", keys["sealing_salt"])

    assert state == canonical_reference(entry["fact"]["open"])
    assert hmac_of(digest, keys["ledger"], canonical_reference([row["organ"], *request])).hex() == row["key"]
    said = canonical_reference([row["organ"], entry["request"]["subject"], entry["fact"]])
    assert hmac_of(digest, keys["ledger"], said).hex() == row["request_hash"]
    assert digest(salt + len(state).to_bytes(8, "big") + state + sealed).hex() == row["content_hash"]
    assert hmac_of(digest, binding_key, plain).hex() == row["binding"]
    assert digest(b"\0" + entry["header"].encode()).hex() == row["leaf"]


@each_file
def test_an_outsider_with_the_keys_opens_the_seal(path: Path) -> None:
    entry = load(path)
    row, keys = entry["row"], {name: bytes.fromhex(key) for name, key in entry["keys"].items()}
    if row["sealed"] is None:
        assert entry["fact"]["sealed"] == {}
        return
    cipher = aes256 if row["suite"] == "intl" else sm4
    seal_key = expand(DIGESTS[row["suite"]], keys["owner"], b"points-ledger/seal/1", keys["sealing_salt"])
    bound_to = bytes.fromhex(row["originator_id"].replace("-", "") + row["key"])
    opened = gcm_open(cipher(seal_key), bytes(12), bytes.fromhex(row["sealed"]), bound_to)

    assert opened is not None
    assert json.loads(opened) == entry["fact"]["sealed"]
    assert len(opened) % 64 == 0


@each_file
def test_the_header_is_canonical_and_says_every_column(path: Path) -> None:
    entry = load(path)
    row, header = entry["row"], entry["header"]
    digest = DIGESTS[row["suite"]]

    assert header[0] == "\x01"
    assert canonical(json.loads(header[1:])) == header[1:].encode()
    assert json.loads(header[1:]) == header_by_the_book(row, lambda text: digest(text.encode()).hex())


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("topic", BY_TOPIC)
def test_every_kind_has_a_golden_entry_in_both_suites(suite: str, topic: str) -> None:
    assert (FOLDER / f"{suite}.{topic}.json").exists(), "add a sample, then run python -m tests.ledger.golden"


def test_the_script_writes_only_what_is_missing(tmp_path: Path) -> None:
    assert list(missing()) == []
    assert len(list(missing(tmp_path))) == len(FILES)


def test_two_levels_of_a_restricted_fact_have_sealed_parts_of_one_length() -> None:
    rows = [load(FOLDER / f"intl.restricted-fact.v1{more}.json")["row"] for more in ("", ".bare")]

    assert len(rows[0]["sealed"]) == len(rows[1]["sealed"])


def test_the_published_vectors_are_the_golden_entries() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page_with_vectors(page) == page, "run python -m tests.ledger.golden"


@pytest.mark.parametrize("value", [{"b": 1, "a": [True, None]}, "e\u0301", "\n\u0301", -(2**63)], ids=ascii)
def test_the_published_bytes_are_the_canonical_ones(value: object) -> None:
    assert f"| `{canonical(value).hex()}` |" in PAGE.read_text(encoding="utf-8")


def expand(digest: Callable[[bytes], bytes], key: bytes, purpose: bytes, salt: bytes) -> bytes:
    return hmac_of(digest, key, purpose + b"\0" + salt + b"\x01")


def header_by_the_book(row: dict[str, Any], text_hash: Callable[[str], str]) -> dict[str, Any]:
    hashed = ("channel", "legal_basis", "organ", "recorded_by", "source_class", "topic")
    pairs = {name: [row[f"{name}_stream"], row[f"{name}_version"]] for name in ("causation", "refers_to")}
    return {
        **{name: None if row[name] is None else text_hash(row[name]) for name in hashed},
        **{name: None if pair[0] is None else pair for name, pair in pairs.items()},
        **{name: row[name] for name in ("binding", "format", "key", "prev", "recorded_at", "source_time", "suite")},
        "batch": row["batch_id"],
        "content": row["content_hash"],
        "request": row["request_hash"],
        "stream": row["originator_id"],
        "version": row["originator_version"],
    }

"""The suites against their standards' own examples, and what each promises."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.suites import SUITES, CannotOpen, Suite
from tests.ledger import independent
from tests.ledger.independent import aes256, gcm_open, hmac_of, sha256, sm3, sm4

KEYS = st.binary(min_size=32, max_size=32)
HASHES = {"intl": sha256, "gm": sm3}
CIPHERS = {"intl": aes256, "gm": sm4}
each_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)


@pytest.mark.parametrize(
    ("name", "message", "digest"),
    [
        # FIPS 180-4 and GB/T 32905-2016, annex A
        ("intl", b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("gm", b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ("gm", b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_the_hash_is_the_standards(name: str, message: bytes, digest: str) -> None:
    assert SUITES[name].hash(message).hex() == digest


def test_the_independent_gcm_opens_the_example_of_rfc_8998() -> None:
    # RFC 8998, A.1
    cipher = sm4(bytes.fromhex("0123456789abcdeffedcba9876543210"))
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15"
        "a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec"
    )
    bound_to = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    opened = gcm_open(cipher, bytes.fromhex("00001234567800000000abcd"), sealed, bound_to)

    assert opened == bytes.fromhex("".join(2 * 8 * letter for letter in "abcdefea"))


@each_suite
@given(st.binary(max_size=200), st.binary(max_size=100))
def test_hash_and_mac_are_what_an_outsider_computes(suite: Suite, message: bytes, key: bytes) -> None:
    digest = HASHES[suite.name]

    assert suite.hash(message) == digest(message)
    assert suite.mac(key, message) == hmac_of(digest, key, message)


@each_suite
@given(KEYS, st.binary(max_size=40), st.binary(max_size=40))
@settings(max_examples=20, deadline=None)
def test_an_outsider_opens_what_was_sealed(suite: Suite, key: bytes, text: bytes, bound_to: bytes) -> None:
    sealed = suite.seal(key, text, bound_to)

    assert (
        gcm_open(CIPHERS[suite.name](key), bytes(12), sealed, bound_to) == text == suite.open(key, sealed, bound_to)
    )


@each_suite
@given(KEYS, st.binary(max_size=40), st.binary(max_size=40), st.data())
def test_no_other_key_binding_or_byte_opens(
    suite: Suite, key: bytes, text: bytes, bound_to: bytes, draw: st.DataObject
) -> None:
    sealed = suite.seal(key, text, bound_to)
    at = draw.draw(st.integers(0, len(sealed) - 1))
    changed = sealed[:at] + bytes([sealed[at] ^ draw.draw(st.integers(1, 255))]) + sealed[at + 1 :]

    for other in (
        (key, changed, bound_to),
        (key, sealed, bound_to + b"x"),
        (bytes([key[0] ^ 1]) + key[1:], sealed, bound_to),
    ):
        with pytest.raises(CannotOpen):
            suite.open(*other)


@each_suite
@pytest.mark.parametrize("size", range(16))
def test_bytes_too_short_to_hold_a_tag_do_not_open(suite: Suite, size: int) -> None:
    with pytest.raises(CannotOpen):
        suite.open(bytes(32), bytes(size), b"")


@each_suite
def test_a_derived_key_is_one_block_of_hkdf(suite: Suite) -> None:
    key, salt = bytes(range(32)), bytes(range(16))
    block = independent.hmac_of(HASHES[suite.name], key, b"purpose\x00" + salt + b"\x01")

    assert suite.derive(key, b"purpose", salt) == block

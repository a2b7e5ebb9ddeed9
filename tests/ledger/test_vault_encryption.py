"""The key-encryption key: one file for its owner alone, and wrapped keys that say whose they are."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import (
    KeyFileDamaged,
    KeyFileExists,
    KeyFileForeign,
    KeyFileMissing,
    KeyFileUnsafe,
    Refusal,
)
from ledger.suites import SUITES, Suite
from ledger.vault.encryption import FileKeyEncryption, NewOrOld, create_key_file, in_file, in_files, key_id_of

INTL = SUITES["intl"]
KEYS = st.binary(min_size=32, max_size=32)
FIRST_FORMAT = {
    "intl": (
        "01c6ca0790b33b5427000102030405060708090a0b0c0d0e0fbde0e4a86b5cb96544e000044d661a265e34302db6ce72"
        "3fe112d2502ed3c1f520e79ac079dae1841be61a0525dae89c"
    ),
    "gm": (
        "01b3d7d8e170d2465f000102030405060708090a0b0c0d0e0f667c06a53bfd2556108215a18a8b824afe14c9267d7a9a"
        "21311ae5f12f172591a611fe448eb7b9b54b355a16d2b71fd6"
    ),
}
"""Thirty-two times `k`, wrapped for `purpose` under a key file of zeros, as the first releases wrapped it."""
each_suite = pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    create_key_file(path, os.urandom)
    return path


def test_a_key_file_is_made_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_key_file(tmp_path / "kek", os.urandom)
    finally:
        os.umask(before)

    assert (tmp_path / "kek").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "kek").stat().st_size == 32


def test_a_key_file_is_never_written_over(key_file: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(KeyFileExists):
        create_key_file(key_file, os.urandom)

    assert key_file.read_bytes() == before


def test_a_key_file_that_could_not_be_written_is_not_left_behind(tmp_path: Path) -> None:
    def fails(_: int) -> bytes:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        create_key_file(tmp_path / "kek", fails)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o700, 0o622])
def test_a_key_file_that_others_may_touch_is_refused(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)

    with pytest.raises(KeyFileUnsafe):
        FileKeyEncryption.open(key_file, INTL, os.urandom)


def test_a_link_to_a_key_file_is_refused(key_file: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(key_file)

    with pytest.raises(KeyFileUnsafe):
        FileKeyEncryption.open(tmp_path / "link", INTL, os.urandom)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeyFileMissing) as told:
        FileKeyEncryption.open(tmp_path / "kek", INTL, os.urandom)

    assert "kek" in told.value.message("en")
    assert "points init" in told.value.remedy("en")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_file_of_another_size_is_damaged(tmp_path: Path, size: int) -> None:
    path = tmp_path / "kek"
    path.write_bytes(bytes(size))
    path.chmod(0o600)

    with pytest.raises(KeyFileDamaged):
        FileKeyEncryption.open(path, INTL, os.urandom)


@each_suite
@given(KEYS, KEYS, st.binary(max_size=40))
def test_a_wrapped_key_unwraps_for_the_same_purpose(suite: Suite, kek: bytes, key: bytes, bound_to: bytes) -> None:
    encryption = FileKeyEncryption(suite, kek, os.urandom)
    wrapped = encryption.wrap(key, bound_to)

    assert encryption.unwrap(wrapped, bound_to) == key
    assert key_id_of(wrapped) == encryption.key_id
    assert key not in wrapped


@pytest.mark.parametrize(("suite", "wrapped"), FIRST_FORMAT.items())
def test_a_key_that_was_wrapped_in_the_first_format_unwraps(suite: str, wrapped: str) -> None:
    encryption = FileKeyEncryption(SUITES[suite], bytes(32), os.urandom)

    assert encryption.unwrap(bytes.fromhex(wrapped), b"purpose") == b"k" * 32
    with pytest.raises(KeyFileForeign):
        encryption.unwrap(bytes.fromhex(wrapped), b"another")


@each_suite
def test_a_key_wrapped_twice_looks_different(suite: Suite) -> None:
    encryption = FileKeyEncryption(suite, bytes(32), os.urandom)

    assert encryption.wrap(bytes(32), b"") != encryption.wrap(bytes(32), b"")


@each_suite
@given(st.integers(0, 68), st.integers(1, 255))
def test_no_other_key_purpose_or_byte_unwraps(suite: Suite, at: int, by: int) -> None:
    encryption = FileKeyEncryption(suite, bytes(32), os.urandom)
    wrapped = encryption.wrap(b"k" * 32, b"purpose")
    changed = wrapped[:at] + bytes([wrapped[at] ^ by]) + wrapped[at + 1 :]
    other = FileKeyEncryption(suite, b"o" * 32, os.urandom)

    for keys, bytes_given, purpose in (
        (encryption, changed, b"purpose"),
        (encryption, wrapped, b"another"),
        (encryption, wrapped[:20], b"purpose"),
        (other, wrapped, b"purpose"),
    ):
        with pytest.raises(KeyFileForeign):
            keys.unwrap(bytes_given, purpose)


def test_while_a_key_is_changed_either_unwraps_and_the_new_one_wraps(tmp_path: Path) -> None:
    for name in ("old", "new"):
        create_key_file(tmp_path / name, os.urandom)
    old = in_file(tmp_path / "old", os.urandom)(INTL)
    both = in_files(tmp_path / "new", tmp_path / "old", os.urandom)(INTL)
    new = in_file(tmp_path / "new", os.urandom)(INTL)

    assert both.unwrap(old.wrap(b"k" * 32, b""), b"") == b"k" * 32
    assert new.unwrap(both.wrap(b"k" * 32, b""), b"") == b"k" * 32
    assert isinstance(both, NewOrOld)
    assert both.key_id == new.key_id


def test_nothing_that_is_printed_shows_a_key() -> None:
    encryption = FileKeyEncryption(INTL, b"secret-" * 4 + b"1234", os.urandom)

    assert "secret" not in repr(encryption)
    assert all("secret" not in str(refusal("place")) for refusal in Refusal.__subclasses__())

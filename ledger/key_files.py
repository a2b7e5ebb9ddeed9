"""Files that hold a secret: 32 bytes, for their owner alone, never written over."""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from domain.errors import KeyFileDamaged, KeyFileExists, KeyFileMissing, KeyFileUnsafe

RandomBytes = Callable[[int], bytes]

KEY_BYTES = 32


def read_key_file(path: Path) -> bytes:
    """Read the key. Raises KeyFileMissing, KeyFileUnsafe, KeyFileDamaged."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise KeyFileMissing(str(path)) from None
    except OSError:
        raise KeyFileUnsafe(str(path)) from None
    try:
        # Asked of the open file, not of the path: nobody can change what it names in between.
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or stat.S_IMODE(found.st_mode) & 0o177:
            raise KeyFileUnsafe(str(path))
        key = os.read(file, KEY_BYTES + 1)
    finally:
        os.close(file)
    if len(key) != KEY_BYTES:
        raise KeyFileDamaged(str(path))
    return key


def create_key_file(path: Path, random_bytes: RandomBytes) -> None:
    """Write a new key for its owner alone, never over a file. Raises KeyFileExists, KeyFileMissing (the folder)."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise KeyFileExists(str(path)) from None
    except FileNotFoundError:
        raise KeyFileMissing(str(path.parent)) from None
    # If we stop before the key is on disk, the file is short: opening it says so, and nothing was wrapped with it.
    try:
        with os.fdopen(file, "wb") as out:
            os.fchmod(file, 0o600)  # whatever the umask left
            out.write(random_bytes(KEY_BYTES))
            out.flush()
            os.fsync(file)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)

"""A witness's store: a folder with one file for each log, which holds the last head it cosigned."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.notes import Note, read_note


class FolderOfHeads:
    """Keeps heads. Several processes may use one folder; a head is on disk when `replace` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def head(self, origin: str) -> Checkpoint | None:
        """Give the last head that was cosigned. Raises NoteRefused where the file was damaged."""
        note = self.note(hashlib.sha256(origin.encode()).hexdigest())
        return None if note is None else Checkpoint.read(note.text)

    def note(self, origin_hash: str) -> Note | None:
        """Give the last head's note by the SHA-256 of its origin in hexadecimal."""
        try:
            return read_note((self._folder / f"{origin_hash}.note").read_bytes())
        except FileNotFoundError:
            return None

    def replace(self, old: Checkpoint | None, new: Checkpoint, note: Note) -> bool:
        """Put `new` in the place of `old`, durably and only if `old` still stands; say whether it did."""
        with self._alone():
            if self.head(new.origin) != old:
                return False
            path = self._folder / f"{hashlib.sha256(new.origin.encode()).hexdigest()}.note"
            beside = path.with_suffix(".new")
            with beside.open("wb") as file:
                file.write(note.whole().encode())
                file.flush()
                os.fsync(file.fileno())
            # If we stop here, the old head stands and nothing was said about the new one.
            beside.replace(path)
            self._sync()
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        handle = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _sync(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

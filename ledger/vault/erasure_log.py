"""What was erased, in a file outside the database: a backup from before an erasure knows nothing of it.

A line a piece, JSON, beside the key file and never in a dump. It names subjects by their random ids, restricted
entries by their keys, and numbers and names by their keyed indexes: nothing of a person is readable in it.
"""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from domain.facts import Ref


@dataclass(frozen=True, slots=True)
class Erased:
    """One erasure: of a subject, or of the one entry `ref`; who asked, who approved, and on what basis.

    `indexes` are the subject's (document, name) pairs, which become tombstones again. `persons`: the hashes of the
    two persons (ledger/accounts.py), where anybody knew them: a backup may know one of the two alone.
    """

    asked_by: str
    approved_by: str
    basis: str
    subject: UUID | None = None
    ref: Ref | None = None
    indexes: tuple[tuple[bytes, bytes], ...] = ()
    persons: tuple[str | None, str | None] = (None, None)

    def covers(self, other: "Erased") -> bool:
        """Say whether this is of the same piece, and has every index that the other has."""
        return (self.subject, self.ref) == (other.subject, other.ref) and {*other.indexes} <= {*self.indexes}

    def line(self) -> str:
        """Write it."""
        told: dict[str, object] = {"asked_by": self.asked_by, "approved_by": self.approved_by, "basis": self.basis}
        if any(self.persons):
            told["persons"] = list(self.persons)
        if self.ref is not None:
            told |= {"stream": str(self.ref.stream), "version": self.ref.version}
        else:
            told |= {"subject": str(self.subject)}
            told |= {"indexes": [[document.hex(), name.hex()] for document, name in self.indexes]}
        return json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n"

    @classmethod
    def read(cls, line: str) -> "Erased":
        """Read a line. Raises ValueError, KeyError."""
        told = json.loads(line)
        who = (told["asked_by"], told["approved_by"], told["basis"])
        one, other = told.get("persons", (None, None))
        if "stream" in told:
            ref = Ref(stream=UUID(told["stream"]), version=told["version"])
            return cls(*who, ref=ref, persons=(one, other))
        pairs = tuple((bytes.fromhex(document), bytes.fromhex(name)) for document, name in told["indexes"])
        return cls(*who, subject=UUID(told["subject"]), indexes=pairs, persons=(one, other))


class ErasureLog:
    """The file. It is made when something is erased for the first time, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, erased: Erased) -> None:
        """Write one down, once, whatever is said of why; it is on the disk when this returns."""
        number = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(number, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            whole = file.read()
            if any(one.covers(erased) for one in _read(whole)):
                return
            file.seek(whole.rfind(b"\n") + 1)  # over a line that a crash cut off: what it said is said again
            file.truncate()
            file.write(erased.line().encode())
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # a new file's name is no more on the disk than its lines were
        finally:
            os.close(folder)

    def erased(self) -> list[Erased]:
        """Read all, in the order of their writing. A last line that was cut off by a crash is none."""
        return _read(self.path.read_bytes()) if self.path.exists() else []


def _read(whole: bytes) -> list[Erased]:
    # Not `splitlines`: a basis may hold what Unicode takes for the end of a line.
    return [Erased.read(line.decode()) for line in whole.split(b"\n")[:-1]]

"""A read of a person's history as it is kept: what is sealed, what is committed to, and its leaf.

The row holds person, reader and the purpose's code in the clear (all three are pseudonyms or codes), and sealed
under the person's key whatever else was said. `content_hash` commits to all of it with a salt; the leaf is the hash
of a header that has this commitment and what only the database knows. So a leaf tells nothing, and no leaf changes
when the person's key is destroyed. docs/transparency.md says how to compute it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain.errors import SubjectUnknown
from domain.looking import OTHER, PURPOSES, Purpose
from ledger.canonical import canonical, parse
from ledger.entry import LEAF_PREFIX, content_hash, instant_text
from ledger.mapper import BLOCK, SALT_BYTES, KeyRing
from ledger.suites import CannotOpen, Suite
from ledger.transparency.tree import Tree

FORMAT = b"R\x01"
"""The first bytes of a header: no entry's header begins so."""
SEALING = b"points-ledger/seal-read/1"
COLUMNS = ("nth", "read_at", "entries", "last_version", "shown_on", "content_hash")
"""What a leaf is made of, beside the number."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a read before it happens, ready for its row."""

    purpose: str
    salt: bytes
    sealed: bytes | None
    content_hash: bytes


@dataclass(frozen=True, slots=True)
class Read:
    """One row. `nth` counts the person's reads; `shown_on`: the person is shown it from that day on.

    Rows from before the log of reads was kept have neither `nth` nor a commitment.
    """

    number: int
    read_at: datetime
    subject: UUID
    reader: str
    purpose: str
    entries: int
    last_version: int | None
    nth: int | None = None
    shown_on: date | None = None
    salt: bytes | None = None
    sealed: bytes | None = None
    content_hash: bytes | None = None

    @property
    def code(self) -> str:
        """Give the purpose's code; `other` of a read from before there were codes: its words may name anybody."""
        return self.purpose if self.purpose in PURPOSES else OTHER

    def shown_by(self, day: date) -> bool:
        """Say whether the person is shown it on a day."""
        return self.shown_on is None or self.shown_on <= day

    def content(self, suite: Suite) -> bytes:
        """Compute the commitment again."""
        return committed(suite, self.salt or b"", self.subject, self.reader, self.purpose, self.sealed)

    def header(self, suite: Suite) -> bytes:
        """Give the whole header, whose hash behind a zero byte is the leaf."""
        return header(suite, self.number, *(getattr(self, name) for name in COLUMNS))

    def leaf(self, suite: Suite) -> bytes:
        """Give the leaf."""
        return suite.hash(LEAF_PREFIX + self.header(suite))

    def opened(self, keys: KeyRing) -> dict[str, str]:
        """Open what is sealed; nothing where the person's key was destroyed, or the bytes do not open."""
        owner = _owner(keys, self.subject)
        if self.sealed is None or self.salt is None or owner is None:
            return {}
        key = keys.suite.derive(owner, SEALING, self.salt)
        try:
            said: dict[str, str] = parse(keys.suite.open(key, self.sealed, _bound_to(self.subject, self.reader)))
        except (CannotOpen, ValueError):  # what no release wrote: verification names it
            return {}
        return said


NAMES = ",".join(Read.__slots__)
SELECT = f"SELECT {NAMES} FROM read_log"  # noqa: S608 - the names above, no value


def read_of(row: tuple[Any, ...]) -> Read:
    """Make a read of a row of SELECT."""
    return Read(*row)


def said_of(
    keys: KeyRing, random_bytes: Callable[[int], bytes], subject: UUID, reader: str, purpose: Purpose
) -> Said:
    """Seal and commit. Of a person whose key was destroyed only the purpose's code is kept."""
    salt, sealed = random_bytes(SALT_BYTES), None
    owner = _owner(keys, subject) if purpose.said else None
    if owner is not None:
        data = canonical(purpose.said)
        key = keys.suite.derive(owner, SEALING, salt)
        sealed = keys.suite.seal(key, data.ljust(-(-len(data) // BLOCK) * BLOCK), _bound_to(subject, reader))
    return Said(purpose.code, salt, sealed, committed(keys.suite, salt, subject, reader, purpose.code, sealed))


def header(
    suite: Suite,
    number: int,
    nth: int | None,
    read_at: datetime,
    entries: int,
    last_version: int | None,
    shown_on: date | None,
    content: bytes | None,
) -> bytes:
    """Write the header: two bytes of format, then canonical JSON."""
    return FORMAT + canonical(
        {
            "content": (content or b"").hex(),
            "entries": entries,
            "last_version": last_version,
            "nth": nth,
            "number": number,
            "read_at": instant_text(read_at),
            "shown_on": None if shown_on is None else shown_on.isoformat(),
            "suite": suite.name,
        }
    )


def _leaf(suite: Suite, row: tuple[Any, ...]) -> bytes:
    return suite.hash(LEAF_PREFIX + header(suite, *row))


READS = Tree(
    noun="read",
    files="reads",
    leader="points-ledger/reads",
    tables="read_tree",
    rows="read_log",
    position="number",
    content=COLUMNS,
    leaf=_leaf,
    only="content_hash IS NOT NULL",
)
"""The log of reads 查询日志: the tree over `read_log`."""


def committed(suite: Suite, salt: bytes, subject: UUID, reader: str, purpose: str, sealed: bytes | None) -> bytes:
    """Commit to what is said of a read, as it is stored."""
    state = canonical({"purpose": purpose, "reader": reader, "subject": str(subject)})
    return content_hash(suite, salt, state, sealed)


def _owner(keys: KeyRing, subject: UUID) -> bytes | None:
    """Give the person's key, or the ledger's where nobody has this id: then the look itself is what there is."""
    try:
        return keys.owner_key(subject)
    except SubjectUnknown:
        return keys.ledger_key


def _bound_to(subject: UUID, reader: str) -> bytes:
    return subject.bytes + reader.encode()

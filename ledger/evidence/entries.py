"""An entry as evidence shows it: its header whole, and of its content as much as is opened.

The header gives the leaf. What is opened is checked against the header's two commitments: `content` covers what is
stored, `binding` what it means. Opening hands out the two keys of this one entry, never its owner's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from domain.factrow import rows_of
from domain.facts import BY_TOPIC, Fact, Known, Ref
from ledger.canonical import NotCanonical, canonical, parse
from ledger.entry import FORMAT, LEAF_PREFIX, Head, StoredEntry, content_hash
from ledger.evidence.refusal import EvidenceRefused
from ledger.mapper import BINDING, SEALING, EntryMapper, plaintext
from ledger.suites import SUITES, CannotOpen, Suite, text_hash
from ledger.verification.findings import IN_HEADER

_BYTES = ("salt", "sealed", "seal_key", "bind_key")
_HEADER = frozenset(IN_HEADER.values())


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """One entry. `topic` None: the header alone. `erased`: what would open it no longer exists.

    No hash of the entry covers its position: it is told only where something else binds it.
    """

    header: Mapping[str, Any]
    position: int | None = None
    topic: str | None = None
    state: str | None = None
    salt: bytes | None = None
    sealed: bytes | None = None
    seal_key: bytes | None = None
    bind_key: bytes | None = None
    erased: bool = False

    @property
    def ref(self) -> Ref:
        """Name the entry, as its header does."""
        return Ref(stream=UUID(self.header["stream"]), version=self.header["version"])

    @property
    def refers_to(self) -> Ref | None:
        """Name the entry that a void or a correction is about."""
        told = self.header["refers_to"]
        return None if told is None else Ref(stream=UUID(told[0]), version=told[1])

    @property
    def suite(self) -> Suite:
        """Give the suite of the header."""
        return SUITES[self.header["suite"]]

    def header_bytes(self) -> bytes:
        """Give the bytes that the leaf covers: the format byte and the canonical header."""
        return bytes([FORMAT]) + canonical(dict(self.header))

    def leaf(self) -> bytes:
        """Compute the leaf."""
        return self.suite.hash(LEAF_PREFIX + self.header_bytes())

    def fact(self) -> Fact | None:
        """Open and check the content; None where nothing is shown of it. Raises EvidenceRefused with the field."""
        if self.topic is None:
            return None
        if self.state is None or self.salt is None:
            raise EvidenceRefused("state", "an entry that is opened shows its state and its salt")
        suite, state = self.suite, self.state.encode()
        if text_hash(suite, self.topic) != self.header["topic"]:
            raise EvidenceRefused("topic", "the header names another kind")
        if content_hash(suite, self.salt, state, self.sealed).hex() != self.header["content"]:
            raise EvidenceRefused("state", "the header commits to another content")
        if self.erased:
            return None
        cls = BY_TOPIC.get(self.topic)
        if cls is None:
            raise EvidenceRefused("topic", "this release does not know the kind")
        try:
            if self.seal_key is None:
                return cls.from_parts(parse(state), {})
            return self._opened(cls, state)
        except (ValueError, TypeError, KeyError):
            raise EvidenceRefused("state", "no such fact has ever been written") from None

    def _opened(self, cls: type[Fact], state: bytes) -> Fact:
        if self.sealed is None or self.seal_key is None or self.bind_key is None:
            raise EvidenceRefused("bind_key", "what is unsealed needs both keys")
        bound_to = UUID(self.header["stream"]).bytes + bytes.fromhex(self.header["key"])
        try:
            opened = self.suite.open(self.seal_key, self.sealed, bound_to)
        except (CannotOpen, ValueError):
            raise EvidenceRefused("seal_key", "the seal does not open") from None
        fact = cls.from_parts(parse(state), parse(opened))
        if self.suite.mac(self.bind_key, canonical(plaintext(fact))).hex() != self.header["binding"]:
            raise EvidenceRefused("bind_key", "the header is bound to another meaning")
        return fact

    def line(self) -> bytes:
        """Write it as one line of canonical JSON."""
        told: dict[str, Any] = {"header": dict(self.header)}
        told |= {} if self.position is None else {"position": self.position}
        told |= {} if self.topic is None else {"topic": self.topic, "state": self.state}
        told |= {name: value.hex() for name in _BYTES if (value := getattr(self, name)) is not None}
        return canonical(told | ({"erased": True} if self.erased else {})) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Read a line. Raises EvidenceRefused."""
        try:
            told = parse(line)
            told |= {name: bytes.fromhex(told[name]) for name in _BYTES if name in told}
            entry = cls(**told)
            if entry.header.keys() != _HEADER or entry.header["format"] != FORMAT:
                raise EvidenceRefused("format", "the header has a form that this release does not know")
            entry.ref, entry.refers_to, entry.suite, entry.header_bytes()
        except (ValueError, TypeError, KeyError, LookupError, AttributeError, NotCanonical):
            raise EvidenceRefused("", "the line is no entry") from None
        if type(entry.position) not in {int, type(None)} or type(entry.header["version"]) is not int:
            raise EvidenceRefused("position", "positions and versions are numbers")
        if entry.line().rstrip(b"\n") != line.rstrip(b"\n"):
            raise EvidenceRefused("", "an entry has one spelling")
        return entry


def header_of(stored: StoredEntry) -> ShownEntry:
    """Show the header of an entry alone."""
    if stored.recorded_at is None:
        raise TypeError("only an entry that stands in the ledger can be shown")
    header = parse(Head.of(stored).header(stored.originator_version, stored.prev, stored.recorded_at)[1:])
    return ShownEntry(header)


def shown(stored: StoredEntry, mapper: EntryMapper, at: int | None = None, *, whole: bool = False) -> ShownEntry:
    """Show an entry with its content, unsealed only where what is open would not do, or `whole`.

    `at` tells its position.
    """
    content = _with(
        header_of(stored),
        position=at,
        topic=stored.topic,
        state=stored.state.decode(),
        salt=stored.salt,
        sealed=stored.sealed,
    )
    fact = mapper.opened(stored)
    if fact is not None and stored.sealed is not None and (whole or not _says_it_openly(content, fact)):
        return _unsealed(content, stored, mapper)
    return content if fact is not None else _with(content, erased=True)


def _says_it_openly(content: ShownEntry, fact: Fact) -> bool:
    """Say whether rules read the same from what is not sealed."""
    try:
        alone = content.fact()
    except EvidenceRefused:
        return False
    if alone is None:
        return False
    known = [Known(one, content.position or 0, content.ref, content.refers_to) for one in (alone, fact)]
    rows = rows_of(known[0])
    return bool(rows) and rows == rows_of(known[1])


def _unsealed(content: ShownEntry, stored: StoredEntry, mapper: EntryMapper) -> ShownEntry:
    owner, salt = mapper.owner_key(stored.originator_id), mapper.sealing_salt(stored)
    if owner is None or salt is None:
        return _with(content, erased=True)
    derive = mapper.keys.suite.derive
    return _with(content, seal_key=derive(owner, SEALING, salt), bind_key=derive(owner, BINDING, salt))


def _with(content: ShownEntry, **more: Any) -> ShownEntry:
    fields = {name: getattr(content, name) for name in ShownEntry.__dataclass_fields__}
    return ShownEntry(**(fields | more))

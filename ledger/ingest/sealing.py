"""Plain rows sealed and laid out for their turn, a piece at a time: the mapper's bytes, without an object for each.

ledger/mapper.py and ledger/rows.py say what these bytes are; tests/properties prove that they are the same.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from ledger import rows, wire
from ledger.blocks import Block
from ledger.entry import Frame, Hand, StoredEntry, frame
from ledger.ingest.patterns import Pattern
from ledger.mapper import BINDING, BLOCK, SALT_BYTES, SEALING, SENSITIVE_BLOCK
from ledger.suites import Suite
from ledger.vault.encryption import RandomBytes

_STREAM = UUID("eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee")
_NOTHING = b"{}"
_ROW = b"\0\0\0\x10%b%b\0\0\0\x20%b\0\0\0\x20%b\0\0\0\x10%b%b\0\0\0\x20%b\0\0\0\x20%b"
"""The early columns in wire form: stream, `early`, key, request hash, salt, sealed, content hash, binding."""


class PlainRow(NamedTuple):
    """A row to be sealed: its stream and the stream's key, what fills the pattern's gap, the sealed object."""

    stream: bytes
    owner: bytes
    gap: bytes
    pattern: Pattern
    sealed: bytes


class _Layout(NamedTuple):
    """What all entries of one pattern have in common.

    `early` are the columns from the topic to the last before the key, in wire form; `measure` the length of the
    state and the state, as the content hash wants them; `frame` the texts between the values of the header.
    """

    early: bytes
    measure: bytes
    frame: Frame


class Sealer:
    """Seals the rows of one batch. `hand` is the batch's, the same for every row."""

    def __init__(self, suite: Suite, ledger_key: bytes, hand: Hand, random_bytes: RandomBytes) -> None:
        self._suite = suite
        self._mac = suite.keyed(ledger_key)
        self._hand = hand
        self._random_bytes = random_bytes
        self._layout = lru_cache(maxsize=4096)(self._laid_out)

    def block(self, plain: Sequence[PlainRow]) -> Block:
        """Seal rows, in their order. Needs no database."""
        suite, mac, hash_of = self._suite, self._mac, self._suite.hash
        streams, owners, gaps, patterns, parts = zip(*plain, strict=True)
        keys = [mac(p.key[0] + gap + p.key[1]) for p, gap in zip(patterns, gaps, strict=True)]
        whole = [b"%b%b}" % (p.plain, part) for p, part in zip(patterns, parts, strict=True)]
        requests = [
            mac(b"%b%b%b%b]" % (p.request[0], gap, p.request[1], text))
            for p, gap, text in zip(patterns, gaps, whole, strict=True)
        ]
        random = self._random_bytes(SALT_BYTES * len(plain))
        salts = [random[at : at + SALT_BYTES] for at in range(0, len(random), SALT_BYTES)]
        blocks = [SENSITIVE_BLOCK if p.fact.about.sensitive else BLOCK for p in patterns]
        padded = [
            b"" if part == _NOTHING else part.ljust(-(-len(part) // block) * block)
            for part, block in zip(parts, blocks, strict=True)
        ]
        sealed = self._sealed(owners, salts, padded, streams, keys)
        bindings = suite.macs(suite.derive_many(owners, BINDING, salts), whole)
        layouts = [self._layout(p) for p in patterns]
        contents = [
            hash_of(b"%b%b%b" % (salt, layout.measure, part))
            for salt, layout, part in zip(salts, layouts, sealed, strict=True)
        ]
        columns = zip(streams, layouts, keys, requests, salts, sealed, contents, bindings, strict=True)
        laid_out = [
            _ROW % (stream, layout.early, key, request, salt, _part(part), content, binding)
            for stream, layout, key, request, salt, part, content, binding in columns
        ]
        frames = [layout.frame for layout in layouts]
        return Block(suite.name, self._hand.organ, laid_out, list(streams), keys, requests, frames)

    def _sealed(
        self,
        owners: Sequence[bytes],
        salts: Sequence[bytes],
        parts: Sequence[bytes],
        streams: Sequence[bytes],
        keys: Sequence[bytes],
    ) -> list[bytes]:
        """Encrypt the sealed parts; nothing for a row that has none."""
        sealed, seal = [b""] * len(parts), self._suite.seal
        filled = [at for at, part in enumerate(parts) if part]
        seal_keys = self._suite.derive_many([owners[at] for at in filled], SEALING, [salts[at] for at in filled])
        for at, key in zip(filled, seal_keys, strict=True):
            sealed[at] = seal(key, parts[at], streams[at] + keys[at])
        return sealed

    def _laid_out(self, pattern: Pattern) -> _Layout:
        """Make one entry with nothing in the gaps, and take what stands between them."""
        entry = StoredEntry(
            originator_id=_STREAM,
            originator_version=0,
            topic=pattern.topic,
            state=pattern.state,
            hand=self._hand,
            suite=self._suite.name,
            key=b"",
            request_hash=b"",
            salt=b"",
            sealed=None,
            content_hash=b"",
            binding=b"",
        )
        names = [name for name, _ in rows.EARLY]
        wired = rows.ready(entry).columns
        return _Layout(
            early=b"".join(wired[names.index("topic") : names.index("key")]),
            measure=len(pattern.state).to_bytes(8, "big") + pattern.state,
            frame=frame(entry.suite, entry.format, entry.topic, entry.hand),
        )


def _part(sealed: bytes) -> bytes:
    """Encode the sealed part."""
    return len(sealed).to_bytes(4, "big") + sealed if sealed else wire.NULL


def in_order(blocks: Sequence[tuple[list[int], Block]]) -> tuple[list[int], Block]:
    """Put rows of several blocks of one organ into one, by the numbers that stand beside them."""
    first = blocks[0][1]
    numbered = sorted(
        (number, at, index) for at, (numbers, _) in enumerate(blocks) for index, number in enumerate(numbers)
    )
    made = replace(first, rows=[], streams=[], keys=[], request_hashes=[], frames=[])
    for _, at, index in numbered:
        block = blocks[at][1]
        made.rows.append(block.rows[index])
        made.streams.append(block.streams[index])
        made.keys.append(block.keys[index])
        made.request_hashes.append(block.request_hashes[index])
        made.frames.append(block.frames[index])
    return [number for number, _, _ in numbered], made

"""Pages of entries as the server sends them, checked without making an object of each row.

A page is sound, or it is read once more and checked entry by entry, so that every difference is named by one code
(check.py). What is computed here is the same: content hash, header, leaf, version, `prev`, the order of positions.
"""

import struct
from binascii import hexlify
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

from domain.facts import BY_TOPIC, Ref
from ledger import rows
from ledger.entry import AT, FORMAT, LEAF_PREFIX, Hand, frame, instant_text
from ledger.suites import SUITES
from ledger.verification.check import Link, is_canonical
from ledger.wire import read_int8, read_timestamptz, read_uuid

_FIXED = (
    "notification_id",
    "originator_id",
    "originator_version",
    "recorded_at",
    "binding",
    "content_hash",
    "key",
    "request_hash",
    "prev",
    "leaf",
    "salt",
)
_CONTENT = ("state", "sealed")
_HAND = tuple(name for name, _ in rows.COLUMNS if name not in {*_FIXED, *_CONTENT})
"""The rest of the row: what entries of one hand and kind have in common."""
_KINDS = {name: kind for name, kind in rows.COLUMNS if name in _HAND}
_NEXT = Struct("!hiqi16siqi8si32xi32si32xi32xi32si32si16si")
"""Columns; position, stream, version, instant, binding, content, key, request, prev, leaf, salt; state's length."""
_FIRST = Struct("!hiqi16siqi8si32xi32si32xi32xi0si32si16si")
"""The same of a stream's first entry, which names no `prev`."""
_SHAPE = (len(rows.COLUMNS) + 1, 8, 16, 8, 8, 32, 32, 32, 32, 32, 32, 16)
_SHAPE_OF_FIRST = (*_SHAPE[:9], -1, *_SHAPE[10:])
_DIGESTS, _DIGESTS_END, _PREV_END = 62, 202, 238
"""Where a header's digests stand in a row, each behind its length: binding, content, key, request, and `prev`."""
_CACHED_MAX = 65_536
_LENGTH = Struct("!i")
_PADDING = bytes(4)
"""The length of a state has 4 bytes in the row, and 8 in the content hash."""
_SIGNATURE_BYTES, _END = 19, b"\xff\xff"
_UNREADABLE = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, struct.error)
_COPY = sql.SQL(
    "COPY (SELECT {} FROM entries WHERE (originator_id, originator_version) > ({}, {}){}"
    " ORDER BY originator_id, originator_version LIMIT {}) TO STDOUT (FORMAT BINARY)"
)


class _Frame(NamedTuple):
    """A header with places for its values, that of a stream's first entry, and whether the kind is known here."""

    of_next: bytes
    of_first: bytes
    known: bool


def columns() -> tuple[str, ...]:
    """Name the columns of a row, in their order: those of one length, content, and what entries have in common."""
    return (*_FIXED, *_CONTENT, *_HAND)


def read_page(
    connection: psycopg.Connection[Any], after: tuple[UUID, int], before: UUID | None, size: int
) -> list[bytes]:
    """Read the rows behind an entry, by streams and versions, of streams below `before`. Raises psycopg errors."""
    names = sql.SQL(",").join(map(sql.Identifier, columns()))
    end = sql.SQL("") if before is None else sql.SQL(" AND originator_id < {}").format(before)
    # Not a cursor's copy: it waits anew for each row, and costs as much as a third of checking it.
    talk = connection.pgconn
    begun = talk.exec_(_COPY.format(names, *after, end, size).as_bytes(connection))
    if begun.status != ExecStatus.COPY_OUT:
        raise error_from_result(begun)
    found = []
    length, row = talk.get_copy_data(0)
    while length > 0:
        found.append(bytes(row))
        length, row = talk.get_copy_data(0)
    while (ended := talk.get_result()) is not None:
        if ended.status != ExecStatus.COMMAND_OK:
            raise error_from_result(ended)
    found[0] = found[0][_SIGNATURE_BYTES:]  # the format's own beginning comes with the first row
    return [row for row in found if row and row != _END]


class PageCheck:
    """Checks one page after the other; the first row says of which suite the ledger is."""

    def __init__(self) -> None:
        self._suite = SUITES["intl"]
        self._frames: dict[bytes, _Frame] = {}
        self._instants: dict[bytes, bytes] = {}

    def sound(self, page: Sequence[bytes], before: Link | None) -> tuple[Link, int] | None:
        """Check a page behind an entry; give its last entry and how many streams begin. None: something differs."""
        if before is not None and before.computed != before.leaf:
            return None  # what the next entry says will tell which of the two was changed
        try:
            return self._sound(page, before)
        except _UNREADABLE:
            return None  # no release wrote this: whoever names it reads it again

    def _sound(self, page: Sequence[bytes], before: Link | None) -> tuple[Link, int] | None:
        frames, instants, unpack, size_of = self._frames, self._instants, _NEXT.unpack_from, _LENGTH.unpack_from
        stream, version, leaf, position = b"", 0, b"", 0
        if before is not None:
            stream, version = before.originator_id.bytes, before.originator_version
            leaf, position = before.leaf or b"", before.position or 0
        whose, begun = str(UUID(bytes=stream)).encode() if stream else b"", 0
        if not self._frames:
            self._frame(_parts(page[0])[1])
        hashed = self._suite.hash
        for row in page:
            n, a, at, b, of, c, number, d, instant, e, f, content, g, h, i, prev, j, own, k, salt, length = unpack(
                row
            )
            begins, start = False, _NEXT.size
            if (n, a, b, c, d, e, f, g, h, i, j, k) != _SHAPE:
                begins, start = True, _FIRST.size
                n, a, at, b, of, c, number, d, instant, e, f, content, g, h, i, prev, j, own, k, salt, length = (
                    _FIRST.unpack_from(row)
                )
                if (n, a, b, c, d, e, f, g, h, i, j, k) != _SHAPE_OF_FIRST:
                    return None
            [size] = size_of(row, start + length)
            end = start + length + 4 + max(size, 0)
            sealed = row[end - size : end] if size > 0 else b""
            if hashed(b"%b%b%b%b" % (salt, _PADDING, row[start - 4 : start + length], sealed)) != content:
                return None
            hand = row[end:]
            texts = frames.get(hand) or self._frame(hand)
            told = instants.get(instant) or self._instant(instant)
            if begins:
                is_linked = number == 1 and of != stream
                stream, whose, begun = of, str(UUID(bytes=of)).encode(), begun + 1
                seen = hexlify(row[_DIGESTS:_DIGESTS_END])
                header = texts.of_first % (seen[:64], seen[72:136], seen[144:208], told, seen[216:], whose, 1)
            else:
                is_linked = of == stream and number == version + 1 and prev == leaf and at > position
                seen = hexlify(row[_DIGESTS:_PREV_END])
                header = texts.of_next % (
                    (seen[:64], seen[72:136], seen[144:208], seen[288:], told, seen[216:280], whose, number)
                )
            if not is_linked or hashed(header) != own:
                return None
            version, leaf, position = number, own, at
        return Link(position, UUID(bytes=stream), version, leaf, leaf), begun

    def contents_sound(self, page: Sequence[bytes]) -> bool:
        """Say of a sound page whether kinds are known, and what is not sealed is canonical."""
        for row in page:
            state, hand = _parts(row)
            if not self._frames[hand].known or not is_canonical(state):
                return False
        return True

    def _frame(self, hand: bytes) -> _Frame:
        """Read the columns of a hand. Raises ValueError and its like where they are none that we write."""
        told: dict[str, Any] = {}
        at = 0
        for name in _HAND:
            value, at = _value(hand, at)
            told[name] = None if value is None else _READ[_KINDS[name]](value)
        form, suite, topic = told.pop("format"), SUITES[told.pop("suite")], told.pop("topic")
        if form != FORMAT or (self._frames and suite is not self._suite):
            raise ValueError(form)
        self._suite = suite
        for name in ("causation", "refers_to"):
            told[name] = _ref(told.pop(f"{name}_stream"), told.pop(f"{name}_version"))
        texts = frame(suite.name, form, topic, Hand(**told))
        binding, content, key, prev, *rest = texts
        before = b"%b%b%%b%b%%b%b%%b%b" % (LEAF_PREFIX, binding, content, key, prev)
        after = b"%%b%b%%b%b%%b%b%%d}" % tuple(rest)
        made = _Frame(before + b'"%b"' + after, before + b"null" + after, topic in BY_TOPIC)
        _room(self._frames)[hand] = made
        return made

    def _instant(self, value: bytes) -> bytes:
        told = AT + instant_text(read_timestamptz(value)).encode()
        _room(self._instants)[value] = told
        return told


def place_of(row: bytes) -> tuple[UUID, int]:
    """Give the stream and the version of a row of a page that is sound."""
    found = _FIRST.unpack_from(row)
    return UUID(bytes=found[4]), found[6]


def _parts(row: bytes) -> tuple[bytes, bytes]:
    """Give the state of a row, and the columns of its hand."""
    at = _PREV_END - 36
    _, at = _value(row, at)
    for _ in ("leaf", "salt"):
        _, at = _value(row, at)
    state, at = _value(row, at)
    return state or b"", row[_value(row, at)[1] :]


def _value(row: bytes, at: int) -> tuple[bytes | None, int]:
    """Read a value behind its length, and say where the next one begins."""
    [length] = _LENGTH.unpack_from(row, at)
    at += 4
    return (None, at) if length < 0 else (row[at : at + length], at + length)


def _room(kept: dict[bytes, Any]) -> dict[bytes, Any]:
    if len(kept) >= _CACHED_MAX:
        kept.clear()
    return kept


def _ref(stream: UUID | None, version: int | None) -> Ref | None:
    if (stream is None) != (version is None):
        raise ValueError(version)
    return None if stream is None or version is None else Ref(stream=stream, version=version)


_READ: dict[str, Callable[[bytes], Any]] = {
    "uuid": read_uuid,
    "int8": read_int8,
    "int2": read_int8,
    "text": bytes.decode,
    "timestamptz": read_timestamptz,
    "bytea": bytes,
}

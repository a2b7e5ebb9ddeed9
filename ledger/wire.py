"""PostgreSQL's binary form of values and one-dimensional arrays.

psycopg encodes a list element by element and asks for the type of each; an append sends columns of a thousand
values, so the bytes are written here: a value is its length (int32) and its payload, an array a header and its
values. Source: PostgreSQL's `array_recv` and the `*_recv` functions of the types.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from eventsourcing.persistence import DataError
from psycopg import Connection
from psycopg.adapt import Buffer, Dumper, PyFormat
from psycopg.pq import Format

TypeName = Literal["uuid", "int8", "int2", "text", "bytea", "timestamptz"]

NULL = b"\xff\xff\xff\xff"
TYPES: dict[TypeName, int] = {
    "uuid": 2950,
    "int8": 20,
    "int2": 21,
    "text": 25,
    "bytea": 17,
    "timestamptz": 1184,
}
"""The oid of each type: fixed in pg_type.dat."""
ARRAYS: dict[TypeName, int] = {
    "uuid": 2951,
    "int8": 1016,
    "int2": 1005,
    "text": 1009,
    "bytea": 1001,
    "timestamptz": 1185,
}
"""The oid of each type's array."""

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_length = struct.Struct("!i").pack
_short = struct.Struct("!ih").pack
_long = struct.Struct("!iq").pack
_header = struct.Struct("!iiiii").pack


def int8(value: int | None) -> bytes:
    """Encode a 64-bit integer."""
    return NULL if value is None else _long(8, value)


def int2(value: int) -> bytes:
    """Encode a 16-bit integer."""
    return _short(2, value)


def uuid(value: UUID | None) -> bytes:
    """Encode a uuid."""
    return NULL if value is None else b"\x00\x00\x00\x10" + value.bytes


def bytea(value: bytes | None) -> bytes:
    """Encode bytes."""
    return NULL if value is None else _length(len(value)) + value


def text(value: str | None) -> bytes:
    """Encode text. Raises DataError for what PostgreSQL cannot hold: NUL and lone surrogates."""
    if value is None:
        return NULL
    try:
        encoded = value.encode()
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise DataError("a text holds NUL or a lone surrogate")
    return _length(len(encoded)) + encoded


def timestamptz(value: datetime | None) -> bytes:
    """Encode an aware instant, exactly: microseconds since 2000-01-01 UTC."""
    return NULL if value is None else _long(8, (value - _EPOCH) // _MICROSECOND)


def read_int8(value: bytes) -> int:
    """Decode a 64-bit integer."""
    return int.from_bytes(value, "big", signed=True)


def read_uuid(value: bytes) -> UUID:
    """Decode a uuid."""
    return UUID(bytes=value)


def read_timestamptz(value: bytes) -> datetime:
    """Decode an instant, in UTC."""
    return _EPOCH + timedelta(microseconds=read_int8(value))


class Encoded:
    """A parameter that is in PostgreSQL's binary form already."""

    __slots__ = ("content", "oid")

    def __init__(self, content: bytes, oid: int) -> None:
        self.content = content
        self.oid = oid


class _EncodedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Encoded) -> Buffer:
        return obj.content

    def get_key(self, obj: Encoded, format: PyFormat) -> tuple[type, int]:  # type: ignore[override] # noqa: A002, ARG002 - psycopg's parameter names
        return (Encoded, obj.oid)

    def upgrade(self, obj: Encoded, format: PyFormat) -> Dumper:  # noqa: A002, ARG002 - psycopg's parameter names
        dumper = _EncodedDumper(Encoded)
        dumper.oid = obj.oid
        return dumper


def learn(connection: Connection[object]) -> None:
    """Teach a connection to take encoded parameters."""
    connection.adapters.register_dumper(Encoded, _EncodedDumper)


def rows_array(row_type: int, rows: Sequence[bytes]) -> bytes:
    """Make one array of encoded rows, whose type has this oid."""
    return _header(1, 1, row_type, len(rows), 1) + b"".join(rows)


def array(kind: TypeName, values: Iterable[bytes]) -> Encoded:
    """Make one array parameter of encoded values."""
    listed: Sequence[bytes] = values if isinstance(values, list | tuple) else list(values)
    return Encoded(_header(1, 1, TYPES[kind], len(listed), 1) + b"".join(listed), ARRAYS[kind])

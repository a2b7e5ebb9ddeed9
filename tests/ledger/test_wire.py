"""Our binary arrays are PostgreSQL's: what is sent comes back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import DataError

from ledger import wire
from ledger.database import Database, Role

CHINA = timezone(timedelta(hours=8))
VALUES: list[tuple[wire.TypeName, Callable[[Any], bytes], list[Any]]] = [
    ("uuid", wire.uuid, [uuid4(), UUID(int=0), UUID(int=2**128 - 1), None]),
    ("int8", wire.int8, [0, -1, 2**63 - 1, -(2**63), None]),
    ("int2", wire.int2, [0, 1, 32_767, -32_768]),
    ("text", wire.text, ["", "积分", "\U0001f9fe", "a" * 100_000, "quote ' and \\ and {", "NULL", None]),
    ("bytea", wire.bytea, [b"", b"\0", bytes(range(256)), b"x" * 100_000, None]),
    (
        "timestamptz",
        wire.timestamptz,
        [
            datetime(2000, 1, 1, tzinfo=UTC),
            datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2026, 3, 31, 8, 0, 0, 1, tzinfo=CHINA),
            datetime(1, 1, 1, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            None,
        ],
    ),
]


@pytest.mark.parametrize(("kind", "encode", "values"), VALUES, ids=[kind for kind, _, _ in VALUES])
def test_what_is_sent_comes_back(
    kind: wire.TypeName, encode: Callable[[Any], bytes], values: list[Any], each_ledger_db: Database
) -> None:
    with each_ledger_db.connect(Role.APPENDER) as connection:
        wire.learn(connection)
        asked = f"SELECT value FROM unnest(%b::{kind}[]) WITH ORDINALITY AS u(value, n) ORDER BY n".encode()
        sent = connection.execute(asked, [wire.array(kind, map(encode, values))]).fetchall()

    assert [value for (value,) in sent] == values


def test_an_array_may_be_empty(each_ledger_db: Database) -> None:
    with each_ledger_db.connect(Role.APPENDER) as connection:
        wire.learn(connection)

        assert connection.execute("SELECT * FROM unnest(%b::uuid[])", [wire.array("uuid", [])]).fetchall() == []


@pytest.mark.parametrize("text", ["nul \0", "\ud800"])
def test_text_that_postgresql_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        wire.text(text)

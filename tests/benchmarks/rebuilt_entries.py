"""The entries of the town, made by the server: what is open is written as it is, what is sealed is sealed here.

Facts open and measure as appended ones do. Commitments of open entries and all leaves are hashes of numbers:
nothing in this ledger verifies, and no rebuild looks at them.
"""

from collections.abc import Callable, Iterator
from typing import Any

from psycopg import Connection

from domain.facts import Fact, Ref
from ledger.canonical import canonical
from tests.benchmarks.large_ledger import SUBJECT_OF, refill
from tests.projections.given import GivenLedger, subject

Told = Callable[[int, int], tuple[Fact, int | None]]
"""Gives what is told of a resident in a round, and the version that it refers to."""
ALIKE = 6_300
"""Residents so far apart in number are told the same."""
_COMMITTED = ("key", "request_hash", "salt", "sealed", "content_hash", "binding")


def grow_town(ledger: GivenLedger, residents: int, rounds: int, step: int, told: Told) -> None:
    """Put a round of entries after the other into a ledger that holds nothing but rulebooks."""
    with ledger.database.connect() as admin:
        admin.execute(f"SET search_path = {ledger.database.schema}")
        admin.execute("SET work_mem = '1GB'")
        admin.execute("CREATE TEMPORARY TABLE model AS SELECT * FROM entries ORDER BY notification_id DESC LIMIT 1")
        admin.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM entries")
        admin.execute(
            "CREATE TEMPORARY TABLE told (turn int, alike int, topic text, state bytea, refers_to int8,"
            " is_sealed boolean)"
        )
        admin.execute(
            "CREATE TEMPORARY TABLE closed (turn int, who int, key bytea, request_hash bytea, salt bytea,"
            " sealed bytea, content_hash bytea, binding bytea)"
        )
        _copy(admin, "told", _open(min(residents, ALIKE), rounds, told))
        _copy(admin, "closed", _sealed(ledger, residents, rounds, told))
        for table in ("told", "closed"):
            admin.execute(f"ANALYZE {table}")
        refill(admin, residents * rounds, _COLUMNS, _from(residents, step))


_COLUMNS = {
    "originator_id": SUBJECT_OF,
    "originator_version": "s.turn + 1",
    "topic": "t.topic",
    "state": "t.state",
    "refers_to_stream": f"CASE WHEN t.refers_to IS NOT NULL THEN {SUBJECT_OF} END",
    "refers_to_version": "t.refers_to",
    "key": "coalesce(c.key, sha256(int8send(i)))",
    "request_hash": "coalesce(c.request_hash, sha256(int8send(-1 - i)))",
    "salt": "coalesce(c.salt, substr(d, 17))",
    "sealed": "c.sealed",
    "content_hash": "coalesce(c.content_hash, sha256(int8send(i) || '\\x02'))",
    "binding": "coalesce(c.binding, sha256(int8send(i) || '\\x03'))",
    "prev": "CASE WHEN s.turn > 0 THEN sha256(d || int4send(s.turn - 1)) END",
    "leaf": "sha256(d || int4send(s.turn))",
}


def _from(residents: int, step: int) -> str:
    """Say what stands beside the number of each row: its round, its resident, and what is told."""
    who = f"((i % {residents}) * {step}::int8 + i / {residents} * 31) % {residents}" if residents % step else "i"
    return (
        f"LATERAL (SELECT (i / {residents})::int4 AS turn, ({who} % {residents})::int4 AS who OFFSET 0) s"
        " JOIN LATERAL (SELECT sha256(('subject' || s.who)::bytea) AS d OFFSET 0) h ON true"
        f" JOIN told t ON t.turn = s.turn AND t.alike = s.who % {ALIKE}"
        " LEFT JOIN closed c ON t.is_sealed AND c.turn = s.turn AND c.who = s.who"
    )


def _open(alike: int, rounds: int, told: Told) -> Iterator[tuple[Any, ...]]:
    for turn in range(rounds):
        for who in range(alike):
            fact, refers_to = told(who, turn)
            yield turn, who, fact.kind, canonical(fact.open_part()), refers_to, bool(fact.sealed_part())


def _sealed(ledger: GivenLedger, residents: int, rounds: int, told: Told) -> Iterator[tuple[Any, ...]]:
    is_sealed = [[bool(told(who, turn)[0].sealed_part()) for who in range(ALIKE)] for turn in range(rounds)]
    for turn in range(rounds):
        for who in range(residents):
            if is_sealed[turn][who % ALIKE]:
                fact, refers_to = told(who, turn)
                ref = None if refers_to is None else Ref(stream=subject(who), version=refers_to)
                stored = ledger.stored(subject(who), fact, ref)
                yield turn, who, *(getattr(stored, name) for name in _COMMITTED)


def _copy(admin: Connection[Any], table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    with admin.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)

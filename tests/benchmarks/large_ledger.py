"""A ledger that is large already: entries of the benchmark's shape, made by the server and not by us.

Rows have the lengths, the spread of streams and keys, and the chains of leaves that appended ones have; leaves and
commitments are hashes of numbers, so that nothing in it verifies. Indexes are built once the rows are there.
"""

import psycopg

from ledger import rows
from ledger.database import Database
from tests.projections.given import GivenLedger

SUBJECT_OF = (  # tests/projections/given.py: `subject`
    "encode(substr(set_byte(set_byte(d, 6, get_byte(d, 6) & 15 | 64), 8, get_byte(d, 8) & 63 | 128), 1, 16),"
    " 'hex')::uuid"
)
_INDEXES = (
    "ALTER TABLE entries ADD PRIMARY KEY (originator_id, originator_version)",
    "CREATE UNIQUE INDEX entries_position ON entries (notification_id)",
    "CREATE UNIQUE INDEX entries_key ON entries (key)",
)
_TRIGGERS = ("turn", "order_checked", "never_changed", "never_emptied")


def grow(ledger: GivenLedger, entries: int, subjects: int) -> None:
    """Put `entries` entries of `subjects` streams into an empty ledger with one entry, which they resemble."""
    with ledger.database.connect() as admin:
        admin.execute(f"SET search_path = {ledger.database.schema}")
        admin.execute("CREATE TEMPORARY TABLE model AS SELECT * FROM entries LIMIT 1")
        admin.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM entries LIMIT 0")
        digest = f"LATERAL (SELECT sha256(('subject' || i % {subjects})::bytea) AS d) s"
        refill(admin, entries, _made_up(subjects) | {"originator_id": SUBJECT_OF}, digest)


def grow_streams(database: Database, entries: int, topic: str) -> None:
    """Put `entries` entries of everybody in the vault into a ledger in which nobody has one but of this topic.

    They resemble the last of it, and take its place; all others stay.
    """
    with database.connect() as admin:
        admin.execute(f"SET search_path = {database.schema}")
        admin.execute("SET work_mem = '256MB'")
        admin.execute(
            "CREATE TEMPORARY TABLE model AS SELECT * FROM entries WHERE topic = %s"
            " ORDER BY notification_id DESC LIMIT 1",
            [topic],
        )
        admin.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM entries WHERE topic <> %s", [topic])
        admin.execute(
            "CREATE TEMPORARY TABLE numbered AS"
            f" SELECT subject, row_number() OVER () - 1 AS n FROM {database.ledger}_vault.subjects"
        )
        [[subjects]] = admin.execute("SELECT count(*) FROM numbered").fetchall()
        admin.execute("ANALYZE numbered")
        stream = {"originator_id": "s.subject"}
        bytes_of = "uuid_send(subject) || uuid_send(subject) AS d"
        who = f"LATERAL (SELECT subject, {bytes_of} FROM numbered WHERE n = i % {subjects}) s"
        refill(admin, entries, _made_up(int(subjects)) | stream, who)


def refill(admin: psycopg.Connection, entries: int, given: dict[str, str], stream: str) -> None:
    """Replace what is in the table by what is `kept`, then `entries` rows like the `model`."""
    chosen = ",".join(given.get(name, f"m.{name}") for name, _ in rows.COLUMNS)
    admin.execute("SET maintenance_work_mem = '1GB'")
    admin.execute("SET max_parallel_maintenance_workers = 1")
    for trigger in _TRIGGERS:
        admin.execute(f"ALTER TABLE entries DISABLE TRIGGER {trigger}")
    with admin.transaction():
        # Emptied in the same transaction: with wal_level = minimal nothing of this is logged.
        admin.execute("TRUNCATE entries")
        admin.execute("ALTER TABLE entries DROP CONSTRAINT entries_pkey")
        admin.execute("DROP INDEX entries_position, entries_key")
        admin.execute("INSERT INTO entries OVERRIDING SYSTEM VALUE SELECT * FROM kept")
        admin.execute(
            f"INSERT INTO entries ({rows.NAMES}) SELECT {chosen}"
            f" FROM generate_series(0, {entries - 1}) i, model m, {stream}"
        )
    for statement in _INDEXES:
        admin.execute(statement)
    for trigger in _TRIGGERS:
        admin.execute(f"ALTER TABLE entries ENABLE ALWAYS TRIGGER {trigger}")
    admin.execute("VACUUM ANALYZE entries")
    admin.execute("CHECKPOINT")


def warm(database: Database) -> None:
    """Read the indexes once, as a server that is at work has long done."""
    with database.connect() as admin:
        admin.execute("SET enable_seqscan = off")
        for column in ("key", "originator_id", "notification_id"):
            admin.execute(f"SELECT count({column}) FROM {database.schema}.entries")


def size(admin: psycopg.Connection, database: Database) -> int:
    """Give the bytes of the table and its indexes."""
    row = admin.execute("SELECT pg_total_relation_size(%s)", [f"{database.schema}.entries"]).fetchone()
    assert row is not None
    return int(row[0])


def _made_up(subjects: int) -> dict[str, str]:
    """Give, by column, what differs from row to row; `i` is the row's number, `d` the hash of its subject's."""
    return {
        "originator_version": f"i / {subjects} + 1",
        "key": "sha256(int8send(i))",
        "request_hash": "sha256(int8send(-1 - i))",
        "salt": "substr(d, 17)",
        "content_hash": "sha256(int4send(i))",
        "binding": "sha256(int4send(-1 - i))",
        "prev": f"CASE WHEN i >= {subjects} THEN sha256(int8send(i - {subjects}) || '\\x01') END",
        "leaf": "sha256(int8send(i) || '\\x01')",
    }

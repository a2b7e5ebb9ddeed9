"""The log follows the entries, whatever holes their positions have, and signs nothing that was changed."""

import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from typing import LiteralString

import psycopg
import pytest

from ledger.bulk import BulkAppender
from ledger.database import Database, DatabaseRefused, Role
from ledger.datastore import LedgerDatastore
from ledger.suites import SUITES
from ledger.transparency.checking import LogFault, LogFinding, LogReport, check_log
from ledger.transparency.checkpoint import CosignatureSigner
from ledger.transparency.log import LogDiffers, LogKeeper, NotInTheLog
from ledger.transparency.merkle import Frontier, check_consistency, check_inclusion
from ledger.transparency.notes import Ed25519Signer, checked
from ledger.transparency.tiles import NoSuchTile, Tile
from tests.entries import stored

SUITE = SUITES["intl"]
LEAF = LogFault.LEAF
SIGNER = Ed25519Signer("ledger.example/points", SUITE.hash(b"log"))


@contextmanager
def keeping(database: Database) -> Iterator[LogKeeper]:
    keeper = LogKeeper.open(database, SUITE, SIGNER)
    with closing(keeper.reader.connection):
        yield keeper


@pytest.fixture
def keeper(ledger_db: Database) -> Iterator[LogKeeper]:
    with keeping(ledger_db) as own:
        yield own


def append(database: Database, count: int) -> None:
    """Append entries, with a hole before them: a save that failed took a position with it."""
    with database.connect() as connection:
        connection.execute(f"SELECT nextval(pg_get_serial_sequence('{database.schema}.entries','notification_id'))")
    with LedgerDatastore(database) as datastore:
        for _ in BulkAppender(datastore).append(stored() for _ in range(count)):
            pass


def entries(database: Database) -> list[tuple[int, bytes]]:
    with database.connect(Role.AUDITOR) as connection:
        return connection.execute("SELECT notification_id, leaf FROM entries ORDER BY notification_id").fetchall()


def tamper(database: Database, statement: LiteralString) -> None:
    """Change what nobody may change, as whoever owns the machine can."""
    with database.connect() as connection:
        connection.execute(f"SET search_path = {database.schema}")
        for table in ("entries", "tree_tiles", "tree_heads"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        connection.execute(statement)


def root(leaves: list[bytes]) -> bytes:
    grown = Frontier(SUITE.hash)
    grown.append(leaves)
    return grown.root()


def test_every_entry_can_be_proven_and_every_head_is_the_beginning_of_the_next(
    ledger_db: Database, keeper: LogKeeper
) -> None:
    chance, heads = random.Random(11), []
    for count in (1, 2, 253, 1, 300, 30):
        append(ledger_db, count)
        while keeper.follow(chance.randint(1, 400)):
            head = keeper.sign()
            assert head is not None
            heads.append(head.checkpoint)
    leaves = [leaf for _, leaf in entries(ledger_db)]
    for signed in heads:
        assert signed.root == root(leaves[: signed.size]) == keeper.reader.root(signed.size)
        assert keeper.reader.head(signed.size).checkpoint == signed
    for older, newer in pairwise(heads):
        proof = keeper.reader.consistency(older.size, newer.size)
        check_consistency(SUITE.hash, older.size, older.root, newer.size, newer.root, proof)
    assert heads[-1].size == len(leaves) == 587
    for position, leaf in chance.sample(entries(ledger_db), 60):
        proven = keeper.reader.proof(position)
        assert checked(proven.note, [SIGNER.verifier])
        check_inclusion(SUITE.hash, leaf, proven.index, heads[-1].size, proven.path, heads[-1].root)
        assert leaves[proven.index] == leaf


def test_nothing_is_signed_twice(ledger_db: Database, keeper: LogKeeper) -> None:
    assert keeper.sign() is None
    append(ledger_db, 3)
    keeper.follow()
    assert keeper.sign() is not None
    assert keeper.follow() == 0
    assert keeper.sign() is None


def test_what_is_not_in_the_log_has_no_proof(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 3)
    with pytest.raises(NotInTheLog):
        keeper.reader.proof(1)
    [(first, _), (second, _), (third, _)] = entries(ledger_db)
    keeper.follow(2)
    with pytest.raises(NotInTheLog, match="nothing has been signed"):
        keeper.reader.proof(first)
    keeper.sign()
    assert keeper.reader.index(second) == 1
    for position in (0, first - 1, third, third + 1):
        with pytest.raises(NotInTheLog):
            keeper.reader.proof(position)
    keeper.follow()
    with pytest.raises(NotInTheLog, match="not signed that far"):
        keeper.reader.proof(third)


def test_a_position_in_a_hole_has_no_proof(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 2)
    append(ledger_db, 2)
    keeper.follow()
    keeper.sign()
    known = {position for position, _ in entries(ledger_db)}
    hole = next(position for position in range(min(known), max(known)) if position not in known)
    with pytest.raises(NotInTheLog):
        keeper.reader.proof(hole)


def test_one_process_keeps_the_log(ledger_db: Database, keeper: LogKeeper) -> None:
    with keeping(ledger_db) as other:
        assert keeper.lead()
        assert not other.lead()


def test_of_two_that_sign_at_once_one_is_refused(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 5)
    keeper.follow()
    keeper.sign()
    append(ledger_db, 5)
    keeper.follow()
    keeper.sign()
    other = "INSERT INTO tree_heads (size, after, root, position, note) VALUES (11, 5, sha256(''), 1, '')"
    with ledger_db.connect(Role.LOG) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(other)


def test_tiles_are_served_at_every_width_they_have(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 300)
    keeper.follow()
    leaves = [leaf for _, leaf in entries(ledger_db)]
    assert keeper.reader.tile(Tile(0, 0)) == b"".join(leaves[:256])
    assert keeper.reader.tile(Tile(0, 1, 44)) == b"".join(leaves[256:])
    assert keeper.reader.tile(Tile(0, 1, 7)) == b"".join(leaves[256:263])
    assert keeper.reader.tile(Tile(1, 0, 1)) == root(leaves[:256])
    for missing in (Tile(0, 1, 45), Tile(0, 1), Tile(1, 0, 2), Tile(2, 0, 1), Tile(0, 2, 1)):
        with pytest.raises(NoSuchTile):
            keeper.reader.tile(missing)


CHANGES: list[tuple[LiteralString, bool, set[LogFault]]] = [
    (
        "UPDATE tree_tiles SET hashes = sha256('') || substring(hashes FROM 33) WHERE level + tile = 0",
        False,
        {LEAF},
    ),
    ("UPDATE tree_tiles SET hashes = sha256(hashes) WHERE level = 1", True, {LogFault.TILE}),
    ("UPDATE tree_heads SET root = sha256(root)", True, {LogFault.ROOT, LogFault.SIGNATURE}),
    ("UPDATE tree_heads SET note = replace(note, '300', '299')", True, {LogFault.SIGNATURE}),
    ("UPDATE tree_growth SET edge = sha256(edge) || substring(edge FROM 33)", True, set()),
    ("UPDATE entries SET leaf = sha256(leaf) WHERE notification_id = 301", True, {LEAF, LogFault.ROOT}),
    ("UPDATE entries SET leaf = sha256(leaf) WHERE notification_id = 100", False, {LEAF, LogFault.ROOT}),
    ("DELETE FROM entries WHERE notification_id = 301", True, {LogFault.SHORT, LogFault.ROOT}),
]
"""A change, whether the next signature is refused for it at once, and what a check of everything finds."""


@pytest.mark.parametrize(("statement", "at_once", "found"), CHANGES)
def test_what_was_changed_is_found_and_mostly_before_anything_is_signed(
    ledger_db: Database, keeper: LogKeeper, statement: LiteralString, *, at_once: bool, found: set[LogFault]
) -> None:
    append(ledger_db, 300)
    keeper.follow()
    keeper.sign()
    assert check_log(keeper.reader, SIGNER.verifier).findings == []
    tamper(ledger_db, statement)
    assert {finding.what for finding in check_log(keeper.reader, SIGNER.verifier).findings} >= found
    append(ledger_db, 1)
    if at_once:
        with pytest.raises(LogDiffers):
            followed_and_signed(keeper)


def followed_and_signed(keeper: LogKeeper) -> None:
    keeper.follow()
    keeper.sign()


@pytest.mark.parametrize("step", [1, 2, 7, 255, 256, 257, 10_000])
def test_a_check_finds_the_same_in_steps_of_any_size(ledger_db: Database, keeper: LogKeeper, step: int) -> None:
    for count in (100, 30, 200):
        append(ledger_db, count)
        keeper.follow()
        keeper.sign()
    assert check_log(keeper.reader, SIGNER.verifier, step=step) == LogReport(330, 3, 0, [])
    tamper(ledger_db, "UPDATE entries SET leaf = sha256(leaf) WHERE notification_id IN (5, 140)")
    found = check_log(keeper.reader, SIGNER.verifier, step=step)
    assert [(one.what, one.position) for one in found.findings if one.what is LEAF] == [(LEAF, 5), (LEAF, 140)]
    assert [one.index for one in found.findings if one.what is LogFault.ROOT] == [99, 129, 329]


def test_a_changed_leaf_is_named_with_its_index_and_position(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 300)
    keeper.follow()
    keeper.sign()
    [(position, _)] = entries(ledger_db)[42:43]
    with ledger_db.connect() as connection:
        connection.execute(f"SET search_path = {ledger_db.schema}")
        connection.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
        connection.execute("UPDATE entries SET leaf = sha256(leaf) WHERE notification_id = %s", [position])
    report = check_log(keeper.reader)
    assert (report.leaves, report.heads, report.unsigned) == (300, 1, 0)
    assert LogFinding(LEAF, 42, position, "0/000") in report.findings


def test_leaves_that_together_are_as_long_as_theirs_are_not_taken_for_them(
    ledger_db: Database, keeper: LogKeeper
) -> None:
    append(ledger_db, 10)
    followed_and_signed(keeper)
    (first, leaf), (second, next_leaf) = entries(ledger_db)[4:6]
    with ledger_db.connect() as connection:
        connection.execute(f"SET search_path = {ledger_db.schema}")
        connection.execute("ALTER TABLE entries DISABLE TRIGGER ALL")
        connection.execute("ALTER TABLE entries DROP CONSTRAINT entries_lengths")
        update = "UPDATE entries SET leaf = %s WHERE notification_id = %s"
        connection.execute(update, [leaf + next_leaf, first])
        connection.execute(update, [b"", second])
    found = {(one.what, one.position) for one in check_log(keeper.reader).findings}

    assert {(LEAF, first), (LEAF, second)} <= found


def test_the_logs_role_sees_positions_and_leaves_alone(ledger_db: Database) -> None:
    with ledger_db.connect(Role.LOG) as connection:
        for column in ("state", "sealed", "originator_id", "organ"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT {column} FROM entries")


@pytest.mark.parametrize("role", [Role.APPENDER, Role.RUNNER, Role.AUDITOR])
@pytest.mark.parametrize("table", ["tree_tiles", "tree_growth", "tree_heads", "tree_cosignatures"])
def test_no_other_role_writes_the_log(ledger_db: Database, role: Role, table: str) -> None:
    with ledger_db.connect(role) as connection:
        for statement in (f"DELETE FROM {table}", f"INSERT INTO {table} DEFAULT VALUES"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_the_log_itself_takes_nothing_back(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 5)
    keeper.follow()
    keeper.sign()
    shorter = "UPDATE tree_tiles SET hashes = substring(hashes FOR 64)"
    for statement in (shorter, "UPDATE tree_tiles SET hashes = sha256(hashes) || hashes"):
        with ledger_db.connect(Role.LOG) as connection, pytest.raises(psycopg.Error, match="only grows"):
            connection.execute(statement)
    with ledger_db.connect() as superuser:
        superuser.execute(f"SET search_path = {ledger_db.schema}")
        for statement in ("DELETE FROM tree_tiles", "TRUNCATE tree_cosignatures", "UPDATE tree_heads SET size = 9"):
            with pytest.raises(psycopg.Error, match="append-only"):
                superuser.execute(statement)


def test_cosignatures_are_kept_with_their_head(ledger_db: Database, keeper: LogKeeper) -> None:
    append(ledger_db, 5)
    keeper.follow()
    head = keeper.sign()
    assert head is not None
    witness = CosignatureSigner("witness.example/w1", SUITE.hash(b"w1"))
    signature = witness.sign(head.note.text, 1_795_000_000)
    keeper.keep(5, [signature])
    keeper.keep(5, [signature])
    note = keeper.reader.head().note
    assert checked(note, [SIGNER.verifier, witness.verifier]) == [SIGNER.verifier, witness.verifier]
    assert len(note.signatures) == 2


def test_errors_of_the_database_carry_no_values(ledger_db: Database, keeper: LogKeeper) -> None:
    with ledger_db.connect() as connection:
        connection.execute(f"REVOKE SELECT (leaf) ON {ledger_db.schema}.entries FROM {ledger_db.role(Role.LOG)}")
    with pytest.raises(DatabaseRefused, match="InsufficientPrivilege"):
        keeper.follow()

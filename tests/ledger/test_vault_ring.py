"""The key ring: one query for a batch, bounded memory, and no key that was destroyed for longer than is said."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.errors import KeyFileForeign, KeyFileMissing, LedgerNotOpened, LedgerOpenedOtherwise, SubjectUnknown
from ledger.database import Database, DatabaseRefused, Role
from ledger.opening import found, runner_keys
from ledger.suites import SUITES, SuiteName
from ledger.vault.encryption import create_key_file, in_file, in_files
from ledger.vault.ring import VaultKeyRing
from ledger.vault.rotation import rewrap
from ledger.vault.sessions import Sessions
from ledger.vault.settings import create, load
from tests.ledger.vaults import ASKING, ON, Given, given_ledger, person

TABLES = (
    "settings",
    "subjects",
    "documents",
    "names",
    "unrecorded",
    "tombstones",
    "salts",
    "held",
    "erasures",
)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "kek"


@pytest.fixture
def given(ledger_db: Database, key_file: Path) -> Iterator[Given]:
    with given_ledger(ledger_db, key_file) as one:
        yield one


@pytest.fixture
def asked(given: Given, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every question that is put to the vault's tables."""
    questions: list[Any] = []
    run = given.desk.sessions.run

    def counted(work: Any) -> Any:
        questions.append(work)
        return run(work)

    monkeypatch.setattr(given.desk.sessions, "run", counted)
    return questions


@contextmanager
def vault_sessions(database: Database) -> Iterator[Sessions]:
    sessions = Sessions(database, Role.VAULT)
    with closing(sessions):
        yield sessions


def refused(sessions: Sessions, table: str) -> bool:
    try:
        sessions.run(lambda connection: connection.execute(f"SELECT * FROM points_vault.{table}"))
    except DatabaseRefused as refusal:
        return "InsufficientPrivilege" in str(refusal)
    return False


def another_ring(given: Given, **settings: Any) -> VaultKeyRing:
    return VaultKeyRing(given.desk.sessions, given.desk.vault_keys, **settings)


def test_a_subject_has_one_key_in_every_process(given: Given) -> None:
    subject = given.subject(person(1))

    assert given.ring.owner_key(subject) == another_ring(given).owner_key(subject)
    assert given.ring.owner_key(subject) != given.ring.owner_key(given.subject(person(2)))


def test_a_subject_that_nobody_minted_has_no_key_to_give(given: Given) -> None:
    with pytest.raises(SubjectUnknown):
        given.ring.owner_key(uuid4())


def test_a_prepared_batch_needs_no_question_for_each_entry(given: Given, asked: list[Any]) -> None:
    subjects = [r.subject for r in given.resolve(*(person(n) for n in range(300))) if r.subject]
    ring = another_ring(given, recheck_seconds=60)
    asked.clear()
    ring.prepare([*subjects, uuid4()])
    prepared = len(asked)
    keys = {ring.owner_key(subject) for subject in subjects}

    assert prepared == 2  # what was erased, and the keys
    assert len(asked) == prepared
    assert len(keys) == 300


def test_the_ring_keeps_no_more_than_it_was_told(given: Given) -> None:
    subjects = [r.subject for r in given.resolve(*(person(n) for n in range(50))) if r.subject]
    ring = another_ring(given, cached_max=10)
    ring.prepare(subjects)
    for subject in subjects:
        ring.owner_key(subject)

    assert ring.cached == 10
    assert all(ring.owner_key(subject) is not None for subject in subjects)


def test_what_was_used_last_is_kept_longest(given: Given, asked: list[Any]) -> None:
    one, two, three = (given.subject(person(n)) for n in range(3))
    ring = another_ring(given, cached_max=2, recheck_seconds=60)
    for subject in (one, two, one, three):
        ring.owner_key(subject)
    asked.clear()
    ring.owner_key(one)

    assert asked == []


def test_a_salt_that_was_kept_first_is_the_one_for_ever(given: Given) -> None:
    first = given.ring.keep_salt(b"k" * 32, b"1" * 16)
    again = another_ring(given).keep_salt(b"k" * 32, b"2" * 16)

    assert first == again == given.ring.kept_salt(b"k" * 32) == b"1" * 16


def test_a_salt_that_nobody_kept_is_none(given: Given) -> None:
    assert given.ring.kept_salt(b"n" * 32) is None


def test_salts_of_a_batch_are_kept_in_one_go(given: Given, asked: list[Any]) -> None:
    offered = {os.urandom(32): os.urandom(16) for _ in range(300)}
    ring = another_ring(given, recheck_seconds=60)
    ring.forget_erased()
    asked.clear()
    kept = ring.keep_salts(offered)
    questions = len(asked)

    assert kept == offered
    assert questions == 2
    assert {key: ring.keep_salt(key, b"x" * 16) for key in offered} == offered
    assert len(asked) == questions


def test_eight_writers_of_one_salt_agree(given: Given) -> None:
    rings = [another_ring(given) for _ in range(8)]

    for turn in range(20):
        with ThreadPoolExecutor(8) as writers:
            salts = set(writers.map(lambda ring: ring.keep_salt(turn.to_bytes(32), os.urandom(16)), rings))  # noqa: B023 - used up in this turn of the loop

        assert len(salts) == 1


def test_a_destroyed_key_lives_on_elsewhere_no_longer_than_the_recheck(given: Given) -> None:
    now = [0.0]
    elsewhere = another_ring(given, recheck_seconds=30, monotonic=lambda: now[0])
    subject, other = given.subject(person(1)), given.subject(person(2))
    keys = [elsewhere.owner_key(subject), elsewhere.owner_key(other)]
    given.destroyed(subject)
    within = elsewhere.owner_key(subject)
    now[0] = 30.0

    assert within == keys[0]
    assert given.ring.owner_key(subject) is None
    assert [elsewhere.owner_key(subject), elsewhere.owner_key(other)] == [None, keys[1]]


def test_threads_share_a_ring_while_keys_are_destroyed(given: Given) -> None:
    subjects = [given.subject(person(n)) for n in range(12)]
    gone = subjects[:3]
    for subject in gone:
        given.approved_destroying(subject)
    ring = another_ring(given, cached_max=6, recheck_seconds=0)

    def read(turn: int) -> set[UUID]:
        return {s for s in subjects[turn:] + subjects[:turn] if ring.owner_key(s) is None}

    with ThreadPoolExecutor(6) as readers:
        told = [readers.submit(read, turn % 12) for turn in range(60)]
        for subject in gone:
            given.erasure.destroy_key(subject, "本人申请", ASKING, ON)
        seen = [one.result() for one in told]

    assert all(one <= set(gone) for one in seen)
    assert read(0) == set(gone)


def test_the_vault_is_made_once(given: Given, ledger_db: Database, key_file: Path) -> None:
    found(ledger_db, key_file, "intl", "officer:0000", os.urandom)
    with vault_sessions(ledger_db) as sessions:
        keys = load(sessions, in_file(key_file, os.urandom))

    assert keys.ledger_key == given.ring.ledger_key


def test_a_lost_key_file_is_missed_and_not_replaced(given: Given, ledger_db: Database, key_file: Path) -> None:
    assert given.ring.ledger_key
    key_file.unlink()
    with pytest.raises(KeyFileMissing):
        found(ledger_db, key_file, "intl", "officer:0000", os.urandom)

    assert not key_file.exists()


def test_a_vault_of_another_suite_is_refused(given: Given, ledger_db: Database, key_file: Path) -> None:
    assert given.ring.suite.name == "intl"
    with vault_sessions(ledger_db) as sessions, pytest.raises(LedgerOpenedOtherwise):
        create(sessions, "points", "gm", in_file(key_file, os.urandom), os.urandom)


def test_eight_foundings_at_once_make_one_vault(ledger_db: Database, key_file: Path) -> None:
    create_key_file(key_file, os.urandom)
    with vault_sessions(ledger_db) as sessions:
        made = partial(create, sessions, "points", "intl", in_file(key_file, os.urandom), os.urandom)
        with ThreadPoolExecutor(8) as founders:
            list(founders.map(lambda _: made(), range(8)))
        rows = sessions.run(
            lambda connection: connection.execute("SELECT count(*) FROM points_vault.settings").fetchall()
        )

    assert rows == [(1,)]


def test_a_ledger_that_was_not_founded_has_no_vault(ledger_db: Database, key_file: Path) -> None:
    with vault_sessions(ledger_db) as sessions, pytest.raises(LedgerNotOpened):
        load(sessions, in_file(key_file, os.urandom))


def test_another_key_file_opens_nothing(given: Given, ledger_db: Database, tmp_path: Path) -> None:
    create_key_file(tmp_path / "other", os.urandom)
    with vault_sessions(ledger_db) as sessions, pytest.raises(KeyFileForeign):
        load(sessions, in_file(tmp_path / "other", os.urandom))

    assert given.ring.ledger_key


def test_no_key_lies_in_the_tables(given: Given) -> None:
    subject = given.subject(person(1))
    given.ring.keep_salt(b"k" * 32, b"salt-that-is-kept"[:16])
    rows = str(given.vault_rows("SELECT wrapped FROM {vault}.subjects UNION ALL SELECT wrapped FROM {vault}.salts"))
    rows += str(given.vault_rows("SELECT * FROM {vault}.settings"))

    for secret in (given.ring.owner_key(subject), given.ring.ledger_key, b"salt-that-is-kep"):
        assert secret is not None
        assert str(secret)[2:-1] not in rows


@pytest.mark.parametrize("suite", SUITES)
def test_the_runner_opens_entries_and_finds_nobody(ledger_db: Database, key_file: Path, suite: SuiteName) -> None:
    with given_ledger(ledger_db, key_file, suite) as given:
        subject = given.subject(person(1))
        salt = given.ring.keep_salt(b"k" * 32, b"s" * 16)
        sessions, ring = runner_keys(ledger_db, key_file, os.urandom)
        with closing(sessions):
            opened = ring.owner_key(subject), ring.kept_salt(b"k" * 32), ring.ledger_key
            refusals = [
                refused(sessions, table) for table in ("documents", "names", "held", "tombstones", "unrecorded")
            ]
            with pytest.raises(DatabaseRefused, match="InsufficientPrivilege"):
                ring.keep_salt(b"n" * 32, b"s" * 16)

        assert opened == (given.ring.owner_key(subject), salt, given.ring.ledger_key)
        assert all(refusals)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.APPENDER, Role.DESK])
def test_no_other_role_sees_anything_of_the_vault(given: Given, ledger_db: Database, role: Role) -> None:
    assert given.ring.ledger_key
    sessions = Sessions(ledger_db, role, connections_max=1)
    with closing(sessions):
        assert all(refused(sessions, table) for table in TABLES)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE points_vault.subjects SET wrapped = NULL, destroyed_at = now()",
        "UPDATE points_vault.subjects SET wrapped = ''",
        "DELETE FROM points_vault.subjects",
        "UPDATE points_vault.salts SET wrapped = NULL, expunged_at = now()",
        "DELETE FROM points_vault.salts",
        "DELETE FROM points_vault.tombstones",
        "INSERT INTO points_vault.tombstones (document, name) VALUES ('', '')",
        "DELETE FROM points_vault.documents",
        "UPDATE points_vault.names SET subject = subject",
        "UPDATE points_vault.settings SET ledger_key = ''",
        "TRUNCATE points_vault.subjects CASCADE",
        "DELETE FROM points_vault.erasures",
        "SELECT * FROM points.entries",
        "SELECT * FROM points.approvals",
    ],
)
def test_the_vaults_own_role_takes_nothing_away_and_reads_no_entry(given: Given, statement: str) -> None:
    with pytest.raises(DatabaseRefused, match="InsufficientPrivilege"):
        given.desk.sessions.run(lambda connection: connection.execute(statement))


def test_a_new_key_encryption_key_takes_the_old_ones_place(
    given: Given, ledger_db: Database, key_file: Path, tmp_path: Path
) -> None:
    create_key_file(tmp_path / "new", os.urandom)
    both = in_files(tmp_path / "new", key_file, os.urandom)
    subjects = [given.subject(person(n)) for n in range(3)]
    gone = given.subject(person(9))
    given.destroyed(gone)
    given.ring.keep_salt(b"k" * 32, b"s" * 16)
    before = [given.ring.owner_key(subject) for subject in subjects]
    first, again = rewrap(ledger_db, both), rewrap(ledger_db, both)
    with vault_sessions(ledger_db) as sessions:
        ring = VaultKeyRing(sessions, load(sessions, in_file(tmp_path / "new", os.urandom)))
        after = [ring.owner_key(subject) for subject in subjects]
        assert (ring.kept_salt(b"k" * 32), ring.owner_key(gone)) == (b"s" * 16, None)
        with pytest.raises(KeyFileForeign):
            load(sessions, in_file(key_file, os.urandom))

    assert (first, again) == (2 + 3 + 1, 0)
    assert after == before


def test_what_a_process_with_the_old_key_adds_meanwhile_is_wrapped_anew_too(
    given: Given, ledger_db: Database, key_file: Path, tmp_path: Path
) -> None:
    create_key_file(tmp_path / "new", os.urandom)
    both = in_files(tmp_path / "new", key_file, os.urandom)
    rewrap(ledger_db, both)
    late = given.subject(person(1))
    rewrap(ledger_db, both)
    with vault_sessions(ledger_db) as sessions:
        ring = VaultKeyRing(sessions, load(sessions, in_file(tmp_path / "new", os.urandom)))

        assert ring.owner_key(late) == given.ring.owner_key(late)


def test_a_connection_that_died_in_the_pool_is_replaced(given: Given, ledger_db: Database) -> None:
    given.subject(person(1))
    with ledger_db.connect() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = 'points_vault' AND datname = current_database()"
        )

    assert given.subject(person(1))

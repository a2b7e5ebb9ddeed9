"""A backup from before an erasure is restored: whoever was erased is erased again before anybody works with it."""

import os
import subprocess
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from domain.facts import InsuranceMonthPaid, Ref, RestrictedFact, SubjectKeyDestroyed
from domain.retention import NOTHING_KEPT
from ledger.accounts import Accounts
from ledger.database import Database, Role
from ledger.embedded import Embedded
from ledger.entry import Hand
from ledger.installation import bundled
from ledger.opening import ERASURE_LOG, at_work
from ledger.vault.erasure_log import Erased, ErasureLog
from ledger.vault.identities import Outcome
from ledger.verification import verify_entries
from tests.database import TEMPLATE, fresh_database
from tests.ledger.vaults import ALLOWING, ASKING, ON, given_ledger, person

MONTH = InsuranceMonthPaid(month="2025-03", place="330212", base_fen=481_200)
KEEPER = Hand(recorded_by="officer:keeper", organ="vault")
OFFENCE = RestrictedFact(category="offence", level="detention", place="330212", acted_on=date(2025, 3, 1))


def test_what_was_erased_after_the_backup_is_erased_again_when_the_ledger_opens(
    server: Embedded, tmp_path: Path
) -> None:
    key_file, backup = tmp_path / "kek", tmp_path / "backup"
    with (
        fresh_database(server, TEMPLATE) as url,
        given_ledger(Database(url, embedded=True), key_file) as given,
    ):
        erased, other = given.subject(person(1)), given.subject(person(2))
        given.record(erased, MONTH, "1")
        offence = given.record(other, OFFENCE, "2").ref
        run("pg_dump", "--format=custom", f"--dbname={url}", f"--file={backup}")
        later = given.subject(person(3))
        given.destroyed(erased)
        given.destroyed(later)
        given.expunged(offence)
    with fresh_database(server) as url:
        run("pg_restore", f"--dbname={url}", str(backup))
        restored = Database(url, embedded=True)
        before = kept(restored, erased)
        with at_work(restored, key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
            again = desk.erased_again
            mine, theirs = (desk.ledger.history(one) for one in (erased, other))
            told = [desk.identities.resolve([person(number)])[0].outcome for number in (1, 2, 3)]
            with restored.connect(Role.AUDITOR) as auditor:
                report = verify_entries(auditor, desk.ledger.entry_mapper)
        with at_work(restored, key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
            twice = desk.erased_again

    assert (before, again, twice) == (True, 2, 0)
    assert [entry.fact for entry in mine[:-1]] == [None, None]
    assert isinstance(mine[-1].fact, SubjectKeyDestroyed)
    assert theirs[-1].fact is None
    assert told == [Outcome.ERASED, Outcome.KNOWN, Outcome.ERASED]
    assert report.sound


def test_the_log_holds_nothing_that_a_person_is_known_by(server: Embedded, tmp_path: Path) -> None:
    with (
        fresh_database(server, TEMPLATE) as url,
        given_ledger(Database(url, embedded=True), tmp_path / "kek") as given,
    ):
        given.destroyed(given.subject(person(1)))
    log = tmp_path / ERASURE_LOG

    assert [text for text in (person(1).document_number, "某甲") if text in log.read_text("utf-8")] == []
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_line_that_a_crash_cut_off_is_written_anew(tmp_path: Path) -> None:
    log = ErasureLog(tmp_path / "log")
    first = Erased("officer:a", "officer:b", "依据", subject=UUID(int=1), indexes=((b"d" * 32, b"n" * 32),))
    second = Erased("officer:a", "officer:b", "依据", ref=Ref(stream=UUID(int=2), version=7))
    log.note(first)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole + second.line().encode()[:20])
    cut = log.erased()
    for each in (second, second, first):
        log.note(each)

    assert cut == [first]
    assert log.erased() == [first, second]


def test_whatever_stands_in_a_basis_the_log_reads_it_again(tmp_path: Path) -> None:
    log = ErasureLog(tmp_path / "log")
    erased = Erased("officer:a", "officer:b", "依据\u2028第二行\u0085", subject=UUID(int=1))
    log.note(erased)

    assert log.erased() == [erased]


def test_what_was_said_twice_before_the_restore_is_erased_once(server: Embedded, tmp_path: Path) -> None:
    key_file, backup = tmp_path / "kek", tmp_path / "backup"
    with (
        fresh_database(server, TEMPLATE) as url,
        given_ledger(Database(url, embedded=True), key_file) as given,
    ):
        erased, other = given.subject(person(1)), given.subject(person(2))
        offence = given.record(other, OFFENCE, "2").ref
        run("pg_dump", "--format=custom", f"--dbname={url}", f"--file={backup}")
        given.destroyed(erased)
        given.erasure.destroy_key(erased, "另一种说法", ALLOWING, ON)
        given.expunged(offence)
        given.erasure.expunge_entry(offence, "另一种说法", ALLOWING, ON)
    with fresh_database(server) as url:
        run("pg_restore", f"--dbname={url}", str(backup))
        with at_work(Database(url, embedded=True), key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
            again, left = desk.erased_again, [desk.ledger.history(one)[-1].fact for one in (erased, other)]

    assert again == 2
    assert isinstance(left[0], SubjectKeyDestroyed)
    assert left[1] is None
    assert len((tmp_path / ERASURE_LOG).read_text("utf-8").splitlines()) == 2


def test_what_was_asked_for_before_the_backup_in_other_words_is_erased_again(
    server: Embedded, tmp_path: Path
) -> None:
    key_file, backup = tmp_path / "kek", tmp_path / "backup"
    with (
        fresh_database(server, TEMPLATE) as url,
        given_ledger(Database(url, embedded=True), key_file) as given,
    ):
        erased = given.subject(person(1))
        asked = given.erasure.destroy_by_two(erased, "依据", ASKING, ON)
        run("pg_dump", "--format=custom", f"--dbname={url}", f"--file={backup}")
        done = given.erasure.destroy_by_two(erased, "同一依据,另一种说法", ALLOWING, ON)
    with fresh_database(server) as url:
        run("pg_restore", f"--dbname={url}", str(backup))
        with at_work(Database(url, embedded=True), key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
            again, left = desk.erased_again, desk.ledger.history(erased)

    assert (asked, done is not None, again) == (None, True, 1)
    assert isinstance(left[-1].fact, SubjectKeyDestroyed)


@pytest.mark.parametrize("known", [ASKING, ALLOWING])
def test_what_two_known_persons_erased_is_erased_again_where_the_backup_knows_one_of_them(
    server: Embedded, tmp_path: Path, known: Hand
) -> None:
    key_file, backup = tmp_path / "kek", tmp_path / "backup"
    with (
        fresh_database(server, TEMPLATE) as url,
        given_ledger(Database(url, embedded=True), key_file) as given,
    ):
        erased, accounts = given.subject(person(1)), Accounts(given.desk.ledger)
        given.erasure.destroy_by_two(erased, "依据", ASKING, ON)
        accounts.assign(known.recorded_by, f"工号 {known.recorded_by}", KEEPER)
        run("pg_dump", "--format=custom", f"--dbname={url}", f"--file={backup}")
        for hand in (ASKING, ALLOWING):
            accounts.assign(hand.recorded_by, f"工号 {hand.recorded_by}", KEEPER)
        given.erasure.destroy_by_two(erased, "依据", ALLOWING, ON)
    with fresh_database(server) as url:
        run("pg_restore", f"--dbname={url}", str(backup))
        with at_work(Database(url, embedded=True), key_file, os.urandom, schedule=NOTHING_KEPT) as desk:
            again, left = desk.erased_again, desk.ledger.history(erased)
            people = {one.account: one.person for one in Accounts(desk.ledger).every()}

    assert (again, len(set(people.values()))) == (1, 2)
    assert isinstance(left[-1].fact, SubjectKeyDestroyed)


def run(program: str, *arguments: str) -> None:
    subprocess.run([bundled().bin_dir / program, *arguments], check=True, timeout=120)


def kept(database: Database, subject: UUID) -> bool:
    """Say whether the vault has the subject's key, before anybody opens the ledger."""
    with database.connect() as admin:
        text = "SELECT wrapped IS NOT NULL FROM points_vault.subjects WHERE subject = %s"
        row = admin.execute(text, [subject]).fetchone()
    return bool(row and row[0])

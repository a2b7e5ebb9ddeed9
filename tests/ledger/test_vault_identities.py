"""Who a row is about: type, number and folded name together; one subject a number, whoever asks first."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain.facts import IdentityMinted
from domain.person import Person
from ledger.database import Database
from ledger.suites import SUITES
from ledger.vault.identities import Identities, Outcome, Why
from ledger.vault.indexes import Indexes
from ledger.vault.minting import identity_minted, minting_entry
from tests.ledger.vaults import Given, given_ledger, person


@pytest.fixture
def given(ledger_db: Database, tmp_path: Path) -> Iterator[Given]:
    with given_ledger(ledger_db, tmp_path / "kek") as one:
        yield one


def outcomes(given: Given, *persons: Person) -> list[Outcome]:
    return [resolution.outcome for resolution in given.resolve(*persons)]


def test_an_unknown_number_is_minted_and_then_known(given: Given) -> None:
    [minted] = given.resolve(person(1))
    subject = given.subject(person(1))
    [known] = given.resolve(person(1))

    assert (minted.outcome, known.outcome) == (Outcome.MINTED, Outcome.KNOWN)
    assert minted.subject == known.subject == subject


def test_resolutions_come_in_the_order_of_the_rows(given: Given) -> None:
    first = given.subject(person(1))
    resolutions = given.resolve(person(2), person(1), person(3), person(2))

    assert resolutions[1].subject == first
    assert resolutions[0].subject == resolutions[3].subject != resolutions[2].subject


def test_a_number_known_under_another_name_is_held(given: Given) -> None:
    given.subject(person(1, "某甲"))
    [resolution] = given.resolve(person(1, "某乙"))

    assert (resolution.outcome, resolution.why, resolution.subject) == (Outcome.HELD, Why.OTHER_NAME, None)


def test_one_number_under_two_names_in_one_batch_is_minted_for_the_first(given: Given) -> None:
    first, second, third = given.resolve(person(1, "某甲"), person(1, "某乙"), person(1, "某甲"))

    assert (first.outcome, second.outcome, third.outcome) == (Outcome.MINTED, Outcome.HELD, Outcome.MINTED)
    assert first.subject == third.subject


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("阿·某", "阿・某"),
        ("阿·某", "阿.某"),
        ("阿·某", "阿 • 某"),
        ("某䶮", "某\ue863"),
        ("A MOU", "ａ　ｍｏｕ"),
        ("\u9f8e某", "\u9f8e\ufe00某"),
    ],
    ids=ascii,
)
def test_two_spellings_of_one_name_are_one_person(given: Given, one: str, another: str) -> None:
    assert given.subject(person(1, one)) == given.subject(person(1, another))


def test_a_row_without_a_name_matches_a_known_number_alone(given: Given) -> None:
    subject = given.subject(person(1))
    [known] = given.resolve(person(1, None))

    assert (known.outcome, known.subject) == (Outcome.KNOWN, subject)


def test_a_row_without_a_name_mints_nobody(given: Given) -> None:
    [held] = given.resolve(person(1, None))

    assert (held.outcome, held.why) == (Outcome.HELD, Why.UNKNOWN_NUMBER)
    assert given.vault_rows("SELECT * FROM {vault}.subjects") == []


def test_the_same_number_of_another_type_is_another_person(given: Given) -> None:
    permit, passport = Person("hmt-permit", "E12345678", "某甲"), Person("passport", "E12345678", "某甲")

    assert given.subject(permit) != given.subject(passport)


def test_finding_mints_nobody(given: Given) -> None:
    found = given.identities.find(person(1))

    assert found.outcome is Outcome.UNKNOWN
    assert given.vault_rows("SELECT * FROM {vault}.subjects") == []


def test_a_subject_stays_minted_until_its_entry_is_recorded(given: Given) -> None:
    [first], [after_a_crash] = given.resolve(person(1)), given.resolve(person(1))
    given.identities.recorded([first.subject or UUID(int=0)])

    assert first == after_a_crash
    assert outcomes(given, person(1)) == [Outcome.KNOWN]


def test_recording_the_entry_again_gives_the_first_receipt(given: Given) -> None:
    [minted] = given.resolve(person(1))
    assert minted.subject is not None
    [first], [again] = (
        given.desk.ledger.record(minting_entry(person(1), minted.subject, by)) for by in ("a:1", "b:2")
    )

    assert (first.new, again.new) == (True, False)
    assert first.ref == again.ref


def test_the_entry_of_a_resident_number_states_the_birth_date_and_the_sex_in_it() -> None:
    resident = Person("resident-card", "34052419800101001X", "某甲")

    assert identity_minted(resident) == IdentityMinted(
        document_type="resident-card",
        document_number="34052419800101001X",
        name="某甲",
        born_on=date(1980, 1, 1),
        sex="male",
    )


def test_the_entry_of_another_document_states_no_birth_date() -> None:
    assert identity_minted(person(1)).born_on is None


def test_eight_importers_at_once_mint_each_number_once(given: Given) -> None:
    persons = [person(number) for number in range(200)]

    def imported(turn: int) -> dict[Person, UUID | None]:
        rotated = persons[turn:] + persons[:turn]
        return {who: answer.subject for who, answer in zip(rotated, given.resolve(*rotated), strict=True)}

    with ThreadPoolExecutor(8) as importers:
        first, *others = importers.map(imported, range(0, 200, 25))

    assert all(other == first for other in others)
    assert len(set(first.values()) - {None}) == 200
    assert given.vault_rows("SELECT count(*), count(DISTINCT subject) FROM {vault}.documents") == [(200, 200)]
    assert given.vault_rows("SELECT count(*) FROM {vault}.subjects") == [(200,)]


def test_one_number_under_two_names_at_once_is_minted_once_and_held_once(given: Given) -> None:
    for number in range(20):
        with ThreadPoolExecutor(2) as importers:
            told = importers.map(lambda name: given.resolve(person(number, name))[0].outcome, ["某甲", "某乙"])  # noqa: B023 - used up in this turn of the loop

        assert sorted(told) == [Outcome.HELD, Outcome.MINTED]


def test_a_batch_of_known_persons_is_one_query(given: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    persons = [person(number) for number in range(500)]
    given.identities.recorded([r.subject for r in given.resolve(*persons) if r.subject])
    asked: list[Any] = []
    run = given.desk.sessions.run

    def counted(work: Any) -> Any:
        asked.append(work)
        return run(work)

    monkeypatch.setattr(given.desk.sessions, "run", counted)
    resolutions = given.resolve(*persons)

    assert {resolution.outcome for resolution in resolutions} == {Outcome.KNOWN}
    assert len(asked) == 1


def test_an_empty_batch_is_resolved(given: Given) -> None:
    assert given.resolve() == []


@pytest.mark.parametrize("suite", SUITES.values(), ids=lambda suite: suite.name)
def test_an_index_needs_the_key_and_differs_by_number(suite: Any) -> None:
    mine, theirs = (Indexes(suite, key * 32) for key in (b"a", b"b"))
    one, other = mine.of(person(1)), mine.of(person(2))

    assert one.document != theirs.of(person(1)).document
    assert one.name != other.name
    assert one == mine.of(Person("hmt-permit", " h00000001", "某甲"))


def test_a_vault_with_many_numbers_looks_one_up_by_its_index(given: Given, ledger_db: Database) -> None:
    given.resolve(*(person(number) for number in range(3_000)))
    with ledger_db.connect() as admin:
        admin.execute("ANALYZE points_vault.names")
        plan = admin.execute(
            "EXPLAIN SELECT * FROM points_vault.names WHERE document = ANY(%s)", [[os.urandom(32)] * 10]
        ).fetchall()

    assert "Seq Scan" not in str(plan)


def test_errors_of_the_database_carry_no_value(given: Given) -> None:
    def duplicate(connection: psycopg.Connection) -> None:
        insert = given.desk.sessions.sql("INSERT INTO {vault}.subjects (subject, wrapped) VALUES (%s, '')")
        connection.execute(insert, [UUID(int=1)])
        connection.execute(insert, [UUID(int=1)])

    with pytest.raises(Exception, match="UniqueViolation") as told:
        given.desk.sessions.run(duplicate)

    assert str(UUID(int=1)) not in repr(told.value)
    assert told.value.__context__ is None


def test_identities_take_the_randomness_they_are_given(given: Given) -> None:
    drawn = iter(range(1, 9))
    desk = given.desk
    indexes = Indexes(desk.vault_keys.suite, desk.vault_keys.index_key or b"")
    identities = Identities(desk.sessions, desk.vault_keys, indexes, lambda size: bytes([next(drawn)]) * size)
    [minted] = identities.resolve([person(1)])

    assert minted.subject == UUID(bytes=b"\x01" * 16, version=4)

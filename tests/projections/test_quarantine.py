"""Quarantine: a poison entry stops its own stream and its dependents, and nobody else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from traceback import format_exception
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain import facts
from domain.facts import BY_TOPIC, InsuranceMonthPaid, Ref
from ledger.database import DatabaseRefused
from projections.feeds import Feeds
from projections.measures import Measures, rows_at
from projections.projection import ProjectionBroken
from projections.quarantine import Held, ask_release, listed
from projections.reading import ReadEntry
from tests.projections.given import GivenLedger, subject

YINZHOU = "330212"
SICK, SOUND, OTHER = subject(1), subject(2), subject(3)
NEWER = "insurance-month-paid.v9"


def insurance(month: str = "2025-03") -> InsuranceMonthPaid:
    return InsuranceMonthPaid(month=month, place=YINZHOU)


def months(connection: psycopg.Connection, ledger: GivenLedger, resident: UUID) -> list[int]:
    with connection.cursor(binary=True) as cursor:
        rows = rows_at(cursor, ledger.schemas, [resident])[resident]
    return sorted(row.starts_on.month for row in rows if row.starts_on is not None)


class Choosy(Measures):
    """Cannot fold what was paid in June."""

    def fold(self, batch: Sequence[ReadEntry], cursor: psycopg.Cursor[Any]) -> None:
        super().fold(batch, cursor)
        if any(isinstance(entry.fact, InsuranceMonthPaid) and entry.fact.month == "2025-06" for entry in batch):
            raise ValueError("330203199001011234 in June")


def test_an_unknown_version_holds_its_subject_and_everybody_else_goes_on(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(SICK, insurance("2025-01"))
    ledger.append_stored([ledger.unknown(SICK, NEWER)])
    ledger.append_all([(SICK, insurance("2025-03")), (SOUND, insurance("2025-03"))])
    ledger.runner(Measures(ledger.schemas), runner_connection).catch_up()

    assert months(runner_connection, ledger, SICK) == [1]
    assert months(runner_connection, ledger, SOUND) == [3]
    assert listed(runner_connection, ledger.schemas) == [Held("measures", SICK, 2, "UnknownKind", None)]


def test_what_comes_after_poison_in_a_later_batch_is_not_folded_either(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    ledger.append_stored([ledger.unknown(SICK, NEWER)])
    runner.catch_up()
    ledger.append(SICK, insurance())
    runner.catch_up()

    assert months(runner_connection, ledger, SICK) == []


def test_a_version_that_a_narrow_projection_does_not_know_is_met_too(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append_stored([ledger.unknown(SICK, "feed-delivered.v9"), ledger.unknown(SOUND, NEWER)])
    ledger.runner(Feeds(ledger.schemas), runner_connection).catch_up()

    assert listed(runner_connection, ledger.schemas) == [Held("feeds", SICK, 1, "UnknownKind", None)]


def test_bytes_that_do_not_open_hold_their_subject(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    sealed = ledger.stored(SICK, facts.BloodDonated(donated_on=date(2025, 1, 1), place=YINZHOU, millilitres=200))
    assert sealed.sealed is not None
    broken = replace(sealed, sealed=bytes(reversed(sealed.sealed)))
    ledger.append_stored([broken, ledger.stored(SOUND, insurance())])
    ledger.runner(Measures(ledger.schemas), runner_connection).catch_up()

    assert listed(runner_connection, ledger.schemas) == [Held("measures", SICK, 1, "DoesNotOpen", None)]
    assert months(runner_connection, ledger, SOUND) == [3]


def test_a_fact_that_its_kind_does_not_allow_holds_its_subject(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append_stored([replace(ledger.stored(SICK, insurance()), state=b'{"month":"2025-13"}')])
    ledger.runner(Measures(ledger.schemas), runner_connection).catch_up()

    assert listed(runner_connection, ledger.schemas) == [Held("measures", SICK, 1, "DoesNotOpen", None)]


@pytest.mark.parametrize("batch", [1, 2, 3, 64])
def test_an_entry_that_does_not_fold_is_found_in_its_batch(
    ledger: GivenLedger, runner_connection: psycopg.Connection, batch: int
) -> None:
    for month in range(1, 13):
        paid = insurance(f"2025-{month:02d}")
        ledger.append_all([(SICK, paid), (SOUND, insurance(f"2024-{month:02d}"))])
    ledger.runner(Choosy(ledger.schemas), runner_connection, batch=batch).catch_up()

    assert months(runner_connection, ledger, SICK) == [1, 2, 3, 4, 5]
    assert months(runner_connection, ledger, SOUND) == list(range(1, 13))
    assert listed(runner_connection, ledger.schemas) == [Held("measures", SICK, 11, "ValueError", None)]


def test_when_entry_after_entry_does_not_fold_the_projection_is_to_blame(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append_all((subject(number), insurance("2025-06")) for number in range(20))

    with pytest.raises(ProjectionBroken):
        ledger.runner(Choosy(ledger.schemas), runner_connection).catch_up()
    assert listed(runner_connection, ledger.schemas) == []


def test_a_database_that_fails_quarantines_nobody(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(SICK, insurance())
    with ledger.database.connect() as admin:
        admin.execute(ledger.schemas.sql("ALTER TABLE {projections}.measures RENAME TO elsewhere"))

    with pytest.raises(DatabaseRefused, match=r"^UndefinedTable 42P01$"):
        ledger.runner(Measures(ledger.schemas), runner_connection).catch_up()
    assert listed(runner_connection, ledger.schemas) == []


class Broken(Measures):
    """Meets an error of the database that tells a value."""

    def fold(self, batch: Sequence[ReadEntry], cursor: psycopg.Cursor[Any]) -> None:
        del batch
        cursor.execute("DO $$ BEGIN RAISE SQLSTATE '55000' USING MESSAGE = '330203199001011234'; END $$")


def test_an_error_of_the_database_is_told_without_its_words(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(SICK, insurance())

    with pytest.raises(DatabaseRefused) as told:
        ledger.runner(Broken(ledger.schemas), runner_connection).step()
    assert "330203199001011234" not in "".join(format_exception(told.value))


def test_a_subject_that_a_held_stream_voids_is_held_with_it(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    target = ledger.append(OTHER, insurance("2025-01"))
    ledger.append_stored([ledger.unknown(SICK, NEWER)])
    ledger.append(SICK, facts.FactVoided(reason="wrong-person"), refers_to=target)
    ledger.append(OTHER, insurance("2025-02"))
    ledger.runner(Measures(ledger.schemas), runner_connection).catch_up()

    assert listed(runner_connection, ledger.schemas)[1] == Held("measures", OTHER, 3, "Dependent", SICK)
    assert months(runner_connection, ledger, OTHER) == [1]


def test_erasure_waits_for_no_quarantine(ledger: GivenLedger, runner_connection: psycopg.Connection) -> None:
    ledger.append(SICK, insurance())
    ledger.append_stored([ledger.unknown(SICK, NEWER)])
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    ledger.destroy_key(SICK)
    runner.catch_up()

    assert months(runner_connection, ledger, SICK) == []


def newer_fact(ledger: GivenLedger, stream: UUID, month: str) -> Ref:
    paid = replace(ledger.stored(stream, insurance(month)), topic=NEWER)
    return ledger.append_stored([paid])[0].ref


def test_after_an_upgrade_a_released_subject_is_folded_from_its_entries(
    ledger: GivenLedger, runner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.append(SICK, insurance("2025-01"))
    newer_fact(ledger, SICK, "2025-02")
    ledger.append(SICK, insurance("2025-03"))
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    monkeypatch.setitem(BY_TOPIC, NEWER, InsuranceMonthPaid)
    ask_release(runner_connection, ledger.schemas, SICK)
    runner.catch_up()

    assert months(runner_connection, ledger, SICK) == [1, 2, 3]
    assert listed(runner_connection, ledger.schemas) == []


def test_a_subject_released_without_an_upgrade_is_held_again(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.append(SICK, insurance("2025-01"))
    newer_fact(ledger, SICK, "2025-02")
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    ask_release(runner_connection, ledger.schemas, SICK)
    runner.catch_up()

    assert listed(runner_connection, ledger.schemas) == [Held("measures", SICK, 2, "UnknownKind", None)]
    assert months(runner_connection, ledger, SICK) == [1]


def test_dependents_are_released_together_with_what_they_depend_on(
    ledger: GivenLedger, runner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = ledger.append(OTHER, insurance("2025-01"))
    newer_fact(ledger, SICK, "2025-02")
    ledger.append(SICK, facts.FactVoided(reason="wrong-person"), refers_to=target)
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    monkeypatch.setitem(BY_TOPIC, NEWER, InsuranceMonthPaid)

    assert ask_release(runner_connection, ledger.schemas, SICK) == 2
    runner.catch_up()
    marked = runner_connection.execute(
        ledger.schemas.sql("SELECT voided_position FROM {projections}.measures WHERE position = 1")
    ).fetchone()
    assert marked == (3,)
    assert listed(runner_connection, ledger.schemas) == []


def test_a_refolded_subject_is_marked_again_by_voids_from_elsewhere(
    ledger: GivenLedger, runner_connection: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = ledger.append(SICK, insurance("2025-01"))
    ledger.append(OTHER, facts.FactVoided(reason="wrong-person"), refers_to=target)
    newer_fact(ledger, SICK, "2025-02")
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)
    runner.catch_up()
    monkeypatch.setitem(BY_TOPIC, NEWER, InsuranceMonthPaid)
    ask_release(runner_connection, ledger.schemas, SICK)
    runner.catch_up()

    marked = runner_connection.execute(
        ledger.schemas.sql("SELECT position, voided_position FROM {projections}.measures ORDER BY position")
    ).fetchall()
    assert marked == [(1, 2), (2, None), (3, None)]


def test_no_content_of_an_entry_is_recorded_or_told(
    ledger: GivenLedger, runner_connection: psycopg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.append(SICK, insurance("2025-06"))
    ledger.runner(Choosy(ledger.schemas), runner_connection).catch_up()
    recorded = runner_connection.execute(
        ledger.schemas.sql("SELECT quarantine::text FROM {projections}.quarantine")
    ).fetchall()

    assert "330203199001011234" not in str(recorded) + caplog.text

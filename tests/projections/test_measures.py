"""measures: what an entry becomes in columns, and what voids and erasure leave of it."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from domain import facts
from domain.factrow import FactRow, Role
from domain.facts import Known, Ref
from domain.knowledge import Knowledge, in_force, rows_of
from ledger.database import Role as DatabaseRole
from projections.measures import Measures, rows_at
from tests.projections.given import GivenLedger, subject

YINZHOU = "330212"
RESIDENT, OTHER = subject(1), subject(2)


def insurance(month: str = "2025-03", place: str = YINZHOU) -> facts.InsuranceMonthPaid:
    return facts.InsuranceMonthPaid(month=month, place=place)


def offence(level: str = "minor") -> facts.RestrictedFact:
    return facts.RestrictedFact(category="offence", level=level, place=YINZHOU, acted_on=date(2024, 5, 1))


def born(on: str) -> facts.ParticularsCorrected:
    return facts.ParticularsCorrected(born_on=date.fromisoformat(on))


VOID = facts.FactVoided(reason="source-error")


@pytest.fixture
def measured(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Any:
    """Fold what the ledger has by now, and read a subject's rows."""
    runner = ledger.runner(Measures(ledger.schemas), runner_connection)

    def measured(resident: UUID = RESIDENT, as_at: int = 2**63 - 1) -> list[FactRow]:
        runner.catch_up()
        with runner_connection.cursor(binary=True) as cursor:
            rows = rows_at(cursor, ledger.schemas, [resident], as_at)[resident]
        return sorted(rows, key=lambda row: (row.position, row.part))

    return measured


def places(knowledge: Knowledge) -> list[str | None]:
    return [fact.row.place for fact in knowledge.of("insurance-month-paid")]


def columns(connection: psycopg.Connection, ledger: GivenLedger, table: str = "measures") -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            ledger.schemas.sql("SELECT * FROM {table} ORDER BY position", table=ledger.schemas.table(table))
        ).fetchall()


def test_a_row_read_back_is_the_row_that_the_rules_made(ledger: GivenLedger, measured: Any) -> None:
    every: list[facts.Fact] = [
        insurance(),
        facts.ResidenceRegistered(registered_on=date(2020, 1, 10), place=YINZHOU, spell="R1", address="一号"),
        facts.ResidenceMoved(moved_on=date(2021, 1, 10), place="330203002", spell="R1", new_spell="R2"),
        facts.ResidenceEnded(ended_on=date(2022, 1, 10), place="330203002", spell="R2"),
        facts.PermitIssued(on=date(2020, 2, 1), place=YINZHOU, permit="P1"),
        facts.HousingStarted(started_on=date(2020, 2, 1), place=YINZHOU, spell="H1", tenure="own", share=5_000),
        facts.VolunteerHoursServed(served_on=date(2024, 3, 1), place=YINZHOU, minutes=90, paid=True),
        facts.BloodDonated(donated_on=date(2024, 3, 1), place=YINZHOU, millilitres=400),
        born("1990-01-01"),
        offence(),
    ]
    ledger.append(RESIDENT, *every)
    expected = [
        row
        for number, fact in enumerate(every, start=1)
        for row in rows_of(Known(fact, number, Ref(stream=RESIDENT, version=number)))
    ]

    assert measured() == expected


def test_every_field_of_a_row_has_a_column(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    ledger.append(RESIDENT, insurance())
    measured()
    [row] = columns(runner_connection, ledger)

    assert set(FactRow.__dataclass_fields__) | {"subject", "recorded_at", "voided_position"} == set(row)


def test_a_fact_that_no_rule_reads_gives_no_row(ledger: GivenLedger, measured: Any) -> None:
    ledger.append(subject(9), facts.LedgerOpened(name="points", suite="intl"))

    assert measured(subject(9)) == []


def test_birth_dates_blood_and_offences_stand_apart(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    ledger.append(
        RESIDENT,
        born("1990-01-01"),
        facts.BloodDonated(donated_on=date(2024, 3, 1), place=YINZHOU, millilitres=400),
        offence(),
        insurance(),
    )
    measured()

    assert [row["kind"] for row in columns(runner_connection, ledger)] == ["insurance-month-paid"]
    assert [row["kind"] for row in columns(runner_connection, ledger, "measures_restricted")] == [
        "particulars-corrected",
        "blood-donated",
        "restricted-fact",
    ]


@pytest.mark.parametrize("role", [DatabaseRole.APPENDER, DatabaseRole.AUDITOR])
@pytest.mark.parametrize("table", ["measures_restricted", "scores"])
def test_only_the_runner_reads_what_is_restricted(ledger: GivenLedger, role: DatabaseRole, table: str) -> None:
    statement = ledger.schemas.sql("SELECT count(*) FROM {table}", table=ledger.schemas.table(table))
    with ledger.database.connect(role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_a_void_is_marked_on_its_target_from_its_position_on(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    target = ledger.append(RESIDENT, insurance())
    ledger.append(RESIDENT, insurance("2025-04"))
    ledger.append(RESIDENT, VOID, refers_to=target)
    measured()

    assert [row["voided_position"] for row in columns(runner_connection, ledger)] == [3, None, None]


def test_the_first_of_two_voids_is_the_one_that_is_marked(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    target = ledger.append(RESIDENT, insurance())
    ledger.append(RESIDENT, VOID, refers_to=target)
    measured()
    ledger.append(RESIDENT, VOID, refers_to=target)
    measured()

    assert columns(runner_connection, ledger)[0]["voided_position"] == 2


def test_a_void_from_a_date_on_leaves_the_target_unmarked(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    target = ledger.append(RESIDENT, insurance())
    later = facts.FactVoided(reason="revoked", effect="from_date", from_date=date(2025, 6, 1))
    ledger.append(RESIDENT, later, refers_to=target)
    measured()

    assert columns(runner_connection, ledger)[0]["voided_position"] is None


@pytest.mark.parametrize("folded_between", [False, True])
def test_a_void_that_came_before_its_target_marks_nothing(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection, *, folded_between: bool
) -> None:
    ledger.append(RESIDENT, VOID, refers_to=Ref(stream=RESIDENT, version=2))
    if folded_between:
        measured()
    ledger.append(RESIDENT, insurance())
    measured()

    assert [row["voided_position"] for row in columns(runner_connection, ledger)] == [None, None]


def test_a_void_from_another_stream_is_read_with_the_subject_it_voids(ledger: GivenLedger, measured: Any) -> None:
    target = ledger.append(RESIDENT, insurance())
    ledger.append(OTHER, VOID, refers_to=target)

    assert in_force(measured(RESIDENT)).facts == {}
    assert [(row.role, row.ref_stream) for row in measured(RESIDENT)][1] == (Role.VOID, OTHER)


def test_a_correction_gives_a_void_and_what_takes_the_place(ledger: GivenLedger, measured: Any) -> None:
    wrong = ledger.append(RESIDENT, insurance(place="330203"))
    ledger.append(RESIDENT, facts.FactCorrected(reason="source-error", replacement=insurance()), refers_to=wrong)

    assert [row.place for fact in in_force(measured()).facts.values() for row in [one.row for one in fact]] == [
        YINZHOU
    ]
    assert [fact.row.place for fact in in_force(measured(), as_at=1).of("insurance-month-paid")] == ["330203"]


def test_an_expunged_entry_loses_its_row(ledger: GivenLedger, measured: Any) -> None:
    listed = ledger.append(RESIDENT, offence())
    ledger.append(RESIDENT, offence("detention"))
    measured()
    ledger.expunge(listed)

    assert [row.level for row in measured()] == ["detention"]


def test_an_entry_expunged_before_it_was_read_gives_no_row(ledger: GivenLedger, measured: Any) -> None:
    ledger.expunge(ledger.append(RESIDENT, offence()))

    assert measured() == []


def test_expunging_a_correction_does_not_bring_back_what_it_corrected(ledger: GivenLedger, measured: Any) -> None:
    wrong = ledger.append(RESIDENT, offence("crime"))
    right = ledger.append(
        RESIDENT, facts.FactCorrected(reason="source-error", replacement=offence("minor")), refers_to=wrong
    )
    measured()
    ledger.expunge(right)

    assert in_force(measured()).facts == {}
    assert [row.role for row in measured()] == [Role.FACT, Role.VOID]


def test_a_correction_expunged_before_it_was_read_still_voids_what_it_corrected(
    ledger: GivenLedger, measured: Any
) -> None:
    wrong = ledger.append(RESIDENT, offence("crime"))
    correction = facts.FactCorrected(reason="source-error", replacement=offence("minor"))
    ledger.expunge(ledger.append(RESIDENT, correction, refers_to=wrong))

    assert in_force(measured()).facts == {}


def test_a_subject_whose_key_is_destroyed_has_no_rows_left(
    ledger: GivenLedger, measured: Any, runner_connection: psycopg.Connection
) -> None:
    ledger.append(RESIDENT, insurance(), offence(), born("1990-01-01"))
    ledger.append(OTHER, insurance())
    measured()
    ledger.destroy_key(RESIDENT)

    assert (measured(RESIDENT), len(measured(OTHER))) == ([], 1)
    assert [row["subject"] for row in columns(runner_connection, ledger, "measures_erased")] == [RESIDENT]


def test_what_is_said_of_an_erased_subject_later_is_measured_no_more(ledger: GivenLedger, measured: Any) -> None:
    target = ledger.append(RESIDENT, insurance())
    ledger.destroy_key(RESIDENT)
    measured()
    ledger.append(OTHER, VOID, refers_to=target)

    assert measured(RESIDENT) == []

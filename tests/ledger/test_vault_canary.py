"""Nothing personal is readable in any table: planted values are looked for in a dump of every one."""

import re
from datetime import date
from pathlib import Path

import pytest
from psycopg import sql

from domain.facts import (
    BloodDonated,
    FactCorrected,
    InsuranceMonthPaid,
    ParticularsCorrected,
    ResidenceRegistered,
    RestrictedFact,
    VolunteerHoursServed,
)
from domain.identifiers import resident_check_character
from domain.person import Person
from ledger.database import Database
from ledger.suites import SUITES, SuiteName
from ledger.vault.held import Decision, RowToHold
from ledger.vault.identities import Why
from tests.ledger.vaults import ORGAN, Given, given_ledger

DIGITS = "33020319870605004"
NUMBER = DIGITS + resident_check_character(DIGITS)
NAME, OTHER_NAME = "金丝雀某", "金丝雀又某"
LEVEL, ACT = "canary_level", "金丝雀一事"
BIRTH, ACTED, DECIDED, DONATED = date(1987, 6, 5), date(2024, 11, 23), date(2024, 12, 21), date(2025, 10, 17)
ADDRESS, PAYER, ACTIVITY = "金丝雀路7号", "金丝雀厂", "open-canary"
DAYS = [f(day) for day in (BIRTH, ACTED, DECIDED, DONATED) for f in (date.isoformat, lambda d: f"{d:%Y%m%d}")]
CANARIES = [NUMBER, NAME, OTHER_NAME, "金丝雀", LEVEL, ACT, ADDRESS, PAYER, "offence", "987654321012345", *DAYS]


def dump(database: Database) -> tuple[bytes, int]:
    """Copy out every table of the database, and once more what every bytea in it holds."""
    whole, tables = b"", 0
    with database.connect() as admin:
        names = admin.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in names:
            source = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(schema, table))
            with admin.cursor().copy(source) as copy:
                whole += b"".join(bytes(block) for block in copy)
            tables += 1
    held = [bytes.fromhex(found.decode()) for found in re.findall(rb"\\\\x((?:[0-9a-f]{2})+)", whole)]
    return whole + b"\n".join(held), tables


def a_life(given: Given) -> None:
    """Record one of everything that is personal, hold a row, expunge one entry and destroy another's key."""
    resident = Person("resident-card", NUMBER, NAME)
    subject = given.subject(resident)
    offence = RestrictedFact(
        category="offence", level=LEVEL, place="330212", acted_on=ACTED, decided_on=DECIDED, act=ACT
    )
    given.record(
        subject,
        VolunteerHoursServed(served_on=date(2025, 1, 2), place="330212", minutes=60, activity=ACTIVITY),
        "0",
    )
    given.record(
        subject, InsuranceMonthPaid(month="2025-03", place="330212", base_fen=987_654_321_012_345, payer=PAYER), "1"
    )
    given.record(subject, BloodDonated(place="330212", donated_on=DONATED, millilitres=400), "2")
    given.record(subject, ParticularsCorrected(name=OTHER_NAME, born_on=BIRTH), "3")
    residence = ResidenceRegistered(registered_on=date(2025, 1, 1), place="330212", spell="R1", address=ADDRESS)
    given.record(subject, residence, "4")
    first = given.record(subject, offence, "5").ref
    given.record(subject, FactCorrected(reason="agency-error", replacement=offence), "6", refers_to=first)
    content = f"{NUMBER},{OTHER_NAME},{LEVEL},{ACTED}".encode()
    for more in (b"", b"again"):
        who = Person("resident-card", NUMBER, OTHER_NAME)
        [row] = given.held.hold([RowToHold(who, ORGAN, Why.OTHER_NAME, content + more)])
    given.held.confirm(row.held_id, Decision.OTHER_PERSON, "officer:0001")
    given.destroyed(given.subject(Person("resident-card", NUMBER, OTHER_NAME)))
    given.expunged(first)


@pytest.mark.parametrize("suite", SUITES)
def test_no_planted_value_is_readable_in_any_table(ledger_db: Database, tmp_path: Path, suite: SuiteName) -> None:
    with given_ledger(ledger_db, tmp_path / "kek", suite) as given:
        a_life(given)
        text, tables = dump(ledger_db)

    assert tables > 15
    assert ACTIVITY.encode() in text, "the search itself must find what is stored in the clear"
    assert [canary for canary in CANARIES if canary.encode() in text] == []
    assert [canary for canary in CANARIES if canary.encode("utf-16-le") in text] == []


def test_the_keys_themselves_are_readable_in_no_table(ledger_db: Database, tmp_path: Path) -> None:
    with given_ledger(ledger_db, tmp_path / "kek") as given:
        subject = given.subject(Person("resident-card", NUMBER, NAME))
        text, _ = dump(ledger_db)
        secrets = [given.ring.ledger_key, given.desk.vault_keys.index_key, given.ring.owner_key(subject)]

    assert [
        secret for secret in [*secrets, (tmp_path / "kek").read_bytes()] if secret is None or secret in text
    ] == []

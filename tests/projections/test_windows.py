"""windows: what a migration takes over from the ledger is what the projection writes."""

import re
from datetime import date

import psycopg

from domain import facts
from domain.facts import Stream
from ledger.database import Role
from ledger.streams import named
from projections.windows import windows_at
from tests.domain.given import HOUSE
from tests.projections.given import GivenLedger

MIGRATION = HOUSE / "migrations" / "0185_windows.sql"


def test_rounds_that_were_opened_before_the_table_was_made_are_taken_over(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    ledger.open_round("yz.first", "rental", "330212", date(2026, 1, 10), date(2026, 1, 31))
    ledger.open_round("yz.second", "rental", "330212", date(2026, 3, 10), date(2026, 3, 31))
    first, second = named(Stream.ROUND, "yz.first"), named(Stream.ROUND, "yz.second")
    ledger.append(first, facts.RoundExtended(round="yz.first", closes_on=date(2026, 2, 5), reason="系统维护"))
    ledger.append(second, facts.RoundCancelled(round="yz.second", on=date(2026, 3, 1), reason="取消"))
    ledger.run_all(runner_connection)
    rows = ledger.schemas.sql("SELECT * FROM {projections}.windows ORDER BY position")
    folded = runner_connection.execute(rows).fetchall()
    with runner_connection.cursor() as cursor:
        known = windows_at(cursor, ledger.schemas)
    [take_over] = re.findall(r"INSERT INTO.*?;", MIGRATION.read_text(encoding="utf-8"), re.DOTALL)
    runner_connection.execute(ledger.schemas.sql("DELETE FROM {projections}.windows"))
    names = {"ledger": ledger.database.ledger, "schema": ledger.database.schema}
    with ledger.database.connect() as admin, admin.transaction():
        admin.execute(f"SET LOCAL ROLE {ledger.database.role(Role.OWNER)}".encode())
        admin.execute(re.sub(r"\$\{(\w+)\}", lambda found: names[found[1]], take_over).encode())

    assert runner_connection.execute(rows).fetchall() == folded
    assert known == {("rental", "330212"): [(date(2026, 1, 10), date(2026, 2, 5))]}

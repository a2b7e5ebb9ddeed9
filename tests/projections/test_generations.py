"""Generations: killed and resumed, refused, switched and taken back, kept and dropped."""

import json
import signal
import subprocess
import sys
import time
from datetime import date

import psycopg
import pytest
from psycopg import sql

from domain import facts
from projections.digest import digest
from projections.rebuild import Progress, work
from projections.rebuild.differing import difference, who
from projections.rebuild.generation import is_at_work
from projections.rebuild.layout import tables
from projections.rebuild.refusals import (
    DifferencesUnaccepted,
    GenerationKept,
    LaidOutOtherwise,
    RebuildUnderWay,
    TablesBusy,
)
from projections.rebuild.views import BOOKS, UNCOPIED, tables_of
from projections.remains import left_of
from projections.standing import NAMES
from tests.projections.given import GivenLedger, lived_in, subject
from tests.projections.programmes import loan
from tests.projections.tables import city, province

YINZHOU = "330212"
SERVER_NOTICES_S_MAX = 60.0


@pytest.fixture
def lived(ledger: GivenLedger, runner_connection: psycopg.Connection) -> GivenLedger:
    return lived_in(ledger, runner_connection)


def killed(ledger: GivenLedger, verb: str, point: str, times: int) -> bool:
    """Run a verb in a process that is killed at a point; say whether it came to that."""
    database = ledger.database
    command = [sys.executable, "-m", "tests.projections.killed_rebuild", database.url, database.ledger]
    salts = json.dumps({key.hex(): salt.hex() for key, salt in ledger.keys.salts.items()})
    done = subprocess.run(
        [*command, verb, point, str(times)], check=False, timeout=120, capture_output=True, input=salts.encode()
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    _wait_for_the_server(ledger)
    return done.returncode != 0


def _wait_for_the_server(ledger: GivenLedger) -> None:
    """Wait until the server has found that whoever rebuilt is gone: until then its lock is held."""
    ends = time.monotonic() + SERVER_NOTICES_S_MAX
    with ledger.connect() as connection, connection.cursor(binary=True) as cursor:
        while is_at_work(cursor, ledger.schemas) and time.monotonic() < ends:
            connection.rollback()
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("point", "times"),
    [
        ("begun", 1),
        ("laid out", 1),
        ("followed", 2),
        ("anchored", 1),
        ("claimed", 2),
        ("range written", 1),
        ("range written", 2),
        ("range committed", 1),
        ("indexed", 1),
        ("finished", 1),
        ("followed", 11),
        ("compared", 1),
        ("turned", 1),
    ],
)
def test_a_rebuild_that_was_killed_goes_on(lived: GivenLedger, point: str, times: int) -> None:
    assert killed(lived, "start", point, times)
    compared = lived.rebuild(rows_in_a_part=3).start()

    assert [one.projection for one in compared if not one.same] == []
    assert {table: counted(lived, table) for table in ("scores", "packs")} == {"scores": 4, "packs": 4}


def counted(ledger: GivenLedger, table: str) -> int:
    """Count the rows of a table of the generation that is not live."""
    with ledger.connect() as connection:
        found = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(ledger.rebuild().beside.table(table))
        ).fetchone()
    return int(found[0]) if found else 0


@pytest.mark.parametrize("point", ["locked", "exchanged", "turned"])
def test_a_switch_that_was_killed_exchanged_nothing(lived: GivenLedger, point: str) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    assert killed(lived, "switch", point, 1)
    state = rebuild.status()
    assert state is not None
    assert state.generation.state == "ready"
    rebuild.switch()
    assert killed(lived, "rollback", point, 1)
    rebuild.rollback()

    assert [one.projection for one in rebuild.compare() if not one.same] == []


def test_killed_again_and_again_it_is_made_in_the_end(lived: GivenLedger) -> None:
    kills = sum(killed(lived, "start", "range committed", 1) for _ in range(4))

    assert kills >= 2
    assert [one.projection for one in lived.rebuild(rows_in_a_part=3).start() if not one.same] == []


def test_a_second_rebuild_at_once_is_refused(lived: GivenLedger) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    with rebuild.aligned(), pytest.raises(RebuildUnderWay):
        lived.rebuild().switch()

    assert rebuild.status() is not None


def test_what_was_live_is_live_again_after_a_rollback_with_all_that_came_since(lived: GivenLedger) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    rebuild.switch()
    lived.append(subject(1), facts.InsuranceMonthPaid(month="2025-02", place=YINZHOU))
    with lived.connect() as connection:
        lived.run_all(connection)
        now = digest(connection, lived.schemas, "scores")
        rebuild.rollback()

        assert digest(connection, lived.schemas, "scores") == now
        assert rebuild.drop().state == "rolled-back"


def test_one_view_alone_is_made_again_from_the_live_ones(
    lived: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    runner_connection.execute(lived.schemas.sql("UPDATE {projections}.scores SET total = total + 1"))
    rebuild = lived.rebuild()
    assert [(one.projection, one.same) for one in rebuild.start(["scores"])] == [("scores", False)]
    lived.append(subject(1), facts.InsuranceMonthPaid(month="2025-02", place=YINZHOU))
    lived.run_all(runner_connection)
    with pytest.raises(DifferencesUnaccepted):
        rebuild.switch()
    rebuild.switch(accept=True)
    rebuild.drop()

    assert {one.projection for one in rebuild.start() if not one.same} == set()


def test_a_generation_that_is_kept_stands_in_the_way_of_another(lived: GivenLedger) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    rebuild.switch()

    with pytest.raises(GenerationKept):
        rebuild.start()


def test_what_is_erased_goes_out_of_a_generation_that_is_kept(lived: GivenLedger) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    rebuild.switch()
    lived.destroy_key(subject(3))
    before = rebuild.status()
    with lived.connect() as connection:
        lived.run_all(connection)
    after = rebuild.status()
    left = [one.table for one in left_of(lived.database, subject(3)) if "_projections" in one.table]
    rebuild.rollback()
    rebuild.drop()

    assert before is not None
    assert after is not None
    assert (before.erased, before.behind, after.erased, after.behind) == (1, 1, 0, 1)
    assert left == []
    assert {one.projection for one in rebuild.start() if not one.same} == set()


def test_tables_that_were_migrated_meanwhile_are_not_switched_to(lived: GivenLedger) -> None:
    rebuild = lived.rebuild()
    rebuild.start()
    with lived.database.connect() as admin:
        admin.execute(lived.schemas.sql("ALTER TABLE {projections}.uses ADD COLUMN later text"))

    with pytest.raises(LaidOutOtherwise):
        rebuild.switch()


def test_a_long_read_stops_the_switch_and_nothing_else(lived: GivenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_LOCK_TRIES", 2)
    monkeypatch.setattr(work, "_LOCK_PAUSE_S", 0.01)
    rebuild = lived.rebuild()
    rebuild.start()
    with lived.connect() as reading, reading.transaction():
        reading.execute(lived.schemas.sql("SELECT count(*) FROM {projections}.scores"))
        with pytest.raises(TablesBusy):
            rebuild.switch()
        with lived.connect() as other:
            assert other.execute(lived.schemas.sql("SELECT FROM {projections}.scores")).rowcount == 4
    rebuild.switch()

    assert rebuild.drop().state == "switched"


def test_indexes_and_owners_are_those_of_the_migrations_after_a_switch(lived: GivenLedger) -> None:
    def named() -> list[tuple[str, ...]]:
        with lived.database.connect() as admin:
            return admin.execute(
                "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s"
                " UNION ALL SELECT tablename, tableowner, '' FROM pg_tables WHERE schemaname = %s ORDER BY 1, 2, 3",
                [lived.schemas.projections] * 2,
            ).fetchall()

    before = named()
    lived.rebuild().run()

    assert named() == before


def test_every_table_is_a_views_or_a_book(ledger: GivenLedger) -> None:
    """A table that is nobody's would be shared by all generations, and no rebuild could write it."""
    with ledger.database.connect() as admin, admin.cursor() as cursor:
        there = set(tables(cursor, ledger.schemas))

    assert there == {*BOOKS, *UNCOPIED, *(table for view in NAMES for table in tables_of(view))}


def test_ranges_are_filled_in_several_processes_at_once(lived: GivenLedger) -> None:
    told: list[Progress] = []
    rebuild = lived.rebuild(processes=2, rows_in_a_part=5, tell=told.append)

    assert [one.projection for one in rebuild.start() if not one.same] == []
    assert any(one.view == "scores" and one.done == one.of > 0 for one in told)


def test_what_differs_is_told_by_district_item_and_programme_but_of_few_people_nothing(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    for number in range(12):
        issued = facts.PermitIssued(on=date(2025, 7, 1), place=YINZHOU, permit=f"P{number}")
        paid = facts.InsuranceMonthPaid(month="2025-01", place=YINZHOU)
        ledger.append(subject(number), facts.ParticularsCorrected(born_on=date(1985, 1, 1)), issued, paid)
    ledger.publish(province(), city())
    ledger.offer(loan())
    ledger.run_all(runner_connection)
    rebuild = ledger.rebuild()
    rebuild.start()
    for statement in (
        "UPDATE {projections}.scores SET total = total - 1, items = '[]'",
        "UPDATE {projections}.eligibility SET met = NOT met WHERE subject <> %(somebody)s",
    ):
        runner_connection.execute(ledger.schemas.sql(statement), {"somebody": subject(0)})
    with rebuild.aligned() as (cursor, generation):
        other = generation.schemas(ledger.schemas)
        told = difference(cursor, ledger.schemas, other)
        named = who(cursor, ledger.schemas, other, 100)
    runner_connection.execute(
        ledger.schemas.sql("UPDATE {projections}.scores SET total = total + 1 WHERE subject <> ALL(%s)"),
        [[subject(number) for number in range(5)]],
    )
    with rebuild.aligned() as (cursor, generation):
        fewer = difference(cursor, ledger.schemas, generation.schemas(ledger.schemas))

    assert told.districts[YINZHOU] == {
        **dict.fromkeys(("residents", "more"), 12),
        **dict.fromkeys(("fewer", "alike", "new", "gone"), 0),
    }
    assert told.items["test.common", "insurance"] == 12
    assert {sum(one or 0 for one in moved) for moved in told.programmes.values()} == {11}
    assert named == sorted(subject(number) for number in range(12))
    assert (fewer.districts[YINZHOU]["more"], fewer.districts[YINZHOU]["alike"]) == (None, None)


def test_who_moved_away_is_rebuilt_where_they_live_now(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    here, there = YINZHOU, "330203"
    ledger.publish(province(), city())
    ledger.append(
        subject(1),
        facts.ResidenceRegistered(registered_on=date(2024, 1, 1), place=here, spell="R1"),
        facts.ResidenceRegistered(registered_on=date(2025, 1, 1), place=there, spell="R2"),
        facts.ResidenceEnded(ended_on=date(2025, 1, 1), place=here, spell="R1"),
    )
    ledger.run_all(runner_connection)
    rebuild = ledger.rebuild()

    assert [one.projection for one in rebuild.start() if not one.same] == []
    assert runner_connection.execute(
        sql.SQL("SELECT place FROM {}").format(rebuild.beside.table("scores"))
    ).fetchall() == [(there,)]

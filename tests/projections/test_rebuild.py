"""Rebuild: live = rebuilt, by digest; exchanged in one transaction under running projections."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from domain import facts
from domain.errors import LedgerReplaced
from ledger.database import Database
from projections.answers import Answers
from projections.digest import TABLES, digest
from projections.measures import Measures
from projections.rebuild import Rebuild
from tests.projections.given import TODAY, GivenLedger, lived_in, subject

YINZHOU = "330212"


@pytest.fixture
def ledger(each_ledger_db: Database) -> Iterator[GivenLedger]:
    given = GivenLedger(each_ledger_db)
    yield given
    given.close()


@pytest.fixture
def lived(ledger: GivenLedger, runner_connection: psycopg.Connection) -> GivenLedger:
    return lived_in(ledger, runner_connection)


def rebuild_of(ledger: GivenLedger) -> Rebuild:
    return ledger.rebuild()


def test_live_is_what_a_rebuild_gives(lived: GivenLedger) -> None:
    compared = rebuild_of(lived).run()

    assert [(one.projection, one.same) for one in compared] == [(name, True) for name in TABLES]
    assert all(one.rebuilt.rows > 0 for one in compared)


def test_a_row_that_was_tampered_with_is_found_and_gone_after_the_exchange(
    lived: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    runner_connection.execute(
        lived.schemas.sql("UPDATE {projections}.scores SET total = total + 1 WHERE subject = %s"), [subject(1)]
    )
    first = {one.projection: one.same for one in rebuild_of(lived).run()}
    second = {one.projection: one.same for one in rebuild_of(lived).run()}

    assert first == {
        "measures": True,
        "feeds": True,
        "rulebooks": True,
        "ties": True,
        "uses": True,
        "assessments": True,
        "eligibility": True,
        "scores": False,
    }
    assert set(second.values()) == {True}


def test_a_comparison_alone_exchanges_nothing(lived: GivenLedger, runner_connection: psycopg.Connection) -> None:
    for table in TABLES["scores"]:
        runner_connection.execute(lived.schemas.sql("DELETE FROM {table}", table=lived.schemas.table(table)))
    rebuild_of(lived).run(exchange=False)

    assert digest(runner_connection, lived.schemas, "scores").rows == 0


def test_a_rebuild_heals_a_projection_of_another_ledger(
    lived: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    runner_connection.execute(lived.schemas.sql("UPDATE {projections}.checkpoints SET leaf = '\\x00'"))
    runner = lived.runner(Measures(lived.schemas), runner_connection)
    with pytest.raises(LedgerReplaced):
        runner.step()
    compared = rebuild_of(lived).run()

    assert {one.live for one in compared} == {None}
    assert not runner.step().busy


def test_running_projections_go_on_in_the_new_schema(
    lived: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    runner = lived.runner(Measures(lived.schemas), runner_connection)
    for _ in range(10):  # more often than a statement must be run before it is prepared
        runner.step()
    rebuild_of(lived).run()
    lived.append(subject(1), facts.InsuranceMonthPaid(month="2025-02", place=YINZHOU))

    assert runner.catch_up() == 1
    assert rebuild_of(lived).run()[0].same


def test_who_asks_meanwhile_is_answered_from_one_schema_or_the_other(lived: GivenLedger) -> None:
    with lived.connect() as asking, ThreadPoolExecutor(1) as threads:
        answers = Answers(asking, lived.schemas)
        expected = answers.score(subject(1), YINZHOU, TODAY).score.total
        rebuilds = threads.submit(lambda: [rebuild_of(lived).run() for _ in range(5)])
        given = set()
        while not rebuilds.done():
            given.add(answers.score(subject(1), YINZHOU, TODAY).score.total)

        assert len(rebuilds.result()) == 5
        assert given == {expected}


def test_the_new_tables_may_be_read_and_written_by_the_same_roles(lived: GivenLedger) -> None:
    def granted() -> list[tuple[str, ...]]:
        with lived.database.connect() as admin:
            return admin.execute(
                "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
                " WHERE table_schema = %s ORDER BY 1, 2, 3",
                [lived.schemas.projections],
            ).fetchall()

    before = granted()
    rebuild_of(lived).run()

    assert granted() == before


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_a_digest_does_not_depend_on_the_session(lived: GivenLedger, zone: str) -> None:
    with lived.connect() as usual, lived.connect() as other:
        other.execute(f"SET TimeZone = '{zone}'; SET DateStyle = 'German'; SET bytea_output = 'escape'".encode())

        assert [digest(usual, lived.schemas, name) for name in TABLES] == [
            digest(other, lived.schemas, name) for name in TABLES
        ]

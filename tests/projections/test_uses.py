"""uses: what points were used for is found again by round and by decision, and what is void is not."""

from datetime import UTC, date, datetime

import psycopg

from domain import facts
from projections.measure_rows import RowMaker
from projections.quarantine import listed
from projections.reading import ReadEntry
from projections.uses import applications_at
from tests.ledger.golden.samples import samples
from tests.projections.given import GivenLedger, subject

ROUND = "cx.school-2026"


def filed(number: str, round_name: str = ROUND) -> facts.ApplicationFiled:
    return facts.ApplicationFiled(round=round_name, application=number, filed_on=date(2026, 4, 10))


def test_the_applications_of_a_round_are_found_as_they_were_known(
    ledger: GivenLedger, runner_connection: psycopg.Connection
) -> None:
    first = ledger.append(subject(1), filed("A-1"))
    ledger.append(subject(2), filed("B-1", "yq.school-2026"))
    ledger.append(subject(3), filed("A-2"))
    known = ledger.head()
    ledger.append(subject(1), facts.FactVoided(reason="wrong-person"), refers_to=first)
    ledger.run_all(runner_connection)

    def named(as_at: int) -> list[str]:
        with runner_connection.cursor() as cursor:
            used = applications_at(cursor, ledger.schemas, ledger.opener, ROUND, as_at)
        return [each.fact.application for each in used if isinstance(each.fact, facts.ApplicationFiled)]

    assert listed(runner_connection, ledger.schemas) == []
    assert (named(known), named(ledger.head())) == (["A-1", "A-2"], ["A-2"])


def test_every_kind_of_fact_can_be_measured_whatever_its_fields_are() -> None:
    maker, now = RowMaker(), datetime(2026, 1, 1, tzinfo=UTC)
    facts_of_all_kinds = [fact for fact, _ in samples().values()]
    made = [
        maker.rows(ReadEntry(1, subject(1), 1, fact.topic(), None, None, now, fact, plain=not fact.sealed_fields()))
        for fact in facts_of_all_kinds
    ]

    assert sum(map(len, made)) > 0

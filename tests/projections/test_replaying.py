"""Every decision recomputed span by span: in several processes as in one, and from where it was stopped."""

from collections import Counter
from datetime import date
from functools import partial

import pytest

from domain import facts
from projections.replaying import Done, Span, count, replay_all, spans
from tests.decided import Slice, cases_of, decide_slice, fold, open_cases, settle_down
from tests.projections.given import GivenLedger, subject

DECISIONS, RESIDENTS, SIZE = 23, 7, 5


@pytest.fixture
def decided(ledger: GivenLedger) -> GivenLedger:
    """Decide about seven residents at two positions, with a fact between them."""
    settle_down(ledger, RESIDENTS)
    decide_slice(ledger.database.url, Slice(0, 12, ledger.head(), RESIDENTS))
    ledger.append(subject(3), facts.EducationAwarded(level="bachelor", awarded_on=date(2015, 7, 1)))
    fold(ledger)
    decide_slice(ledger.database.url, Slice(12, DECISIONS, ledger.head(), RESIDENTS))
    fold(ledger)
    return ledger


def wanted(ledger: GivenLedger, after: int = 0) -> list[Span]:
    with ledger.connect() as connection, cases_of(ledger, connection).at() as snapshot:
        found = list(spans(snapshot, after, size=SIZE))
        assert count(snapshot, after) == sum(1 for _ in found) * SIZE - (-count(snapshot, after) % SIZE)
    return found


def ran(ledger: GivenLedger, processes: int = 1, after: int = 0) -> list[Done]:
    return list(replay_all(partial(open_cases, ledger.database.url), wanted(ledger, after), processes))


def test_two_processes_find_what_one_finds_span_after_span(decided: GivenLedger) -> None:
    alone, together = ran(decided), ran(decided, processes=2)

    assert together == alone
    assert [sum(done.counts.values()) for done in alone] == [5, 5, 5, 5, 3]
    assert sum((done.counts for done in alone), Counter()) == {"same": DECISIONS}


def test_a_run_that_was_stopped_goes_on_after_its_last_span(decided: GivenLedger) -> None:
    whole = ran(decided)

    assert ran(decided, after=whole[2].until) == whole[3:]
    assert ran(decided, after=whole[-1].until) == []


def test_who_was_erased_is_named_as_incomplete_and_the_others_of_the_span_are_recomputed(
    decided: GivenLedger,
) -> None:
    decided.destroy_key(subject(2))
    fold(decided)
    done = ran(decided)
    counts = sum((each.counts for each in done), Counter())

    assert counts == {"same": DECISIONS - 3, "incomplete": 3}

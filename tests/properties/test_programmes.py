"""Laws of programmes: whatever is known of somebody, the shipped programmes answer, and answer the same again."""

import json
from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.facts import Known
from domain.knowledge import in_force, rows_of
from domain.programme import Case, Person, ProgrammeDocument, counted_on, evaluate
from domain.programme.outlook import outlook
from domain.programme.telling import tell
from domain.recognition import move_trial, places_in_scope, recognise
from domain.residency import clocks, entitlement, stage_of
from domain.rulebook import RulebookSet
from ledger.programmes import check_programmes
from tests.domain.given import HOUSE, YINZHOU, in_force_at
from tests.properties.histories import days, histories

DOCUMENTS = check_programmes(HOUSE / "programmes")[0]
FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


def under(place: str, on: date) -> RulebookSet:
    return in_force_at(place, on.isoformat())


def case_of(document: ProgrammeDocument, people: Sequence[Sequence[Known]], on: date, *, backwards: bool) -> Case:
    persons = []
    for entries in people:
        rows = [row for entry in entries for row in rows_of(entry)]
        persons.append(Person(in_force(rows[::-1] if backwards else rows), "female"))
    place = document.programme.authority
    books = under(place, on)
    return Case(
        persons[0],
        place,
        counted_on(document.programme, on),
        on,
        spouse=persons[1],
        parents=tuple(persons[1:]),
        town=f"{place}001",
        zone="centre",
        rulebooks=books,
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: f"{d.programme.doc} {d.programme.effective.from_}")
@given(people=st.lists(histories(), min_size=3, max_size=3), on=days)
@FEW
def test_any_history_is_answered_the_same_in_any_order_and_can_be_told(
    document: ProgrammeDocument, people: list[list[Known]], on: date
) -> None:
    case = case_of(document, people, on, backwards=False)
    found = evaluate(document.programme, case)
    again = evaluate(document.programme, case_of(document, people, on, backwards=True))

    assert (found.met, found.unmet, found.key, found.tier) == (again.met, again.unmet, again.key, again.tier)
    assert found.met == (not found.unmet and (found.tier is not None or not document.programme.tiers))
    assert json.loads(json.dumps(found.as_json()))["met"] == found.met
    assert all(list(tell(found, language)) for language in ("zh", "en"))


@given(people=st.lists(histories(), min_size=3, max_size=3), on=days, number=st.integers(0, len(DOCUMENTS) - 1))
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_what_lies_ahead_lies_ahead_and_every_unmet_condition_that_has_a_day_says_what_it_supposes(
    people: list[list[Known]], on: date, number: int
) -> None:
    document = DOCUMENTS[number]
    case = case_of(document, people, on, backwards=False)
    view = outlook(document.programme, case, evaluate(document.programme, case), on, years=1)

    for finding in view.found.findings:
        assert (finding.not_before is None) == (finding.if_ is None)
        assert finding.not_before is None or (finding.bars and finding.not_before >= on)
    assert view.not_before is None or view.not_before >= on


@given(histories(), days)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_recognition_moves_and_clocks_answer_whatever_is_known(history: list[Known], on: date) -> None:
    known = in_force([row for entry in history for row in rows_of(entry)])
    standings = recognise(known, places_in_scope(YINZHOU)[:4], on, under)
    trial = move_trial(known, "330381", on, under, home=YINZHOU)
    read = clocks(known, on)

    assert sum(each.basis == "official" for each in standings) <= 1
    assert all(each.recognised >= 0 for each in standings)
    assert trial.difference == trial.after.total * 10 ** (trial.scale - trial.after.scale) - (
        trial.before.total * 10 ** (trial.scale - trial.before.scale)
    )
    assert 0 <= read.unbroken_months <= max(read.cumulative_months, read.unbroken_months)
    assert entitlement(known, YINZHOU, on).earliest >= on
    assert stage_of(known, YINZHOU, on).value

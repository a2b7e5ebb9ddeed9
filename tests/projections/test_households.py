"""Families in live scores and in answers: whose facts count, when, and what is told of whose they are."""

import json
from collections.abc import Iterator
from datetime import date, timedelta, timezone
from uuid import UUID

import psycopg
import pytest

from domain import facts
from domain.change import tell
from domain.explanation import explain
from domain.facts import Fact, Ref, Stream
from domain.score import Score
from ledger.streams import named
from projections.changes import Changes, When
from projections.households import members_at
from projections.quarantine import ask_release
from tests.projections.given import TODAY, GivenLedger, subject
from tests.projections.tables import family

YINZHOU = "330212"
SHANGHAI = timezone(timedelta(hours=8))
SHE, HE, CHILD, OTHER = (subject(number) for number in range(1, 5))
MONTHS = tuple(facts.InsuranceMonthPaid(month=f"2025-{month:02d}", place=YINZHOU) for month in range(1, 6))
BACHELOR = facts.EducationAwarded(level="bachelor", awarded_on=date(2012, 7, 1))
COLLEGE = facts.EducationAwarded(level="college", awarded_on=date(2012, 7, 1))


class Home:
    """A ledger whose rulebook counts relatives: what is live, and what is answered."""

    def __init__(self, ledger: GivenLedger, runner: psycopg.Connection, asking: psycopg.Connection) -> None:
        self.ledger, self.runner = ledger, runner
        self.answers = Changes(asking, ledger.schemas, SHANGHAI)

    def says(self, stream: UUID, *told: Fact, refers_to: Ref | None = None) -> Ref:
        return self.ledger.append(stream, *told, refers_to=refers_to)

    def ties(self, tie: str, first: UUID, other: UUID, since: str = "2020-01-01") -> Ref:
        spell = f"{tie}-{first.int % 997}-{other.int % 997}"
        fact = facts.FamilyTieRecorded(
            tie=tie,  # type: ignore[arg-type] # one of the words
            subject=first,
            other=other,
            since=date.fromisoformat(since),
            spell=spell,
        )
        return self.says(named(Stream.FAMILY, spell), fact)

    def live(self, who: UUID) -> int | None:
        self.ledger.run_all(self.runner)
        found = self.runner.execute(
            self.ledger.schemas.sql("SELECT total FROM {projections}.scores WHERE subject = %s"), [who]
        ).fetchone()
        return None if found is None else int(found[0])

    def asked(self, who: UUID, as_at: int | None = None, as_of: date = TODAY, use: str | None = None) -> Score:
        self.ledger.run_all(self.runner)
        return self.answers.score(who, YINZHOU, as_of, as_at, use=use).score


@pytest.fixture
def home(ledger: GivenLedger, runner_connection: psycopg.Connection) -> Iterator[Home]:
    ledger.publish(family())
    for who in (SHE, HE, CHILD, OTHER):
        ledger.append(who, facts.PermitIssued(on=date(2025, 1, 1), place=YINZHOU, permit=f"P{who.int % 997}"))
    with ledger.connect() as asking:
        yield Home(ledger, runner_connection, asking)


def test_what_a_spouse_has_counts_and_what_comes_later_touches_the_other(home: Home) -> None:
    home.says(HE, *MONTHS[:2])
    alone = home.live(SHE)
    home.ties("spouse", HE, SHE)
    tied = home.live(SHE)
    home.says(HE, MONTHS[2])

    assert (alone, tied, home.live(SHE), home.live(HE)) == (0, 200, 300, 0)


def test_of_two_parents_the_better_counts_and_a_guardian_is_one(home: Home) -> None:
    home.says(HE, COLLEGE)
    home.says(SHE, BACHELOR)
    home.ties("child", HE, CHILD)
    one = home.live(CHILD)
    home.ties("guardian", SHE, CHILD)

    assert (one, home.live(CHILD)) == (1000, 2000)


def test_a_tie_counts_from_its_day_until_its_end_or_its_void(home: Home) -> None:
    home.says(HE, *MONTHS)
    ref = home.ties("spouse", HE, SHE, since="2025-06-01")
    before = home.asked(SHE, as_of=date(2025, 5, 31)).total
    during = home.live(SHE)
    ended = home.says(
        ref.stream, facts.FamilyTieEnded(ended_on=TODAY, spell=f"spouse-{HE.int % 997}-{SHE.int % 997}")
    )
    after = home.live(SHE)
    home.says(ref.stream, facts.FactVoided(reason="source-error"), refers_to=ended)
    again = home.live(SHE)
    home.says(ref.stream, facts.FactVoided(reason="source-error"), refers_to=ref)

    assert (before, during, after, again, home.live(SHE)) == (0, 500, 0, 500, 0)


def test_an_answer_knows_of_ties_and_relatives_what_was_known_then(home: Home) -> None:
    home.says(HE, *MONTHS[:2])
    untied = home.ledger.head()
    home.ties("spouse", SHE, HE)
    tied = home.ledger.head()
    home.says(HE, *MONTHS[2:])

    assert [home.asked(SHE, as_at).total for as_at in (untied, tied, None)] == [0, 200, 500]


def test_who_was_merged_is_somebody_else_and_their_facts_count_there(home: Home) -> None:
    home.ties("spouse", HE, SHE)
    home.says(OTHER, *MONTHS)
    before = home.ledger.head()
    home.says(named(Stream.FAMILY, "merge"), facts.IdentitiesMerged(kept=HE, merged=OTHER))
    merged = home.live(SHE)
    home.says(OTHER, facts.InsuranceMonthPaid(month="2025-11", place=YINZHOU))

    assert (merged, home.live(SHE), home.live(OTHER)) == (500, 600, None)
    assert home.asked(SHE, before).total == 0
    assert home.answers.score(OTHER, YINZHOU, TODAY).subject == HE


def test_a_relative_whose_key_is_destroyed_counts_no_more(home: Home) -> None:
    home.says(HE, *MONTHS)
    home.ties("spouse", HE, SHE)
    counted = home.live(SHE)
    home.ledger.destroy_key(HE)

    assert (counted, home.live(SHE)) == (500, 0)


def test_a_relative_who_stands_still_counts_nothing_until_released(home: Home) -> None:
    home.says(HE, *MONTHS)
    home.ties("spouse", HE, SHE)
    home.live(SHE)
    home.ledger.append_stored([home.ledger.unknown(HE)])
    still = home.live(SHE)
    ask_release(home.runner, home.ledger.schemas, HE)

    assert still == home.live(SHE) == 0


def test_for_a_programme_its_own_deductions_count_and_the_live_score_is_for_none(home: Home) -> None:
    home.says(HE, *MONTHS)
    home.ties("spouse", HE, SHE)
    offence = facts.RestrictedFact(category="offence", level="detention", place=YINZHOU, acted_on=date(2025, 3, 1))
    home.says(SHE, offence)

    assert (home.live(SHE), home.asked(SHE).total, home.asked(SHE, use="school").total) == (500, 500, 100)


def test_an_explanation_tells_of_a_relative_the_kind_and_how_many(home: Home) -> None:
    home.says(HE, *MONTHS, facts.InsuranceMonthPaid(month="2025-01", place=YINZHOU))
    home.ties("spouse", HE, SHE)
    told = home.asked(SHE)
    line = told.line("spouse").as_json(told.scale, lambda row: row.kind)
    whole = json.dumps(told.as_json(), ensure_ascii=False) + "".join(explain(told, "zh") + explain(told, "en"))

    assert told.as_json()["lines"][0]["used"] == [{"kind": "insurance-month-paid", "of": "relative", "count": 5}]
    assert (line["ignored"], "亲属的" in whole) == ([], True)
    assert [secret for secret in (str(HE), "2025-01", "2025-05") if secret in whole] == []


def test_a_change_tells_no_more_of_a_relative_than_an_explanation(home: Home) -> None:
    home.ties("spouse", HE, SHE)
    home.live(SHE)
    before = home.ledger.head()
    home.says(HE, *MONTHS)
    home.live(SHE)
    change = home.answers.change(SHE, When(TODAY, before), When(TODAY), YINZHOU)
    whole = json.dumps(change.as_json(), ensure_ascii=False) + "".join(tell(change, "zh") + tell(change, "en"))

    assert (change.difference, {part.cause.value for part in change.parts}) == (500, {"family"})
    assert [secret for secret in (str(HE), "2025-01") if secret in whole] == []


def test_who_has_nothing_but_what_another_was_is_swept_with_the_others(home: Home) -> None:
    nobody_yet = subject(9)
    home.says(OTHER, *MONTHS)
    home.says(named(Stream.FAMILY, "merge"), facts.IdentitiesMerged(kept=nobody_yet, merged=OTHER))
    before = home.live(nobody_yet)
    home.ledger.today = date(2026, 1, 2)

    assert before == home.live(nobody_yet) == 0


def with_whom(home: Home, on: str, as_at: int | None = None) -> list[UUID]:
    """Say with whom the child lives."""
    home.ledger.run_all(home.runner)
    position = home.ledger.head() if as_at is None else as_at
    with home.runner.cursor(binary=True) as cursor:
        found = members_at(cursor, home.ledger.schemas, [CHILD], date.fromisoformat(on), position)
    return found.carers.get(CHILD, [])


def test_a_child_lives_with_both_parents_until_custody_names_one_whose_void_undoes_it(home: Home) -> None:
    home.says(CHILD, facts.ParticularsCorrected(born_on=date(2012, 6, 1)))
    home.ties("child", HE, CHILD)
    home.ties("child", SHE, CHILD)
    both = home.ledger.head()
    changed = home.says(
        named(Stream.FAMILY, "custody"), facts.CustodyChanged(child=CHILD, to=HE, since=date(2025, 3, 1))
    )
    told = [with_whom(home, "2025-02-28"), with_whom(home, "2025-03-01"), with_whom(home, "2025-03-01", both)]
    home.says(changed.stream, facts.FactVoided(reason="source-error"), refers_to=changed)

    assert told == [sorted([HE, SHE]), [HE], sorted([HE, SHE])]
    assert with_whom(home, "2025-03-01") == sorted([HE, SHE])


def test_a_guardian_cares_until_the_ward_is_eighteen(home: Home) -> None:
    home.says(CHILD, facts.ParticularsCorrected(born_on=date(2012, 6, 1)))
    home.ties("guardian", SHE, CHILD)

    assert [with_whom(home, day) for day in ("2030-05-31", "2030-06-01")] == [[SHE], []]

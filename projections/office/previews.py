"""If a dispute were upheld 试算: the score, the contested result, and who would move in a ranking that stays.

What is claimed is supposed beside what is known; nothing is recorded. The contested decision is made again on what
was known when it was made, so that the difference is the dispute's alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.decision import Decision, Move, moves, redetermine
from domain.dispute.supposed import claimed
from domain.errors import NoRulebookInForce, SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.factrow import FactRow
from domain.facts import DecisionMade, DisputeOpened, Fact, ScoreCertified
from domain.knowledge import in_force
from domain.notation import e4_text
from domain.programme import ProgrammeDocument
from domain.programme.checks import every_condition
from domain.programme.ranking import Ranking
from domain.round import Round
from domain.score import Score
from domain.scoring import score
from domain.supposing import POSITION, suppose, supposed_rows
from ledger.disputes import NothingToDispute
from projections.cases import Cases, Snapshot
from projections.decisions import asked_by
from projections.office.base import Office
from projections.office.contested import day_of, measure_of
from projections.rounds import determined, ranked, ranked_again

_DIVISION = 6
_SHORT = 3
Place = tuple[int | None, str]


def masked_number(number: str) -> str:
    """Mask an application's number: its first and last characters stay.

    >>> masked_number("A-0017"), masked_number("A-1")
    ('A***7', 'A***')
    """
    return f"{number[:1]}***{number[-1:] if len(number) > _SHORT else ''}"


class Outcome(NamedTuple):
    """The contested decision as it was made, and as it would be."""

    decision: str
    before: Decision
    after: Decision
    differences: tuple[Any, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "decision": self.decision,
            "before": _outcome(self.before),
            "after": _outcome(self.after),
            "turns": self.before.met != self.after.met,
            "differences": [each._asdict() for each in self.differences],
        }


class Moved(NamedTuple):
    """A published ranking, which stays, and what it would be."""

    round: str
    published: str
    application: str
    before: Place
    after: Place
    moves: list[Move]

    def as_json(self, *, of_others: bool) -> dict[str, Any]:
        """Give it as JSON values: how many would move, one's own place; to the office who, by masked numbers."""
        told: dict[str, Any] = {
            "round": self.round,
            "published": self.published,
            "own": {"before": self.before, "after": self.after},
            "would_move": len(self.moves),
            "would_turn": sum(move.turns for move in self.moves),
            "movers": None,
        }
        if of_others:
            told["movers"] = [
                {
                    "application": masked_number(move.application),
                    "before": move.before,
                    "after": move.after,
                    "turns": move.turns,
                }
                for move in self.moves
            ]
        return told


@dataclass(frozen=True)
class Preview:
    """What would be, if what a dispute claims were so. `certified`: the contested score of a year.

    `now` and `then` are None where no table is in force on the day, or the item counts others' facts (a parent's).
    """

    filed: DisputeOpened
    as_of: date
    now: str | None
    then: str | None
    certified: dict[str, Any] | None
    outcome: Outcome | None
    ranking: Moved | None

    def as_json(self, *, of_others: bool) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "number": self.filed.dispute,
            "as_of": self.as_of,
            "months": self.filed.months,
            "now": self.now,
            "if": self.then,
            "certified": self.certified,
            "decision": None if self.outcome is None else self.outcome.as_json(),
            "ranking": None if self.ranking is None else self.ranking.as_json(of_others=of_others),
        }


def preview(office: Office, subject: UUID, filed: DisputeOpened, on: date) -> Preview:
    """Suppose that a dispute were upheld. Raises NothingToSuppose, and as Snapshot.household."""
    contested = office.disputes.contested(subject, filed.place, filed.year, filed.decision)
    made = contested if isinstance(contested, DecisionMade) else None
    current = None if made is None or made.round is None else office.rounds.current(made.round)
    office.knowing.follow()

    def look(cases: Cases, snapshot: Snapshot) -> Preview:
        facts = claimed(filed, measure_of(snapshot, filed.item, contested))
        trial = _Trial(cases, snapshot, subject, [*facts])
        own = made is None or _APPLICANT in _roles(snapshot.programme(made.content), filed.item)
        now, then = trial.totals(filed.place, on) if own else (None, None)
        decided = None if made is None else trial.decided(office, made, filed.item)
        return Preview(
            filed,
            on,
            now,
            then,
            trial.certified(contested) if isinstance(contested, ScoreCertified) else None,
            None if decided is None else decided[0],
            None if decided is None or current is None else trial.moved(current, *decided),
        )

    return office.knowing.ask(look)


@dataclass(frozen=True)
class _Trial:
    """One resident with facts that are supposed, in one snapshot."""

    cases: Cases
    snapshot: Snapshot
    subject: UUID
    facts: list[Fact]

    def scores(self, snapshot: Snapshot, whose: UUID, place: str, on: date) -> tuple[Score, Score]:
        """Score somebody as known at a snapshot, and with what is supposed. Raises NoRulebookInForce."""
        household, tables = snapshot.household(snapshot.now(whose), on), snapshot.tables(place, on)
        if not tables.documents:
            raise NoRulebookInForce(f"{place} {on}")
        known = in_force(household.rows)
        coverage, family = snapshot.rules.coverage, household.family
        now, then = (
            score(knowledge, tables, place[:_DIVISION], on, coverage, family)
            for knowledge in (known, suppose(known, self.facts))
        )
        return now, then

    def totals(self, place: str, on: date) -> tuple[str | None, str | None]:
        """Give both totals; None where no table is in force."""
        try:
            now, then = self.scores(self.snapshot, self.subject, place, on)
        except NoRulebookInForce:
            return None, None
        return now.points(now.total), then.points(then.total)

    def certified(self, contested: ScoreCertified) -> dict[str, Any]:
        """Say what was certified, and what the same day's score is now and would be. Raises NoRulebookInForce."""
        now, then = self.scores(self.snapshot, self.subject, contested.place, contested.counted_on)
        return {
            "year": contested.year,
            "counted_on": contested.counted_on,
            "points": e4_text(contested.points_e4),
            "now": e4_text(now.usable_e4),
            "if": e4_text(then.usable_e4),
        }

    def decided(self, office: Office, made: DecisionMade, item: str) -> tuple[Outcome, ProgrammeDocument]:
        """Make the contested decision again, on what was known when it was made, with what is supposed.

        Of several people whose facts the item may count (best_parent), the one for whom it makes most.
        """
        before, document = Decision(made.record), self.snapshot.programme(made.content)
        known = self.cases.within(self.snapshot.cursor, made.as_at)
        asked = asked_by(before, known.now(self.subject))
        [inputs] = known.inputs(document, [asked])
        tables = known.tables(asked.town or asked.place, made.as_of)
        found = []
        for index, (role, rows, sex) in enumerate(inputs.people):
            if role not in _roles(document, item):
                continue
            people = list(inputs.people)
            supposed = [*self.facts, *self._recertified(office, known, document, rows)]
            people[index] = (role, [*rows, *supposed_rows(supposed)], sex)
            as_at = POSITION + len(supposed)
            found.append(redetermine(before, document, tables, replace(inputs, people=people), as_at))
        others = [one for one in found if one is not None]
        if not others:
            return Outcome(made.decision, before, before, ()), document
        best = min(others, key=lambda one: (not one.after.met, one.after.record["outcome"]["key"]))
        return Outcome(made.decision, before, best.after, best.differences), document

    def moved(self, current: Round, outcome: Outcome, document: ProgrammeDocument) -> Moved | None:
        """Rank once more with the decision as it would be.

        None where no ranking is published, or where somebody in it was erased or stands still: of whom is not told.
        """
        application = outcome.before.record["application"]
        if current.as_at is None or not current.published or application is None:
            return None
        try:
            locked = self.cases.within(self.snapshot.cursor, current.as_at)
            found = list(determined(locked, current, document))
        except (SubjectErased, SubjectQuarantined, SubjectUnknown):
            return None
        before = ranked(current, document, found)
        after = ranked_again(current, document, found, {outcome.decision: outcome.after})
        places = (_place(before, application), _place(after, application))
        return Moved(current.name, current.published[-1], application, *places, moves(before, after))

    def _recertified(
        self, office: Office, known: Snapshot, document: ProgrammeDocument, rows: Sequence[FactRow]
    ) -> list[Fact]:
        """Suppose that the certified score, which a programme uses, is certified again with what is supposed.

        Nothing where somebody did not take part, or no table is in force: a dispute certifies nobody.
        """
        use = document.programme.score
        if use is None or use.kind != "certified" or use.year is None or not rows:
            return []
        whose = rows[0].ref_stream
        try:
            standing = office.disputes.contested(whose, document.programme.authority, use.year, None)
            _, then = self.scores(known, whose, standing.place, day_of(standing))
        except (NothingToDispute, NoRulebookInForce):
            return []
        return [standing.model_copy(update={"points_e4": then.usable_e4})]


_APPLICANT = "applicant"
_ROLES: dict[str, tuple[str, ...]] = {
    "self": (_APPLICANT,),
    "spouse": ("spouse",),
    "couple": (_APPLICANT, "spouse"),
    "best_of_couple": (_APPLICANT, "spouse"),
    "household": (_APPLICANT, "spouse", "parent"),
}


def _roles(document: ProgrammeDocument, item: str) -> tuple[str, ...]:
    """Say whose facts an item counts: a condition says of whom it is asked, a programme whose score it uses."""
    programme = document.programme
    asked = {f"{programme.doc}/{condition.id}": condition.who for _, condition in every_condition(programme)}
    who = asked.get(item, "self" if programme.score is None else programme.score.who)
    return _ROLES.get(who, ("parent",))


def _place(ranking: Ranking, application: str) -> Place:
    found = ranking.of(application)
    return found.rank, found.outcome


def _outcome(decision: Decision) -> dict[str, Any]:
    outcome = decision.record["outcome"]
    return {name: outcome[name] for name in ("met", "unmet", "tier", "points", "grant")}

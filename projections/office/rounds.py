"""A round from its opening to its last place: opened under a programme, closed, locked, ranked, offered, shown."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from domain.facts import RoundLocked, RoundOpened, SeedPublished, WindowClosed
from domain.programme import ProgrammeDocument, Ranking
from domain.round import Round, notice
from domain.round.outcome import free_places
from domain.round.refusals import RoundNotLocked
from ledger.entry import Hand, Receipt
from ledger.rounds import masked_names
from ledger.rounds.refusals import CountedOnOther, NoticeIsOver, RankingNotFinal
from ledger.rounds.takings import looking_again
from projections.cases import Snapshot
from projections.late import late_of
from projections.office.base import Office, once
from projections.office.provisional import recognise
from projections.programmes import named
from projections.reading import MOST
from projections.rounds import (
    Determined,
    Filed,
    Outcome,
    applications_of,
    determined,
    incomplete_feeds,
    offers_due,
    ranked,
    ranking_hash,
    ranking_json,
)

_LOOKS = 5
"""Looks at what counts provisionally before a lock; what comes meanwhile is looked at again."""


@dataclass(frozen=True)
class Opening:
    """What a round is opened with. `counted_on` None: the programme's own day, or the last of the window."""

    name: str
    programme: str
    opens_on: date
    closes_on: date
    counted_on: date | None = None
    late_facts: Literal["listed", "redetermined"] = "listed"


@dataclass(frozen=True)
class Closed:
    """The window is over: how many applications stand, how many were filed late and are void."""

    receipt: Receipt
    standing: int
    void: int


@dataclass(frozen=True)
class Locked:
    """What came of a lock. `receipt` None: one person has asked, and another must; `missing` are the feeds."""

    receipt: Receipt | None
    missing: list[str]


@dataclass(frozen=True)
class RankedRound:
    """A round decided: what every application came to, and the ranking under its hash."""

    current: Round
    found: list[Outcome]
    ranking: Ranking
    content: str

    @property
    def provisional(self) -> dict[str, str]:
        """Say which decisions rest on what counts provisionally, and until when."""
        return {each.number: each.until for each in self.found if each.until is not None}

    def as_json(self) -> dict[str, Any]:
        """Give the ranking as JSON values, with each application's points and decision. It names nobody."""
        by_number = {each.number: each for each in self.found}
        told = ranking_json(self.current, self.ranking)
        for line in told["ranked"]:
            each = by_number[line["application"]]
            line |= {"points": each.points, "decision": each.decision, "provisional_until": each.until}
        return {**told, "content": self.content, "programme": self.current.content}


@dataclass(frozen=True)
class Seen:
    """A round as it is: free places by unit, applications by number."""

    current: Round
    free: dict[str, int]
    filed: dict[str, Filed]


def open_round(office: Office, opening: Opening, hand: Hand, permitted: Callable[[str], None]) -> Receipt:
    """Open a round under the version in force on its first day.

    `permitted` raises where the hand may not run rounds in the programme's place.
    Raises ProgrammeUnknown, ProgrammeAmbiguous, CountedOnOther, RequestConflict.
    """
    document = office.ask(lambda snapshot: named(snapshot.programmes, opening.programme, opening.opens_on))
    permitted(document.programme.authority)
    fixed = document.programme.counted_on.day
    day = opening.counted_on or (fixed if isinstance(fixed, date) else opening.closes_on)
    if isinstance(fixed, date) and day != fixed:
        raise CountedOnOther(str(fixed))
    fact = RoundOpened(
        round=opening.name,
        programme=document.programme.programme,
        content=document.hash,
        place=document.programme.authority,
        opens_on=opening.opens_on,
        closes_on=opening.closes_on,
        counted_on=day,
        late_facts=opening.late_facts,
    )
    return office.rounds.open(fact, hand)


def close(office: Office, name: str, on: date, hand: Hand) -> Closed:
    """Say that the window is over. Raises what Rounds.close does."""
    office.run_by(name, hand)
    filed = office.ask(lambda snapshot: [one.application for one in applications_of(snapshot, name).values()])
    receipt = once(
        lambda: office.rounds.close(name, filed, on, hand),
        lambda: office.rounds.said(name),
        WindowClosed,
        closed_on=on,
    )
    current = office.rounds.current(name)
    standing = sum(each.stands(current) for each in filed)
    return Closed(receipt, standing, sum(each.withdrawn_on is None for each in filed) - standing)


def lock(office: Office, name: str, on: date, reason: str | None, hand: Hand) -> Locked:
    """Decide by what is known now. Raises what Rounds.lock does."""
    current = office.run_by(name, hand)
    as_at = office.knowing.follow()

    def incomplete(snapshot: Snapshot) -> list[str]:
        document = snapshot.programme(current.content)
        tables = snapshot.tables(current.place, current.counted_on)
        return incomplete_feeds(document, tables, current, snapshot.rules.coverage)

    missing = office.knowing.ask(lambda _, snapshot: incomplete(snapshot), as_at)
    if not missing or reason:
        document = office.knowing.ask(lambda _, snapshot: snapshot.programme(current.content), as_at)
        as_at = _recognised(office, current, document, as_at, on, hand)
    asked: list[None] = []

    def act() -> Receipt:
        receipt = office.rounds.lock(name, on, as_at, missing, reason, hand)
        if receipt is None:
            asked.append(None)
            raise RoundNotLocked
        return receipt

    try:
        told = {"locked_on": on, "reason": reason} if missing else {"locked_on": on}
        return Locked(once(act, lambda: office.rounds.said(name), RoundLocked, **told), missing)
    except RoundNotLocked:
        if asked:
            return Locked(None, missing)
        raise


def _recognised(
    office: Office, current: Round, document: ProgrammeDocument, as_at: int, on: date, hand: Hand
) -> int:
    """Recognise until nothing is left to say; give the position up to which everything was looked at."""
    for _ in range(_LOOKS):
        if not recognise(office, current, document, on, hand):
            break
        as_at = office.knowing.follow()
    return as_at


def publish_seed(office: Office, name: str, seed: str, drawn_from: str, on: date, hand: Hand) -> Receipt:
    """Publish the seed of the draw. Raises what Rounds.publish_seed does."""
    office.run_by(name, hand)
    return once(
        lambda: office.rounds.publish_seed(name, seed, drawn_from, on, hand),
        lambda: office.rounds.said(name),
        SeedPublished,
        seed=seed,
        drawn_from=drawn_from,
        published_on=on,
    )


def rank(office: Office, name: str) -> RankedRound:
    """Rank the applications: on what was known at the lock, before it on what is known now. Raises RoundUnknown."""
    current = office.rounds.current(name)
    return _ranked(office, current, office.outcomes(current))


def _ranked(office: Office, current: Round, found: list[Outcome]) -> RankedRound:
    document = office.ask(lambda snapshot: snapshot.programme(current.content))
    ranking = ranked(current, document, found)
    return RankedRound(current, found, ranking, ranking_hash(current, ranking))


def publish(office: Office, name: str, on: date, hand: Hand) -> RankedRound:
    """Record the decision about each application, and publish. Raises RoundNotLocked, RankingNotFinal."""
    current = office.run_by(name, hand)
    if current.as_at is None:
        raise RoundNotLocked

    def decide(snapshot: Snapshot) -> list[Determined]:
        return list(determined(snapshot, current, snapshot.programme(current.content)))

    found = office.ask(decide, current.as_at)
    told = _ranked(office, current, [each.outcome() for each in found])
    if not told.ranking.is_final:
        raise RankingNotFinal
    office.decisions.record(
        [(each.filed.subject, each.decision) for each in found],
        on,
        hand,
        place=current.place,
        programme=current.programme,
        round_name=name,
    )
    # If we stop here, publishing again finds the decisions under their keys, and publishes.
    office.rounds.publish(name, told.content, on, hand)
    return told


def offer(office: Office, name: str, on: date, answer_by: date, hand: Hand) -> list[dict[str, Any]]:
    """Offer the places that are free to whoever is next: no place is offered twice, also by two at once.

    Raises RoundNotLocked, PlaceTakenMeanwhile, and as Applications.offer does.
    """
    offered: list[dict[str, Any]] = []
    looking_again(partial(_offer_once, office, name, on, answer_by, hand, offered))
    return offered


def _offer_once(
    office: Office, name: str, on: date, answer_by: date, hand: Hand, offered: list[dict[str, Any]]
) -> None:
    """Offer on one look, and add to what was offered. Raises TakenMeanwhile where somebody else took a place."""
    current = office.run_by(name, hand)
    if current.as_at is None:
        raise RoundNotLocked
    takings = office.applications.takings(name, hand)
    next_of = {unit: takings.next(unit) for unit in current.places}
    found = office.outcomes(current)

    def look(snapshot: Snapshot) -> tuple[ProgrammeDocument, dict[str, Filed]]:
        return snapshot.programme(current.content), applications_of(snapshot, name)

    document, now = office.ask(look)
    for each in offers_due(current, document, found, now, on).ranked:
        if each.outcome == "in" and each.unit is not None:
            filed = office.applications.of(name, each.application, hand)
            office.applications.offer(filed, each.unit, next_of[each.unit], on, answer_by, hand)
            next_of[each.unit] += 1
            offered.append({"application": each.application, "rank": each.rank, "unit": each.unit})


def seen(office: Office, name: str, on: date) -> Seen:
    """Look at a round: its places, its applications with their items. Raises RoundUnknown."""
    current = office.rounds.current(name)
    filed = office.ask(lambda snapshot: applications_of(snapshot, name))
    return Seen(current, free_places(current, (one.application for one in filed.values()), on), filed)


def late_facts(office: Office, name: str) -> tuple[Round, list[dict[str, Any]]]:
    """List what became known after the lock and speaks of days that counted. Raises RoundUnknown."""
    current = office.rounds.current(name)

    def look(snapshot: Snapshot) -> list[dict[str, Any]]:
        return [each.as_json() for each in late_of(snapshot, current, snapshot.programme(current.content))]

    return current, office.ask(look)


def notice_lines(office: Office, current: Round, as_at: int = MOST) -> list[dict[str, Any]]:
    """Give who is in as the public sees them, from what was known at the lock. Raises RoundNotLocked.

    Names are those known at `as_at`.
    """
    if current.as_at is None:
        raise RoundNotLocked
    told = rank(office, current.name)
    admitted = set(told.ranking.named("in"))
    subjects = {each.number: each.filed.subject for each in told.found if each.number in admitted}
    names = masked_names(office.desk.ledger, subjects.values(), as_at)
    points = {each.number: each.points for each in told.found}
    return notice(
        told.ranking,
        {number: names[subject] for number, subject in subjects.items()},
        {number: said["total"] for number, said in points.items() if said is not None},
    )


def board(office: Office, name: str, on: date) -> list[dict[str, Any]]:
    """Show what hangs out on a day; before and after that nothing. Raises NoticeIsOver, RoundUnknown."""
    current = office.rounds.current(name)
    if not current.shown(on):
        raise NoticeIsOver(name)
    return notice_lines(office, current)

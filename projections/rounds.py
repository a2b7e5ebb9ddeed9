"""What follows from a round: its applications, the feeds it needs, each application decided, the ranking.

The applications are read as they stood when the round was locked, like everything that they are decided on; offers
and answers come later and are read as they are now.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from domain.civil import month_index
from domain.coverage import Coverage
from domain.decision import Decision
from domain.facts import BY_TOPIC
from domain.programme import ProgrammeDocument, Ranking
from domain.programme.checks import every_condition
from domain.programme.conditions import HomeIs, Measured, PermitIs, TermIs
from domain.programme.ranking import ALL
from domain.round import Application, Round, evolve_application, free_places, next_offers, ranking_of
from domain.round.outcome import Standing
from domain.rulebook.resolution import RulebookSet
from projections.cases import Asked, Snapshot
from projections.uses import applications_at

_PERMIT, _REGISTRATION = "permit-issued", "residence-registered"
_KINDS = {fact.kind_name() for fact in BY_TOPIC.values()} - {"attested"}


class Filed(NamedTuple):
    """An application and whose it is."""

    subject: UUID
    application: Application


class Outcome(NamedTuple):
    """What an application came to, without the record that says why: a round of fifty thousand fits in memory."""

    filed: Filed
    met: bool
    key: tuple[int, ...]
    points: dict[str, Any] | None
    decision: str
    until: str | None
    """Until when it rests on what counts provisionally."""

    @property
    def number(self) -> str:
        """Give the application's number."""
        return self.filed.application.number

    def standing(self, application: Application | None = None) -> Standing:
        """Give what a ranking asks: the key, and whether the conditions are met."""
        return Standing(application or self.filed.application, self.key, self.met)


class Determined(NamedTuple):
    """An application with the decision about it."""

    filed: Filed
    decision: Decision

    @property
    def number(self) -> str:
        """Give the application's number."""
        return self.filed.application.number

    def standing(self, application: Application | None = None) -> Standing:
        """Give what a ranking asks: the key, and whether the conditions are met."""
        return self.outcome().standing(application)

    def outcome(self) -> Outcome:
        """Give what the application came to."""
        told = self.decision.record["outcome"]
        key = tuple(int(part) for part in told["key"])
        provisional = self.decision.provisional
        until = None if provisional is None else provisional["until"]
        return Outcome(self.filed, self.decision.met, key, told["points"], self.decision.hash, until)


def applications_of(snapshot: Snapshot, name: str) -> dict[str, Filed]:
    """Fold the applications of a round, by their numbers, as known at the snapshot's position."""
    found: dict[str, Filed] = {}
    for used in applications_at(snapshot.cursor, snapshot.schemas, snapshot.opener, name, snapshot.position):
        fact = used.fact
        if fact is None:
            continue
        number = str(getattr(fact, "application", ""))
        before = found.get(number, Filed(used.stream, Application()))
        found[number] = Filed(before.subject, evolve_application(before.application, fact))
    return {number: filed for number, filed in sorted(found.items()) if filed.application.filed_on is not None}


def determined(snapshot: Snapshot, current: Round, document: ProgrammeDocument) -> Iterator[Determined]:
    """Decide every application that stands, on what is known at the snapshot's position.

    Items that were returned and not supplemented by the lock score nothing. Raises as Snapshot.inputs does.
    """
    filed = [one for one in applications_of(snapshot, current.name).values() if one.application.stands(current)]
    asked = [asked_of(current, one) for one in filed]
    for one, (_, decision) in zip(filed, snapshot.decided(document, asked), strict=True):
        yield Determined(one, decision)


def asked_of(current: Round, filed: Filed) -> Asked:
    """Say what an application asks for."""
    application = filed.application
    lapsed = application.lapsed(current.locked_on) if current.locked_on is not None else frozenset()
    return Asked(
        subject=filed.subject,
        place=current.place,
        applied_on=application.filed_on or current.closes_on,
        application=application.number,
        town=application.town,
        zone=application.zone,
        lapsed=sorted(lapsed),
        round=current.name,
    )


def ranked(current: Round, document: ProgrammeDocument, found: Iterable[Determined | Outcome]) -> Ranking:
    """Rank what was decided. Where the programme has no quota, everybody who meets it is in."""
    found = list(found)
    quota = document.programme.quota
    if quota is None:
        return ranking_of(_with_places(current, len(found)), [each.standing() for each in found], "admit_all")
    places = len(found) if quota.places == "from_round" else quota.places
    within = current if current.places else _with_places(current, places)
    return ranking_of(within, [each.standing() for each in found], quota.ties_at_line)


def offers_due(
    current: Round, document: ProgrammeDocument, found: Iterable[Outcome], now: Mapping[str, Filed], on: date
) -> Ranking:
    """Say who is offered the places that are free on a day, by applications as they are now."""
    quota = document.programme.quota
    ties = quota.ties_at_line if quota is not None else "admit_all"
    standings = [each.standing(now[each.number].application) for each in found if each.number in now]
    return next_offers(current, standings, ties, on)


def free_now(snapshot: Snapshot, current: Round, on: date) -> dict[str, int]:
    """Count the places of each unit that are free on a day, as far as is known."""
    filed = applications_of(snapshot, current.name).values()
    return free_places(current, (each.application for each in filed), on)


def ranked_again(
    current: Round, document: ProgrammeDocument, found: Iterable[Determined], after: Mapping[str, Decision]
) -> Ranking:
    """Rank with other decisions in the place of some, by their hashes: who would stand where. Nothing is edited."""
    again = [Determined(each.filed, after.get(each.decision.hash, each.decision)) for each in found]
    return ranked(current, document, again)


def ranking_json(current: Round, ranking: Ranking) -> dict[str, Any]:
    """Give a ranking as JSON values. It names applications, and nobody."""
    return {
        "round": current.name,
        "content": current.content,
        "counted_on": current.counted_on.isoformat(),
        "as_at": current.as_at,
        "seed": current.seed,
        "final": ranking.is_final,
        "over_quota": ranking.over,
        "ranked": [
            {"application": r.application, "rank": r.rank, "outcome": r.outcome, "unit": r.unit, "tied": r.tied}
            for r in ranking.ranked
        ],
    }


def ranking_hash(current: Round, ranking: Ranking) -> str:
    """Give SHA-256 over the canonical bytes of a ranking: what is published."""
    text = json.dumps(ranking_json(current, ranking), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def incomplete_feeds(
    document: ProgrammeDocument, tables: RulebookSet, current: Round, coverage: Coverage
) -> list[str]:
    """Name the kinds that a round reads and whose feed does not reach the month before the counting day.

    Read are what the conditions ask for, and for a live score what the tables in force count.
    """
    month = month_index(current.counted_on) - 1
    return sorted(
        kind for kind in set(_kinds(document, tables)) if not coverage.covers(kind, current.place, month, month)
    )


def _kinds(document: ProgrammeDocument, tables: RulebookSet) -> Iterator[str]:
    programme = document.programme
    for _, condition in every_condition(programme):
        match condition:
            case PermitIs():
                yield _PERMIT
            case HomeIs(by=by):
                yield _PERMIT if by == "permit" else _REGISTRATION
            case TermIs(of=of):
                yield of.partition("/")[0]
            case Measured(measure=measure):
                yield from _of(measure)
            case _:
                pass
    if programme.score is not None and programme.score.kind == "live":
        for table in tables.rulebooks:
            for row in (*table.items, *table.deductions):
                yield from _of(row.measure)


def _of(measure: Any) -> Iterator[str]:
    """Name the kinds of facts that a measure reads; what a scheme of its own attests is nobody's feed."""
    sets = ("any_of", "all_of", "minus")
    parts = [measure, *(part for name in sets for part in getattr(measure, name, None) or ())]
    for part in parts:
        kind = str(getattr(part, "of", "") or "").partition("/")[0]
        if kind == "permit":
            yield _PERMIT
        elif kind and kind in _KINDS:
            yield kind


def _with_places(current: Round, places: int) -> Round:
    return replace(current, places={ALL: places})

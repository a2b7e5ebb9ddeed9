"""What became known after a decision: listed always, and where the rule says so, re-determined, never silently.

A candidate shows the decision as it was and as it would be, condition by condition, and the entries that are the
cause. It settles nothing: an event does (upheld, revised, payment adjusted). A published ranking stays as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, NamedTuple

from domain.decision.record import Decision, Inputs, decide, ordered
from domain.errors import Refusal
from domain.factrow import FactRow, Role
from domain.facts.decisions import Settlement
from domain.programme.document import ProgrammeDocument
from domain.programme.ranking import Ranking
from domain.rulebook.resolution import RulebookSet


def late_rows(rows: Iterable[FactRow], as_at: int, counted_on: date) -> list[FactRow]:
    """Give what became known after a position and speaks of days up to the counting day; voids always do."""
    return [
        row
        for row in ordered(rows, 2**63)
        if row.position > as_at
        and (row.role is Role.VOID or _day(row) is None or (_day(row) or date.min) <= counted_on)
    ]


def _day(row: FactRow) -> date | None:
    return row.starts_on or row.stops_on or row.born_on


class LateFactsAreListed(Refusal):
    """本批次规定锁定后得知的事实只列明,不重新认定。| Facts known after the lock are only listed here."""

    hint = (
        "只能维持;认定有误的按异议程序处理。",
        "It can be upheld; a decision that was wrong is put right by a dispute.",
    )
    status = 409


def treated(rule: Literal["listed", "redetermined"], outcome: Settlement) -> None:
    """Hold a settlement to the rule that its round declared. Raises LateFactsAreListed."""
    if rule == "listed" and outcome != "upheld":
        raise LateFactsAreListed


class Difference(NamedTuple):
    """One condition, the tier, the points or the grant: as decided and as it would be."""

    what: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """A decision that would be another one. `causes` are the entries that became known later."""

    decision: str
    before: Decision
    after: Decision
    differences: tuple[Difference, ...]
    causes: tuple[FactRow, ...]

    @property
    def turns(self) -> bool:
        """Say whether the conditions would be met and were not, or the other way round."""
        return self.before.met != self.after.met


def redetermine(
    decision: Decision, document: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs, as_at: int
) -> Candidate | None:
    """Decide again with what is known at a later position; None where the outcome is the same."""
    after = decide(document, rulebooks, replace(inputs, as_at=as_at))
    differences = tuple(_differences(decision.record, after.record))
    if not differences:
        return None
    counted_on = date.fromisoformat(str(decision.record["as_of"]))
    causes = tuple(
        row
        for _, rows, _ in inputs.people
        for row in late_rows((r for r in rows if r.position <= as_at), int(decision.record["as_at"]), counted_on)
    )
    return Candidate(decision.hash, decision, after, differences, causes)


def _differences(before: Any, after: Any) -> Iterable[Difference]:
    old, new = before["outcome"], after["outcome"]
    for name in ("met", "tier", "points", "grant", "key"):
        if old[name] != new[name]:
            yield Difference(name, old[name], new[name])
    was = {each["id"]: each for each in before["explanation"]["conditions"]}
    for each in after["explanation"]["conditions"]:
        told = was[each["id"]]
        if (told["met"], told["found"]) != (each["met"], each["found"]):
            yield Difference(each["id"], told["found"], each["found"])


class Move(NamedTuple):
    """Who would stand elsewhere in a ranking that is published and stays: rank and outcome before and after."""

    application: str
    before: tuple[int | None, str]
    after: tuple[int | None, str]

    @property
    def turns(self) -> bool:
        """Say whether the outcome would be another one, and not the rank alone."""
        return self.before[1] != self.after[1]


def moves(published: Ranking, recomputed: Ranking) -> list[Move]:
    """Say who would have moved, in the order of the published ranking."""
    now = {each.application: each for each in recomputed.ranked}
    found = []
    for was in published.ranked:
        new = now.get(was.application)
        after: tuple[int | None, str] = (new.rank, new.outcome) if new is not None else (None, "out")
        if after != (was.rank, was.outcome):
            found.append(Move(was.application, (was.rank, was.outcome), after))
    return found

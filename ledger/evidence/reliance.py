"""What a decision rests on besides its people's facts: who belongs to whom, and which deliveries were complete.

Ties stand in streams of their own, which are short: a bundle shows them whole, as far as they were known. A
delivery stands in its organ's stream, which is long: it is shown alone, with a proof of its own. Shown are those on
which the decision rests: with them alone, and no others, it comes out the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.coverage import Feed, feeds_of
from domain.custody import cared_for_by, custodies
from domain.decision import Decision, Inputs, decide
from domain.facts import (
    CustodyChanged,
    Fact,
    FactVoided,
    FamilyTieEnded,
    FamilyTieRecorded,
    IdentitiesMerged,
    Known,
)
from domain.family import merges, relatives, ties
from domain.knowledge import in_force
from domain.places import authority_prefix
from domain.programme import ProgrammeDocument
from domain.rulebook.resolution import RulebookSet
from ledger.canonical import canonical, parse
from ledger.evidence.entries import ShownEntry
from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.merkle import ProofRefused, check_inclusion

DELIVERIES = "deliveries.ndjson"
_KIN = (FamilyTieRecorded, FamilyTieEnded, IdentitiesMerged, CustodyChanged, FactVoided)
_GROUPS_MAX = 64
"""Groups of deliveries that are tried without: each costs a decision."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An opened entry that says that a feed was complete, and its place in the log."""

    entry: ShownEntry
    index: int
    path: tuple[bytes, ...]

    def line(self) -> bytes:
        """Write it as one line of canonical JSON."""
        told = {"entry": parse(self.entry.line()), "index": self.index, "path": [one.hex() for one in self.path]}
        return canonical(told) + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Delivery":
        """Read a line. Raises EvidenceRefused."""
        try:
            told = parse(line)
            path = tuple(bytes.fromhex(one) for one in told["path"])
            found = cls(ShownEntry.read(canonical(told["entry"]) + b"\n"), int(told["index"]), path)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise EvidenceRefused("", "the line is no delivery") from None
        if found.line().rstrip(b"\n") != line.rstrip(b"\n"):
            raise EvidenceRefused("", "a delivery has one spelling")
        return found


def read_deliveries(text: bytes) -> tuple[Delivery, ...]:
    """Read the file. Raises EvidenceRefused with the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            found.append(Delivery.read(line))
        except EvidenceRefused as refusal:
            raise refusal.within(f"{DELIVERIES} line {number}") from None
    return tuple(found)


def proven_feeds(deliveries: Sequence[Delivery], checkpoint: Checkpoint, limit: int) -> list[Feed]:
    """Check deliveries, each of which was known at the leaf `limit`; give what they say. Raises EvidenceRefused."""
    found: list[Feed] = []
    for number, one in enumerate(deliveries, 1):
        place, entry = f"{DELIVERIES} line {number}", one.entry
        try:
            fact = entry.fact()
            check_inclusion(entry.suite.hash, entry.leaf(), one.index, checkpoint.size, one.path, checkpoint.root)
        except EvidenceRefused as refusal:
            raise refusal.within(place) from None
        except ProofRefused as error:
            raise EvidenceRefused(place, str(error)) from None
        if one.index > limit:
            raise EvidenceRefused(place, "nothing shows that it was there when the decision looked")
        complete = [] if fact is None else feeds_of([Known(fact, 0, entry.ref, entry.refers_to)])
        if not complete:
            raise EvidenceRefused(place, "it is not an opened delivery that was complete")
        found += complete
    return found


def rests_on(
    feeds: Sequence[Feed], decision: Decision, programme: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs
) -> bool:
    """Say whether a decision comes out the same with these deliveries and no others."""
    record = decision.record
    again = decide(programme, rulebooks, replace(inputs, feeds=feeds), str(record["engine"]), record["inputs"])
    return again.bytes == decision.bytes


def relied_on(
    decision: Decision, programme: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs
) -> list[Feed]:
    """Give deliveries on which a decision rests: few, though not always the fewest."""

    def rests(feeds: Sequence[Feed]) -> bool:
        return rests_on(feeds, decision, programme, rulebooks, inputs)

    if rests(()):
        return []
    known = sorted(feed for feed in inputs.feeds if feed.position <= inputs.as_at)
    places = {
        inputs.town or inputs.place,
        *(row.place for _, rows, _ in inputs.known() for row in rows if row.place),
    }
    near = [one for one in known if any(place.startswith(authority_prefix(one.place)) for place in places)]
    found = _without(near if rests(near) else known, lambda feed: feed.kind, rests)
    return _without(found, lambda feed: f"{feed.kind} {feed.place}", rests)


def _without(
    feeds: Sequence[Feed], group: Callable[[Feed], str], rests: Callable[[Sequence[Feed]], bool]
) -> list[Feed]:
    """Leave groups out that change nothing."""
    found = list(feeds)
    for name in sorted({group(feed) for feed in feeds})[:_GROUPS_MAX]:
        others = [feed for feed in found if group(feed) != name]
        if rests(others):
            found = others
    return found


def check_kin(
    streams: Iterable[UUID],
    opened: Iterable[tuple[ShownEntry, Fact]],
    known: Mapping[UUID, int],
    decision: Decision,
    inputs: Inputs,
) -> None:
    """Check that whoever was read is the applicant, or is tied to the applicant as the decision says.

    `known` says of each stream how many of its entries were there when the decision looked. Raises EvidenceRefused.
    """
    facts = {(entry.ref.stream, entry.ref.version): (entry, fact) for entry, fact in opened}
    for stream in streams:
        for version in range(1, known.get(stream, 0) + 1):
            if (stream, version) not in facts:
                raise EvidenceRefused(f"entries/{stream}.ndjson line {version}", "a tie is shown whole")
    told = [
        Known(fact, version, entry.ref, entry.refers_to)
        for (stream, version), (entry, fact) in facts.items()
        if isinstance(fact, _KIN) and version <= known.get(stream, 0)
    ]
    heads, tied, changed = merges(told), ties(told), custodies(told)
    subject, day = UUID(inputs.subject), date.fromisoformat(decision.record["as_of"])
    born_on = in_force(inputs.people[0][1]).born_on
    who = {
        "applicant": [subject],
        "spouse": relatives(subject, day, tied)["spouse"],
        "parent": cared_for_by(subject, day, tied, changed, born_on),
    }
    for number, person in enumerate(decision.record["inputs"]["people"]):
        read = {heads.get(UUID(stream), UUID(stream)) for stream, _ in person["entries"]}
        if not read <= set(who.get(person["role"], ())):
            raise EvidenceRefused(f"bundle.json people {number + 1}", "nothing shows whose relative it is")

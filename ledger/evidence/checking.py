"""Checking a bundle: every hash, chain and proof, and then the decision itself, computed again from its facts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from uuid import UUID

from domain.coverage import Feed
from domain.decision import Decision, Inputs, Replayed, replay
from domain.factrow import FactRow, rows_of
from domain.facts import DecisionMade, Fact, Known
from domain.programme import ProgrammeDocument, read_programme
from domain.rulebook import Unsound, read_tree
from domain.rulebook.resolution import RulebookSet
from ledger.evidence.bundle import AS_AT, CHECKPOINT, DECISION, HEADER, PROGRAMME, STAMP, Bundle, Place
from ledger.evidence.entries import ShownEntry
from ledger.evidence.refusal import EvidenceRefused
from ledger.evidence.reliance import DELIVERIES, check_kin, proven_feeds, rests_on
from ledger.evidence.timestamps import Stamp, check_stamp
from ledger.transparency.checkpoint import Checkpoint
from ledger.transparency.merkle import ProofRefused, check_inclusion
from ledger.transparency.notes import NoteRefused, read_note
from ledger.transparency.policy import Policy

Verdict = Literal["valid", "incomplete"]
Rows = Mapping[tuple[UUID, int, int], FactRow]


@dataclass
class BundleReport:
    """A bundle that holds. `incomplete`: what would open an input was erased, so that nothing could be computed.

    `streams` says of each stream up to which version it is complete; `facts` counts what was opened. `ties` counts
    the streams that show who belongs together, `deliveries` those that are proven, of `feeds` that were known; None
    in a bundle of an older release, which shows neither.
    """

    verdict: Verdict
    decision: Decision
    made: DecisionMade
    checkpoint: Checkpoint
    index: int
    replayed: Replayed
    facts: int
    streams: dict[UUID, int] = field(default_factory=dict)
    stamp: Stamp | None = None
    ties: int | None = None
    deliveries: int | None = None
    feeds: int = 0


def check_bundle(bundle: Bundle, policy: Policy) -> BundleReport:
    """Check everything. Raises EvidenceRefused, which says where it does not hold."""
    try:
        return _checked(bundle, policy)
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError):
        # What no release can have written must be refused like any other difference.
        raise EvidenceRefused("", "what it says has no form that this release knows") from None


def _checked(bundle: Bundle, policy: Policy) -> BundleReport:
    try:
        checkpoint = policy.check(read_note(bundle.checkpoint))
    except NoteRefused as error:
        raise EvidenceRefused(CHECKPOINT, str(error)) from None
    stamp = None
    if bundle.stamp is not None:
        stamp = _at(STAMP, lambda token: check_stamp(token, bundle.checkpoint.encode()), bundle.stamp)
    indexes = dict(_indexes(bundle, checkpoint))
    for stream, entries in bundle.streams.items():
        _check_chain(stream, entries)
    facts = dict(facts_of(bundle))
    made = _decision(bundle, facts)
    known = _check_known(bundle, made, indexes)
    decision = Decision(made.record)
    rulebooks, programme = _rules(bundle, made)
    inputs = inputs_of(bundle, decision, facts)
    found = replay(decision, programme, rulebooks, inputs)
    if found.verdict not in {"same", "incomplete"}:
        raise EvidenceRefused(DECISION, f"recomputed, the decision is another: {', '.join(found.paths[:5])}")
    if found.verdict == "incomplete":
        _check_erased(bundle, decision, facts)
    if bundle.kin is not None:
        check_kin(bundle.kin, facts.values(), known, decision, inputs)
    if bundle.deliveries is not None:
        feeds = proven_feeds(bundle.deliveries, checkpoint, indexes[AS_AT])
        if not set(feeds) <= set(bundle.feeds):
            raise EvidenceRefused(DELIVERIES, "the decision knew of no such delivery")
        if found.verdict == "same" and set(feeds) != set(bundle.feeds):
            _at(DELIVERIES, lambda given: _check_rests(given, decision, programme, rulebooks, inputs), feeds)
    return BundleReport(
        "valid" if found.verdict == "same" else "incomplete",
        decision,
        made,
        checkpoint,
        indexes[bundle.decision.name],
        found,
        len(facts),
        {stream: len(entries) for stream, entries in bundle.streams.items()},
        stamp,
        None if bundle.kin is None else len(bundle.kin),
        None if bundle.deliveries is None else len(bundle.deliveries),
        len(bundle.feeds),
    )


def _check_rests(
    feeds: Sequence[Feed], decision: Decision, programme: ProgrammeDocument, rulebooks: RulebookSet, inputs: Inputs
) -> None:
    if not rests_on(feeds, decision, programme, rulebooks, inputs):
        raise EvidenceRefused("", "the decision rests on deliveries that are not shown")


def _at(place: str, check: Any, value: Any) -> Any:
    try:
        return check(value)
    except EvidenceRefused as refusal:
        raise refusal.within(place) from None


def _check_chain(stream: UUID, entries: Any) -> None:
    """Check that versions begin with one, leave none out, and that each names the leaf of the one before."""
    before: bytes | None = None
    for number, entry in enumerate(entries, 1):
        place = f"entries/{stream}.ndjson line {number}"
        if entry.ref.stream != stream or entry.ref.version != number:
            raise EvidenceRefused(f"{place} version", "the stream begins with version 1 and leaves none out")
        if entry.header["prev"] != (None if before is None else before.hex()):
            raise EvidenceRefused(f"{place} prev", "it does not name the leaf of the entry before")
        before = entry.leaf()


def _indexes(bundle: Bundle, checkpoint: Checkpoint) -> Iterator[tuple[str, int]]:
    """Check every proof; give the index of the leaf that each is of."""
    leaves = {AS_AT: bundle.as_at_leaf}
    suite = bundle.streams[bundle.decision.stream][0].suite if bundle.decision.stream in bundle.streams else None
    if suite is None:
        raise EvidenceRefused("bundle.json decision", "the stream of the decision is not shown")
    for stream, entries in bundle.streams.items():
        last = Place(stream, len(entries)).name
        if last not in bundle.proofs:
            raise EvidenceRefused(f"proofs/{last}.tlog-proof", "the stream's last entry is not proven")
        if any(entry.suite is not suite for entry in entries):
            raise EvidenceRefused(f"entries/{stream}.ndjson suite", "a ledger has one suite")
        leaves |= {
            place.name: entry.leaf()
            for number, entry in enumerate(entries, 1)
            if (place := Place(stream, number)).name in bundle.proofs
        }
    for name, proof in bundle.proofs.items():
        where = f"proofs/{name}.tlog-proof"
        if name not in leaves:
            raise EvidenceRefused(where, "it proves nothing that is shown")
        if proof.note.whole() != bundle.checkpoint:
            raise EvidenceRefused(where, "it is under another checkpoint")
        try:
            check_inclusion(suite.hash, leaves[name], proof.index, checkpoint.size, proof.path, checkpoint.root)
        except ProofRefused as error:
            raise EvidenceRefused(where, str(error)) from None
        yield name, proof.index


def facts_of(bundle: Bundle) -> Iterator[tuple[Place, tuple[ShownEntry, Fact]]]:
    """Open and check whatever is shown. Raises EvidenceRefused."""
    for stream, entries in bundle.streams.items():
        for number, entry in enumerate(entries, 1):
            fact = _at(f"entries/{stream}.ndjson line {number}", ShownEntry.fact, entry)
            if fact is not None:
                yield Place(stream, number), (entry, fact)


def _decision(bundle: Bundle, facts: Mapping[Place, tuple[ShownEntry, Fact]]) -> DecisionMade:
    """Give the decision as it was recorded, once everything that says what it is says the same."""
    place = f"entries/{bundle.decision.stream}.ndjson line {bundle.decision.version}"
    entry, made = facts.get(bundle.decision, (None, None))
    if entry is None or not isinstance(made, DecisionMade):
        raise EvidenceRefused(place, "it is not an opened decision")
    if bundle.decision.name not in bundle.proofs:
        raise EvidenceRefused(f"proofs/{bundle.decision.name}.tlog-proof", "the decision is not proven")
    decision = Decision(made.record)
    if decision.hash != made.decision:
        raise EvidenceRefused(f"{place} record", "its hash is not the decision's name")
    if bundle.record != decision.bytes:
        raise EvidenceRefused(DECISION, "it is not the record that stands in the ledger")
    if bundle.files and bundle.files[HEADER] != entry.header_bytes():
        raise EvidenceRefused(HEADER, "it is not the header of the decision's entry")
    record = decision.record
    told = (record["as_at"], record["as_of"], record["rulebooks"], record["programme"]["hash"], record["engine"])
    if told != (made.as_at, made.as_of.isoformat(), made.rulebooks, made.content, made.engine):
        raise EvidenceRefused(f"{place} state", "the entry and its record say different things")
    return made


def _check_known(bundle: Bundle, made: DecisionMade, indexes: Mapping[str, int]) -> dict[UUID, int]:
    """Check that each stream was read as far as it went when the decision looked; give how far that was."""
    if bundle.as_at_leaf.hex() != made.leaf:
        raise EvidenceRefused("bundle.json as_at_leaf", "the decision looked at the ledger up to another entry")
    if AS_AT not in indexes:
        raise EvidenceRefused(
            f"proofs/{AS_AT}.tlog-proof", "the entry up to which the decision looked is not proven"
        )
    limit, known = indexes[AS_AT], dict[UUID, int]()
    for stream, entries in bundle.streams.items():
        proven = {
            number: indexes[name] for number in _numbers(entries) if (name := Place(stream, number).name) in indexes
        }
        last = known[stream] = max((number for number, index in proven.items() if index <= limit), default=0)
        if last < len(entries) and proven.get(last + 1, -1) <= limit:
            place = f"entries/{stream}.ndjson line {last + 1}"
            raise EvidenceRefused(place, "nothing shows that it came after the decision looked")
    for person in made.record["inputs"]["people"]:
        for stream, version in person["entries"]:
            if int(version) > known.get(UUID(stream), 0):
                place = f"entries/{stream}.ndjson line {version}"
                raise EvidenceRefused(place, "nothing shows that it was there when the decision looked")
    return known


def _numbers(entries: Sequence[ShownEntry]) -> range:
    return range(1, len(entries) + 1)


def _rules(bundle: Bundle, made: DecisionMade) -> tuple[RulebookSet, ProgrammeDocument]:
    try:
        books = RulebookSet.of(read_tree(tree) for tree in bundle.rulebooks)
        programme = read_programme(bundle.programme)
    except Unsound as error:
        raise EvidenceRefused("rulebooks", f"a document is not sound: {error.problems[0].code}") from None
    if programme.hash != made.content:
        raise EvidenceRefused(PROGRAMME, "it is not the programme under which was decided")
    for found in (books, books.without_restricted()):
        if found.hash == made.rulebooks:
            return found, programme
    raise EvidenceRefused("rulebooks", "they are not the tables under which was decided")


def inputs_of(bundle: Bundle, decision: Decision, facts: Mapping[Place, tuple[ShownEntry, Fact]]) -> Inputs:
    """Put the inputs together from what is opened; what is not there the replay misses."""
    rows = _rows(facts)
    people = [
        (one.role, [rows[ref] for ref in one.rows if ref in rows], told["sex"])
        for one, told in zip(bundle.people, decision.record["inputs"]["people"], strict=False)
    ]
    if not people:
        raise EvidenceRefused("bundle.json people", "nobody is named")
    told = decision.record["inputs"]
    return Inputs(
        subject=str(decision.record["subject"]),
        people=people,
        place=told["place"],
        applied_on=date.fromisoformat(told["applied_on"]),
        as_at=int(decision.record["as_at"]),
        feeds=bundle.feeds,
        town=told["town"],
        zone=told["zone"],
        check_day=None if told["check_day"] is None else date.fromisoformat(told["check_day"]),
        application=decision.record["application"],
        lapsed=told["lapsed"],
        round=(decision.provisional or {}).get("round"),
    )


def _rows(facts: Mapping[Place, tuple[ShownEntry, Fact]]) -> dict[tuple[UUID, int, int], FactRow]:
    return {
        (row.ref_stream, row.ref_version, row.part): row
        for entry, fact in facts.values()
        if entry.position is not None
        for row in rows_of(Known(fact, entry.position, entry.ref, entry.refers_to))
    }


def _check_erased(bundle: Bundle, decision: Decision, facts: Mapping[Place, tuple[ShownEntry, Fact]]) -> None:
    """Check that what is missing was erased, and not merely left out."""
    named = {ref[:2] for one in bundle.people for ref in one.rows}
    for person in decision.record["inputs"]["people"]:
        for stream, version in person["entries"]:
            place = Place(UUID(stream), int(version))
            entries = bundle.streams.get(place.stream, ())
            shown = entries[place.version - 1] if place.version <= len(entries) else None
            where = f"entries/{stream}.ndjson line {version}"
            if shown is None or (place not in facts and not shown.erased):
                raise EvidenceRefused(where, "the decision read it, and it is left out")
            if place in facts and tuple(place) not in named:
                raise EvidenceRefused("bundle.json people", f"{where} was read and is left out")

"""A bundle shows who belongs to whom, and the deliveries on which the decision rests, or it is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

import projections.bundles
from domain.coverage import Feed
from domain.decision import Inputs
from domain.facts import FamilyTieEnded, FamilyTieRecorded, InsuranceMonthPaid, Stream
from ledger.embedded import Embedded
from ledger.evidence import checking
from ledger.evidence.archive import packed, unpacked
from ledger.evidence.bundle import Bundle, read_bundle
from ledger.evidence.checking import BundleReport, check_bundle
from ledger.evidence.entries import ShownEntry
from ledger.evidence.refusal import EvidenceRefused
from ledger.evidence.reliance import DELIVERIES, Delivery
from ledger.streams import named
from tests.bundles import WHO, Decided, decided
from tests.database import fresh_ledger
from tests.domain.given import YINZHOU
from tests.projections.given import GivenLedger, subject

SPOUSE, FORMER = subject(2), subject(3)
TIE, FORMER_TIE = named(Stream.FAMILY, "m-1"), named(Stream.FAMILY, "m-0")


def married(ledger: GivenLedger) -> None:
    """Tell of two marriages, of which one has ended, and that everything was delivered."""
    for stream, other, since, spell in (
        (FORMER_TIE, FORMER, date(2010, 1, 1), "m-0"),
        (TIE, SPOUSE, date(2016, 1, 1), "m-1"),
    ):
        tie = FamilyTieRecorded(tie="spouse", subject=WHO, other=other, since=since, spell=spell)
        ledger.append(stream, tie)
        ledger.append(other, InsuranceMonthPaid(month="2022-01", place=YINZHOU))
    ledger.append(FORMER_TIE, FamilyTieEnded(ended_on=date(2015, 1, 1), spell="m-0"))
    for place in PLACES:
        for kind in KINDS:
            ledger.deliver(kind, place, "2000-01", "2022-05")


PLACES = ("330200", "330100")
KINDS = ("insurance-month-paid", "volunteer-hours-served", "tax-paid", "blood-donated", "honour-received")
DELIVERED = len(PLACES) * len(KINDS)


@pytest.fixture(scope="module")
def given(server: Embedded) -> Iterator[Decided]:
    """A ledger with a decision about somebody married."""
    with fresh_ledger(server) as database, decided(database, 24, first=married) as one:
        yield one


@pytest.fixture
def shown(given: Decided, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A bundle that shows every delivery, as one of a decision that rests on all of them."""

    def all_of_them(_decision: Any, _programme: Any, _rulebooks: Any, inputs: Inputs) -> list[Feed]:
        return list(inputs.feeds)

    monkeypatch.setattr(projections.bundles, "relied_on", all_of_them)
    return read_bundle(given.bundle()[1])


def checked(given: Decided, bundle: Bundle) -> BundleReport:
    return check_bundle(bundle, given.trusted.policy)


def with_entries(bundle: Bundle, stream: UUID, entries: list[ShownEntry]) -> Bundle:
    return replace(bundle, streams={**bundle.streams, stream: entries})


def test_of_somebody_married_the_tie_is_shown_and_no_former_one(given: Decided) -> None:
    bundle = read_bundle(given.bundle()[1])
    report = checked(given, bundle)

    assert [one.role for one in bundle.people] == ["applicant", "spouse"]
    assert (report.verdict, bundle.kin, report.ties) == ("valid", (TIE,), 1)
    assert FORMER not in bundle.streams


def test_a_relative_without_a_tie_is_refused(given: Decided) -> None:
    bundle = read_bundle(given.bundle()[1])
    streams = {stream: entries for stream, entries in bundle.streams.items() if stream != TIE}
    proofs = {name: proof for name, proof in bundle.proofs.items() if str(TIE) not in name}

    with pytest.raises(EvidenceRefused, match="nothing shows whose relative"):
        checked(given, replace(bundle, kin=(), streams=streams, proofs=proofs))


def test_a_tie_of_which_a_header_alone_is_shown_is_refused(given: Decided) -> None:
    bundle = read_bundle(given.bundle()[1])
    closed = [ShownEntry(one.header) for one in bundle.streams[TIE]]

    with pytest.raises(EvidenceRefused, match="a tie is shown whole"):
        checked(given, with_entries(bundle, TIE, closed))


def test_a_bundle_of_an_older_release_still_holds_and_says_what_it_does_not_show(given: Decided) -> None:
    bundle = read_bundle(given.bundle()[1])
    report = checked(given, replace(bundle, kin=None, deliveries=None))

    assert (report.verdict, report.ties, report.deliveries, report.feeds) == ("valid", None, None, DELIVERED)


def test_a_decision_that_rests_on_no_delivery_shows_none(given: Decided) -> None:
    assert checked(given, given.bundle()[0]).deliveries == 0


def test_each_delivery_on_which_a_decision_rests_is_proven(given: Decided, shown: Bundle) -> None:
    report = checked(given, shown)

    assert (report.verdict, report.deliveries, report.feeds) == ("valid", DELIVERED, DELIVERED)


def test_a_delivery_that_is_left_out_is_missed_where_the_decision_rests_on_it(
    given: Decided, shown: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "rests_on", lambda feeds, *_: len(feeds) == DELIVERED)
    left = (shown.deliveries or ())[1:]

    assert checked(given, shown).verdict == "valid"
    with pytest.raises(EvidenceRefused, match="rests on deliveries that are not shown"):
        checked(given, replace(shown, deliveries=left))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: replace(one, index=one.index + 1), "lead to the root"),
        (lambda one: replace(one, path=one.path[:-1]), "too short"),
        (lambda one: replace(one, entry=ShownEntry(one.entry.header)), "not an opened delivery"),
        (lambda one: replace(one, entry=replace(one.entry, state="{}")), "another content"),
    ],
)
def test_a_changed_delivery_is_refused(
    given: Decided, shown: Bundle, change: Callable[[Delivery], Delivery], why: str
) -> None:
    first, *rest = shown.deliveries or ()

    with pytest.raises(EvidenceRefused, match=rf"deliveries\.ndjson line 1.*{why}"):
        checked(given, replace(shown, deliveries=(change(first), *rest)))


def test_another_entry_of_the_log_is_no_delivery(given: Decided, shown: Bundle) -> None:
    place = shown.decision
    proof, entry = shown.proofs[place.name], shown.streams[place.stream][place.version - 1]
    other = Delivery(entry, proof.index, proof.path)

    with pytest.raises(EvidenceRefused, match="was there when the decision looked"):
        checked(given, replace(shown, deliveries=(other,)))


def test_a_delivery_of_which_the_decision_knew_nothing_is_refused(given: Decided, shown: Bundle) -> None:
    with pytest.raises(EvidenceRefused, match=r"decision|bundle\.json"):
        checked(given, replace(shown, feeds=shown.feeds[1:]))


@pytest.mark.usefixtures("shown")
def test_a_file_of_deliveries_is_what_the_bundle_names(given: Decided) -> None:
    files = unpacked(given.bundle()[1])
    lines = files[DELIVERIES].splitlines(keepends=True)

    for text in (b"".join(lines[1:]), b"".join([lines[1], lines[0], *lines[2:]]), b"{}\n", b"\n"):
        with pytest.raises(EvidenceRefused):
            read_bundle(packed({**files, DELIVERIES: text}))

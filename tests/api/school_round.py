"""A town's children with a parent each: what a round of school places stands on. Nobody of them exists."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

from api import composition
from api.settings import Settings
from domain import facts
from domain.facts import Fact, FeedDelivered, Ref, Stream
from domain.identifiers import resident_check_character
from domain.person import Person
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.opening import Desk
from ledger.programmes import check_programmes
from ledger.streams import named
from ledger.vault.minting import minting_entry

TOWN, AUTHORITY, ORGAN = "330282111", "330282", "ledger-keeper"
ROUND = "cx.school-2025"
PROGRAMMES = str(Path(__file__).parents[2] / "programmes")
HAND = Hand("officer:school", ORGAN, channel="cli", source_class="manual")
DIGEST = "0" * 64
TODAY = date(2026, 12, 1)
"""The day on which these tests are run, whenever that is."""


def person(sequence: int, born: str) -> Person:
    """Give somebody who is nobody."""
    body = f"100000{born}{sequence:03d}"
    return Person("resident-card", body + resident_check_character(body), "居民甲")


class Town:
    """Records what organs would: people, permits, certified scores. Numbers name them in the test."""

    def __init__(self, desk: Desk, said: int = 0) -> None:
        self.desk = desk
        self.subjects: dict[str, UUID] = {}
        self._said = said

    def says(
        self, subject: UUID, *told: Fact, refers_to: Ref | None = None, hand: Hand | None = None
    ) -> list[Receipt]:
        """Record facts of one subject; `hand` None: the school office's."""
        return self.desk.ledger.record(*(self._entry(subject, fact, refers_to, hand or HAND) for fact in told))

    def born(self, name: str, sequence: int, born: str) -> UUID:
        """Mint somebody."""
        [resolution] = self.desk.identities.resolve([person(sequence, born)])
        assert resolution.subject is not None
        self.desk.ledger.record(minting_entry(person(sequence, born), resolution.subject, "officer:school"))
        self.desk.identities.recorded([resolution.subject])
        self.subjects[name] = resolution.subject
        return resolution.subject

    def family(self, number: int, points_e4: int) -> str:
        """Give the child of a family in which one parent holds a permit, with the parent's certified points."""
        child = self.born(f"child-{number}", number, "20181001")
        parent = self.born(f"parent-{number}", number, "19880101")
        permit = facts.PermitIssued(on=date(2024, 11, 1), place=TOWN, permit=f"P-{number}")
        tie = facts.FamilyTieRecorded(
            tie="child", subject=parent, other=child, since=date(2018, 10, 1), spell=f"F-{number}"
        )
        self.says(named(Stream.FAMILY, f"{ORGAN}/F-{number}"), tie)
        self.says(
            parent,
            permit,
            facts.AssessmentJoined(year=2025, place=AUTHORITY, joined_on=date(2025, 3, 10)),
            certified(points_e4),
        )
        return str(child)

    def parent(self, number: int) -> Person:
        """Name the parent of a family."""
        return person(number, "19880101")

    def delivers(self, kind: str, first: str = "2020-01", last: str = "2025-04") -> None:
        """Say that a feed is complete."""
        feed = FeedDelivered(
            organ=ORGAN,
            fact_kind=kind,
            place=AUTHORITY,
            first_month=first,
            last_month=last,
            coverage="complete",
            rows=0,
        )
        self.says(named(Stream.ORGAN, ORGAN), feed)

    def _entry(self, stream: UUID, fact: Fact, refers_to: Ref | None, hand: Hand = HAND) -> Entry:
        self._said += 1
        request = Request("tests", str(self._said), fact.kind_name(), str(stream))
        return Entry(stream, replace(hand, refers_to=refers_to), request, fact)


def certified(points_e4: int, on: date = date(2025, 4, 20)) -> facts.ScoreCertified:
    """Certify the points of the assessment of 2025."""
    return facts.ScoreCertified(
        year=2025,
        place=AUTHORITY,
        counted_on=date(2025, 3, 31),
        as_at=1,
        rulebooks=DIGEST,
        points_e4=points_e4,
        certified_on=on,
    )


def publish_programmes(desk: Desk, authority: str = AUTHORITY) -> None:
    """Publish the shipped programmes of an authority by two people."""
    documents, problems = check_programmes(Path(PROGRAMMES) / authority)
    assert not problems
    for document in documents:
        desk.programmes.propose(document, Hand("officer:a", ORGAN, channel="tests", source_class="manual"), "tests")
        desk.programmes.approve(
            document.doc, document.hash, Hand("officer:b", ORGAN, channel="tests", source_class="manual")
        )


@contextmanager
def town(said: int = 0) -> Iterator[Town]:
    """Open the ledger that the environment names; `said` facts have been told there before."""
    with composition.desk(Settings.read()) as desk:
        yield Town(desk, said)


def entries() -> int:
    """Count the entries of the ledger that the environment names."""
    with town() as told, told.desk.ledger.auditor() as connection:
        row = connection.execute("SELECT count(*) FROM entries").fetchone()
    return int(row[0]) if row else 0

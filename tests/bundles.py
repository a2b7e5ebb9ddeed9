"""A ledger with a witnessed log and a decision on so many facts, and what it takes to hand out its evidence."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.civil import month_index, month_text
from domain.facts import EmploymentStarted, Fact, InsuranceMonthPaid, PermitIssued, ResidenceRegistered
from domain.programme import ProgrammeDocument
from domain.rulebook import as_published, resolve
from ledger.database import Database
from ledger.entry import Hand
from ledger.evidence.bundle import Bundle
from ledger.programmes import read_programmes
from ledger.rounds import Decisions
from ledger.rulebooks import load_directory
from ledger.suites import SUITES, Suite, SuiteName
from ledger.transparency.keys import COSIGNERS, SIGNERS, Cosigner
from ledger.transparency.log import LogKeeper
from ledger.transparency.policy import read_policy
from projections.bundles import Bundler, Trusted
from projections.cases import Asked, Cases
from projections.decisions import kept
from tests.domain.given import HOUSE, YINZHOU
from tests.projections.given import GivenLedger, subject

ON, SECONDS = date(2022, 6, 1), 1_700_000_000
WHO = subject(1)
INSURANCES: tuple[Literal["pension", "medical", "unemployment", "injury", "maternity"], ...] = (
    "pension",
    "medical",
    "unemployment",
    "injury",
    "maternity",
)
FIRST_FACTS = 3


def life(count: int) -> list[Fact]:
    """Tell so many facts of somebody: a permit, a residence, an employment, and months of five insurances."""
    last = month_index(ON)
    months = [
        InsuranceMonthPaid(
            month=month_text(last - 1 - number // len(INSURANCES)),
            place=YINZHOU,
            insurance=INSURANCES[number % len(INSURANCES)],
            base_fen=481_200,
            payer="某单位",
        )
        for number in range(count - FIRST_FACTS)
    ]
    return [
        PermitIssued(on=date(2022, 1, 1), place=YINZHOU, permit="P1"),
        ResidenceRegistered(registered_on=date(2012, 3, 1), place=YINZHOU, spell="R1"),
        EmploymentStarted(started_on=date(2020, 1, 1), place=YINZHOU, spell="E1"),
        *months,
    ]


@dataclass
class Decided:
    """The ledger with its log, and the decision's programme."""

    ledger: GivenLedger
    keeper: LogKeeper
    witness: Cosigner
    document: ProgrammeDocument

    @property
    def suite(self) -> Suite:
        return self.ledger.keys.suite

    @property
    def trusted(self) -> Trusted:
        """Give the policy that asks for the log and its witness."""
        log, witness = self.keeper.signer.verifier.vkey(), self.witness.verifier.vkey()
        text = f"log {log}\nwitness w1 {witness}\nquorum w1\n"
        return Trusted(read_policy(text), text)

    def sign(self) -> None:
        """Let the log catch up, sign it and have it witnessed."""
        while self.keeper.follow():
            pass
        head = self.keeper.sign()
        if head is not None:
            self.keeper.keep(head.checkpoint.size, [self.witness.sign(head.note.text, SECONDS)])

    def bundle(self, stamp: bytes | None = None) -> tuple[Bundle, bytes]:
        """Make the decision's bundle."""
        with self.ledger.connect() as connection:
            cases = Cases(connection, self.ledger.schemas, self.ledger.opener)
            with cases.at() as snapshot:
                [one] = kept(snapshot)
                bundler = Bundler(cases, snapshot, self.ledger.mapper, lambda *_: None, self.suite)
                return bundler.bundle(one, self.document, self.trusted, stamp)


@contextmanager
def decided(
    database: Database, count: int, suite: SuiteName = "intl", first: Callable[[GivenLedger], None] | None = None
) -> Iterator[Decided]:
    """Give a ledger in which a decision stands that was made on so many facts. `first` may tell more before it."""
    [document] = read_programmes(HOUSE / "programmes" / YINZHOU / "2021-09-08.rental.yaml")
    books = resolve(as_published(load_directory(HOUSE / "rulebooks").documents), YINZHOU, ON)
    ledger = GivenLedger(database)
    ledger.keys.suite = SUITES[suite]
    signer = SIGNERS[suite]("ledger.example/points", b"log".ljust(32))
    with closing(ledger), ledger.connect() as connection:
        keeper = LogKeeper.open(database, ledger.keys.suite, signer)
        ledger.publish(*books.documents)
        ledger.append_all((WHO, fact) for fact in life(count))
        if first is not None:
            first(ledger)
        ledger.run_all(connection)
        cases = Cases(connection, ledger.schemas, ledger.opener)
        with cases.at() as snapshot:
            [(_, made)] = snapshot.decided(document, [Asked(WHO, YINZHOU, ON, zone="street")])
        hand = Hand("officer:test", "test-organ")
        Decisions(ledger.application).record([(WHO, made)], ON, hand, place=YINZHOU, programme="rental")
        ledger.run_all(connection)
        with closing(keeper.reader.connection):
            found = Decided(ledger, keeper, COSIGNERS[suite]("witness.example/w1", b"w1".ljust(32)), document)
            found.sign()
            yield found

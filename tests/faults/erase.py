"""`python -m tests.faults erase [--n 1000] [--seed N] [--suite intl|gm]`: a tenth of the residents is erased.

Before it every resident has kept a receipt that opens, heads were signed, and a generation of the projections is
kept. Afterwards all old roots and proofs hold, what is live equals what is rebuilt, kept receipts still open,
forged openings are refused, and nothing that was planted about the erased is found: in any table, live or kept,
as text, as bytes, as an index or as a key; in the server's log and in ours; in a dump.
"""

import argparse
import logging
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from eventsourcing.persistence import JSONTranscoder

from domain.facts import (
    BloodDonated,
    Fact,
    InsuranceMonthPaid,
    ParticularsCorrected,
    PermitIssued,
    ResidenceRegistered,
    RestrictedFact,
    VolunteerHoursServed,
)
from domain.person import Person
from ledger.database import Role
from ledger.embedded import Embedded
from ledger.entry import Entry, Hand, Receipt, Request
from ledger.evidence.proving import receipt_of
from ledger.evidence.receipts import check_receipt
from ledger.installation import bundled
from ledger.mapper import EntryMapper
from ledger.opening import runner_keys
from ledger.suites import SUITES, SuiteName
from ledger.transparency.keys import COSIGNERS, SIGNERS, Cosigner
from ledger.transparency.log import Head, LogKeeper, LogReader
from ledger.transparency.merkle import check_consistency, consistency_proof, range_hash
from ledger.transparency.policy import Policy, read_policy
from ledger.vault.minting import minting_entry
from ledger.verification import verify_entries
from projections.reading import Opener
from projections.rebuild.work import Rebuild
from projections.remains import Needle, left_of, needles_of, searched
from projections.standing import catch_up, maker, standing
from tests.api.house import TABLE, publish
from tests.database import cluster, fresh_ledger
from tests.faults.forging import forged_receipt, is_refused_receipt
from tests.ledger.vaults import ORGAN, Given, given_ledger

TODAY = date(2026, 3, 1)
OPEN = "open-canary"
"""What is stored in the clear: the search must find it, or it would find nothing at all."""
A_TENTH, HEADS, SECONDS = 10, 3, 1_700_000_000


class Resident(NamedTuple):
    """Somebody, what was planted about them, and where their restricted fact stands."""

    subject: UUID
    values: tuple[str, ...]
    offence: Receipt


@dataclass
class Town:
    """A ledger of residents with its log, and what was kept of it before anybody was erased."""

    given: Given
    keeper: LogKeeper
    reader: LogReader
    witness: Cosigner
    key_file: Path
    server: Embedded
    residents: list[Resident] = field(default_factory=list)
    heads: list[Head] = field(default_factory=list)
    receipts: dict[UUID, str] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        log, witness = self.keeper.signer.verifier.vkey(), self.witness.verifier.vkey()
        return read_policy(f"log {log}\nwitness w1 {witness}\nquorum w1\n")

    def sign(self) -> None:
        while self.keeper.follow():
            pass
        head = self.keeper.sign()
        if head is not None:
            self.keeper.keep(head.checkpoint.size, [self.witness.sign(head.note.text, SECONDS)])
            self.heads.append(head)

    @contextmanager
    def opening(self) -> Iterator[Opener]:
        """Give what opens entries as the worker does: with the runner's keys of its own."""
        sessions, keys = runner_keys(self.given.desk.database, self.key_file, random.randbytes)
        try:
            yield Opener(EntryMapper(JSONTranscoder(), keys, random.randbytes), keys.prepare)
        finally:
            sessions.close()

    def followed(self) -> float:
        """Run the projections to where the ledger is; give the seconds that it took."""
        began = time.monotonic()
        with self.opening() as opener:
            catch_up(maker(self.given.desk.database, lambda: opener, lambda: TODAY))
        return time.monotonic() - began

    @contextmanager
    def rebuild(self) -> Iterator[Rebuild]:
        with self.opening() as opener:
            database = self.given.desk.database
            yield Rebuild(database, lambda schemas: standing(schemas, lambda: TODAY), opener, lambda: TODAY)


@contextmanager
def town(server: Embedded, folder: Path, count: int, suite: SuiteName = "intl") -> Iterator[Town]:
    """Give a town of so many residents, its log signed, a generation kept, a receipt in everybody's hand."""
    key_file = folder / "kek"
    with ExitStack() as stack:
        database = stack.enter_context(fresh_ledger(server))
        given = stack.enter_context(given_ledger(database, key_file, suite))
        keeper = LogKeeper.open(database, SUITES[suite], SIGNERS[suite]("ledger.example/points", b"log".ljust(32)))
        stack.callback(keeper.reader.connection.close)
        auditor = stack.enter_context(database.connect(Role.AUDITOR))
        publish(given.desk, TABLE)
        witness = COSIGNERS[suite]("witness.example/w1", b"w1".ljust(32))
        one = Town(given, keeper, LogReader(auditor, keeper.reader.suite), witness, key_file, server)
        for part in range(HEADS):
            one.residents += settled(given, range(part * count // HEADS, (part + 1) * count // HEADS))
            one.sign()
        one.followed()
        with one.rebuild() as rebuild:
            rebuild.run()
        mapper = given.desk.ledger.entry_mapper
        for each in one.residents:
            one.receipts[each.subject] = receipt_of(one.reader, each.offence.position, one.policy, mapper)
        yield one


def settled(given: Given, numbers: range) -> list[Resident]:
    """Mint residents and record a little of each life, sealed values being nobody else's."""
    desk, found = given.desk, []
    people = [Person("passport", f"E{number:08d}", f"金丝雀{number:05d}") for number in numbers]
    subjects = [each.subject for each in given.resolve(*people)]
    assert None not in subjects
    known = [one for one in subjects if one is not None]
    minted = zip(people, known, strict=True)
    desk.ledger.record(*(minting_entry(person, subject, "system:test") for person, subject in minted))
    given.identities.recorded(known)
    for number, person, subject in zip(numbers, people, known, strict=True):
        payer, address = f"金丝雀厂{number:05d}", f"金丝雀路{number:05d}"
        receipts = desk.ledger.record(*(_entry(subject, number, fact) for fact in life(number, payer, address)))
        values = (person.document_number, str(person.name), payer, address)
        found.append(Resident(subject, values, receipts[1]))
    return found


def life(number: int, payer: str, address: str) -> list[Fact]:
    """Tell of somebody: a month, an offence, a birth date, a permit, a residence, a donation, some hours."""
    place = "330212"
    return [
        InsuranceMonthPaid(month="2025-03", place=place, base_fen=481_200, payer=payer),
        RestrictedFact(category="offence", level="detention", place=place, acted_on=date(2025, 3, 1)),
        ParticularsCorrected(born_on=date(1980, 1 + number % 12, 1 + number % 28)),
        PermitIssued(on=date(2024, 1, 1), place=place, permit="P1"),
        ResidenceRegistered(registered_on=date(2024, 1, 1), place=place, spell="R1", address=address),
        BloodDonated(place=place, donated_on=date(2025, 10, 1), millilitres=400),
        VolunteerHoursServed(served_on=date(2025, 1, 2), place=place, minutes=60, activity=OPEN),
    ]


def _entry(subject: UUID, number: int, fact: Fact) -> Entry:
    hand = Hand(recorded_by="system:test", organ=ORGAN, legal_basis="依据")
    return Entry(subject, hand, Request("test", f"{number}", fact.kind_name(), str(subject)), fact)


def needles(one: Town, erased: list[Resident]) -> list[Needle]:
    """Say what is looked for, while it is known: values, indexes of numbers, and the keys themselves."""
    keys = [one.given.ring.owner_key(each.subject) for each in erased]
    indexes = one.given.desk.indexes
    numbers = [needle for at, each in enumerate(erased) for needle in needles_of(each.values[0], at, indexes)]
    others = [Needle("value", value.encode()) for each in erased for value in each.values[1:]]
    return [*numbers, *others, *(Needle("key", key) for key in keys if key is not None)]


def erase(one: Town, chance: random.Random) -> tuple[list[Resident], list[Needle], float]:
    """Erase a tenth, expunge the offence of as many others; give who, what is looked for, the seconds till gone."""
    picked = chance.sample(one.residents, max(2, len(one.residents) // A_TENTH * 2))
    erased, expunged = picked[::2], picked[1::2]
    sought = needles(one, erased)
    for each in erased:
        one.given.destroyed(each.subject)
    for each in expunged:
        one.given.expunged(each.offence.ref)
    seconds = one.followed()
    one.sign()
    return erased, sought, seconds


def unproven(one: Town) -> list[str]:
    """Check every head that was signed before against the tree as it is: the root, and the way to the last head."""
    failed, last = [], one.heads[-1].checkpoint
    hashed, tree = SUITES[one.given.ring.suite.name].hash, one.reader.tree(last.size)
    for head in one.heads[:-1]:
        size, root = head.checkpoint.size, head.checkpoint.root
        if range_hash(hashed, one.reader.tree(size).node, 0, size) != root:
            failed.append(f"root of {size}")
        check_consistency(
            hashed, size, root, last.size, last.root, consistency_proof(hashed, tree.node, size, last.size)
        )
    return failed


def unopened(one: Town, chance: random.Random) -> list[str]:
    """Check that kept receipts open, and that no forged one is taken."""
    opened = {each: check_receipt(one.receipts[each.subject], one.policy).fact for each in one.residents}
    failed = [
        f"receipt at {each.offence.position}"
        for each, fact in opened.items()
        if not isinstance(fact, RestrictedFact)
    ]
    texts = list(one.receipts.values())
    told = {_told(text, one.policy) for text in texts}
    forged = [forged_receipt(chance, texts) for _ in texts]
    taken = sum(not is_refused_receipt(text, one.policy) and _told(text, one.policy) not in told for text in forged)
    return [*failed, *(["a forged opening was taken"] * taken)]


def _told(text: str, policy: Policy) -> tuple[bytes, int, int, str]:
    """Say what a receipt proves. SM4 takes half of a seal's key, so that the rest of it may be anything."""
    checked = check_receipt(text, policy)
    return checked.entry.leaf(), checked.index, checked.checkpoint.size, repr(checked.fact)


def differing(one: Town) -> list[str]:
    """Rebuild, and name the projections in which what is live differs; drop what was kept first."""
    with one.rebuild() as rebuild:
        rebuild.drop()
        return [f"live differs: {each.projection}" for each in rebuild.start() if not each.same]


def readable(one: Town, erased: list[Resident], sought: list[Needle], logged: str) -> list[str]:
    """Say where something of the erased is found: by row, in any table, in logs, in a dump."""
    database = one.given.desk.database
    found = [f"{left.table}: {left.what}" for each in erased for left in left_of(database, each.subject)]
    found += [f"{hit.table}: {hit.what}" for hit in searched(database, sought, lambda _: None)]
    if not searched(database, [Needle("control", OPEN.encode())], lambda _: None):
        found.append("the search finds nothing at all")
    dump = subprocess.run(
        [bundled().bin_dir / "pg_dump", f"--dbname={database.url}"], check=True, capture_output=True, timeout=300
    ).stdout
    texts = {"dump": dump, "server log": one.server.log.read_bytes(), "our log": logged.encode()}
    texts["erasure log"] = one.given.log.path.read_bytes()
    plain = [needle for needle in sought if needle.what.startswith(("value", "key"))]
    for name, text in texts.items():
        forms = [(needle.what, form) for needle in plain for form in (needle.sought, needle.sought.hex().encode())]
        found += [f"{name}: {what}" for what, form in forms if form in text]
    return found


def run(server: Embedded, folder: Path, count: int, seed: int, suite: SuiteName = "intl") -> tuple[list[str], str]:
    """Do it all; give what failed, and a line that says how much was done."""
    chance, logged = random.Random(seed), _Logged()
    logging.getLogger().addHandler(logged)
    try:
        with town(server, folder, count, suite) as one:
            erased, sought, seconds = erase(one, chance)
            with one.given.desk.database.connect(Role.AUDITOR) as auditor:
                report = verify_entries(auditor, one.given.desk.ledger.entry_mapper)
            failed = [] if report.sound else ["the ledger does not verify"]
            failed += readable(one, erased, sought, "\n".join(logged.lines))
            failed += unproven(one) + unopened(one, chance) + differing(one)
            said = f"{len(erased)} of {count} erased, {len(sought)} needles, {seconds:.1f} s until gone from tables"
    finally:
        logging.getLogger().removeHandler(logged)
    return failed, said


class _Logged(logging.Handler):
    """Keeps every line that anybody logs."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def main(arguments: list[str]) -> int:
    """Run as a command: exit 0 where everything holds and nothing is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults erase", description=__doc__)
    parser.add_argument("--n", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--suite", choices=sorted(SUITES), default="intl")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="points-erase-") as name:
        Path(name).chmod(0o711)
        with cluster(Path(name), bundled()) as server:
            failed, said = run(server, Path(name), asked.n, asked.seed, asked.suite)
    for line in failed[:20]:
        print(f"FAILED {line}")  # noqa: T201 - its answer
    print(said, file=sys.stderr)  # noqa: T201 - how much was done
    print(f"{asked.n - len(failed)} passed, {len(failed)} failed (seed {asked.seed})")  # noqa: T201 - its answer
    return 1 if failed else 0

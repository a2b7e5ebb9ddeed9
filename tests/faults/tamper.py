"""`python -m tests.faults tamper --n 1000 [--seed N]`: ledgers that were tampered with, clean ones, and forgeries.

n times somebody with the whole database edits, deletes, exchanges, hashes anew, cuts back, forks or rewrites the
log, of entries and of reads alike, and some times a byte of a page on the disk, whose checksum is then stamped
anew. Each must be found, and its place named. n / 5 ledgers that nobody touched must raise no alarm; n receipts and
bundles are forged, and none is taken.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from domain.facts import InsuranceMonthPaid
from ledger.embedded import Embedded
from ledger.evidence.archive import unpacked
from ledger.evidence.proving import receipt_of
from ledger.installation import bundled
from ledger.transparency.log import LogReader
from tests.bundles import Decided, decided
from tests.database import cluster, fresh_ledger
from tests.domain.given import YINZHOU
from tests.faults.forging import forged_bundle, forged_receipt, is_refused_bundle, is_refused_receipt
from tests.faults.looking import LookedAt, looking
from tests.faults.pages import paged
from tests.faults.read_tampering import READ_SORTS
from tests.faults.tampering import SORTS as ENTRY_SORTS
from tests.faults.tampering import Victim, unguarded
from tests.projections.given import subject

FACTS, HEADS = 24, 4
CLEAN_PART, PAGE_PART, PAGES_MAX = 5, 100, 10


SORTS = (*ENTRY_SORTS, *READ_SORTS)


@contextmanager
def ledger(server: Embedded, seed: int) -> Iterator[Victim]:
    """Give a ledger with a decision, some heads, and a superuser."""
    chance = random.Random(seed)
    with fresh_ledger(server) as database, decided(database, FACTS) as given, ExitStack() as stack:
        reads = stack.enter_context(looking(given))
        for number in range(HEADS):
            grown(given, chance, number, reads)
        kept = given.keeper.reader.head().checkpoint
        with given.ledger.database.connect() as admin:
            admin.execute(f"SET search_path = {given.ledger.database.schema}".encode())
            yield Victim(given, admin, kept, chance, reads)


def grown(given: Decided, chance: random.Random, number: int, reads: LookedAt) -> None:
    """Append some entries of several people, look at some; let the logs sign, and the witness cosign entries."""
    for _ in range(chance.randint(1, 3)):
        why = chance.choice(["audit 2026-1", "court", "dispute: words"])
        reads.reads.note(f"auditor:{chance.choice('ab')}", why, subject(chance.randrange(2, 9)))
    reads.sign()
    month = InsuranceMonthPaid(month=f"{2000 + number // 12 % 100}-{number % 12 + 1:02d}", place=YINZHOU)
    given.ledger.append_all((subject(chance.randrange(2, 9)), month) for _ in range(chance.randint(1, 3)))
    given.sign()


def tampered(victim: Victim, times: int) -> tuple[list[str], Counter[str]]:
    """Tamper so many times, the sorts in turn, and take each back; give what was not found, or not located."""
    failed, done = [], Counter[str]()
    for number in range(times):
        sort = SORTS[number % len(SORTS)]
        with victim.admin.transaction(force_rollback=True):
            unguarded(victim.admin)
            place = sort(victim)
            found = victim.verified()
        done[sort.__name__] += 1
        if found.sound or not found.names(place):
            failed.append(f"{number} {sort.__name__} {place} {'sound' if found.sound else 'elsewhere'}")
    return failed, done


def clean(victim: Victim, times: int) -> list[str]:
    """Let the ledger grow and verify it, so many times; give the false alarms."""
    alarms = []
    for number in range(times):
        if victim.reads is None:
            raise AssertionError("nobody looked")
        grown(victim.given, victim.chance, HEADS + number, victim.reads)
        victim.kept = victim.given.keeper.reader.head().checkpoint
        if not victim.verified().sound:
            alarms.append(f"clean {number}")
    return alarms


def forged(victim: Victim, times: int) -> list[str]:
    """Forge receipts and bundles, half of each; give those that were taken."""
    given, chance = victim.given, victim.chance
    policy = given.trusted.policy
    reader = LogReader(victim.admin, given.suite)
    positions = [entry.position or 0 for entry in victim.entries()]
    receipts = [receipt_of(reader, position, policy) for position in positions]
    if any(is_refused_receipt(text, policy) for text in receipts):
        return ["a right receipt was refused"]
    content = given.bundle()[1]
    if is_refused_bundle(content, policy):
        return ["a right bundle was refused"]
    files = unpacked(content)
    other = {**files, "checkpoint": reader.head().note.whole().encode()}
    taken = []
    for number in range(times):
        if number % 2:
            ok = is_refused_bundle(forged_bundle(chance, files, other), policy)
        else:
            ok = is_refused_receipt(forged_receipt(chance, receipts), policy)
        if not ok:
            taken.append(f"forgery {number}")
    return taken


def main(arguments: list[str]) -> int:
    """Run as a command: exit 0 where everything was found, and nothing but that."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults tamper", description=__doc__)
    parser.add_argument("--n", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="points-tamper-") as name:
        Path(name).chmod(0o711)
        with cluster(Path(name), bundled()) as server, ledger(server, asked.seed) as victim:
            print(f"{len(victim.entries())} entries, seed {asked.seed}", file=sys.stderr)  # noqa: T201 - progress
            failed, done = tampered(victim, asked.n)
            false = forged(victim, asked.n)
            alarms = clean(victim, asked.n // CLEAN_PART)
    pages = min(PAGES_MAX, max(1, asked.n // PAGE_PART))
    with tempfile.TemporaryDirectory(prefix="points-pages-") as name:
        Path(name).chmod(0o711)
        failed += paged(Path(name), pages, asked.seed)
    done["page-edited"] = pages
    for sort, count in sorted(done.items()):
        print(f"{count:5} {sort}")  # noqa: T201 - its answer
    print(f"{asked.n:5} forged receipts and bundles\n{asked.n // CLEAN_PART:5} clean")  # noqa: T201 - its answer
    wrong = [*failed, *false, *alarms]
    for line in wrong[:20]:
        print(f"FAILED {line}")  # noqa: T201 - its answer
    total = 2 * asked.n + asked.n // CLEAN_PART + pages
    print(f"{total - len(wrong)} passed, {len(wrong)} failed (seed {asked.seed})")  # noqa: T201 - its answer
    return 1 if wrong else 0

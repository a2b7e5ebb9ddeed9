"""The same rows again 再次报送: what was taken back comes back as an entry of its own, under a key of its own.

A key stands for one entry for ever, so a row whose entry was voided finds that entry, and counts nothing. Sent with
`again` N it takes the first place, of N + 1, whose entry is missing or still counts: the request itself, then its
first return, its second, … Sent twice it finds its return as any row finds its entry.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from ledger.entry import Request
from ledger.ingest.desk import Standing
from ledger.ingest.examine import Candidate

AGAIN_MAX = 99
"""How often one fact may come back."""


class Records(Protocol):
    """What is asked of a desk."""

    def key_of(self, organ: str, request: Request) -> bytes:
        """Give a request's idempotency key."""

    def standing(self, keys: Collection[bytes]) -> dict[bytes, Standing]:
        """Give the entries that stand under these keys."""


def nth(request: Request, number: int) -> Request:
    """Name the n-th return of a request; 0 is the request itself."""
    return replace(request, part=f"again/{number}") if number else request


def returned(desk: Records, organ: str, candidates: Sequence[Candidate], again: int) -> list[Candidate]:
    """Give each row the request under which it stands or comes back, of `again` returns at most.

    A void or a correction names the last of its target's returns. One query for each return that is there.
    """
    chosen = list(candidates)
    waiting = list(range(len(chosen)))
    for number in range(1, again + 1):
        asked = {index: _asked(chosen[index], number) for index in waiting}
        keys = {index: desk.key_of(organ, request) for index, request in asked.items()}
        standing = desk.standing(set(keys.values()))
        gone = _taken_back(desk, standing)
        waiting = [
            index
            for index, key in keys.items()
            if (key in standing if chosen[index].target is not None else key in gone)
        ]
        for index in waiting:
            chosen[index] = _nth(chosen[index], number)
        if not waiting:
            break
    return chosen


def _asked(candidate: Candidate, number: int) -> Request:
    """Say what must be looked at to go on: the target's next return, or the row's own place before."""
    if candidate.target is not None:
        return nth(candidate.target, number)
    return candidate.request


def _nth(candidate: Candidate, number: int) -> Candidate:
    target = None if candidate.target is None else nth(candidate.target, number)
    return replace(candidate, request=nth(candidate.request, number), target=target)


def _taken_back(desk: Records, standing: dict[bytes, Standing]) -> set[bytes]:
    """Give the keys whose entries count no more, and neither does what corrected them."""
    gone: set[bytes] = set()
    chains = {key: one for key, one in standing.items() if one.voided}
    while chains:
        gone |= {key for key, one in chains.items() if one.corrected_by is None}
        corrected = {key: one.corrected_by for key, one in chains.items() if one.corrected_by is not None}
        corrections = desk.standing(set(corrected.values()))
        chains = {
            key: corrections[by] for key, by in corrected.items() if by in corrections and corrections[by].voided
        }
    return gone

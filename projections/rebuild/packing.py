"""Packs made of columns: where everybody is at home, and until when that holds. The meaning is `Packs`' own."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from projections.engines.batch import NO_WORD
from projections.engines.calendar import NO_DAY, day_number
from projections.engines.permits import permits_on
from projections.engines.selection import Selection
from projections.engines.standing import standing
from projections.packing import HOME_KIND, Pack, Shape, columns_of
from projections.rebuild.columns import Packed

_TURNS = ("starts_on", "ends_on", "stops_on")
_EPOCH = date(1970, 1, 1).toordinal()
_NEVER, _ALWAYS = 2**31 - 1, -(2**31) + 1


def packs_of(packed: Packed, shapes: Sequence[Shape], day: date) -> list[Pack | None]:
    """Give everybody's pack as of a day, in their order; None of whom a pack cannot hold."""
    homes, places = _homes(packed, shapes, day)
    since, until = _holds(packed, day)
    plain, whole = memoryview(packed.plain.tobytes()), memoryview(packed.whole.tobytes())
    plain_size, whole_size = packed.plain.itemsize, packed.whole.itemsize
    plain_at = (packed.plain_at * plain_size).tolist()
    whole_at = (packed.whole_at * whole_size).tolist()
    told = zip(packed.subjects, packed.odd.tolist(), homes, places, since, until, strict=True)
    return [
        None
        if odd
        else Pack(
            subject,
            at_home,
            home,
            begins,
            ends,
            bytes(plain[plain_at[n] : plain_at[n + 1]]),
            bytes(whole[whole_at[n] : whole_at[n + 1]]),
        )
        for n, (subject, odd, home, at_home, begins, ends) in enumerate(told)
    ]


def _homes(packed: Packed, shapes: Sequence[Shape], day: date) -> tuple[list[str | None], list[list[str]]]:
    """Find the permit's district, and every district where each is at home: what domain/home.py says of one."""
    whole = packed.whole
    size = whole.itemsize
    at = (packed.whole_at * size).tolist()
    block = memoryview(whole.tobytes())
    told = [
        (Pack(subject, (), None, None, None, b"", bytes(block[at[n] : at[n + 1]])), "")
        for n, subject in enumerate(packed.subjects)
    ]
    batch, _ = columns_of(told, shapes)
    number = day_number(day)
    stands = standing(batch, number, None)
    selection = Selection(batch, stands, number)
    residences = selection.anywhere(HOME_KIND)
    here = residences.where(selection.ends(residences) > number)
    names = [*(name[:6] for name in batch.words["place"].names), None]
    homes = [names[code] for code in permits_on(batch, stands.permits, number).place.tolist()]
    found: list[set[str]] = [set() if home is None else {home} for home in homes]
    for resident, code in zip(here["resident"].tolist(), here["place"].tolist(), strict=True):
        if code != NO_WORD:
            found[resident].add(str(names[code]))
    return homes, [sorted(places) for places in found]


def _holds(packed: Packed, day: date) -> tuple[Iterator[date | None], Iterator[date | None]]:
    """Give the days between which nothing that says where somebody lives begins or ends."""
    number = day_number(day)
    count = len(packed.subjects)
    since, until = np.full(count, _ALWAYS, np.int64), np.full(count, _NEVER, np.int64)
    owner = np.repeat(np.arange(count), np.diff(packed.whole_at))[packed.turns]
    rows = packed.whole[packed.turns]
    for name in _TURNS:
        known = rows[name] != NO_DAY
        past = known & (rows[name] <= number)
        ahead = known & (rows[name] > number)
        np.maximum.at(since, owner[past], rows[name][past])
        np.minimum.at(until, owner[ahead], rows[name][ahead])
    return _days(since, _ALWAYS), _days(until, _NEVER)


def _days(numbers: NDArray[np.int64], none: int) -> Iterator[date | None]:
    known: dict[int, date] = {}
    for number in numbers.tolist():
        if number == none:
            yield None
            continue
        day = known.get(number)
        if day is None:
            day = known[number] = date.fromordinal(number + _EPOCH)
        yield day

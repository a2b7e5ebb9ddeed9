"""The order of rows that were copied out: by subject, position and part, and where each resident's begin."""

from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

_PART_BITS = 5


def in_order(plain: NDArray[Any], whole: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64], list[UUID]]:
    """Put rows of both forms, one after the other, in the order of subject, position and part.

    Gives the order, the number of the resident of each row in it, and the residents.
    """
    high, low, position, part = (
        np.concatenate([rows[name] for rows in (plain, whole)]).astype(form)
        for name, form in (("high", np.uint64), ("low", np.uint64), ("position", np.uint64), ("part", np.uint64))
    )
    if not len(high):
        return np.zeros(0, np.int64), np.zeros(0, np.int64), []
    order, begins = _by_key(high, low, position, part) or _by_columns(high, low, position, part)
    resident = np.cumsum(begins) - 1
    first = order[begins]
    subjects = [
        UUID(int=one << 64 | other) for one, other in zip(high[first].tolist(), low[first].tolist(), strict=True)
    ]
    return order, resident, subjects


def _by_key(*columns: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """Sort by one number: as much of the subject as there is room for beside position and part.

    Gives the order, and where a subject begins in it. None where that much does not tell subjects apart.
    """
    high, low, position, part = columns
    least = position.min()
    places = int(position.max() - least).bit_length() + _PART_BITS
    room = 64 - places
    spread = int(high.max() - high.min()).bit_length()
    if int(part.max()) >= 1 << _PART_BITS or room <= 0:
        return None
    of_subject = (high - high.min()) >> np.uint64(max(0, spread - room))
    order = np.argsort(of_subject << np.uint64(places) | (position - least) << np.uint64(_PART_BITS) | part)
    told, begins = of_subject.take(order), _begin(high.take(order), low.take(order))
    return (order, begins) if np.array_equal(begins, _begin(told)) else None


def _by_columns(*columns: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Sort by each column in turn: the same, and slower."""
    high, low, position, part = columns
    order = np.lexsort((part, position, low, high))
    return order, _begin(high.take(order), low.take(order))


def _begin(*columns: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark rows in which a column differs from the row before."""
    begins = np.ones(len(columns[0]), np.bool_)
    begins[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return begins


def where_each_begins(resident: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Give where each resident's rows begin, and where the last one's end."""
    begins = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(resident, minlength=count), out=begins[1:])
    return begins


def corrected_twice(owner: NDArray[np.int64], rows: NDArray[Any], corrects: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Name residents of whom one entry was corrected twice: which of the two counts is for the reference to say."""
    here = np.flatnonzero(corrects)
    pairs = np.stack([owner[here], rows["refers_version"][here].astype(np.int64)], axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    return found[counts > 1][:, 0]

"""Resident identity numbers (GB 11643) checked a column at a time: what holds here holds row by row."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

_LENGTH = 18
_WEIGHTS = np.array((7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), dtype=np.int32)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_DAYS = np.array((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), dtype=np.int32)
_TENS = np.array((10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1), dtype=np.int32)


def plainly_good(numbers: Sequence[str], received_on: date) -> NDArray[np.bool_]:
    """Say of each whether it is a resident number as stored: 18 characters, a day of birth, a check that holds.

    False means only that the number is to be looked at alone.
    """
    short = [number if len(number) == _LENGTH and number.isascii() else "" for number in numbers]
    blank = "\0" * _LENGTH
    joined = "".join(short) if all(short) else "".join(number or blank for number in short)
    table = np.frombuffer(joined.encode("ascii"), dtype=np.uint8).reshape(len(short), _LENGTH)
    digits = table[:, :17].astype(np.int32) - ord("0")
    good: NDArray[np.bool_] = ((digits >= 0) & (digits <= 9)).all(axis=1) & (digits[:, 0] > 0)
    good &= _CHECKS[(digits @ _WEIGHTS) % 11] == table[:, 17]
    good &= digits[:, 14:17].any(axis=1)
    return good & _born(digits[:, 6:14] @ _TENS, received_on)


def _born(days: NDArray[np.int32], received_on: date) -> NDArray[np.bool_]:
    """Say of each YYYYMMDD whether it is a day from 1900 to the day of receipt."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS[np.where((month >= 1) & (month <= 12), month, 0)] + (leap & (month == 2))
    latest = received_on.year * 10_000 + received_on.month * 100 + received_on.day
    found: NDArray[np.bool_] = (day >= 1) & (day <= last) & (days >= 19_000_101) & (days <= latest)
    return found

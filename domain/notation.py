"""How numbers, days and durations are written in a rulebook, and how points are rounded and printed."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from domain.places import Tier

_DECIMAL = re.compile(r"-?\d{1,7}(\.\d{1,6})?")
_DURATION = re.compile(r"([1-9]\d{0,3})mo")


class Strict(BaseModel):
    """A part of a rulebook. Closed, frozen; nothing is converted silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise PydanticCustomError("not-a-number", "a decimal number is wanted here")
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if _DECIMAL.fullmatch(text) is None:
        raise PydanticCustomError("not-a-number", "a decimal number of at most 7 and 6 digits is wanted here")
    return Decimal(text)


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise PydanticCustomError("not-a-day", "a day is written YYYY-MM-DD")


def _months(value: Any) -> int:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("not-a-duration", "a duration is written as months: 36mo")
    return int(found[1])


Number = Annotated[Decimal, BeforeValidator(_number)]
"""A decimal from its literal text; never through binary floating point."""
CivilDay = Annotated[date, BeforeValidator(_day)]
Duration = Annotated[int, BeforeValidator(_months)]
"""Whole months, written `36mo`."""
Whole = Annotated[int, Field(ge=0, le=10**12)]
Positive = Annotated[int, Field(gt=0, le=10**12)]
TierName = Annotated[Tier, Field(strict=False)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Field(min_length=1, max_length=400)]


class Label(Strict):
    """A name in Chinese and in English."""

    zh: Text
    en: Text

    def text(self, language: str) -> str:
        """Give the name in `zh` or `en`."""
        return self.zh if language == "zh" else self.en


def half_up(value: Fraction, scale: int) -> int:
    """Round to an integer of 10^-scale, a half away from zero (四舍五入).

    >>> half_up(Fraction(1, 8), 2), half_up(Fraction(-1, 8), 2)
    (13, -13)
    """
    magnitude = abs(value)
    units: int = (2 * magnitude.numerator * 10**scale + magnitude.denominator) // (2 * magnitude.denominator)
    return units if value >= 0 else -units


@lru_cache(maxsize=4096)
def units_of(value: Decimal, scale: int) -> int:
    """Give a decimal as an integer of 10^-scale, rounding like points."""
    return half_up(Fraction(value), scale)


E4 = 4
"""Digits after the point of `points_e4`, in which facts keep points."""


def e4_text(points_e4: int) -> str:
    """Print points of 10^-4 with two decimals, or as many more as they need."""
    text = points_text(points_e4, E4)
    return text[:-2] + text[-2:].rstrip("0")


def points_text(units: int, scale: int) -> str:
    """Print an integer of 10^-scale with all its digits: (2950, 2) is `29.50`."""
    if scale == 0:
        return str(units)
    digits = f"{abs(units):0{scale + 1}d}"
    return f"{'-' if units < 0 else ''}{digits[:-scale]}.{digits[-scale:]}"


def exact_text(value: Fraction) -> str:
    """Print an exact value: as a decimal where it ends, otherwise as a fraction."""
    for scale in range(7):
        if 10**scale % value.denominator == 0:
            return points_text(value.numerator * (10**scale // value.denominator), scale)
    return f"{value.numerator}/{value.denominator}"


def decimal_text(value: Decimal) -> str:
    """Print a decimal without needless digits: 0.50 is `0.5`, 20.0 is `20`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

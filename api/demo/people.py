"""Residents who cannot be anybody: numbers under a division code that was never given out, tokens for names.

A resident number 公民身份号码 begins with the division code of the first registration (GB/T 2260). Its first two
digits are a province's: 11-15, 21-23, 31-37, 41-46, 50-54, 61-65, 71, 81-83; a foreigner's permanent residence card
begins with 9. Nothing begins with 10, so 100000 and its neighbours are nobody's; the check character holds all the
same (GB 11643).
"""

from dataclasses import dataclass
from datetime import date, timedelta

from api.demo.dice import Dice
from domain.identifiers import resident_check_character

DIVISION = 100_000
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_DIGITS = "〇一二三四五六七八九"
_RARE = "䶮"
_RARE_AS_GBK_HAD_IT = "\ue863"
_EVERY_DOTTED, _EVERY_RARE = 40, 97
SEQUENCES = 999


@dataclass(frozen=True, slots=True)
class Resident:
    """One resident of the demo."""

    index: int
    number: str
    name: str
    born_on: date

    def __repr__(self) -> str:
        return f"Resident({self.index})"


def resident(index: int, born_on: date) -> Resident:
    """Make the resident of an index: number and token follow from it and the birth date."""
    return Resident(index, number_of(born_on, index), token(index), born_on)


def number_of(born_on: date, index: int) -> str:
    """Make a resident number with a check character that holds; no two indexes share one."""
    body = f"{DIVISION + index // SEQUENCES}{born_on:%Y%m%d}{index % SEQUENCES + 1:03d}"
    return body + resident_check_character(body)


def token(index: int) -> str:
    """Name a resident: 居民, a heavenly stem, three numerals: 居民甲〇〇一. Some have a dot or a rare character."""
    numerals = "".join(_DIGITS[int(digit)] for digit in f"{index // len(_STEMS):03d}")
    rare = _RARE if index % _EVERY_RARE == _EVERY_RARE - 1 else ""
    dot = "·" if index % _EVERY_DOTTED == _EVERY_DOTTED - 1 else ""
    return f"居民{rare}{dot}{_STEMS[index % len(_STEMS)]}{numerals}"


def as_written_by(name: str, department: str) -> str:
    """Spell a name as one department's system does: other dots, a rare character in the private area, spaces."""
    match department:
        case "nb-hrss":
            return name.replace("·", ".").replace(_RARE, _RARE_AS_GBK_HAD_IT)
        case "nb-blood":
            return name.replace("·", "・").replace("居民", "居民 ")
        case _:
            return name


def birth_date(dice: Dice, index: int, on: date) -> date:
    """Draw a birth date: most are of working age, a few beyond it."""
    years = dice.pick((22, 26, 30, 33, 36, 39, 41, 44, 48, 52, 56, 61), "age", index)
    return date(on.year - years, 1, 1) - timedelta(days=dice.below(1400, "born", index))

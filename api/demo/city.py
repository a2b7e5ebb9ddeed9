"""The demo's city: every department's files for a seed, and a manifest that says what is in them.

The same seed, size and day give the same bytes, on every machine and every version of Python.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.demo import feeds, insurance, merits, police
from api.demo.dice import Dice
from api.demo.lives import HAISHU, YINZHOU, Life, Story, lives_of
from api.demo.organs import ORGANS, Organ
from api.demo.people import Resident
from api.demo.sheets import Sheet

ON = date(2026, 1, 10)
"""The day on which the demo's files are received and its scores are read."""
RESIDENTS = 2_000
FEWEST = 60


@dataclass(frozen=True)
class DemoFile:
    """One file: who sends it, how it is read, and how many of its rows will not be accepted, by code."""

    name: str
    organ: str
    mapping: str | None
    zh: str
    en: str
    rows: int
    expected: Mapping[str, int]


@dataclass(frozen=True)
class Example:
    """A resident whose score is worth explaining, where, and why."""

    name: str
    resident: Resident
    place: str
    zh: str
    en: str


@dataclass(frozen=True)
class LateFact:
    """Two coordinates that differ because facts came late: before `file` was imported, and after.

    The as-of date is the manifest's `on` for both; the as-at positions are the ledger's head before and after.
    """

    example: Example
    file: str


@dataclass(frozen=True)
class Manifest:
    """What was written. `files` are in the order in which they are to be imported; the late one comes last."""

    folder: Path
    seed: int
    on: date
    residents: int
    organs: tuple[Organ, ...]
    files: tuple[DemoFile, ...]
    examples: tuple[Example, ...]
    late: LateFact

    def example(self, name: str) -> Example:
        """Give one of the examples by name."""
        return next(example for example in self.examples if example.name == name)


def write_city(folder: Path, seed: int = 1, residents: int = RESIDENTS, on: date = ON) -> Manifest:
    """Write the files of a small Ningbo into a folder. Raises ValueError for fewer than FEWEST residents."""
    if residents < FEWEST:
        raise ValueError(f"a city has at least {FEWEST} residents")
    folder.mkdir(parents=True, exist_ok=True)
    dice = Dice(seed)
    lives = lives_of(dice, residents, on)
    sheets = [sheet for sheet in _sheets(dice, lives, on) if sheet.lines]  # nobody delivers a file without rows
    for sheet in sheets:
        sheet.write(folder)
    examples = _examples(lives)
    late = LateFact(next(example for example in examples if example.name == "late"), sheets[-1].name)
    return Manifest(folder, seed, on, residents, ORGANS, tuple(map(_described, sheets)), examples, late)


def _sheets(dice: Dice, lives: Sequence[Life], on: date) -> list[Sheet]:
    sheets: list[Sheet] = [
        police.residence(lives),
        police.permits(lives),
        insurance.history(lives),
        insurance.month(dice, lives, on),
        merits.education(dice, lives, on),
        merits.skills(dice, lives, on),
        merits.employment(dice, lives, on),
        merits.housing(dice, lives, on),
        merits.volunteering(dice, lives, on),
        merits.blood(dice, lives, on),
        merits.honours(dice, lives, on),
        *merits.indicators(dice, lives, on),
        police.requests(lives, on),
        police.offences(dice, lives, on),
        merits.credit(dice, lives, on),
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for sheet in sheets:
        counts.update({(sheet.organ, kind): rows for kind, rows in sheet.kinds.items()})
    return [
        *sheets,
        *feeds.feeds(counts, on),
        police.particulars(lives),
        insurance.corrections(lives),
        insurance.late(lives),
    ]


def _described(sheet: Sheet) -> DemoFile:
    zh, en = sheet.about
    return DemoFile(sheet.name, sheet.organ, sheet.mapping_name, zh, en, len(sheet.lines), dict(sheet.expected))


def _examples(lives: Sequence[Life]) -> tuple[Example, ...]:
    told = {
        "across": (
            Story.ACROSS,
            HAISHU,
            "在鄞州参保、住在海曙:两地相加",
            "insured in 鄞州, living in 海曙: both add up",
        ),
        "late": (
            Story.LATE,
            YINZHOU,
            "两年前在慈溪缴纳的月份现在才补报",
            "months paid in 慈溪 years ago, delivered now",
        ),
        "offence": (
            Story.OFFENCE,
            YINZHOU,
            "一年内有违法记录:扣分",
            "an offence of the last years: points deducted",
        ),
        "suspended": (Story.SUSPENDED, YINZHOU, "居住证中止:积分暂停", "permit suspended: points paused"),
        "twice": (
            Story.TWICE,
            YINZHOU,
            "同月在两区参保:只计一次",
            "the same months paid in two districts: counted once",
        ),
        "birth": (
            Story.BIRTH,
            YINZHOU,
            "出生日期更正:自更正之后改变年龄分",
            "birth date corrected: age points change from then on",
        ),
    }
    return tuple(
        Example(name, lives[index].resident, place, zh, en) for name, (index, place, zh, en) in told.items()
    )


__all__ = ["FEWEST", "ON", "RESIDENTS", "DemoFile", "Example", "LateFact", "Manifest", "write_city"]

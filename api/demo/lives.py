"""What happened to each resident, before any department wrote it down. Months are numbered as in domain/civil."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from api.demo.dice import Dice
from api.demo.people import Resident, birth_date, resident
from domain.civil import add_months, month_index
from domain.places import NINGBO_DISTRICTS

HAISHU, YINZHOU, CIXI, FENGHUA = "330203", "330212", "330282", "330213"
_HOMES = (HAISHU, YINZHOU, YINZHOU, CIXI, CIXI, "330206", "330281", FENGHUA, *NINGBO_DISTRICTS)
_TOWNS = {CIXI: ("002", "004", "107", "111", "121")}
_LONGEST_INSURED = 54
_PERMIT_WAIT = 6
_TOLD_AGE = 50
"""An age at which two years more or less change the points for age."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A registered residence from a day on; the next stay or the leaving ends it."""

    place: str
    start: date
    spell: str


@dataclass(frozen=True, slots=True)
class Insured:
    """Months of pension insurance from `first` to `last`, both included, paid in one place."""

    first: int
    last: int
    place: str
    standing: str = "正常"


@dataclass(frozen=True, slots=True)
class PermitMove:
    """Something that happened to the permit on a day."""

    kind: str
    on: date
    late: bool = False


@dataclass(frozen=True)
class Life:
    """One resident's years in the city."""

    resident: Resident
    stays: tuple[Stay, ...]
    left_on: date | None = None
    permit: str = ""
    permit_moves: tuple[PermitMove, ...] = ()
    insured: tuple[Insured, ...] = ()
    late: tuple[Insured, ...] = field(default=())
    """Months that the bureau delivers only years later."""

    @property
    def home(self) -> str:
        """Give the place of the last stay."""
        return self.stays[-1].place

    @property
    def since(self) -> date:
        """Give the first day of registration."""
        return self.stays[0].start


class Story:
    """Residents whose lives are told on purpose; the demo explains them."""

    ACROSS, LATE, OFFENCE, SUSPENDED, TWICE, BIRTH = range(6)


def lives_of(dice: Dice, residents: int, on: date) -> list[Life]:
    """Draw the lives of so many residents as they stand on the day `on`; the first six are told on purpose."""
    lives = [_drawn(dice, index, on) for index in range(residents)]
    return [_told(life, on) if life.resident.index <= Story.BIRTH else life for life in lives]


def _drawn(dice: Dice, index: int, on: date) -> Life:
    born_on = date(on.year - _TOLD_AGE, 5, 20) if index == Story.BIRTH else birth_date(dice, index, on)
    one = resident(index, born_on)
    years = dice.pick((0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15), "years", index)
    start = on - timedelta(days=years * 365 + dice.between(20, 360, "start", index))
    place = dice.pick(_HOMES, "home", index)
    stays = [Stay(_town(dice, place, index), start, f"JZ{index:05d}-1")]
    if years >= 2 and dice.chance(18, "moved", index):
        moved_on = start + timedelta(days=dice.between(200, years * 330, "moved-on", index))
        elsewhere = dice.pick([home for home in NINGBO_DISTRICTS if home != place], "moved-to", index)
        stays.append(Stay(elsewhere, moved_on, f"JZ{index:05d}-2"))
    left_on = on - timedelta(days=dice.between(5, 90, "left-on", index)) if dice.chance(3, "left", index) else None
    if left_on is not None and left_on <= stays[-1].start:
        left_on = None
    life = Life(one, tuple(stays), left_on, f"NB{index:05d}")
    life = replace(life, insured=_insured(dice, life, on))
    return replace(life, permit_moves=_permit_moves(dice, life, on))


def _town(dice: Dice, place: str, index: int) -> str:
    towns = _TOWNS.get(place)
    return place + dice.pick(towns, "town", index) if towns else place


def _insured(dice: Dice, life: Life, on: date) -> tuple[Insured, ...]:
    """Draw insured months up to the last whole month but one: the last comes in a file of its own."""
    index, last = life.resident.index, month_index(on) - 2
    if dice.chance(12, "uninsured", index):
        return ()
    length = min(last - month_index(life.since), dice.between(3, _LONGEST_INSURED, "insured", index))
    if length < 1:
        return ()
    home = life.home[:6]
    work = home if dice.chance(75, "works-at-home", index) else dice.pick(list(NINGBO_DISTRICTS), "work", index)
    standing = (
        "补缴" if dice.chance(6, "back-paid", index) else "转入" if dice.chance(3, "moved-in", index) else "正常"
    )
    first = last - length + 1
    if length > 12 and dice.chance(25, "gap", index):
        gap = dice.between(1, 4, "gap-length", index)
        middle = first + length // 2
        return Insured(first, middle - 1, work, standing), Insured(middle + gap, last, work)
    return (Insured(first, last, work, standing),)


def _permit_moves(dice: Dice, life: Life, on: date) -> tuple[PermitMove, ...]:
    """Draw a permit: issued after half a year, endorsed every year, now and then late, suspended or ended."""
    index, issued, until = life.resident.index, add_months(life.since, _PERMIT_WAIT), life.left_on or on
    if issued >= until or dice.chance(10, "no-permit", index):
        return ()
    moves = [PermitMove("签发", issued)]
    due = add_months(issued, 12)
    while due <= until:
        late = dice.chance(5, "late", index, due.year)
        shift = 25 if late else -dice.between(1, 25, "due", index, due.year)
        if due + timedelta(days=shift) <= until:
            moves.append(PermitMove("签注", due + timedelta(days=shift), late))
        due = add_months(due, 12)
    if life.left_on is not None:
        moves.append(PermitMove("终止", life.left_on))
    elif dice.chance(3, "suspended", index):
        moves.append(PermitMove("中止", on - timedelta(days=dice.between(10, 30, "suspended-on", index))))
    return tuple(moves)


def _told(life: Life, on: date) -> Life:
    """Tell one of the six stories; what it does not speak of stays as drawn."""
    index, last = life.resident.index, month_index(on) - 2
    start = add_months(on, -12 * 7)
    base = replace(
        life,
        stays=(Stay(YINZHOU, start, f"JZ{index:05d}-1"),),
        left_on=None,
        insured=(Insured(last - 40, last, YINZHOU),),
        permit_moves=_on_time(start, on),
    )
    match index:
        case Story.ACROSS:
            return replace(
                base, stays=(Stay(HAISHU, start, f"JZ{index:05d}-1"),), insured=(Insured(last - 59, last, YINZHOU),)
            )
        case Story.LATE:
            return replace(
                base, insured=(Insured(last - 11, last, YINZHOU),), late=(Insured(last - 35, last - 24, CIXI),)
            )
        case Story.SUSPENDED:
            return replace(base, permit_moves=(*_on_time(start, on), PermitMove("中止", on - timedelta(days=20))))
        case Story.TWICE:
            return replace(base, insured=(Insured(last - 29, last, YINZHOU), Insured(last - 11, last, HAISHU)))
        case _:
            return base


def _on_time(start: date, on: date) -> tuple[PermitMove, ...]:
    issued = add_months(start, _PERMIT_WAIT)
    moves = [PermitMove("签发", issued)]
    due = add_months(issued, 12)
    while due <= on:
        moves.append(PermitMove("签注", due - timedelta(days=10)))
        due = add_months(due, 12)
    return tuple(moves)

"""Facts in force on a day, picked by kind, variant and territory, and each counted once."""

from collections.abc import Iterable, Mapping

import numpy as np

from domain.countable import PERMIT
from domain.places import Tier, territory
from domain.plan import STEPS, Meant
from projections.engines.batch import KEPT_IN_KEY, Array, Batch, Rows, Words
from projections.engines.calendar import NO_DAY, Bools, Days, Ints
from projections.engines.permits import periods_in_use
from projections.engines.standing import Closing, Standing

_MOST = 2**62
_KEPT = ("resident", "starts_on")
"""Columns that most steps read: they are cut with the index, the others read again when they are asked for."""


class Picked:
    """Some facts of a batch, in the order of residents. Columns are read when they are asked for."""

    __slots__ = ("_columns", "_facts", "_index")

    def __init__(self, facts: Rows, index: Ints) -> None:
        self._facts = facts
        self._index = index
        self._columns: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = self._facts[name].take(self._index)
        return column

    def __len__(self) -> int:
        return len(self._index)

    def where(self, mask: Bools) -> "Picked":
        """Keep those under the mask."""
        if mask.all():
            return self
        # numpy compresses and takes two or three times as fast as it reads by a mask.
        kept = Picked(self._facts, np.compress(mask, self._index))
        kept._columns = {name: np.compress(mask, self._columns[name]) for name in _KEPT if name in self._columns}
        return kept


class Selection:
    """The facts of a batch that are in force and have begun on a day, by kind."""

    def __init__(self, batch: Batch, standing: Standing, as_of: int) -> None:
        self.batch = batch
        words = batch.words
        self._closing = Closing(standing.closers, len(words["word"]), len(words["spell"]))
        self._moves = standing.permits
        self._alive = standing.facts & (batch.facts["starts_on"] <= as_of)
        self._bounds = np.searchsorted(batch.facts["kind"], np.arange(len(words["kind"]) + 1))
        self._kinds: dict[str, Picked] = {}
        self._picked: dict[tuple[str, str, str], Picked] = {}
        self._found: dict[tuple[str, str, str], Bools] = {}
        self._here = _Territories(batch)

    def of(self, kind: str, variant: str, scope: str) -> Picked:
        """Pick the facts of a kind (and variant) that lie in each resident's province, city or district."""
        picked = self._picked.get((kind, variant, scope))
        if picked is None:
            picked = self._picked[kind, variant, scope] = self._pick(kind, variant, scope)
        return picked

    def found(self, kind: str, variant: str, scope: str) -> Bools:
        """Say for whom there is any such fact."""
        found = self._found.get((kind, variant, scope))
        if found is None:
            found = np.zeros(self.batch.residents, np.bool_)
            found[self.of(kind, variant, scope)["resident"]] = True
            self._found[kind, variant, scope] = found
        return found

    def anywhere(self, kind: str) -> Picked:
        """Pick the facts of a kind, wherever they lie."""
        picked = self._kinds.get(kind)
        if picked is None:
            words = self.batch.words["kind"]
            code = words.find(kind)
            low, high = self._bounds[[code, min(code + 1, len(words))]]
            index = low + np.flatnonzero(self._alive[low:high])
            picked = self._kinds[kind] = Picked(self.batch.facts, index)
        return picked

    def told(self, kind: str) -> Days:
        """Give the residents of whom any fact of a kind is told, in force or not."""
        words = self.batch.words["kind"]
        code = words.find(kind)
        low, high = self._bounds[[code, min(code + 1, len(words))]]
        resident: Days = self.batch.facts["resident"][low:high]
        return resident

    def _pick(self, kind: str, variant: str, scope: str) -> Picked:
        words = self.batch.words
        if kind == PERMIT:
            periods = periods_in_use(self.batch, self._moves)
            picked = Picked(periods, np.arange(len(periods)))
        else:
            picked = self.anywhere(kind)
        if variant:
            picked = picked.where(picked["variant"] == words["variant"].find(variant))
        return picked.where(self._here.mask(picked["resident"], picked["place"], scope))

    def ends(self, picked: Picked) -> Days:
        """Give the effective ends: FOREVER where none is known."""
        return self._closing.ends(picked["resident"], picked["ends_on"], picked["opens"], lambda: picked["spell"])


class _Territories:
    """For each tier: which fact's place lies in the territory of which scoring place. No place lies everywhere."""

    def __init__(self, batch: Batch) -> None:
        self._places = batch.words["place"].names
        self._scored, number = np.unique(batch.place, return_inverse=True)
        self._number = (number * (len(self._places) + 1) + 1).astype(np.int32)
        self._masks: dict[str, Bools] = {}

    def mask(self, resident: Days, place: Days, scope: str) -> Bools:
        """Mask the facts in the territory of where their resident is scored."""
        inside = self._masks.get(scope)
        if inside is None:
            inside = self._masks[scope] = self._inside(Tier(scope))
        return inside.ravel().take(self._number.take(resident) + place)

    def _inside(self, tier: Tier) -> Bools:
        inside = np.ones((max(len(self._scored), 1), len(self._places) + 1), np.bool_)
        for row, code in zip(inside, self._scored, strict=False):
            here = territory(self._places[code], tier)
            row[1:] = [place.startswith(here) for place in self._places]
        return inside


def meant(picked: Picked, fits: Iterable[Meant], exclude: Meant | None, words: Mapping[str, Words]) -> Picked:
    """Keep the facts that are meant: that fit each of these, and not the last."""
    for one in fits:
        picked = picked.where(_fitting(picked, one, words))
    if exclude is not None:
        picked = picked.where(~_fitting(picked, exclude, words))
    return picked


def _fitting(picked: Picked, one: Meant, words: Mapping[str, Words]) -> Bools:
    fitting = np.ones(len(picked), np.bool_)
    for column, names in (("level", one.level), ("variant", one.variant), ("mark", one.mark)):
        if names is not None:
            fitting &= words[column].chosen(names).take(picked[column])
    return fitting


def day_of(picked: Picked, step: int) -> Days:
    """Give the named day of each act, or the nearest earlier step of its life that is known."""
    day: Days = picked[STEPS[0]]
    for name in STEPS[1 : step + 1]:
        day = np.where(picked[name] == NO_DAY, day, picked[name])
    return day


def first_reports(picked: Picked, key: tuple[str, ...]) -> Picked:
    """Keep the first known report of each fact: the first of a resident with its natural key."""
    if not key or not len(picked):
        return picked
    keys = packed([picked["resident"], *(picked[name] for name in sorted(key, key=_in_key))])
    if "starts_on" in key and not np.any(keys[1:] < keys[:-1]):
        return picked.where(np.diff(keys, prepend=-1) != 0)
    return picked.where(_first_known(keys, picked))


def first_of_acts(picked: Picked, act: Ints) -> Picked:
    """Keep the first known fact of each act of a resident."""
    return picked.where(_first_known(packed([picked["resident"], act]), picked))


def _in_key(name: str) -> int:
    return ("starts_on", *KEPT_IN_KEY).index(name)


def _first_known(keys: Ints, picked: Picked) -> Bools:
    inorder = np.sort(keys)
    mask = np.ones(len(keys), np.bool_)
    if not np.any(inorder[1:] == inorder[:-1]):
        return mask
    order = np.lexsort((picked["version"], picked["position"], keys))
    mask[order[1:]] = keys[order[1:]] != keys[order[:-1]]
    return mask


def packed(columns: list[Array]) -> Ints:
    """Give one integer, zero or more, for each combination of values; equal exactly where all values are."""
    keys = np.zeros(len(columns[0]), np.int64)
    size = 1
    for column in columns:
        least = int(column.min(initial=0))
        span = int(column.max(initial=0)) - least + 1
        if size * span >= _MOST:
            names, keys = np.unique(keys, return_inverse=True)
            size = len(names)
        keys = keys * span + (column.astype(np.int64) - least)
        size *= span
    return keys

"""A seeded city in columns: residents of Ningbo with sixty facts each, as departments report them.

Late, void, corrected and doubly reported facts are among them: months paid in two districts, spells that touch and
overlap, closers that come late, facts reported again. Everything follows from the seed and the number of the part.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from projections.engines.batch import COLUMNS, NO_WORD, TYPES, Array, Batch, Rows, in_order, word_lists
from projections.engines.calendar import NO_DAY, add_months, first_days, months_of

TODAY = 20_727
"""2026-10-01."""
DISTRICTS = ["330203", "330205", "330206", "330211", "330212", "330213", "330225", "330226", "330281", "330282"]
ELSEWHERE = ["3302QW", "330106", "330381", "330604", "330782", "310115", "320505", "440106"]
KINDS = {
    "insurance-month-paid": None,
    "residence-registered": "residence",
    "employment-started": "employment",
    "housing-started": "housing",
    "volunteer-hours-served": None,
    "blood-donated": None,
    "education-awarded": None,
    "skill-awarded": None,
    "honour-received": None,
    "attested": None,
    "restricted-fact": None,
    "permit-issued": None,
    "permit-endorsed": None,
}
LEVELS = [
    *("below", "high_school", "college", "bachelor", "master", "doctor", "l5", "l4", "l3", "l2", "l1"),
    *("national", "province", "city", "district", "own", "rent", "employee", "minor", "detention", "crime"),
]
PART = 16_384
SEED = 20_260_101


@dataclass(frozen=True, slots=True)
class _Some:
    """Rows of one kind to be put among the others: who, when, and what else they carry."""

    table: str
    columns: dict[str, Array]


def town(residents: int, seed: int = SEED, part: int = PART) -> Iterator[Batch]:
    """Give the residents in parts. The first parts of a larger town are those of a smaller one."""
    for number, each in enumerate(sizes(residents, part)):
        yield part_of_town(number, each, seed)


def sizes(residents: int, part: int = PART) -> Iterator[int]:
    """Give the number of residents of each part."""
    return (min(part, residents - first) for first in range(0, residents, part))


def part_of_town(number: int, residents: int, seed: int = SEED) -> Batch:
    """Give one part: it depends on its number and size alone."""
    maker = _Maker(residents, np.random.default_rng([seed, number]))
    pieces = [
        maker.insurance(),
        *maker.spells("residence-registered", 2.0, ["", ""]),
        *maker.spells("employment-started", 1.2, [""]),
        *maker.spells("housing-started", 0.8, ["own", "rent", "rent"]),
        maker.dated("volunteer-hours-served", 9.8, quantity=(20, 300), acts=3, marks=("unpaid", "unpaid", "paid")),
        maker.dated("blood-donated", 1.3, quantity=(2, 5), times=100, variants=["whole"]),
        maker.dated("education-awarded", 1.2, levels=LEVELS[:6], placed=False, back=6000),
        maker.dated("skill-awarded", 0.9, levels=LEVELS[6:11], placed=False, back=4000),
        maker.dated("honour-received", 0.3, levels=LEVELS[11:15], acts=2),
        maker.dated("attested", 0.6, variants=["scarce_post", "talent"]),
        maker.dated("restricted-fact", 0.12, levels=LEVELS[-3:], variants=["offence", "credit"]),
        *maker.permits(),
        maker.births(),
    ]
    return maker.batch(pieces)


class _Maker:
    def __init__(self, residents: int, chance: Generator) -> None:
        self.residents, self.chance = residents, chance
        self.words = word_lists()
        for kind, word in KINDS.items():
            self.words["kind"].code(kind)
            self.words["word"].code(word)
        for place in (*DISTRICTS, *ELSEWHERE):
            self.words["place"].code(place)
        for level in LEVELS:
            self.words["level"].code(level)
        for number in range(16):
            self.words["spell"].code(f"S{number}")
        self.home = chance.integers(0, len(DISTRICTS), residents).astype(np.int32)

    def somebody(self, mean: float) -> Array:
        """Draw who has how many of something, in the order of residents."""
        return np.repeat(np.arange(self.residents, dtype=np.int32), self.chance.poisson(mean, self.residents))

    def where(self, who: Array) -> Array:
        """Draw places: mostly at home, sometimes anywhere."""
        anywhere = self.chance.integers(0, len(DISTRICTS) + len(ELSEWHERE), len(who))
        return np.where(self.chance.random(len(who)) < 0.8, self.home[who], anywhere).astype(np.int32)

    def code(self, column: str, names: Any) -> Array:
        """Give the codes of words."""
        return np.array([self.words[column].code(name or None) for name in names], np.int32)

    def insurance(self) -> _Some:
        chance = self.chance
        length = chance.integers(8, 59, self.residents)
        who = np.repeat(np.arange(self.residents, dtype=np.int32), length)
        ago = np.arange(len(who)) - np.repeat(np.cumsum(length) - length, length)
        ago += np.repeat(chance.integers(0, 14, self.residents), length)
        again = np.repeat(np.arange(len(who)), 1 + (chance.random(len(who)) < 0.05))
        again = again[chance.random(len(again)) < 0.96]
        who, ago = who[again], ago[again]
        month = (months_of(np.array([TODAY], np.int32))[0] - ago).astype(np.int32)
        kinds = self.code("variant", ["pension"] * 8 + ["medical", "housing-fund"])
        marks = self.code("mark", ["normal"] * 12 + ["back-paid"])
        return self._facts(
            "insurance-month-paid",
            who,
            first_days(month),
            ends_on=first_days(month + 1),
            place=self.where(who),
            quantity=np.ones(len(who), np.int64),
            variant=kinds[chance.integers(0, len(kinds), len(who))],
            mark=marks[chance.integers(0, len(marks), len(who))],
            level=np.full(len(who), self.words["level"].code("employee"), np.int32),
        )

    def spells(self, kind: str, mean: float, levels: list[str]) -> list[_Some]:
        """Make spells, of which four in five are closed by a fact of their own."""
        chance = self.chance
        who = self.somebody(mean)
        starts = (TODAY - chance.integers(20, 3300, len(who))).astype(np.int32)
        spell = (np.arange(len(who)) - np.searchsorted(who, who)).astype(np.int32) % 16
        chained = (np.diff(who, prepend=-1) == 0) & (chance.random(len(who)) < 0.4)
        length = chance.integers(5, 900, len(who)).astype(np.int32)
        starts[1:] = np.where(chained[1:], starts[:-1] + length[:-1], starts[1:])
        codes = self.code("level", levels)
        opened = self._facts(
            kind,
            who,
            starts,
            place=self.where(who),
            spell=spell,
            opens=np.full(len(who), self.words["word"].code(KINDS[kind]), np.int16),
            level=codes[chance.integers(0, len(codes), len(who))],
            quantity=np.full(len(who), 10_000, np.int64),
        )
        ended = np.flatnonzero(chance.random(len(who)) < 0.8)
        ended = np.repeat(ended, 1 + (chance.random(len(ended)) < 0.03))
        return [
            opened,
            _Some(
                "closers",
                {
                    "resident": who[ended],
                    "day": starts[ended] + length[ended],
                    "closes": np.full(len(ended), self.words["word"].code(KINDS[kind]), np.int16),
                    "spell": spell[ended],
                    "stops_on": starts[ended] + length[ended],
                },
            ),
        ]

    def dated(
        self,
        kind: str,
        mean: float,
        *,
        quantity: tuple[int, int] = (1, 2),
        times: int = 1,
        acts: int = 0,
        marks: tuple[str, ...] = (),
        levels: list[str] | None = None,
        variants: list[str] | None = None,
        placed: bool = True,
        back: int = 2500,
    ) -> _Some:
        """Make facts of a day; one in fifty is reported again."""
        chance = self.chance
        who = self.somebody(mean)
        many = len(who)
        day = (TODAY - chance.integers(-40, back, many)).astype(np.int32)
        drawn: dict[str, Array] = {"quantity": chance.integers(*quantity, many) * times}
        for column, names in (("level", levels), ("variant", variants), ("mark", marks)):
            if names:
                drawn[column] = self.code(column, names)[chance.integers(0, len(names), many)]
        if acts:
            drawn["act"] = self.code("act", [f"act {n}" for n in range(acts)])[chance.integers(0, acts, many)]
        if placed:
            drawn["place"] = self.where(who)
        if kind == "restricted-fact":
            drawn["decided_on"] = day + chance.integers(0, 60, many).astype(np.int32)
        again = np.repeat(np.arange(many), 1 + (chance.random(many) < 0.02))
        return self._facts(kind, who[again], day[again], **{name: column[again] for name, column in drawn.items()})

    def permits(self) -> list[_Some]:
        """Make permits, endorsed in most of their years."""
        chance = self.chance
        issued = np.flatnonzero(chance.random(self.residents) < 0.8).astype(np.int32)
        on = (TODAY - chance.integers(10, 2200, len(issued))).astype(np.int32)
        years = (TODAY - on) // 365
        who, since = np.repeat(issued, years), np.repeat(on, years)
        nth = (np.arange(len(who)) - np.repeat(np.cumsum(years) - years, years) + 1).astype(np.int32)
        late = np.where(chance.random(len(who)) < 0.1, chance.integers(1, 90, len(who)), -5).astype(np.int32)
        endorsed = add_months(since, 12 * nth) + late
        kept = (chance.random(len(who)) < 0.93) & (endorsed <= TODAY)
        return [
            self._moves("permit-issued", issued, on),
            self._moves("permit-endorsed", who[kept], endorsed[kept]),
        ]

    def births(self) -> _Some:
        who = np.arange(self.residents, dtype=np.int32)
        born = (TODAY - self.chance.integers(17 * 365, 64 * 365, self.residents)).astype(np.int32)
        return _Some("births", {"resident": who, "day": born * 0, "born_on": born})

    def _moves(self, kind: str, who: Array, day: Array) -> _Some:
        code = np.full(len(who), self.words["kind"].code(kind), np.int16)
        spell = np.zeros(len(who), np.int32)
        return _Some(
            "permits",
            {"resident": who, "day": day, "starts_on": day, "kind": code, "place": self.home[who], "spell": spell},
        )

    def _facts(self, kind: str, who: Array, day: Array, **columns: Array) -> _Some:
        code = np.full(len(who), self.words["kind"].code(kind), np.int16)
        return _Some("facts", {"resident": who, "day": day, "starts_on": day, "kind": code, **columns})

    def batch(self, pieces: list[_Some]) -> Batch:
        """Number the entries in the order in which they became known, add voids, and sort."""
        chance = self.chance
        resident = np.concatenate([piece.columns["resident"] for piece in pieces])
        happened = np.concatenate([piece.columns["day"] for piece in pieces]).astype(np.int64)
        late = np.where(chance.random(len(resident)) < 0.03, chance.integers(20, 400, len(resident)), 0)
        position = (happened + 20_000 + chance.integers(0, 20, len(resident)) + late) * 100_000
        position += chance.integers(0, 100_000, len(resident))
        order = np.lexsort((position, resident))
        version = np.empty(len(order), np.int32)
        counted = np.arange(len(order)) - np.searchsorted(resident[order], resident[order])
        version[order] = counted + 1
        tables: dict[str, dict[str, list[Array]]] = {
            table: {name: [] for name in columns} for table, columns in COLUMNS.items()
        }
        begin = 0
        for piece in pieces:
            here = slice(begin, begin + len(piece.columns["resident"]))
            begin = here.stop
            known = {**piece.columns, "position": position[here], "version": version[here]}
            for name, to in tables[piece.table].items():
                to.append(known.get(name, np.full(here.stop - here.start, _nothing(name), TYPES[name])))
        voided = np.flatnonzero(chance.random(len(resident)) < 0.02)
        from_day = np.where(
            chance.random(len(voided)) < 0.2, happened[voided] + chance.integers(0, 900, len(voided)), int(NO_DAY)
        )
        known = {
            "resident": resident[voided],
            "position": position[voided] + 30 * 100_000,
            "version": 10_000 + np.arange(len(voided)),
            "refers_version": version[voided],
            "stops_on": from_day,
        }
        for name, to in tables["voids"].items():
            to.append(known[name])
        rows = {name: in_order(name, self._whole(columns), self.words) for name, columns in tables.items()}
        return Batch(self.residents, self.home, self.words, **rows)  # type: ignore[arg-type] # by the tables' names

    @staticmethod
    def _whole(columns: dict[str, list[Array]]) -> Rows:
        whole = {name: np.concatenate(parts).astype(TYPES[name]) for name, parts in columns.items()}
        return Rows(whole)


def _nothing(column: str) -> int:
    if column == "quantity":
        return 0
    return int(NO_DAY) if column.endswith("_on") else NO_WORD

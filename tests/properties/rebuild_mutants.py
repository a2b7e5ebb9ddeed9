"""Planted errors in filling scores as a whole: reading columns, ordering, packing, ranges, whom it leaves out."""

from projections.rebuild import columns, copying, making, ordering, packing, ranges, scores
from tests.properties.mutants import Mutant

READER, FILL, RANGE = columns.MeasureColumns, scores.ScoresFill, vars(ranges.Range)
_WORDS = ("role", "kind", "place", "variant", "level", "mark", "opens", "closes")


def _unheard(word: str) -> Mutant:
    others = tuple(name for name in _WORDS if name != word)
    return Mutant(
        f"rows are alike whatever their {word}", READER._fields, "reversed(_WORDS)", f"reversed({others})"
    )


MUTANTS = [
    *(_unheard(word) for word in ("kind", "place", "level", "variant")),
    Mutant("rows are alike whatever their quantity", READER._fields, "sql.SQL(_SHARED)", "sql.SQL('0')"),
    Mutant("what a void names is not read", READER._rest, "coalesce(refers_version, 0)", "0::int8"),
    Mutant("quantities are not read", READER._rest, "coalesce(quantity, 0)", "0::int8"),
    Mutant("the server's epoch is ours", columns._days, "days + np.int32(_EPOCH)", "days"),
    Mutant("what has no end ends at the end of all days", columns._days, "days == _ENDLESS", "days == 0"),
    Mutant("a plain row's version is its position", READER._plain_of, 'rows["ref_version"]', 'rows["position"]'),
    Mutant("a void names its own version", READER._whole_of, 'rows["refers_version"], _', 'rows["ref_version"], _'),
    Mutant("who has no spell has one", READER._whole_of, "np.where(np.isin(codes, none), -1, codes)", "codes"),
    Mutant("rows that others tell are packed", READER.read, "odd[owner[(about & _ODD) != 0]] = True", "pass"),
    Mutant("of two corrections both count", READER.read, "odd[corrected_twice", "(odd & False)[corrected_twice"),
    Mutant("plain rows lie as they came", READER.read, ".take(plain_order)", ""),
    Mutant("other rows lie as they came", READER.read, "whole = whole.take(whole_order)", "pass"),
    Mutant("only corrections move a home", READER.read, "(about & _TURNS) != 0", "(about & _CORRECTS) != 0"),
    Mutant("ranges overlap", RANGE["high"].fget, "self.number + 1", "self.number + 2"),
    Mutant("a range begins too late", RANGE["low"].fget, "self.number *", "(self.number + 1) *"),
    Mutant("what comes after the last row is a row", copying.records, "del longer", "longer"),
    Mutant("short rows are long", copying.records, "len(row) == size", "len(row) > size"),
    Mutant("rows begin with the next resident", ordering.where_each_begins, "begins[1:]", "begins[:-1]"),
    Mutant("twice is three times", ordering.corrected_twice, "counts > 1", "counts > 2"),
    Mutant("a residence lasts through its last day", packing._homes, "> number)", ">= number)"),
    Mutant("a permit is no home", packing._homes, "set() if home is None else {home}", "set()"),
    Mutant("a home holds from the day after", packing._holds, "rows[name] <= number", "rows[name] < number"),
    Mutant("a home holds to the last day known", packing._holds, "np.minimum.at(until", "np.maximum.at(until"),
    Mutant(
        "whom no pack can hold is packed", packing.packs_of, "None\n        if odd\n", "None\n        if False\n"
    ),
    Mutant("who is tied is scored alone", FILL.fill, "apart |= joined(", "joined("),
    Mutant("who is left out stays out", FILL.fill, "leave(cursor, self._schemas, NAME, apart)", "pass"),
    Mutant("who has no score waits for nothing", FILL.fill, "wait(cursor, self._schemas, [", "list(["),
    Mutant("of two homes one counts", scores._under, "in pack.places:", "in pack.places[:1]:"),
    Mutant("packs reach no further than before", FILL.finish, "[anchor.position]\n", "[0]\n"),
    Mutant("holds freeze nothing elsewhere", FILL._score, "return recognised.unsure", "return set()"),
    Mutant(
        "the last range is not filled", making.Making._fill_whole, "range(anchor.parts)", "range(anchor.parts - 1)"
    ),
]
"""Found in a ledger. A mutant that nothing kills is a step that nobody would miss."""

OF_ORDER = [
    Mutant(
        "positions are no order", ordering._by_key, "(position - least) << np.uint64(_PART_BITS)", "np.uint64(0)"
    ),
    Mutant(
        "subjects are told apart by half", ordering._by_key, "if np.array_equal(begins, _begin(told))", "if True"
    ),
    Mutant("what came last of an entry may come first", ordering._by_key, " | part)", ")"),
    Mutant(
        "the second half is not looked at",
        ordering._by_columns,
        "(part, position, low, high)",
        "(part, position, high)",
    ),
]
"""Found by putting rows in order."""

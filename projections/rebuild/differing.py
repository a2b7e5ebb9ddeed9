"""What a generation says differently: whose scores, by district and item, and who meets a programme or no more.

Numbers of people alone; fewer than ten are withheld, with as many others as would give them away. Who they are is
another question (`who`), which whoever asks it answers for.
"""

from collections.abc import Mapping
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Cursor

from projections.schemas import Schemas
from projections.simulation.suppression import Equation, withheld

_EVERYBODY = "everybody"
_JOINED: LiteralString = (
    " FROM {live}.scores AS l FULL JOIN {other}.scores AS o USING (subject, place)"
    " WHERE (l.total, l.usable, l.validity, l.items) IS DISTINCT FROM (o.total, o.usable, o.validity, o.items)"
)


class Moved(NamedTuple):
    """Residents whose rows differ in one district: with more, with fewer, with as many points; new, or gone."""

    place: str
    residents: int
    more: int
    fewer: int
    alike: int
    new: int
    gone: int


class Difference(NamedTuple):
    """How many differ: `None` is a number that is withheld.

    `items` by document and item; `programmes` how many come to meet the conditions, and meet them no more.
    """

    residents: int | None
    districts: dict[str, dict[str, int | None]]
    items: dict[tuple[str, str], int | None]
    programmes: dict[str, tuple[int | None, int | None]]


def difference(cursor: Cursor[Any], live: Schemas, other: Schemas) -> Difference:
    """Count in a snapshot in which both stand at the same positions."""
    moved = [
        Moved(*row)
        for row in cursor.execute(
            _both(
                live,
                other,
                "SELECT place, count(*), count(*) FILTER (WHERE o.total > l.total),"
                " count(*) FILTER (WHERE o.total < l.total), count(*) FILTER (WHERE o.total = l.total),"
                " count(*) FILTER (WHERE l.subject IS NULL), count(*) FILTER (WHERE o.subject IS NULL)"
                + _JOINED
                + " GROUP BY place ORDER BY place",
            )
        ).fetchall()
    ]
    items = {(doc, item): count for doc, item, count in cursor.execute(_both(live, other, _ITEMS)).fetchall()}
    programmes = {
        doc: (comes, goes) for doc, comes, goes in cursor.execute(_both(live, other, _PROGRAMMES)).fetchall()
    }
    return _told(moved, items, programmes)


def who(cursor: Cursor[Any], live: Schemas, other: Schemas, most: int) -> list[UUID]:
    """Name residents whose scores differ, the first by id."""
    text = "SELECT DISTINCT subject" + _JOINED + " ORDER BY subject LIMIT %s"
    return [subject for (subject,) in cursor.execute(_both(live, other, text), [most]).fetchall()]


_POINTS: LiteralString = "SELECT i ->> 'doc' AS doc, i ->> 'item' AS item, i -> 'points' AS points"
_ITEMS: LiteralString = (
    "WITH differing AS (SELECT subject, place, l.items AS was, o.items AS now"  # noqa: S608 - our own words
    + _JOINED
    + ") SELECT doc, item, count(DISTINCT subject) FROM differing, LATERAL (SELECT doc, item FROM ("
    + _POINTS
    + " FROM jsonb_array_elements(was) AS i) AS w FULL JOIN ("
    + _POINTS
    + " FROM jsonb_array_elements(now) AS i) AS n USING (doc, item)"
    " WHERE w.points IS DISTINCT FROM n.points) AS each GROUP BY doc, item ORDER BY doc, item"
)
_PROGRAMMES: LiteralString = (
    "SELECT doc, count(*) FILTER (WHERE o.met), count(*) FILTER (WHERE l.met)"
    " FROM {live}.eligibility AS l FULL JOIN {other}.eligibility AS o USING (subject, doc)"
    " WHERE coalesce(l.met, false) <> coalesce(o.met, false) GROUP BY doc ORDER BY doc"
)


def _both(live: Schemas, other: Schemas, text: LiteralString) -> bytes:
    return live.sql(text, live=live.schema, other=other.schema)


def _told(
    moved: list[Moved], items: Mapping[tuple[str, str], int], programmes: Mapping[str, tuple[int, int]]
) -> Difference:
    """Withhold small numbers: a district is the sum of its kinds of change, everybody the sum of districts."""
    counts = {_EVERYBODY: sum(one.residents for one in moved)}
    equations = [Equation(_EVERYBODY, [one.place for one in moved])]
    for one in moved:
        counts[one.place] = one.residents
        for name in Moved._fields[2:]:
            counts[f"{one.place}/{name}"] = getattr(one, name)
        equations.append(Equation(one.place, [f"{one.place}/{name}" for name in Moved._fields[2:]]))
    counts |= {f"item {doc}/{item}": count for (doc, item), count in items.items()}
    for doc, (comes, goes) in programmes.items():
        counts |= {f"comes {doc}": comes, f"goes {doc}": goes}
    hidden = withheld(counts, equations)

    def told(key: str) -> int | None:
        return None if key in hidden else counts[key]

    return Difference(
        told(_EVERYBODY),
        {
            one.place: {"residents": told(one.place)}
            | {name: told(f"{one.place}/{name}") for name in Moved._fields[2:]}
            for one in moved
        },
        {(doc, item): told(f"item {doc}/{item}") for doc, item in items},
        {doc: (told(f"comes {doc}"), told(f"goes {doc}")) for doc in programmes},
    )

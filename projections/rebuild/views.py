"""The views that a rebuild makes: which tables are whose, and who is filled for whole populations at once.

A view is a projection. Its tables are those of its digest and what is kept beside them; one that is not named in
`SET_BASED` is filled by the plain runner, entry after entry.
"""

from collections.abc import Collection, Sequence

from projections.digest import TABLES
from projections.projection import Projection
from projections.rebuild.refusals import ViewUnknown

BESIDE = {"scores": ("packs", "shapes", "pack_reach", "unscored")}
"""Tables of a view that are no part of what it says: caches and when to look again, which a digest does not see."""
BOOKS = ("checkpoints", "heartbeats", "quarantine", "revisits", "sweeps")
"""The runner's books: rows by projection, in every generation its own."""
UNCOPIED = ("rebuilds", "rebuild_progress")
"""Books of the rebuilds themselves: they stand beside what is live and nowhere else."""
NUMBERED_AT_ONCE = ("shapes", "pack_reach")
"""Small tables that are looked up while a view is filled: they have their indexes from the start."""


def tables_of(view: str) -> tuple[str, ...]:
    """Name the tables of a view."""
    return (*TABLES[view], *BESIDE.get(view, ()))


def chosen(projections: Sequence[Projection], views: Collection[str]) -> list[str]:
    """Name the views to make, upstream first; nothing named is all of them. Raises ViewUnknown."""
    names = [one.name for one in projections]
    unknown = set(views) - set(names)
    if unknown:
        raise ViewUnknown(", ".join(sorted(unknown)))
    return [name for name in names if not views or name in views]

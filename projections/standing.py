"""The projections that stand 常设投影, upstream first, and the runners of one process for them."""

from collections.abc import Callable, Sequence
from datetime import date

from ledger.database import Database, Role
from projections.assessments import Assessments
from projections.eligibility import Eligibility
from projections.feeds import Feeds
from projections.measures import Measures
from projections.projection import Projection
from projections.reading import Opener
from projections.rulebooks import Rulebooks
from projections.runner import Pace, Runner
from projections.schemas import Schemas
from projections.scores import Scores
from projections.ties import Ties
from projections.uses import Uses

NAMES = ("measures", "feeds", "rulebooks", "ties", "uses", "assessments", "eligibility", "scores")
FOLLOWED = tuple(name for name in NAMES if name != "eligibility")
"""Those that a verb brings to the ledger's end first: no answer waits for everybody's programmes."""


def standing(schemas: Schemas, today: Callable[[], date]) -> list[Projection]:
    """Give every projection, those that others read before those that read them."""
    return [
        Measures(schemas),
        Feeds(schemas),
        Rulebooks(schemas),
        Ties(schemas),
        Uses(schemas),
        Assessments(schemas),
        Eligibility(schemas, today),
        Scores(schemas, today),
    ]


def maker(
    database: Database,
    opener: Callable[[], Opener],
    today: Callable[[], date],
    *,
    instance: str = "",
    pace: Pace | None = None,
) -> Callable[[str], Runner]:
    """Give what makes a runner of a projection by name, on a connection of its own."""
    schemas = Schemas.of(database)

    def make(name: str) -> Runner:
        projections = standing(schemas, today)
        projection = next(one for one in projections if one.name == name)
        return Runner(
            projection,
            database.connect(Role.RUNNER),
            schemas,
            opener(),
            downstream=[one.name for one in projections if name in one.upstream],
            instance=instance,
            pace=pace,
        )

    return make


def catch_up(make: Callable[[str], Runner], names: Sequence[str] = NAMES) -> dict[str, int]:
    """Run every projection once to where the ledger is; give how many entries each has read."""
    read = {}
    for name in names:
        with make(name) as runner:
            read[name] = runner.catch_up()
    return read

"""What verbs of rounds and decisions have in common: the ledger open, and a snapshot of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, TypeVar

import typer

from api import clock, composition
from api.cli.options import civil_day, settings_of
from api.settings import Settings
from ledger.database import Database
from ledger.opening import Desk
from ledger.rounds.refusals import DayAhead
from projections.answers import Answers
from projections.cases import Cases, Snapshot
from projections.office import Office

T = TypeVar("T")
KEEPER = "officer:keeper"
RoundName = Annotated[str, typer.Argument(help="The round's name: cx.school-2026. 批次。")]
Number = Annotated[str, typer.Argument(help="The application's number. 申请编号。")]
On = Annotated[str | None, typer.Option("--on", help="The day on which it happened. 日期。", show_default="today")]


class Following:
    """What is known, to a verb: it runs the projections itself where no worker does."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def follow(self) -> int:
        """Bring the projections to where the ledger is; give that position."""
        head = composition.head(self._database)
        composition.follow(self._database, self._settings, head)
        return head

    def ask(self, question: Callable[[Cases, Snapshot], T], as_at: int | datetime | None = None) -> T:
        """Ask in one snapshot, as known at a position or an instant."""
        with composition.cases(self._database, self._settings) as cases, cases.at(as_at) as snapshot:
            return question(cases, snapshot)


class Room(Office):
    """A ledger at work, with the use cases of rounds."""

    def __init__(self, context: typer.Context, desk: Desk) -> None:
        self._settings = settings_of(context)
        super().__init__(desk, Following(desk.database, self._settings))

    def follow(self) -> int:
        """Bring the projections to where the ledger is; give that position."""
        return self.knowing.follow()

    @contextmanager
    def answers(self) -> Iterator[Answers]:
        """Give what scores residents at any coordinate, each in a snapshot of its own."""
        with composition.answers(self.desk.database) as answers:
            yield answers

    @contextmanager
    def known(self, as_at: int | datetime | None = None) -> Iterator[tuple[Cases, Snapshot]]:
        """Give what is known at a position or an instant, in one snapshot."""
        with composition.cases(self.desk.database, self._settings) as cases, cases.at(as_at) as snapshot:
            yield cases, snapshot


@contextmanager
def room(context: typer.Context) -> Iterator[Room]:
    """Open the ledger. Raises what `composition.desk` raises."""
    with composition.desk(settings_of(context)) as desk:
        yield Room(context, desk)


def day_of(text: str | None, where: str = "--on") -> date:
    """Read the day on which something happened. Raises BadCoordinate, DayAhead."""
    today = clock.today()
    day = civil_day(text, today, where)
    if day > today:
        raise DayAhead(where)
    return day

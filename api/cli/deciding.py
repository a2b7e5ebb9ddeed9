"""What verbs of rounds and decisions have in common: the ledger open, and a snapshot of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer

from api import clock, composition
from api.cli.options import civil_day, settings_of
from ledger.opening import Desk
from ledger.rounds import Applications, Assessments, Benefits, Decisions, Frauds, Rounds
from ledger.rounds.refusals import DayAhead
from projections.answers import Answers
from projections.cases import Cases, Snapshot

KEEPER = "officer:keeper"
RoundName = Annotated[str, typer.Argument(help="The round's name: cx.school-2026. 批次。")]
Number = Annotated[str, typer.Argument(help="The application's number. 申请编号。")]
On = Annotated[str | None, typer.Option("--on", help="The day on which it happened. 日期。", show_default="today")]


class Room:
    """A ledger at work, with the use cases of rounds."""

    def __init__(self, context: typer.Context, desk: Desk) -> None:
        self._settings = settings_of(context)
        self.desk = desk
        self.rounds = Rounds(desk.ledger, desk.approvals)
        self.applications = Applications(desk.ledger, self.rounds)
        self.decisions = Decisions(desk.ledger)
        self.benefits = Benefits(desk.ledger)
        self.assessments = Assessments(desk.ledger, desk.approvals)
        self.frauds = Frauds(desk.approvals)

    def follow(self) -> int:
        """Bring the projections to where the ledger is; give that position."""
        head = composition.head(self.desk.database)
        composition.follow(self.desk.database, self._settings, head)
        return head

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

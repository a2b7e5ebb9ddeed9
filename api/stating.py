"""What the addresses of statements and answers have in common: a score of now, and statements by their numbers."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from api import coordinates
from api.door import Door
from domain.errors import NowhereAtHome
from domain.facts import StatementIssued
from ledger.entry import Entry
from ledger.statements import Statements, StatementUnknown
from projections.answers import Answer

StatementNumber = Annotated[
    str, Path(pattern=r"^S-[A-Z2-7]{13}$", description="the statement's number", examples=["S-QH3ZK5T7XW2AB"])
]


def scored(door: Door, subject: UUID, place: str | None) -> Answer:
    """Score somebody today on what the ledger knows now. Raises NowhereAtHome, ProjectionBehind, SubjectUnknown."""
    code = None if place is None else coordinates.place_code(place)
    today = door.today()
    door.office.knowing.follow()
    if code is not None:
        return door.answering.ask(lambda answers: answers.score(subject, code, today))
    at_home = door.answering.ask(lambda answers: answers.home_scores(subject, today))
    if not at_home:
        raise NowhereAtHome
    return at_home[0]


def known(door: Door, number: str) -> tuple[StatementIssued, Entry]:
    """Find a statement by its number. Raises StatementUnknown."""
    entry = statements(door).issued(number)
    if not isinstance(entry.fact, StatementIssued):
        raise StatementUnknown
    return entry.fact, entry


def statements(door: Door) -> Statements:
    """Give the use cases of statements and answers."""
    return Statements(door.desk.ledger)

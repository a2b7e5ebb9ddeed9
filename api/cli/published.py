"""Published rulebooks, found in the ledger by their name and hash, or by where and when they are in force."""

from datetime import date

from api import composition
from api.refusals import RulebookUnknown
from api.settings import Settings
from domain.facts import DocumentProposed, Stream
from domain.rulebook import Document, read_tree
from ledger.publication import State, versions_of
from ledger.streams import named


def in_force(settings: Settings, place: str, on: date) -> list[Document]:
    """Give the documents in force at a place on a day, from province to district."""
    with composition.database(settings) as database:
        composition.follow(database, settings, composition.head(database))
        with composition.answers(database) as answers:
            return list(answers.rulebooks(place, on).documents)


def by_name(settings: Settings, asked: str) -> Document:
    """Give the version `doc/hash`, by the front of its hash, or of `doc` the one published last.

    Raises RulebookUnknown.
    """
    doc, _, front = asked.partition("/")
    with composition.desk(settings) as desk:
        entries = desk.ledger.history(named(Stream.RULEBOOK, doc))
    found = [
        one
        for one in versions_of(entries)
        if (one.content.startswith(front) if front else one.state is not State.PROPOSED)
    ]
    if not found or (front and len(found) > 1):
        raise RulebookUnknown(asked)
    content = max(found, key=lambda one: one.position).content
    proposed = (entry.fact for entry in entries if isinstance(entry.fact, DocumentProposed))
    return read_tree(next(fact.document for fact in proposed if fact.content == content))

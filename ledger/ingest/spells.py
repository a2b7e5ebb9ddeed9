"""Which spell a fact opens or closes, and on which day: a closer may not lie before its opener."""

from datetime import date
from typing import Any
from uuid import UUID

from domain.facts import BY_TOPIC, Fact, FactCorrected, FamilyTieEnded, FamilyTieRecorded
from ledger.ingest.desk import Spell

OPENERS = tuple(fact.topic() for fact in BY_TOPIC.values() if fact.about.opens)


def opening_of(subject: UUID, fact: Fact | None) -> tuple[Spell, date] | None:
    """Give the spell that a fact opens and its first day, or None where it opens none.

    `subject` is the stream that the fact stands in: for a tie, the tie's own.
    """
    fact = fact.replacement if isinstance(fact, FactCorrected) else fact
    if fact is None or fact.about.opens is None:
        return None
    if isinstance(fact, FamilyTieRecorded):
        return (subject, fact.about.opens, fact.spell), fact.since
    seen = fact.measured()
    if seen is None or seen.spell is None:
        return None
    return (subject, fact.about.opens, seen.spell), seen.starts_on


def closing_of(subject: UUID, fact: Fact) -> tuple[Spell, date] | None:
    """Give the spell that a fact closes and the first day without it, or None where it closes none."""
    fact = fact.replacement if isinstance(fact, FactCorrected) else fact
    if fact.about.closes is None:
        return None
    if isinstance(fact, FamilyTieEnded):
        return (subject, fact.about.closes, fact.spell), fact.ended_on
    seen = fact.measured()
    # A move opens `new_spell`, which its row shows, and closes `spell`; a permit's spell is its number.
    spell = getattr(fact, "spell", None) or getattr(fact, "permit", None)
    return None if seen is None or spell is None else ((subject, fact.about.closes, spell), seen.starts_on)


def read_opener(topic: str, state: dict[str, Any]) -> Fact | None:
    """Read what an opener says in the clear: its spell and its days are never sealed. None for other kinds."""
    if topic == FactCorrected.topic():
        inner = state["replacement"]
        return read_opener(inner["kind"], {name: value for name, value in inner.items() if name != "kind"})
    cls = BY_TOPIC.get(topic)
    return cls.from_parts(state, {}) if cls is not None and cls.about.opens else None

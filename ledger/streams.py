"""Ids of streams that have a natural name. A person's stream has a random id, kept in the vault."""

from uuid import UUID, uuid5

from domain.facts import Stream

_NAMESPACE = UUID("6f0c6a52-6a0d-5b0e-9a5e-3d0f0c1f7a11")
"""A fixed namespace of our own (RFC 9562, version 5). Changing it would orphan every named stream."""


_NAMED = 5


def is_named(stream: UUID) -> bool:
    """Say whether a stream has a natural name, and so no owner of its own. Subjects' ids are random, version 4."""
    return stream.version == _NAMED


def named(stream: Stream, name: str) -> UUID:
    """Give the id of an organ's, rulebook's, batch's, approval's, ledger's or vault's stream."""
    return uuid5(_NAMESPACE, f"{stream}:{name}")

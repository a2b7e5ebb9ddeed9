"""What old systems said of a person, read from the entries: none of it is in `measures`, for no rule reads it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import Cursor

from domain.facts import FactCorrected, FactVoided, LegacyDecisionRecorded, LegacyScoreRecorded
from domain.legacy import Legacy
from ledger.canonical import parse
from projections.schemas import Schemas

_KINDS: dict[str, type[LegacyScoreRecorded | LegacyDecisionRecorded]] = {
    LegacyScoreRecorded.topic(): LegacyScoreRecorded,
    LegacyDecisionRecorded.topic(): LegacyDecisionRecorded,
}


def legacy_at(cursor: Cursor[Any], schemas: Schemas, subject: UUID, as_at: int) -> list[Legacy]:
    """Give the results known at a position and in force, oldest first, without what is sealed."""
    rows = cursor.execute(
        schemas.sql(
            "SELECT topic, originator_version, notification_id, state, refers_to_version FROM {ledger}.entries"
            " WHERE originator_id = %s AND notification_id <= %s AND topic = ANY(%s) ORDER BY originator_version"
        ),
        [subject, as_at, [*_KINDS, FactVoided.topic(), FactCorrected.topic()]],
    ).fetchall()
    gone = {refers for topic, _, _, state, refers in rows if topic not in _KINDS and _is_whole(topic, state)}
    return [one for row in rows if row[1] not in gone and (one := _legacy(row)) is not None]


def _is_whole(topic: str, state: bytes) -> bool:
    return topic == FactCorrected.topic() or parse(state)["effect"] == "from_the_start"


def _legacy(row: Sequence[Any]) -> Legacy | None:
    topic, version, position, state, _ = row
    fields = parse(state)
    if topic == FactCorrected.topic():
        fields = dict(fields["replacement"])
        topic = fields.pop("kind")
    kind = _KINDS.get(topic)
    return None if kind is None else Legacy(kind.from_parts(fields, {}), version, position)

"""What auditors look through: a sample that anybody can draw again, and lists of what is out of the ordinary.

Read from entries and from measures that are not restricted, in a span of positions; no content is opened. Each list
is one grouped pass over its span: the cost is that of the span, not of the ledger.
"""

from datetime import date, datetime, timedelta
from typing import Any, Literal, LiteralString, NamedTuple
from uuid import UUID

from psycopg import Cursor

from domain.lateness import LATE_DAYS
from projections.coordinates import known_position
from projections.schemas import Schemas

Of = Literal["entries", "subjects", "decisions"]
_KINDS: dict[Of, str] = {"entries": "", "subjects": "identity-minted", "decisions": "decision-recorded"}


class Span(NamedTuple):
    """Positions after one and up to another."""

    after: int
    until: int


class Drawn(NamedTuple):
    """An entry of a sample."""

    position: int
    stream: UUID
    version: int
    kind: str
    organ: str
    recorded_at: datetime
    leaf: str


class Late(NamedTuple):
    """What an organ recorded late, by kind and batch: how many facts, and by how many days at most and at least."""

    organ: str
    kind: str
    batch_id: UUID | None
    facts: int
    days_max: int
    days_min: int
    first_position: int


class ByHand(NamedTuple):
    """What an officer recorded by hand in a month, by organ: how many facts, of how many people and kinds."""

    recorded_by: str
    organ: str
    month: str
    facts: int
    subjects: int
    kinds: int
    share: float
    """Of all that was recorded by hand in the month."""


class Corrected(NamedTuple):
    """How many entries of a batch were voided or corrected in the span, by how many officers, and when last."""

    batch_id: UUID
    corrections: int
    officers: int
    last_on: date


class Audits:
    """Audit lists in one transaction of the auditor's role. `zone` is how far civil days are ahead of UTC."""

    def __init__(self, cursor: Cursor[Any], schemas: Schemas, zone: timedelta) -> None:
        self._cursor = cursor
        self._schemas = schemas
        self._zone = zone

    def span(self, since: int | datetime | None, until: int | datetime | None) -> Span:
        """Give the positions between two positions or instants; None: the beginning, everything known.

        Raises PositionUnknown.
        """
        last = self._cursor.execute(
            self._schemas.sql("SELECT coalesce(max(notification_id), 0) FROM {ledger}.entries")
        ).fetchone()
        return Span(
            0 if since is None else known_position(self._cursor, self._schemas, since),
            int(last[0] if last else 0) if until is None else known_position(self._cursor, self._schemas, until),
        )

    def sample(
        self, seed: str, count: int, span: Span, of: Of = "entries", organ: str | None = None
    ) -> list[Drawn]:
        """Draw entries by a seed: those whose SHA-256 of `seed:position` is smallest.

        Uniform and without replacement; whoever knows the seed and the span draws the same; a smaller sample is the
        beginning of a larger one.
        """
        return self._rows(
            Drawn,
            "SELECT notification_id, originator_id, originator_version, topic, organ, recorded_at,"
            " encode(leaf, 'hex') FROM {ledger}.entries"
            " WHERE notification_id > %(after)s AND notification_id <= %(until)s"
            " AND (%(kind)s = '' OR split_part(topic, '.', 1) = %(kind)s)"
            " AND (%(organ)s::text IS NULL OR organ = %(organ)s)"
            " ORDER BY sha256(convert_to(%(seed)s || ':' || notification_id, 'UTF8')) LIMIT %(count)s",
            span,
            seed=seed,
            count=count,
            kind=_KINDS[of],
            organ=organ,
        )

    def late(self, span: Span, days: int = LATE_DAYS, limit: int = 100) -> list[Late]:
        """List what was recorded more than some days late (domain/lateness.py), the largest numbers first."""
        return self._rows(
            Late,
            "SELECT organ, topic, batch_id, count(*), max(late), min(late), min(position) FROM ("
            "SELECT e.organ, e.topic, e.batch_id, e.notification_id AS position, min(d.recorded - day) AS late"
            " FROM {ledger}.entries AS e"
            " JOIN {projections}.measures AS m ON m.position = e.notification_id,"
            " LATERAL (SELECT (e.recorded_at AT TIME ZONE %(zone)s::interval)::date AS recorded) AS d,"
            " LATERAL unnest(ARRAY[m.starts_on, m.ends_on, m.decided_on, m.completed_on, m.stops_on]) AS day"
            " WHERE e.notification_id > %(after)s AND e.notification_id <= %(until)s AND day <= d.recorded"
            " AND m.role <> 'identity'"
            " GROUP BY e.notification_id, e.organ, e.topic, e.batch_id) AS each WHERE late > %(days)s"
            " GROUP BY organ, topic, batch_id ORDER BY count(*) DESC, min(position) LIMIT %(limit)s",
            span,
            days=days,
            limit=limit,
            zone=self._zone,
        )

    def by_hand(self, span: Span, limit: int = 100) -> list[ByHand]:
        """List what officers recorded by hand about people, by month; the largest numbers first."""
        return self._rows(
            ByHand,
            "SELECT recorded_by, organ, month, count(*), count(DISTINCT originator_id),"
            " count(DISTINCT topic), count(*)::float8 / sum(count(*)) OVER (PARTITION BY month) FROM ("
            "SELECT recorded_by, organ, originator_id, topic,"
            " to_char(recorded_at AT TIME ZONE %(zone)s::interval, 'YYYY-MM') AS month FROM {ledger}.entries"
            " WHERE notification_id > %(after)s AND notification_id <= %(until)s AND source_class = 'manual'"
            " AND substr(originator_id::text, 15, 1) = '4') AS each"
            " GROUP BY recorded_by, organ, month ORDER BY count(*) DESC, recorded_by, month LIMIT %(limit)s",
            span,
            limit=limit,
            zone=self._zone,
        )

    def corrected(self, span: Span, limit: int = 100) -> list[Corrected]:
        """List batches of which entries were voided or corrected in the span; the largest numbers first."""
        return self._rows(
            Corrected,
            "SELECT t.batch_id, count(DISTINCT (t.originator_id, t.originator_version)) AS corrections,"
            " count(DISTINCT v.recorded_by), max((v.recorded_at AT TIME ZONE %(zone)s::interval)::date)"
            " FROM {ledger}.entries AS v JOIN {ledger}.entries AS t"
            " ON (t.originator_id, t.originator_version) = (v.refers_to_stream, v.refers_to_version)"
            " WHERE v.notification_id > %(after)s AND v.notification_id <= %(until)s"
            " AND split_part(v.topic, '.', 1) IN ('fact-voided', 'fact-corrected') AND t.batch_id IS NOT NULL"
            " GROUP BY t.batch_id ORDER BY corrections DESC, t.batch_id LIMIT %(limit)s",
            span,
            limit=limit,
            zone=self._zone,
        )

    def _rows(self, row: type[Any], text: LiteralString, span: Span, **values: Any) -> list[Any]:
        found = self._cursor.execute(
            self._schemas.sql(text), {"after": span.after, "until": span.until, **values}
        ).fetchall()
        return [row(*each) for each in found]

"""Feeds looked at: whose rows or control sums are not what stands in the ledger."""

from typing import Any, NamedTuple

from psycopg import Cursor, sql

from domain.civil import first_day
from domain.facts import BY_TOPIC
from domain.places import authority_prefix
from ledger.canonical import parse
from projections.schemas import Schemas

_SENSITIVE = {fact.kind_name() for fact in BY_TOPIC.values() if fact.about.sensitive}


class Sums(NamedTuple):
    """A complete feed, what it declared, and what stands: as at its own position, and now."""

    organ: str
    kind: str
    place: str
    first_month: int
    last_month: int
    position: int
    rows: int
    control_sum: int
    then: tuple[int, int]
    now: tuple[int, int]

    @property
    def adds_up(self) -> bool:
        """Say whether what was declared stood then, or stands now: facts may come before their feed or after it.

        A control sum of zero was not declared; sealed quantities are in no sum.
        """
        unsaid = self.control_sum == 0 or self.kind in _SENSITIVE
        return any(
            rows == self.rows and (unsaid or total == self.control_sum) for rows, total in (self.then, self.now)
        )


def sums(cursor: Cursor[Any], schemas: Schemas) -> list[Sums]:
    """Compare the last complete feed of every organ, kind, place and months with what stands.

    Each comparison reads the facts of the kind once: for a large ledger, minutes.
    """
    feeds = cursor.execute(
        schemas.sql(
            "SELECT f.organ, f.kind, f.place, f.first_month, f.last_month, f.position, e.state"
            " FROM (SELECT DISTINCT ON (organ, kind, place, first_month, last_month) * FROM {projections}.feeds"
            "  WHERE complete AND voided_position IS NULL"
            "  ORDER BY organ, kind, place, first_month, last_month, position DESC) AS f"
            " JOIN {ledger}.entries AS e ON e.notification_id = f.position ORDER BY f.position"
        )
    ).fetchall()
    return [_compared(cursor, schemas, _Said(*feed)) for feed in feeds]


class _Said(NamedTuple):
    """A feed as its entry says it."""

    organ: str
    kind: str
    place: str
    first_month: int
    last_month: int
    position: int
    state: bytes


def _compared(cursor: Cursor[Any], schemas: Schemas, said: _Said) -> Sums:
    declared, kind = parse(said.state), said.kind
    table = schemas.table("measures_restricted" if kind in _SENSITIVE else "measures")
    then = sql.SQL("m.position <= {0} AND (m.voided_position IS NULL OR m.voided_position > {0})").format(
        said.position
    )
    statement = schemas.sql(
        "SELECT count(*) FILTER (WHERE {then}), coalesce(sum(m.quantity) FILTER (WHERE {then}), 0)::bigint,"
        " count(*) FILTER (WHERE m.voided_position IS NULL),"
        " coalesce(sum(m.quantity) FILTER (WHERE m.voided_position IS NULL), 0)::bigint"
        " FROM {table} AS m JOIN {ledger}.entries AS e ON e.notification_id = m.position"
        " WHERE m.role = 'fact' AND m.kind = %(kind)s AND m.starts_on >= %(first)s AND m.starts_on < %(after)s"
        " AND (m.place IS NULL OR m.place LIKE %(place)s) AND e.organ = %(organ)s",
        then=then,
        table=table,
    )
    asked = {
        "kind": kind,
        "first": first_day(said.first_month),
        "after": first_day(said.last_month + 1),
        "place": authority_prefix(said.place) + "%",
        "organ": said.organ,
    }
    [[rows_then, sum_then, rows_now, sum_now]] = cursor.execute(statement, asked).fetchall()
    stood, stands = (rows_then, sum_then), (rows_now, sum_now)
    return Sums(*said[:-1], declared["rows"], declared["control_sum"], stood, stands)

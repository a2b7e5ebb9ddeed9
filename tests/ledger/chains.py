"""The whole ledger looked at from outside: chains, versions, order of time."""

from ledger.database import Database

_QUESTION = """
SELECT position, what FROM (
  SELECT notification_id AS position, CASE
    WHEN originator_version <> row_number() OVER stream THEN 'version'
    WHEN prev IS DISTINCT FROM lag(leaf) OVER stream THEN 'prev'
    WHEN notification_id < lag(notification_id) OVER stream THEN 'position'
    WHEN recorded_at < lag(recorded_at) OVER (ORDER BY notification_id) THEN 'recorded_at' END AS what
  FROM entries WINDOW stream AS (PARTITION BY originator_id ORDER BY originator_version)) looked
WHERE what IS NOT NULL ORDER BY position
"""


def broken_chains(database: Database) -> list[tuple[int, str]]:
    """List (position, what is wrong); entries begin with version 1."""
    with database.connect() as connection:
        connection.execute(f"SET search_path = {database.schema}")
        return [(position, what) for position, what in connection.execute(_QUESTION).fetchall()]

"""公示: the lines of a public notice. A name is opened here to be masked, and leaves only as its mask."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from psycopg.rows import tuple_row

from domain.facts import IdentityMinted, ParticularsCorrected
from domain.round import masked
from ledger import rows
from ledger.application import Ledger

_NAMING = (IdentityMinted.topic(), ParticularsCorrected.topic())
_TOGETHER = 500
MOST = 2**63 - 1
NOBODY = "**"
"""In the place of a name that can no longer be opened."""


def masked_names(ledger: Ledger, subjects: Iterable[UUID], as_at: int = MOST) -> Mapping[UUID, str]:
    """Give each subject's name as known at a position, masked; some hundred streams in a turn."""
    wanted = list(dict.fromkeys(subjects))
    found = dict.fromkeys(wanted, NOBODY)
    for start in range(0, len(wanted), _TOGETHER):
        part = wanted[start : start + _TOGETHER]
        where = "originator_id = ANY(%s) AND topic = ANY(%s) AND notification_id <= %s"
        where += " ORDER BY originator_id, originator_version"
        with ledger.connection() as connection:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            read = cursor.execute(f"{rows.SELECT} WHERE {where}".encode(), [part, list(_NAMING), as_at]).fetchall()
        stored = [rows.stored_entry(row) for row in read]
        for entry in stored:
            fact = ledger.entry_mapper.opened(entry)
            if isinstance(fact, IdentityMinted | ParticularsCorrected) and fact.name is not None:
                found[entry.originator_id] = masked(fact.name)
    return found

"""Making receipts: an entry read from the ledger, shown, and proven under a head."""

from ledger import rows
from ledger.commit import tuples
from ledger.evidence.entries import header_of, shown
from ledger.evidence.receipts import receipt
from ledger.mapper import EntryMapper
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy
from ledger.transparency.proofs import LogProof


def receipt_of(
    reader: LogReader, position: int, policy: Policy | None = None, opener: EntryMapper | None = None
) -> str:
    """Give the receipt of the entry at a position: with `opener` its content too, else its header alone.

    It is under the first head that covers it and that `policy` trusts; without a policy, under the last head.
    Raises NotInTheLog.
    """
    row = (
        tuples(reader.connection)
        .execute(f"{rows.SELECT} WHERE notification_id = %s".encode(), [position])
        .fetchone()
    )
    if row is None:
        raise NotInTheLog("no entry stands there")
    stored = rows.stored_entry(row)
    entry = header_of(stored) if opener is None else shown(stored, opener)
    return receipt(entry, _proof(reader, position, policy))


def _proof(reader: LogReader, position: int, policy: Policy | None) -> LogProof:
    if policy is None:
        return reader.proof(position)
    index = reader.index(position)
    for head in reader.heads_over(index):
        try:
            policy.check(head.note)
        except NoteRefused:
            continue
        return reader.proven(index, head)
    raise NotInTheLog("no head that the policy trusts covers the entry yet")

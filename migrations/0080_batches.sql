-- what: an index of the entries that tell the history of batches
-- why: batches are listed newest first without reading the ledger
-- undo: DROP INDEX entries_batches

SET LOCAL ROLE ${ledger}_owner;

-- Partial: a fact pays nothing for it.
CREATE INDEX entries_batches ON ${schema}.entries (notification_id)
  WHERE topic IN ('batch-committed.v1', 'batch-undone.v1', 'full-file-compared.v1');

RESET ROLE;

-- what: an index of the entries of rights requests
-- why: what waits for an answer, and is overdue, is found without reading the ledger
-- undo: DROP INDEX entries_rights

SET LOCAL ROLE ${ledger}_owner;

CREATE INDEX entries_rights ON ${schema}.entries (notification_id)
  WHERE topic IN ('rights-requested.v1', 'rights-answered.v1', 'rights-refused.v1', 'rights-withdrawn.v1');

RESET ROLE;

-- what: an index of the entries in which deliveries of feeds are agreed
-- why: what is overdue is found without reading the ledger
-- undo: DROP INDEX entries_agreements

SET LOCAL ROLE ${ledger}_owner;

CREATE INDEX entries_agreements ON ${schema}.entries (notification_id)
  WHERE topic IN ('feed-agreed.v1', 'feed-agreement-ended.v1');

RESET ROLE;

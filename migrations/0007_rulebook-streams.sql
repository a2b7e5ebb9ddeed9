-- what: an index over the few entries that put rulebooks forward
-- why: listing every rulebook must not read the whole ledger
-- undo: DROP INDEX entries_rulebooks

SET LOCAL ROLE ${ledger}_owner;

CREATE INDEX entries_rulebooks ON ${schema}.entries (originator_id) WHERE topic = 'rulebook-proposed.v1';

RESET ROLE;

-- what: the ids that organs gave to events, and the entry that each of them stands for
-- why: one fact is one entry by its natural key, whatever its id; and one id is never used for two facts
-- undo: DROP TABLE; an id used again for another fact is then no longer noticed

SET LOCAL ROLE ${ledger}_owner;

-- Nothing here is a fact: it may be lost and the ledger stays what it is. All three are keyed hashes.
CREATE TABLE ${schema}.event_ids (
  id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
  key bytea NOT NULL CHECK (octet_length(key) = 32), -- of the entry
  request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
  claimed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ${schema}.event_ids TO ${ledger}_appender;

RESET ROLE;

-- what: the log of who read whose history, and the one function through which staff read it
-- why: residents see who read their history; a reader who is not written down reads nothing
-- undo: DROP FUNCTION read_history and DROP TABLE read_log; staff then read no history

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${schema}.read_log (
  number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  subject uuid NOT NULL,
  reader text NOT NULL CHECK (reader ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  purpose text NOT NULL CHECK (btrim(purpose) <> '' AND length(purpose) <= 200),
  entries bigint NOT NULL,
  last_version bigint
);
CREATE INDEX read_log_subject ON ${schema}.read_log (subject, number);
GRANT SELECT ON ${schema}.read_log TO ${ledger}_appender, ${ledger}_auditor, ${ledger}_desk;

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON ${schema}.read_log
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ${schema}.read_log
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.read_log ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE ${schema}.read_log ENABLE ALWAYS TRIGGER never_emptied;

-- The desk role may read no entry but through this. The log is written first: nothing is returned that is not logged.
-- A caller that rolls back takes the line with it, so ledger/history.py commits before it hands anything on.
CREATE FUNCTION ${schema}.read_history(wanted uuid, reading text, reason text) RETURNS SETOF ${schema}.entries
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  INSERT INTO read_log (subject, reader, purpose, entries, last_version)
    SELECT wanted, reading, reason, count(*), max(e.originator_version) FROM entries e WHERE e.originator_id = wanted;
  RETURN QUERY SELECT * FROM entries e WHERE e.originator_id = wanted ORDER BY e.originator_version;
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.read_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.read_history TO ${ledger}_desk, ${ledger}_appender;

RESET ROLE;

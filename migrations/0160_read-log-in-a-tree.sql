-- what: reads in the order of their commits, each committed to; the tree over them; reads shown from a later day on
-- why: nobody can take a look at a person back unseen, and who may not yet be told is counted
-- undo: DROP the tables, functions and columns made here and make read_history of 0006 again; the proofs are lost then

SET LOCAL ROLE ${ledger}_owner;

-- What a read says is committed to by `content_hash`: salt, subject, reader, purpose, and what is sealed for the person
-- (a case's number, words). `nth` counts a person's reads, so that a list that leaves one out shows a gap.
-- Rows from before this migration have none of it: they are in the list and in no tree.
ALTER TABLE ${schema}.read_log
  ADD COLUMN nth bigint,
  ADD COLUMN shown_on date,
  ADD COLUMN salt bytea,
  ADD COLUMN sealed bytea,
  ADD COLUMN content_hash bytea,
  ADD CONSTRAINT read_log_committed CHECK (nth > 0 AND octet_length(salt) = 16 AND octet_length(content_hash) = 32
    AND purpose ~ '^[a-z]{2,20}$' AND nth IS NOT NULL AND salt IS NOT NULL AND content_hash IS NOT NULL) NOT VALID;
CREATE UNIQUE INDEX read_log_nth ON ${schema}.read_log (subject, nth);

-- Reads wait for each other, and for no entry: the turn's key is made from this table. It is taken before a number is,
-- and held until the commit, so that nobody sees a number and later a smaller one.
CREATE TRIGGER turn BEFORE INSERT ON ${schema}.read_log
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.take_turn();
ALTER TABLE ${schema}.read_log ENABLE ALWAYS TRIGGER turn;

-- 延后告知: from `made_at` on, reads of this person by this reader are shown on that day and not before. Two people
-- have approved the hash over person, reader and day.
CREATE TABLE ${schema}.read_deferrals (
  number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  subject uuid NOT NULL,
  reader text NOT NULL CHECK (reader ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  shown_on date NOT NULL,
  basis text NOT NULL CHECK (btrim(basis) <> '' AND length(basis) <= 200),
  content bytea NOT NULL UNIQUE CHECK (octet_length(content) = 32)
);
CREATE INDEX read_deferrals_of ON ${schema}.read_deferrals (subject, reader, shown_on);
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.read_deferrals
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.read_deferrals ENABLE ALWAYS TRIGGER never_changed;
GRANT SELECT ON ${schema}.read_deferrals TO ${ledger}_appender, ${ledger}_auditor, ${ledger}_desk;

-- Approved already, or an error: the same call again changes nothing.
CREATE FUNCTION ${schema}.defer_reads(whose uuid, reading text, day date, law text, hash bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  PERFORM use_approval('defer-reads', hash, hash);
  INSERT INTO read_deferrals (subject, reader, shown_on, basis, content) VALUES (whose, reading, day, law, hash)
    ON CONFLICT (content) DO NOTHING;
END $$;

-- Writes down that somebody reads about a person; whoever calls it hands nothing on before its commit. True: by the
-- kinds that place and lift a restriction, one stands.
CREATE FUNCTION ${schema}.note_read(
  wanted uuid, reading text, reason text, salting bytea, hidden bytea, hash bytea, placed text, lifted text
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  later date;
  before timestamptz;
  known bigint;
  last bigint;
  restricted boolean;
BEGIN
  -- A statement of its own: the next one then sees every read that was committed before this turn.
  PERFORM pg_advisory_xact_lock((1259::bigint << 32) | 'read_log'::regclass::oid::bigint);
  SELECT max(d.shown_on) INTO later FROM read_deferrals d WHERE d.subject = wanted AND d.reader = reading
    AND d.shown_on > (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date;
  SELECT r.read_at INTO before FROM read_log r ORDER BY r.number DESC LIMIT 1;
  SELECT count(*), max(e.originator_version),
      count(*) FILTER (WHERE e.topic = placed) > count(*) FILTER (WHERE e.topic = lifted)
    INTO known, last, restricted FROM entries e WHERE e.originator_id = wanted;
  INSERT INTO read_log (read_at, subject, reader, purpose, entries, last_version, nth, shown_on, salt, sealed,
      content_hash)
    SELECT greatest(clock_timestamp(), before), wanted, reading, reason, known, last,
      coalesce((SELECT max(r.nth) FROM read_log r WHERE r.subject = wanted), 0) + 1, later, salting, hidden, hash;
  RETURN restricted;
END $$;

DROP FUNCTION ${schema}.read_history;
-- The desk role may read no entry but through this. The log is written first: nothing is returned that is not logged.
CREATE FUNCTION ${schema}.read_history(
  wanted uuid, reading text, reason text, salting bytea, hidden bytea, hash bytea
) RETURNS SETOF ${schema}.entries
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  PERFORM note_read(wanted, reading, reason, salting, hidden, hash, NULL, NULL);
  RETURN QUERY SELECT * FROM entries e WHERE e.originator_id = wanted ORDER BY e.originator_version;
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.defer_reads, ${schema}.note_read, ${schema}.read_history FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.note_read, ${schema}.read_history TO ${ledger}_desk, ${ledger}_appender;
GRANT EXECUTE ON FUNCTION ${schema}.defer_reads TO ${ledger}_appender;

-- The tree over reads: the tables of 0100 once more, kept by the same role.
CREATE TABLE ${schema}.read_tree_tiles (LIKE ${schema}.tree_tiles INCLUDING ALL);
CREATE TABLE ${schema}.read_tree_growth (LIKE ${schema}.tree_growth INCLUDING ALL);
CREATE TABLE ${schema}.read_tree_heads (LIKE ${schema}.tree_heads INCLUDING ALL);
CREATE TABLE ${schema}.read_tree_cosignatures (
  LIKE ${schema}.tree_cosignatures INCLUDING ALL,
  FOREIGN KEY (size) REFERENCES ${schema}.read_tree_heads
);
INSERT INTO ${schema}.read_tree_growth (size, position, edge) VALUES (0, 0, '');

CREATE TRIGGER tree_tiles_only_grow BEFORE UPDATE ON ${schema}.read_tree_tiles
  FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse_shrinking();
CREATE TRIGGER tree_tiles_stay BEFORE DELETE OR TRUNCATE ON ${schema}.read_tree_tiles
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER tree_heads_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.read_tree_heads
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER tree_cosignatures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.read_tree_cosignatures
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.read_tree_tiles ENABLE ALWAYS TRIGGER tree_tiles_only_grow;
ALTER TABLE ${schema}.read_tree_tiles ENABLE ALWAYS TRIGGER tree_tiles_stay;
ALTER TABLE ${schema}.read_tree_heads ENABLE ALWAYS TRIGGER tree_heads_stay;
ALTER TABLE ${schema}.read_tree_cosignatures ENABLE ALWAYS TRIGGER tree_cosignatures_stay;

-- The log's role sees when a read was and what commits to it, and neither whom nor by whom nor why.
GRANT SELECT (number, nth, read_at, entries, last_version, shown_on, content_hash) ON ${schema}.read_log
  TO ${ledger}_log;
GRANT SELECT, INSERT ON ${schema}.read_tree_tiles, ${schema}.read_tree_heads, ${schema}.read_tree_cosignatures
  TO ${ledger}_log;
GRANT UPDATE (hashes) ON ${schema}.read_tree_tiles TO ${ledger}_log;
GRANT SELECT, UPDATE ON ${schema}.read_tree_growth TO ${ledger}_log;
GRANT SELECT ON ${schema}.read_tree_tiles, ${schema}.read_tree_heads, ${schema}.read_tree_cosignatures,
  ${schema}.read_tree_growth TO ${ledger}_appender, ${ledger}_auditor, ${ledger}_runner, ${ledger}_desk;

RESET ROLE;

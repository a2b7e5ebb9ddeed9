-- what: the tree over all entries in tiles, its signed heads with their cosignatures, and the role that keeps them
-- why: an outsider who keeps a head can tell whether anything below it was changed, by whomever
-- undo: DROP TABLE for the four; heads that were handed out then have no tree to answer for them

DO $$
BEGIN
  CREATE ROLE ${ledger}_log LOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END $$;

COMMENT ON ROLE ${ledger}_log IS 'keeps the tree and its signed heads; sees positions and leaves of entries, nothing else';
ALTER ROLE ${ledger}_log SET statement_timeout = '30s';
ALTER ROLE ${ledger}_log SET lock_timeout = '10s';
ALTER ROLE ${ledger}_log SET idle_in_transaction_session_timeout = '10s';
GRANT ${ledger}_log TO CURRENT_USER;
GRANT USAGE ON SCHEMA ${schema} TO ${ledger}_log;
GRANT SELECT ON ${schema}.migrations TO ${ledger}_log;

SET LOCAL ROLE ${ledger}_owner;

-- Tiles of 256 hashes (C2SP tlog-tiles); the last one of a level may have fewer and grows. At level 0
-- `first_position` is the position of the tile's first entry: the way from a position to a leaf's index.
CREATE TABLE ${schema}.tree_tiles (
    level smallint NOT NULL CHECK (level >= 0),
    tile bigint NOT NULL CHECK (tile >= 0),
    hashes bytea NOT NULL CHECK (length(hashes) BETWEEN 32 AND 8192 AND length(hashes) % 32 = 0),
    first_position bigint,
    PRIMARY KEY (level, tile),
    CHECK ((level = 0) = (first_position IS NOT NULL))
);
CREATE INDEX tree_tiles_by_position ON ${schema}.tree_tiles (first_position) WHERE level = 0;

-- One row: how far the tree has grown. `edge` is the same tree kept a second way: a whole subtree for each bit of size.
CREATE TABLE ${schema}.tree_growth (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    position bigint NOT NULL,
    edge bytea NOT NULL
);
INSERT INTO ${schema}.tree_growth (size, position, edge) VALUES (0, 0, '');

-- What was signed, for ever. `after` is the head before: two that sign at once cannot both follow it.
CREATE TABLE ${schema}.tree_heads (
    size bigint PRIMARY KEY,
    after bigint NOT NULL UNIQUE CHECK (after < size),
    root bytea NOT NULL CHECK (length(root) = 32),
    position bigint NOT NULL,
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ${schema}.tree_cosignatures (
    size bigint NOT NULL REFERENCES ${schema}.tree_heads,
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (size, line)
);

CREATE FUNCTION ${schema}.refuse_shrinking() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF length(NEW.hashes) < length(OLD.hashes)
     OR substring(NEW.hashes for length(OLD.hashes)) IS DISTINCT FROM OLD.hashes THEN
    RAISE EXCEPTION 'a tile only grows' USING ERRCODE = 'PL001';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER tree_tiles_only_grow BEFORE UPDATE ON ${schema}.tree_tiles
  FOR EACH ROW EXECUTE FUNCTION ${schema}.refuse_shrinking();
CREATE TRIGGER tree_tiles_stay BEFORE DELETE OR TRUNCATE ON ${schema}.tree_tiles
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER tree_heads_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.tree_heads
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER tree_cosignatures_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.tree_cosignatures
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.tree_tiles ENABLE ALWAYS TRIGGER tree_tiles_only_grow;
ALTER TABLE ${schema}.tree_tiles ENABLE ALWAYS TRIGGER tree_tiles_stay;
ALTER TABLE ${schema}.tree_heads ENABLE ALWAYS TRIGGER tree_heads_stay;
ALTER TABLE ${schema}.tree_cosignatures ENABLE ALWAYS TRIGGER tree_cosignatures_stay;

GRANT SELECT (notification_id, leaf) ON ${schema}.entries TO ${ledger}_log;
GRANT SELECT, INSERT ON ${schema}.tree_tiles, ${schema}.tree_heads, ${schema}.tree_cosignatures TO ${ledger}_log;
GRANT UPDATE (hashes) ON ${schema}.tree_tiles TO ${ledger}_log;
GRANT SELECT, UPDATE ON ${schema}.tree_growth TO ${ledger}_log;
GRANT SELECT ON ${schema}.tree_tiles, ${schema}.tree_heads, ${schema}.tree_cosignatures, ${schema}.tree_growth
  TO ${ledger}_appender, ${ledger}_auditor, ${ledger}_runner;

RESET ROLE;

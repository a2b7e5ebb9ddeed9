-- what: triggers that refuse every change of an entry, make writers wait their turn, and check the order
-- why: grants bind our roles; these bind every writer, also the owner and a replica session
-- undo: DROP TRIGGER for the four and DROP FUNCTION for the three; the ledger is then not append-only

SET LOCAL ROLE ${ledger}_owner;

CREATE FUNCTION ${schema}.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'PL001';
END $$;

-- The turn's key is made from the table, so that two ledgers in one database do not wait for each other. The first
-- half, pg_class's own oid, keeps it apart from other users of advisory locks.
CREATE FUNCTION ${schema}.take_turn() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  PERFORM pg_advisory_xact_lock((1259::bigint << 32) | TG_RELID::bigint);
  RETURN NULL;
END $$;

-- Costs a few index look-ups per inserted row, whatever the size of the ledger. A cached plan made while the table was
-- small must not read all of it once it is large, so the only way left to the planner is the index.
CREATE FUNCTION ${schema}.check_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ${schema}, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  added bigint;
  first_position bigint;
  earliest timestamptz;
  latest timestamptz;
  before timestamptz;
  version_wrong boolean;
  prev_wrong boolean;
BEGIN
  SELECT count(*), min(f.notification_id), min(f.recorded_at), max(f.recorded_at)
    INTO added, first_position, earliest, latest FROM fresh f;
  IF added = 0 THEN
    RETURN NULL;
  END IF;

  IF (SELECT count(*) FROM entries e WHERE e.notification_id >= first_position) <> added THEN
    RAISE EXCEPTION 'an entry comes after all entries before it: position out of order' USING ERRCODE = 'PL005';
  END IF;

  -- One statement has one instant. It lies between the start of its transaction and now; only when the clock was set
  -- back may it lie ahead, at the last entry's instant: recorded_at never goes backwards.
  SELECT e.recorded_at INTO before FROM entries e
    WHERE e.notification_id < first_position ORDER BY e.notification_id DESC LIMIT 1;
  IF earliest <> latest OR earliest < greatest(before, transaction_timestamp())
     OR latest > greatest(before, clock_timestamp()) THEN
    RAISE EXCEPTION 'recorded_at is not the instant of this turn' USING ERRCODE = 'PL004';
  END IF;

  -- A first entry has version 1 (the library's own tests begin with 0) and no prev; every other follows its stream's
  -- previous entry in version, in position and in prev.
  SELECT bool_or(CASE
           WHEN p.leaf IS NOT NULL THEN p.notification_id > f.notification_id
           WHEN f.originator_version = 1 THEN false
           ELSE f.originator_version <> 0 OR EXISTS (
             SELECT FROM entries later WHERE later.originator_id = f.originator_id AND later.originator_version = 1
             AND later.notification_id < f.notification_id) END),
         bool_or(f.prev IS DISTINCT FROM p.leaf)
    INTO version_wrong, prev_wrong
    FROM fresh f LEFT JOIN LATERAL (
      SELECT e.leaf, e.notification_id FROM entries e
      WHERE e.originator_id = f.originator_id AND e.originator_version = f.originator_version - 1) p ON true;
  IF version_wrong THEN
    RAISE EXCEPTION 'the version is not the next of its stream' USING ERRCODE = 'PL002';
  END IF;
  IF prev_wrong THEN
    RAISE EXCEPTION 'prev is not the leaf of the stream''s previous entry' USING ERRCODE = 'PL003';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER turn BEFORE INSERT ON ${schema}.entries
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.take_turn();
CREATE TRIGGER order_checked AFTER INSERT ON ${schema}.entries REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.check_order();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON ${schema}.entries
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ${schema}.entries
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.entries ENABLE ALWAYS TRIGGER turn;
ALTER TABLE ${schema}.entries ENABLE ALWAYS TRIGGER order_checked;
ALTER TABLE ${schema}.entries ENABLE ALWAYS TRIGGER never_changed;
ALTER TABLE ${schema}.entries ENABLE ALWAYS TRIGGER never_emptied;

RESET ROLE;

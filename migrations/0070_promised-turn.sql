-- what: open_turn_at: a turn at an instant that was promised before; and the check of order in one pass
-- why: leaves cover the instant, so who knows it early makes them before the turn and holds it for less
-- undo: DROP FUNCTION open_turn_at, known_bytes; restore check_order from 0003

SET LOCAL ROLE ${ledger}_owner;

-- As `known`, with streams as 16 bytes: large appends look them up by their bytes.
CREATE FUNCTION ${schema}.known_bytes(streams uuid[], keys bytea[]) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream bytea, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
  SELECT k.key, k.request_hash, k.position, uuid_send(k.stream), k.version, k.recorded_at, k.leaf
  FROM known(streams, keys) k
$$;

-- As open_turn_after, and the instant is `promised` where that still fits: not before the last entry's, and not ahead
-- of the clock. Until the clock has reached it we wait outside of the lock, and not for long: a clock that was set back
-- breaks the promise and stops nobody.
CREATE FUNCTION ${schema}.open_turn_at(seen bigint, promised timestamptz) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream bytea, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  early double precision := extract(epoch FROM promised - clock_timestamp());
  last timestamptz;
BEGIN
  IF early > 0 THEN
    PERFORM pg_sleep(least(early, 0.25));
  END IF;
  PERFORM pg_advisory_xact_lock((1259::bigint << 32) | 'entries'::regclass::oid::bigint);
  SELECT e.recorded_at INTO last FROM entries e ORDER BY e.notification_id DESC LIMIT 1;
  last := greatest(last, transaction_timestamp());
  IF promised < last OR promised > greatest(last, clock_timestamp()) THEN
    promised := greatest(last, clock_timestamp());
  END IF;
  RETURN QUERY SELECT NULL::bytea, NULL::bytea, NULL::bigint, NULL::bytea, NULL::bigint, promised, NULL::bytea;
  RETURN QUERY SELECT e.key, e.request_hash, e.notification_id, uuid_send(e.originator_id), e.originator_version,
    e.recorded_at, e.leaf FROM entries e WHERE e.notification_id > seen ORDER BY e.notification_id;
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.known_bytes, ${schema}.open_turn_at FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.known_bytes, ${schema}.open_turn_at TO ${ledger}_appender;

-- The same refusals as in 0003. New entries are read once, and their positions are counted in the table only where
-- they have a hole or something stands after them: positions are unique, so a run without a hole is theirs alone.
CREATE OR REPLACE FUNCTION ${schema}.check_order() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ${schema}, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
  added bigint;
  first_position bigint;
  last_position bigint;
  earliest timestamptz;
  latest timestamptz;
  before timestamptz;
  version_wrong boolean;
  prev_wrong boolean;
BEGIN
  -- A first entry has version 1 (the library's own tests begin with 0) and no prev; every other follows its stream's
  -- previous entry in version, in position and in prev.
  SELECT count(*), min(f.notification_id), max(f.notification_id), min(f.recorded_at), max(f.recorded_at),
         bool_or(CASE
           WHEN p.leaf IS NOT NULL THEN p.notification_id > f.notification_id
           WHEN f.originator_version = 1 THEN false
           ELSE f.originator_version <> 0 OR EXISTS (
             SELECT FROM entries later WHERE later.originator_id = f.originator_id AND later.originator_version = 1
             AND later.notification_id < f.notification_id) END),
         bool_or(f.prev IS DISTINCT FROM p.leaf)
    INTO added, first_position, last_position, earliest, latest, version_wrong, prev_wrong
    FROM fresh f LEFT JOIN LATERAL (
      SELECT e.leaf, e.notification_id FROM entries e
      WHERE e.originator_id = f.originator_id AND e.originator_version = f.originator_version - 1) p ON true;
  IF added = 0 THEN
    RETURN NULL;
  END IF;

  IF (last_position - first_position + 1 <> added
      OR EXISTS (SELECT FROM entries e WHERE e.notification_id > last_position))
     AND (SELECT count(*) FROM entries e WHERE e.notification_id >= first_position) <> added THEN
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

  IF version_wrong THEN
    RAISE EXCEPTION 'the version is not the next of its stream' USING ERRCODE = 'PL002';
  END IF;
  IF prev_wrong THEN
    RAISE EXCEPTION 'prev is not the leaf of the stream''s previous entry' USING ERRCODE = 'PL003';
  END IF;
  RETURN NULL;
END $$;

RESET ROLE;

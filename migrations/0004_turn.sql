-- what: open_turn and its companions: the lock, the instant, the heads of streams and the keys already used
-- why: what an append must know is read after the lock was taken, in one round trip, from all organs' entries
-- undo: DROP FUNCTION for the six

SET LOCAL ROLE ${ledger}_owner;

CREATE FUNCTION ${schema}.heads(streams uuid[]) RETURNS TABLE (stream uuid, version bigint, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_seqscan = off AS $$
  SELECT s.id, h.originator_version, h.leaf
  FROM unnest(streams) s(id) CROSS JOIN LATERAL (
    SELECT e.originator_version, e.leaf FROM entries e
    WHERE e.originator_id = s.id ORDER BY e.originator_version DESC LIMIT 1) h
$$;

CREATE FUNCTION ${schema}.kept(keys bytea[]) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream uuid, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_seqscan = off AS $$
  SELECT e.key, e.request_hash, e.notification_id, e.originator_id, e.originator_version, e.recorded_at, e.leaf
  FROM unnest(keys) k(key) CROSS JOIN LATERAL (SELECT * FROM entries e WHERE e.key = k.key LIMIT 1) e
$$;

-- Both in one answer. Rows: a head (stream, version, leaf); a key that was used before (all columns).
CREATE FUNCTION ${schema}.known(streams uuid[], keys bytea[]) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream uuid, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT NULL::bytea, NULL::bytea, NULL::bigint, h.stream, h.version, NULL::timestamptz, h.leaf
    FROM heads(streams) h;
  RETURN QUERY SELECT * FROM kept(keys);
END $$;

CREATE FUNCTION ${schema}.top() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
  SELECT coalesce(max(notification_id), 0) FROM entries
$$;

-- plpgsql and VOLATILE on purpose: each statement inside takes its snapshot when it begins. A lock and a read in one
-- statement would return the heads as they were before the wait. The instant is the clock's, not the transaction's
-- start, which lies before the wait; it never goes backwards.
--
-- Rows: the instant (recorded_at alone), then those of `known`.
CREATE FUNCTION ${schema}.open_turn(streams uuid[], keys bytea[]) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream uuid, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock((1259::bigint << 32) | 'entries'::regclass::oid::bigint);
  RETURN QUERY SELECT NULL::bytea, NULL::bytea, NULL::bigint, NULL::uuid, NULL::bigint, greatest(clock_timestamp(),
    (SELECT e.recorded_at FROM entries e ORDER BY e.notification_id DESC LIMIT 1)), NULL::bytea;
  RETURN QUERY SELECT * FROM known(streams, keys);
END $$;

-- For large appends: heads and keys were read in a snapshot whose last position was `seen`; in the turn only what came
-- later is read. Sound because the order of positions is the order of commits.
CREATE FUNCTION ${schema}.open_turn_after(seen bigint) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream uuid, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
  PERFORM pg_advisory_xact_lock((1259::bigint << 32) | 'entries'::regclass::oid::bigint);
  RETURN QUERY SELECT NULL::bytea, NULL::bytea, NULL::bigint, NULL::uuid, NULL::bigint, greatest(clock_timestamp(),
    (SELECT e.recorded_at FROM entries e ORDER BY e.notification_id DESC LIMIT 1)), NULL::bytea;
  RETURN QUERY SELECT e.key, e.request_hash, e.notification_id, e.originator_id, e.originator_version, e.recorded_at,
    e.leaf FROM entries e WHERE e.notification_id > seen ORDER BY e.notification_id;
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.heads, ${schema}.kept, ${schema}.known, ${schema}.top, ${schema}.open_turn,
  ${schema}.open_turn_after FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.heads, ${schema}.kept, ${schema}.known, ${schema}.top, ${schema}.open_turn,
  ${schema}.open_turn_after TO ${ledger}_appender;
GRANT EXECUTE ON FUNCTION ${schema}.heads, ${schema}.top TO ${ledger}_runner, ${ledger}_auditor;

RESET ROLE;

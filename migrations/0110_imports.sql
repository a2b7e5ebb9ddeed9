-- what: heads of streams as one value, kept keys by bytes, and who is known by number and name in one probe each
-- why: an import asks them of every row; rows of seven columns, nested functions and memories of answers cost half
-- undo: DROP FUNCTION for the three

SET LOCAL ROLE ${ledger}_owner;

-- 56 bytes for each stream that has entries: the stream, the version as int8, the leaf. NULL where none has.
CREATE FUNCTION ${schema}.heads_packed(streams uuid[]) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp
SET enable_seqscan = off SET enable_memoize = off AS $$
  SELECT string_agg(uuid_send(s.id) || int8send(h.originator_version) || h.leaf, ''::bytea)
  FROM unnest(streams) s(id) CROSS JOIN LATERAL (
    SELECT e.originator_version, e.leaf FROM entries e
    WHERE e.originator_id = s.id ORDER BY e.originator_version DESC LIMIT 1) h
$$;

-- As `kept`, with streams as 16 bytes.
CREATE FUNCTION ${schema}.kept_bytes(keys bytea[]) RETURNS TABLE (
  key bytea, request_hash bytea, "position" bigint, stream bytea, version bigint, recorded_at timestamptz, leaf bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp
SET enable_seqscan = off SET enable_memoize = off AS $$
  SELECT e.key, e.request_hash, e.notification_id, uuid_send(e.originator_id), e.originator_version, e.recorded_at,
    e.leaf
  FROM unnest(keys) k(key) CROSS JOIN LATERAL (SELECT * FROM entries e WHERE e.key = k.key LIMIT 1) e
$$;

REVOKE EXECUTE ON FUNCTION ${schema}.heads_packed, ${schema}.kept_bytes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.heads_packed, ${schema}.kept_bytes TO ${ledger}_appender;

-- Who is known by a number and a name: the place in the arrays, the subject's 16 bytes, its wrapped key (NULL: destroyed).
CREATE FUNCTION ${ledger}_vault.holders(documents bytea[], names bytea[]) RETURNS TABLE (
  at bigint, subject bytea, wrapped bytea)
LANGUAGE sql STABLE SET search_path = ${ledger}_vault, pg_temp SET enable_seqscan = off SET enable_memoize = off AS $$
  SELECT asked.at, uuid_send(n.subject), s.wrapped
  FROM unnest(documents, names) WITH ORDINALITY AS asked (document, name, at)
  CROSS JOIN LATERAL (SELECT known.subject FROM names known
    WHERE known.document = asked.document AND known.name = asked.name OFFSET 0) n
  CROSS JOIN LATERAL (SELECT known.wrapped FROM subjects known WHERE known.subject = n.subject OFFSET 0) s
$$;

REVOKE EXECUTE ON FUNCTION ${ledger}_vault.holders FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${ledger}_vault.holders TO ${ledger}_vault;

RESET ROLE;

-- what: tombstones that are set again after a restore; and a destroyed subject's held rows lose their indexes
-- why: a backup from before an erasure knows nothing of it, and whoever was erased would be minted anew
-- undo: DROP FUNCTION entomb, DROP TRIGGER held_nobody; held rows that lost their indexes stay as they are

SET LOCAL ROLE ${ledger}_owner;

-- Only adds: whoever has a tombstone is refused. Who stands in `names` still is erased by an entry, not here.
CREATE FUNCTION ${ledger}_vault.entomb(documents bytea[], names bytea[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = ${ledger}_vault, pg_temp AS $$
  WITH added AS (
    INSERT INTO tombstones (document, name) SELECT * FROM unnest(documents, names) ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*) FROM added
$$;
REVOKE EXECUTE ON FUNCTION ${ledger}_vault.entomb FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${ledger}_vault.entomb TO ${ledger}_vault;

-- `destroy` ends their waiting; the indexes of a row that no longer waits would still say whose it was.
CREATE FUNCTION ${ledger}_vault.held_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.decision = 'erased'
      OR EXISTS (SELECT FROM ${ledger}_vault.subjects s WHERE s.subject = NEW.subject AND s.wrapped IS NULL) THEN
    NEW.document := sha256(NEW.held_id::text::bytea);
    NEW.name := NULL;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER held_nobody BEFORE UPDATE ON ${ledger}_vault.held
  FOR EACH ROW WHEN (NEW.sealed IS NULL) EXECUTE FUNCTION ${ledger}_vault.held_nobody();

RESET ROLE;

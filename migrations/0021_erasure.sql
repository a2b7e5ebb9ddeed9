-- what: expunge and destroy: the only two ways in which a salt or a key leaves the vault
-- why: the database itself looks for the approved entry that says so, whoever asks
-- undo: DROP FUNCTION for the four; nothing can be erased then

SET LOCAL ROLE ${ledger}_owner;

-- The lock is held until the commit, so that numbers are in the order of commits and no reader skips one.
CREATE FUNCTION ${ledger}_vault.note_erasure(gone uuid, gone_key bytea) RETURNS void
LANGUAGE plpgsql SET search_path = ${ledger}_vault, pg_temp AS $$
BEGIN
  LOCK TABLE erasures IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO erasures (number, subject, entry_key)
    SELECT coalesce(max(number), 0) + 1, gone, gone_key FROM erasures;
END $$;

-- Takes away the sealing salt of one restricted entry. False: it was taken away before.
CREATE FUNCTION ${ledger}_vault.expunge(gone bytea, by_entry bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${ledger}_vault, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM ${schema}.entries said
    JOIN ${schema}.entries target
      ON target.originator_id = said.refers_to_stream AND target.originator_version = said.refers_to_version
    JOIN ${schema}.approvals a ON a.used_for = said.key AND a.action = 'expunge-entry'
    WHERE said.key = by_entry AND said.topic = 'entry-expunged.v1' AND target.key = gone
  ) THEN
    RAISE EXCEPTION 'no approved entry says that this entry is expunged' USING ERRCODE = 'PL020';
  END IF;
  UPDATE salts SET wrapped = NULL, expunged_at = clock_timestamp() WHERE entry_key = gone AND wrapped IS NOT NULL;
  IF NOT FOUND THEN
    IF NOT EXISTS (SELECT FROM salts WHERE entry_key = gone) THEN
      RAISE EXCEPTION 'the vault keeps no salt for this entry' USING ERRCODE = 'PL021';
    END IF;
    RETURN false;
  END IF;
  PERFORM note_erasure(NULL, gone);
  RETURN true;
END $$;

-- Takes away a subject's key, the salts of its restricted entries, its indexes and its held rows; leaves tombstones.
-- A number that another subject shares after a decision stays with that one. False: it was destroyed before.
CREATE FUNCTION ${ledger}_vault.destroy(gone uuid, by_entry bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${ledger}_vault, pg_temp AS $$
DECLARE
  freed bytea[];
BEGIN
  IF NOT EXISTS (
    SELECT FROM ${schema}.entries said
    JOIN ${schema}.approvals a ON a.used_for = said.key AND a.action = 'destroy-key'
    WHERE said.key = by_entry AND said.topic = 'subject-key-destroyed.v1' AND said.originator_id = gone
  ) THEN
    RAISE EXCEPTION 'no approved entry says that this key is destroyed' USING ERRCODE = 'PL020';
  END IF;
  UPDATE subjects SET wrapped = NULL, destroyed_at = clock_timestamp() WHERE subject = gone AND wrapped IS NOT NULL;
  IF NOT FOUND THEN
    IF NOT EXISTS (SELECT FROM subjects WHERE subject = gone) THEN
      RAISE EXCEPTION 'the vault has no such subject' USING ERRCODE = 'PL022';
    END IF;
    RETURN false;
  END IF;

  UPDATE salts SET wrapped = NULL, expunged_at = clock_timestamp()
    WHERE wrapped IS NOT NULL AND entry_key IN (SELECT e.key FROM ${schema}.entries e WHERE e.originator_id = gone);

  INSERT INTO tombstones (document, name) SELECT document, name FROM names WHERE subject = gone ON CONFLICT DO NOTHING;
  SELECT coalesce(array_agg(DISTINCT n.document), '{}') INTO freed FROM names n WHERE n.subject = gone
    AND NOT EXISTS (SELECT FROM names other WHERE other.document = n.document AND other.subject <> gone);
  DELETE FROM names WHERE subject = gone;
  UPDATE documents d SET subject = (SELECT n.subject FROM names n WHERE n.document = d.document ORDER BY n.name LIMIT 1)
    WHERE d.subject = gone AND d.document <> ALL (freed);
  DELETE FROM documents WHERE document = ANY (freed);

  UPDATE held SET sealed = NULL, decision = coalesce(decision, 'erased'),
      decided_at = coalesce(decided_at, clock_timestamp())
    WHERE subject = gone OR document = ANY (freed);
  DELETE FROM unrecorded WHERE subject = gone;
  PERFORM note_erasure(gone, NULL);
  RETURN true;
END $$;

-- Entries that say what the vault has not done: after a crash between the two, or a vault restored from a backup.
-- It starts from the approvals, which are few, not from the entries.
CREATE FUNCTION ${ledger}_vault.unfinished() RETURNS TABLE (subject uuid, entry_key bytea, by_entry bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ${ledger}_vault, pg_temp AS $$
  SELECT s.subject, NULL::bytea, said.key FROM ${schema}.approvals a
    JOIN ${schema}.entries said ON said.key = a.used_for AND said.topic = 'subject-key-destroyed.v1'
    JOIN subjects s ON s.subject = said.originator_id
    WHERE a.action = 'destroy-key' AND s.wrapped IS NOT NULL
  UNION ALL
  SELECT NULL::uuid, target.key, said.key FROM ${schema}.approvals a
    JOIN ${schema}.entries said ON said.key = a.used_for AND said.topic = 'entry-expunged.v1'
    JOIN ${schema}.entries target
      ON target.originator_id = said.refers_to_stream AND target.originator_version = said.refers_to_version
    JOIN salts k ON k.entry_key = target.key
    WHERE a.action = 'expunge-entry' AND k.wrapped IS NOT NULL
$$;

REVOKE EXECUTE ON FUNCTION ${ledger}_vault.note_erasure, ${ledger}_vault.expunge, ${ledger}_vault.destroy,
  ${ledger}_vault.unfinished FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${ledger}_vault.expunge, ${ledger}_vault.destroy, ${ledger}_vault.unfinished
  TO ${ledger}_vault;

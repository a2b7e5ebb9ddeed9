-- what: rows that were dealt with lose their indexes too when nobody who was not erased has their number
-- why: only rows that waited did; one that was rejected before said by its number that somebody was erased
-- undo: make held_nobody of 0170 again; held rows that lost their indexes stay as they are

SET LOCAL ROLE ${ledger}_owner;

-- `destroy` frees a number before it comes to the rows: its tombstone stands then, and no document does.
CREATE OR REPLACE FUNCTION ${ledger}_vault.held_nobody() RETURNS trigger LANGUAGE plpgsql
SET search_path = ${ledger}_vault, pg_temp AS $$
BEGIN
  IF NEW.decision = 'erased'
      OR EXISTS (SELECT FROM subjects s WHERE s.subject = NEW.subject AND s.wrapped IS NULL)
      OR EXISTS (SELECT FROM tombstones t WHERE t.document = NEW.document)
        AND NOT EXISTS (SELECT FROM documents d WHERE d.document = NEW.document) THEN
    NEW.document := sha256(NEW.held_id::text::bytea);
    NEW.name := NULL;
  END IF;
  RETURN NEW;
END $$;

-- Those of whoever was erased before there was such a trigger.
UPDATE ${ledger}_vault.held SET sealed = NULL WHERE sealed IS NULL
  AND (decision = 'erased'
    OR document IN (SELECT t.document FROM ${ledger}_vault.tombstones t)
    OR subject IN (SELECT s.subject FROM ${ledger}_vault.subjects s WHERE s.wrapped IS NULL));

RESET ROLE;

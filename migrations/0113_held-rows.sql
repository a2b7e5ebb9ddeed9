-- what: where a held row came from, the key it would stand under, and that a corrected row has taken its place
-- why: who decides must find the row in the file; a row that was corrected and sent again must not wait for ever
-- undo: DROP TRIGGER held_origin; drop the three columns; decide rows that were superseded

SET LOCAL ROLE ${ledger}_owner;

-- `origin` is sealed, for a file's name may be a person's; it goes with the row's content. `batch_id` is its import.
ALTER TABLE ${ledger}_vault.held
  ADD COLUMN origin bytea,
  ADD COLUMN batch_id uuid,
  ADD COLUMN entry_key bytea CHECK (octet_length(entry_key) = 32),
  DROP CONSTRAINT held_decision_check,
  ADD CONSTRAINT held_decision_check
    CHECK (decision IN ('same-person', 'other-person', 'rejected', 'erased', 'superseded'));

CREATE FUNCTION ${ledger}_vault.held_origin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.origin := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER held_origin BEFORE UPDATE ON ${ledger}_vault.held
  FOR EACH ROW WHEN (NEW.sealed IS NULL) EXECUTE FUNCTION ${ledger}_vault.held_origin();

-- Of one organ, oldest first: a waiting row is looked for after each of its imports.
CREATE INDEX held_organ ON ${ledger}_vault.held (organ, held_at, held_id) WHERE decision IS NULL;

RESET ROLE;

-- what: approvals: one action over one content hash, proposed by one person and approved by another
-- why: publishing, undoing, granting by hand, expunging and erasing are done by two people, and the database sees to it
-- undo: DROP TABLE and the three functions; no action of two people is possible then

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${schema}.approvals (
  action text NOT NULL CHECK (action ~ '^[a-z]+(-[a-z]+)*$'),
  content bytea NOT NULL CHECK (octet_length(content) = 32), -- the hash that both people saw
  proposed_by text NOT NULL CHECK (proposed_by ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  approved_by text CHECK (approved_by ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  approved_at timestamptz,
  used_for bytea CHECK (octet_length(used_for) = 32), -- the key of the entry that did it
  used_at timestamptz,
  PRIMARY KEY (action, content),
  CONSTRAINT approvals_four_eyes CHECK (proposed_by <> approved_by),
  CONSTRAINT approvals_approved CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
  CONSTRAINT approvals_used CHECK ((used_for IS NULL) = (used_at IS NULL)),
  CONSTRAINT approvals_used_when_approved CHECK (used_for IS NULL OR approved_by IS NOT NULL)
);
GRANT SELECT ON ${schema}.approvals TO ${ledger}_appender, ${ledger}_runner, ${ledger}_auditor;

-- What was said stays said: a column is filled once.
CREATE FUNCTION ${schema}.filled_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF (OLD.action, OLD.content, OLD.proposed_by, OLD.proposed_at)
       IS DISTINCT FROM (NEW.action, NEW.content, NEW.proposed_by, NEW.proposed_at)
     OR (OLD.approved_by IS NOT NULL AND (OLD.approved_by, OLD.approved_at)
       IS DISTINCT FROM (NEW.approved_by, NEW.approved_at))
     OR (OLD.used_for IS NOT NULL AND (OLD.used_for, OLD.used_at) IS DISTINCT FROM (NEW.used_for, NEW.used_at)) THEN
    RAISE EXCEPTION 'approvals is append-only: UPDATE refused' USING ERRCODE = 'PL001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER filled_once BEFORE UPDATE ON ${schema}.approvals
  FOR EACH ROW EXECUTE FUNCTION ${schema}.filled_once();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON ${schema}.approvals
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.approvals ENABLE ALWAYS TRIGGER filled_once;
ALTER TABLE ${schema}.approvals ENABLE ALWAYS TRIGGER never_deleted;

-- Proposing twice is proposing once; another person's proposal of the same thing is for approving, not for replacing.
CREATE FUNCTION ${schema}.propose(asked text, hash bytea, proposer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  INSERT INTO approvals (action, content, proposed_by) VALUES (asked, hash, proposer) ON CONFLICT DO NOTHING;
  IF NOT EXISTS (SELECT FROM approvals WHERE action = asked AND content = hash AND proposed_by = proposer) THEN
    RAISE EXCEPTION 'proposed already by somebody else' USING ERRCODE = 'PL012';
  END IF;
END $$;

CREATE FUNCTION ${schema}.approve(asked text, hash bytea, approver text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  standing ${schema}.approvals;
BEGIN
  SELECT * INTO standing FROM approvals WHERE action = asked AND content = hash FOR UPDATE;
  IF standing.action IS NULL THEN
    RAISE EXCEPTION 'nothing was proposed over this hash' USING ERRCODE = 'PL011';
  ELSIF standing.proposed_by = approver THEN
    RAISE EXCEPTION 'the person who proposed may not approve' USING ERRCODE = 'PL010';
  ELSIF standing.approved_by IS NULL THEN
    UPDATE approvals SET approved_by = approver, approved_at = clock_timestamp() WHERE action = asked AND content = hash;
  ELSIF standing.approved_by <> approver THEN
    RAISE EXCEPTION 'approved already by somebody else' USING ERRCODE = 'PL012';
  END IF;
END $$;

-- An approval serves one entry, named by its key: asking again for the same entry is safe after a lost answer.
CREATE FUNCTION ${schema}.use_approval(asked text, hash bytea, entry_key bytea) RETURNS ${schema}.approvals
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  standing ${schema}.approvals;
BEGIN
  SELECT * INTO standing FROM approvals WHERE action = asked AND content = hash FOR UPDATE;
  IF standing.approved_by IS NULL THEN
    RAISE EXCEPTION 'no second person has approved this hash' USING ERRCODE = 'PL011';
  ELSIF standing.used_for IS NULL THEN
    UPDATE approvals SET used_for = entry_key, used_at = clock_timestamp() WHERE action = asked AND content = hash
      RETURNING * INTO standing;
  ELSIF standing.used_for <> entry_key THEN
    RAISE EXCEPTION 'the approval was used already' USING ERRCODE = 'PL013';
  END IF;
  RETURN standing;
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.propose, ${schema}.approve, ${schema}.use_approval FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.propose, ${schema}.approve, ${schema}.use_approval TO ${ledger}_appender;

RESET ROLE;

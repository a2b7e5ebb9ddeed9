-- what: which account belongs to which person, by a keyed hash; approvals remember the person; one person does not approve twice
-- why: somebody with two accounts is one person, and the database sees to it that two people are two
-- undo: DROP TABLE accounts, its functions and the two columns; make propose(text, bytea, text) and approve again as in 0005

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${schema}.accounts (
  account text PRIMARY KEY CHECK (account ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  person bytea NOT NULL CHECK (octet_length(person) = 32), -- HMAC under the ledger's key: it names nobody
  assigned_by text NOT NULL CHECK (assigned_by ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  assigned_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX accounts_person ON ${schema}.accounts (person);
GRANT SELECT ON ${schema}.accounts TO ${ledger}_appender, ${ledger}_auditor;

CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ${schema}.accounts
  FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.refuse_change();
ALTER TABLE ${schema}.accounts ENABLE ALWAYS TRIGGER never_changed;

ALTER TABLE ${schema}.approvals
  ADD COLUMN proposed_person bytea CHECK (octet_length(proposed_person) = 32),
  ADD COLUMN approved_person bytea CHECK (octet_length(approved_person) = 32),
  ADD CONSTRAINT approvals_two_people CHECK (proposed_person <> approved_person);

-- What was said stays said: of the persons too.
CREATE OR REPLACE FUNCTION ${schema}.filled_once() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF (OLD.action, OLD.content, OLD.proposed_by, OLD.proposed_at, OLD.proposed_person)
       IS DISTINCT FROM (NEW.action, NEW.content, NEW.proposed_by, NEW.proposed_at, NEW.proposed_person)
     OR (OLD.approved_by IS NOT NULL AND (OLD.approved_by, OLD.approved_at, OLD.approved_person)
       IS DISTINCT FROM (NEW.approved_by, NEW.approved_at, NEW.approved_person))
     OR (OLD.used_for IS NOT NULL AND (OLD.used_for, OLD.used_at) IS DISTINCT FROM (NEW.used_for, NEW.used_at)) THEN
    RAISE EXCEPTION 'approvals is append-only: UPDATE refused' USING ERRCODE = 'PL001';
  END IF;
  RETURN NEW;
END $$;

-- An account is one person's for ever: whoever follows in an office gets an account of their own.
CREATE FUNCTION ${schema}.assign_account(named text, whose bytea, keeper text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  INSERT INTO accounts (account, person, assigned_by) VALUES (named, whose, keeper) ON CONFLICT DO NOTHING;
  IF NOT EXISTS (SELECT FROM accounts WHERE account = named AND person = whose) THEN
    RAISE EXCEPTION 'the account belongs to another person' USING ERRCODE = 'PL014';
  END IF;
END $$;

-- Who acts: as the registry has it, or as the caller's token says where the registry says nothing.
CREATE FUNCTION ${schema}.person_of(acting text, claimed bytea) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = ${schema}, pg_temp AS $$
DECLARE
  known bytea := (SELECT person FROM accounts WHERE account = acting);
BEGIN
  IF known <> claimed THEN
    RAISE EXCEPTION 'the account belongs to another person' USING ERRCODE = 'PL014';
  END IF;
  RETURN coalesce(known, claimed);
END $$;

DROP FUNCTION ${schema}.propose(text, bytea, text);
CREATE FUNCTION ${schema}.propose(asked text, hash bytea, proposer text, claimed bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
BEGIN
  INSERT INTO approvals (action, content, proposed_by, proposed_person)
    VALUES (asked, hash, proposer, person_of(proposer, claimed)) ON CONFLICT DO NOTHING;
  IF NOT EXISTS (SELECT FROM approvals WHERE action = asked AND content = hash AND proposed_by = proposer) THEN
    RAISE EXCEPTION 'proposed already by somebody else' USING ERRCODE = 'PL012';
  END IF;
END $$;

-- Of a person known and somebody unknown nobody can say that they are two.
DROP FUNCTION ${schema}.approve(text, bytea, text);
CREATE FUNCTION ${schema}.approve(asked text, hash bytea, approver text, claimed bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  standing ${schema}.approvals;
  first_person bytea;
  second_person bytea := person_of(approver, claimed);
BEGIN
  SELECT * INTO standing FROM approvals WHERE action = asked AND content = hash FOR UPDATE;
  first_person := coalesce(standing.proposed_person, (SELECT person FROM accounts WHERE account = standing.proposed_by));
  IF standing.action IS NULL THEN
    RAISE EXCEPTION 'nothing was proposed over this hash' USING ERRCODE = 'PL011';
  ELSIF standing.proposed_by = approver THEN
    RAISE EXCEPTION 'the person who proposed may not approve' USING ERRCODE = 'PL010';
  ELSIF standing.approved_by IS NULL THEN
    IF first_person = second_person THEN
      RAISE EXCEPTION 'the person who proposed may not approve' USING ERRCODE = 'PL010';
    ELSIF (first_person IS NULL) <> (second_person IS NULL) THEN
      RAISE EXCEPTION 'one of the two accounts belongs to nobody known' USING ERRCODE = 'PL015';
    END IF;
    UPDATE approvals SET approved_by = approver, approved_at = clock_timestamp(), approved_person = second_person
      WHERE action = asked AND content = hash;
  ELSIF standing.approved_by <> approver THEN
    RAISE EXCEPTION 'approved already by somebody else' USING ERRCODE = 'PL012';
  END IF;
END $$;

-- The accounts of one person, the one asked about among them: of the registry, and those seen with a token's person.
CREATE FUNCTION ${schema}.accounts_like(acting text, claimed bytea) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ${schema}, pg_temp AS $$
DECLARE
  whose bytea := person_of(acting, claimed);
BEGIN
  RETURN ARRAY(
    SELECT acting
    UNION SELECT account FROM accounts WHERE person = whose
    UNION SELECT proposed_by FROM approvals WHERE proposed_person = whose
    UNION SELECT approved_by FROM approvals WHERE approved_person = whose
  );
END $$;

REVOKE EXECUTE ON FUNCTION ${schema}.assign_account, ${schema}.person_of, ${schema}.propose, ${schema}.approve,
  ${schema}.accounts_like FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${schema}.assign_account, ${schema}.propose, ${schema}.approve, ${schema}.accounts_like
  TO ${ledger}_appender;

RESET ROLE;

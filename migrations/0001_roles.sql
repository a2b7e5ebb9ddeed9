-- what: the ledger's roles, their time limits, and who may look into its schema
-- why: no process works as the tables' owner; each role can do its own work and nothing else
-- undo: DROP OWNED BY and DROP ROLE for each, once no ledger of this name is left in the cluster

-- Roles belong to the whole cluster, so they carry the ledger's name and may be there already: a ledger of the same
-- name in another database shares them. None has a password: an administrator gives one, or grants the roles to logins.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['appender', 'runner', 'auditor', 'desk', 'vault'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', '${ledger}_' || wanted);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
  BEGIN
    CREATE ROLE ${ledger}_owner NOLOGIN NOINHERIT;
  EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
  END;
END $$;

COMMENT ON ROLE ${ledger}_owner IS 'owns the tables of the ledger; nobody logs in as it';
COMMENT ON ROLE ${ledger}_appender IS 'appends entries and reads them; changes none';
COMMENT ON ROLE ${ledger}_runner IS 'reads entries and keeps what is computed from them';
COMMENT ON ROLE ${ledger}_auditor IS 'reads and verifies; writes nothing';
COMMENT ON ROLE ${ledger}_desk IS 'reads a person''s history through read_history alone, which writes it down';
COMMENT ON ROLE ${ledger}_vault IS 'keeps documents and keys; sees no entries';

-- The same limits as in ledger/database.py, which sends them where a login takes a role without logging in as it.
ALTER ROLE ${ledger}_appender SET statement_timeout = '30s';
ALTER ROLE ${ledger}_appender SET lock_timeout = '10s';
ALTER ROLE ${ledger}_appender SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE ${ledger}_runner SET statement_timeout = '30min';
ALTER ROLE ${ledger}_runner SET lock_timeout = '30s';
ALTER ROLE ${ledger}_runner SET idle_in_transaction_session_timeout = '1min';
ALTER ROLE ${ledger}_auditor SET statement_timeout = '30min';
ALTER ROLE ${ledger}_auditor SET lock_timeout = '10s';
ALTER ROLE ${ledger}_auditor SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE ${ledger}_desk SET statement_timeout = '30s';
ALTER ROLE ${ledger}_desk SET lock_timeout = '10s';
ALTER ROLE ${ledger}_desk SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE ${ledger}_vault SET statement_timeout = '30s';
ALTER ROLE ${ledger}_vault SET lock_timeout = '10s';
ALTER ROLE ${ledger}_vault SET idle_in_transaction_session_timeout = '10s';

-- Whoever migrates hands the tables to the owner, and may work as any role: `SET ROLE` needs membership.
GRANT ${ledger}_owner, ${ledger}_appender, ${ledger}_runner, ${ledger}_auditor, ${ledger}_desk, ${ledger}_vault
  TO CURRENT_USER;

REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${ledger}_owner;
GRANT USAGE ON SCHEMA ${schema}
  TO ${ledger}_appender, ${ledger}_runner, ${ledger}_auditor, ${ledger}_desk, ${ledger}_vault;
GRANT SELECT ON ${schema}.migrations TO ${ledger}_appender, ${ledger}_runner, ${ledger}_auditor;

-- A function is everybody's unless this is said first.
ALTER DEFAULT PRIVILEGES FOR ROLE ${ledger}_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

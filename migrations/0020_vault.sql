-- what: the vault: wrapped keys, keyed indexes of documents and names, salts of restricted entries, held rows
-- why: what can open an entry or find a person stands apart from the entries, so that it can be taken away
-- undo: none; without the vault no sealed part of any entry opens again

CREATE SCHEMA ${ledger}_vault AUTHORIZATION ${ledger}_owner;
SET LOCAL ROLE ${ledger}_owner;

-- One row. Keys are wrapped by a key-encryption key that is not in the database. `ledger_key` makes idempotency keys
-- and opens what belongs to nobody; `index_key` makes the indexes below and seals held rows.
CREATE TABLE ${ledger}_vault.settings (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  ledger text NOT NULL,
  suite text NOT NULL CHECK (suite IN ('intl', 'gm')),
  ledger_key bytea NOT NULL,
  index_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE ${ledger}_vault.subjects (
  subject uuid PRIMARY KEY,
  wrapped bytea,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  destroyed_at timestamptz,
  CONSTRAINT subjects_destroyed CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- Minted, and its identity-minted entry not yet known to be in the ledger. After a crash between the two a subject stays
-- here; the next import of the same person finds it and appends the entry.
CREATE TABLE ${ledger}_vault.unrecorded (
  subject uuid PRIMARY KEY REFERENCES ${ledger}_vault.subjects
);

-- `document` = MAC(type, number): who minted first owns the number. `name` = MAC(document, folded name), so that one
-- name under two numbers has two indexes. A number may have several names, and after a decision several persons.
CREATE TABLE ${ledger}_vault.documents (
  document bytea PRIMARY KEY CHECK (octet_length(document) = 32),
  subject uuid NOT NULL REFERENCES ${ledger}_vault.subjects
);
CREATE INDEX documents_subject ON ${ledger}_vault.documents (subject);

CREATE TABLE ${ledger}_vault.names (
  document bytea NOT NULL REFERENCES ${ledger}_vault.documents ON DELETE CASCADE,
  name bytea NOT NULL CHECK (octet_length(name) = 32),
  subject uuid NOT NULL REFERENCES ${ledger}_vault.subjects,
  PRIMARY KEY (document, name)
);
CREATE INDEX names_subject ON ${ledger}_vault.names (subject);

-- Erased persons' documents and names: rows that come again are refused, and nobody can say who they were about.
CREATE TABLE ${ledger}_vault.tombstones (
  document bytea NOT NULL CHECK (octet_length(document) = 32),
  name bytea NOT NULL CHECK (octet_length(name) = 32),
  erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (document, name)
);

-- The sealing salts of restricted entries, by the entry's key. An expunged entry keeps its row without the salt.
CREATE TABLE ${ledger}_vault.salts (
  entry_key bytea PRIMARY KEY CHECK (octet_length(entry_key) = 32),
  wrapped bytea,
  expunged_at timestamptz,
  CONSTRAINT salts_expunged CHECK ((wrapped IS NULL) = (expunged_at IS NOT NULL))
);

-- 身份待确认: rows outside every score until a person says whose they are. The id is made from the row, so that a row
-- that is sent again is held once. `sealed` is emptied once the row was imported, rejected or erased.
CREATE TABLE ${ledger}_vault.held (
  held_id uuid PRIMARY KEY,
  document bytea NOT NULL CHECK (octet_length(document) = 32),
  name bytea CHECK (octet_length(name) = 32),
  organ text NOT NULL,
  why text NOT NULL CHECK (why IN ('other-name', 'several-persons', 'unknown-number')),
  sealed bytea,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  decision text CHECK (decision IN ('same-person', 'other-person', 'rejected', 'erased')),
  decided_by text CHECK (decided_by ~ '^[a-z][a-z0-9:._-]{1,59}$'),
  decided_at timestamptz,
  subject uuid REFERENCES ${ledger}_vault.subjects,
  CONSTRAINT held_decided CHECK ((decision IS NULL) = (decided_at IS NULL)),
  CONSTRAINT held_kept CHECK (sealed IS NOT NULL OR decision IS NOT NULL)
);
CREATE INDEX held_document ON ${ledger}_vault.held (document);
CREATE INDEX held_open ON ${ledger}_vault.held (held_at, held_id) WHERE decision IS NULL;

-- What was erased, in the order of commits: processes that keep unwrapped keys in memory read on from the last number
-- they saw and forget.
CREATE TABLE ${ledger}_vault.erasures (
  number bigint PRIMARY KEY,
  subject uuid,
  entry_key bytea,
  erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT erasures_one CHECK ((subject IS NULL) <> (entry_key IS NULL))
);

-- A row whose key was taken away leaves a dead copy on its page until the table is vacuumed: do not wait for many.
ALTER TABLE ${ledger}_vault.subjects SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
ALTER TABLE ${ledger}_vault.salts SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
ALTER TABLE ${ledger}_vault.held SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

-- The vault's role adds and decides; it can take no key away (0021 can, for an approved entry) and reads no entry.
GRANT USAGE ON SCHEMA ${ledger}_vault TO ${ledger}_vault, ${ledger}_runner;
GRANT SELECT, INSERT ON ${ledger}_vault.settings, ${ledger}_vault.subjects, ${ledger}_vault.documents,
  ${ledger}_vault.names, ${ledger}_vault.unrecorded, ${ledger}_vault.salts, ${ledger}_vault.held TO ${ledger}_vault;
GRANT SELECT ON ${ledger}_vault.tombstones, ${ledger}_vault.erasures TO ${ledger}_vault;
GRANT DELETE ON ${ledger}_vault.unrecorded TO ${ledger}_vault;
GRANT UPDATE (sealed, decision, decided_by, decided_at, subject) ON ${ledger}_vault.held TO ${ledger}_vault;

-- The runner opens entries to fold them into measures: keys and salts, but no index of documents. Auditors: nothing.
GRANT SELECT (single, ledger, suite, ledger_key) ON ${ledger}_vault.settings TO ${ledger}_runner;
GRANT SELECT (subject, wrapped, destroyed_at) ON ${ledger}_vault.subjects TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_vault.salts, ${ledger}_vault.erasures TO ${ledger}_runner;

-- what: the one table of entries, who may read it, and who may add to it
-- why: every fact is one row here, for ever; all else can be computed again
-- undo: none; a ledger with facts in it is restored from a backup, not undone

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${schema}.entries (
  -- where the entry stands
  originator_id uuid NOT NULL,
  originator_version bigint NOT NULL,
  topic text NOT NULL,
  state bytea NOT NULL,
  notification_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY, -- the position: in order, with holes
  -- the envelope
  format smallint NOT NULL,
  suite text NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  organ text NOT NULL,
  channel text NOT NULL,
  source_class text NOT NULL,
  source_time timestamptz,
  legal_basis text,
  batch_id uuid,
  causation_stream uuid,
  causation_version bigint,
  refers_to_stream uuid,
  refers_to_version bigint,
  -- the identity of the request
  key bytea NOT NULL,
  request_hash bytea NOT NULL,
  -- the seal
  salt bytea NOT NULL,
  sealed bytea,
  -- the proof
  content_hash bytea NOT NULL,
  binding bytea NOT NULL,
  prev bytea,
  leaf bytea NOT NULL,

  PRIMARY KEY (originator_id, originator_version),
  CONSTRAINT entries_version CHECK (originator_version >= 0),
  CONSTRAINT entries_suite CHECK (suite IN ('intl', 'gm')),
  CONSTRAINT entries_source_class CHECK (source_class IN ('automatic', 'manual', 'agency', 'self')),
  CONSTRAINT entries_causation CHECK ((causation_stream IS NULL) = (causation_version IS NULL)),
  CONSTRAINT entries_refers_to CHECK ((refers_to_stream IS NULL) = (refers_to_version IS NULL)),
  CONSTRAINT entries_lengths CHECK (
    octet_length(salt) = 16 AND octet_length(key) = 32 AND octet_length(request_hash) = 32
    AND octet_length(content_hash) = 32 AND octet_length(binding) = 32 AND octet_length(leaf) = 32
    AND (prev IS NULL OR octet_length(prev) = 32))
);
CREATE UNIQUE INDEX entries_position ON ${schema}.entries (notification_id);
CREATE UNIQUE INDEX entries_key ON ${schema}.entries (key);

-- An appender names every column but the position, which is the ledger's to give.
GRANT INSERT (
  originator_id, originator_version, topic, state, format, suite, recorded_at, recorded_by, organ, channel,
  source_class, source_time, legal_basis, batch_id, causation_stream, causation_version, refers_to_stream,
  refers_to_version, key, request_hash, salt, sealed, content_hash, binding, prev, leaf
) ON ${schema}.entries TO ${ledger}_appender;
GRANT SELECT ON ${schema}.entries TO ${ledger}_appender, ${ledger}_runner, ${ledger}_auditor;

-- Rows are guarded where they are written: an entry speaks for the organ the connection was opened for. Reading is
-- open to the roles above; what a caller may read is decided in the API. A policy on reading would show one organ
-- a wrong head of a stream it shares with another, and hide the key it collides with.
ALTER TABLE ${schema}.entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${schema}.entries FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organ ON ${schema}.entries FOR INSERT TO ${ledger}_appender
  WITH CHECK (organ = current_setting('points.organ', true));
CREATE POLICY open_to_readers ON ${schema}.entries FOR SELECT USING (true);

RESET ROLE;

-- what: a type for a whole new row of entries, in the order in which appenders write it
-- why: many rows travel as one array of rows, which is less to make and less to read than an array for each column
-- undo: DROP TYPE

SET LOCAL ROLE ${ledger}_owner;

CREATE TYPE ${schema}.entry_row AS (
  originator_id uuid,
  topic text,
  state bytea,
  format smallint,
  suite text,
  recorded_by text,
  organ text,
  channel text,
  source_class text,
  source_time timestamptz,
  legal_basis text,
  batch_id uuid,
  causation_stream uuid,
  causation_version bigint,
  refers_to_stream uuid,
  refers_to_version bigint,
  key bytea,
  request_hash bytea,
  salt bytea,
  sealed bytea,
  content_hash bytea,
  binding bytea,
  originator_version bigint,
  recorded_at timestamptz,
  prev bytea,
  leaf bytea
);
GRANT USAGE ON TYPE ${schema}.entry_row TO ${ledger}_appender;

RESET ROLE;

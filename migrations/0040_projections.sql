-- what: a schema for what the entries add up to, and the runner's own books: checkpoints, heartbeats, quarantine
-- why: every table in it can be dropped and filled again from entries, so it stands apart from what is kept for ever
-- undo: DROP SCHEMA ${ledger}_projections CASCADE; forget 0040 and later in ${schema}.migrations, then migrate again

CREATE SCHEMA ${ledger}_projections AUTHORIZATION ${ledger}_owner;
SET LOCAL ROLE ${ledger}_owner;

-- One row for each projection, written in the same transaction as its rows. The leaf is the entry's at that position:
-- a ledger that was restored or failed over has another one there, or none.
CREATE TABLE ${ledger}_projections.checkpoints (
    projection text PRIMARY KEY,
    epoch integer NOT NULL,
    position bigint NOT NULL,
    leaf bytea
);

-- Who leads a projection and how it fares. `failure` is the class of an error, never its text.
CREATE TABLE ${ledger}_projections.heartbeats (
    projection text PRIMARY KEY,
    instance text NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'failed', 'stopped')),
    position bigint NOT NULL,
    lag bigint NOT NULL,
    failure text,
    beat_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Streams that stand still because an entry cannot be folded: its position and the class of the error, no content.
-- `depends_on`: the stream stands still because that one, which refers to it, does.
CREATE TABLE ${ledger}_projections.quarantine (
    projection text NOT NULL,
    stream uuid NOT NULL,
    position bigint NOT NULL,
    reason text NOT NULL,
    depends_on uuid,
    release_asked boolean NOT NULL DEFAULT false,
    held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, stream)
);

-- Streams that a projection must look at again though no entry came: one below it was folded anew.
CREATE TABLE ${ledger}_projections.revisits (
    projection text NOT NULL,
    stream uuid NOT NULL,
    PRIMARY KEY (projection, stream)
);

GRANT USAGE ON SCHEMA ${ledger}_projections TO ${ledger}_runner, ${ledger}_appender, ${ledger}_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${ledger}_projections TO ${ledger}_runner;
GRANT SELECT ON ALL TABLES IN SCHEMA ${ledger}_projections TO ${ledger}_appender, ${ledger}_auditor;

RESET ROLE;

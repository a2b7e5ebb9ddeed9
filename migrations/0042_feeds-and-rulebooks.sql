-- what: the complete and partial deliveries of organs, and the rulebooks with their life, as scoring reads them
-- why: a score is a function of facts, feeds and rulebooks; all three are read at one position
-- undo: DROP TABLE ${ledger}_projections.feeds, rulebooks; DELETE their checkpoints

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${ledger}_projections.feeds (
    position bigint PRIMARY KEY,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    voided_position bigint,
    organ text NOT NULL,
    kind text NOT NULL,           -- the kind of facts delivered
    place text NOT NULL,
    first_month integer NOT NULL, -- years x 12 + month - 1
    last_month integer NOT NULL,
    complete boolean NOT NULL,
    rows bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX feeds_ref ON ${ledger}_projections.feeds (stream, version);

-- One row for each content. What has not happened to it is NULL.
CREATE TABLE ${ledger}_projections.rulebooks (
    content text PRIMARY KEY,     -- the hash of the document
    stream uuid NOT NULL,
    doc text NOT NULL,
    document bytea,               -- canonical JSON
    proposed_position bigint,
    approved_position bigint,
    published_position bigint,
    effective_from date,
    effective_to date,
    retired_position bigint,
    retired_on date
);
CREATE INDEX rulebooks_stream ON ${ledger}_projections.rulebooks (stream);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.feeds, ${ledger}_projections.rulebooks TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.feeds, ${ledger}_projections.rulebooks TO ${ledger}_appender, ${ledger}_auditor;

RESET ROLE;

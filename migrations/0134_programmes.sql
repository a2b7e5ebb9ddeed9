-- what: programmes, with their life, beside the rulebooks; an index over the few entries that put programmes forward
-- why: rounds, eligibility and decisions read a programme by its hash as known at a position
-- undo: DROP TABLE ${ledger}_projections.programmes; DROP INDEX entries_programmes

SET LOCAL ROLE ${ledger}_owner;

CREATE INDEX entries_programmes ON ${schema}.entries (originator_id) WHERE topic = 'programme-proposed.v1';

-- One row for each content, filled by the projection of rulebooks. What has not happened to it is NULL.
CREATE TABLE ${ledger}_projections.programmes (
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
CREATE INDEX programmes_stream ON ${ledger}_projections.programmes (stream);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.programmes TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.programmes TO ${ledger}_appender, ${ledger}_auditor;

RESET ROLE;

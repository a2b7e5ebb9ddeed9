-- what: ties, the entries that say who belongs together, by both of the subjects that they name
-- why: the score of a resident may count what a spouse or a parent has; whoever scores must find them in one look
-- undo: DROP TABLE ${ledger}_projections.ties; DELETE the checkpoint of ties

SET LOCAL ROLE ${ledger}_owner;

-- One row for each entry of a tie's stream: recorded, ended, merged, and the voids of these.
CREATE TABLE ${ledger}_projections.ties (
    position bigint PRIMARY KEY,
    stream uuid NOT NULL,        -- the tie's own; of a void the stream of what it voids
    told_by uuid,                -- the entry's stream, where it is another one
    version bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('family-tie-recorded', 'family-tie-ended', 'identities-merged', 'fact-voided')),
    tie text,
    subject uuid,                -- of a merge the subject that is kept
    other uuid,                  -- of a merge the subject that it was
    spell text,
    day date,                    -- since, ended on, void from; NULL of a void: from the start
    refers_version bigint
);
CREATE INDEX ties_stream ON ${ledger}_projections.ties (stream);
CREATE INDEX ties_subject ON ${ledger}_projections.ties (subject);
CREATE INDEX ties_other ON ${ledger}_projections.ties (other);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.ties TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.ties TO ${ledger}_auditor;

RESET ROLE;

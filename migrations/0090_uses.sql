-- what: uses, the entries that say what points were used for, by round, application, programme and decision
-- why: a round is ranked from its applications, and decisions are listed and replayed; neither reads every entry
-- undo: DROP TABLE ${ledger}_projections.uses; DELETE the checkpoint of uses

SET LOCAL ROLE ${ledger}_owner;

-- An index alone: what an entry says stands in the ledger, and is opened there.
CREATE TABLE ${ledger}_projections.uses (
    position bigint PRIMARY KEY,
    stream uuid NOT NULL,        -- whose
    version bigint NOT NULL,
    kind text NOT NULL,          -- without its version
    round text,
    programme text,
    application text,
    decision text,               -- the decision's hash
    voided_position bigint
);
CREATE INDEX uses_round ON ${ledger}_projections.uses (round, position) WHERE round IS NOT NULL;
CREATE INDEX uses_decision ON ${ledger}_projections.uses (decision) WHERE decision IS NOT NULL;
CREATE INDEX uses_ref ON ${ledger}_projections.uses (stream, version);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.uses TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.uses TO ${ledger}_auditor;

RESET ROLE;

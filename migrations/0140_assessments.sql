-- what: assessments, the entries of the year's assessment, by place and year
-- why: a place lists who takes part, which claims wait, and whom it certifies, without reading every entry
-- undo: DROP TABLE ${ledger}_projections.assessments; DELETE the checkpoint of assessments

SET LOCAL ROLE ${ledger}_owner;

-- An index alone: what an entry says stands in the ledger, and is opened there.
CREATE TABLE ${ledger}_projections.assessments (
    position bigint PRIMARY KEY,
    stream uuid NOT NULL,        -- whose
    version bigint NOT NULL,
    kind text NOT NULL,          -- without its version
    place text NOT NULL,
    year smallint NOT NULL,
    claim text,
    voided_position bigint
);
CREATE INDEX assessments_year ON ${ledger}_projections.assessments (place, year, position);
CREATE INDEX assessments_ref ON ${ledger}_projections.assessments (stream, version);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.assessments TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.assessments TO ${ledger}_auditor;

RESET ROLE;

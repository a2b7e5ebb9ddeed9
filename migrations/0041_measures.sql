-- what: measures, one typed row for each thing a rule can read in an entry
-- why: rules, SQL and columnar engines read columns instead of opening entries; casting bytes is most of a rebuild
-- undo: DROP TABLE ${ledger}_projections.measures, measures_restricted, measures_erased; DELETE their checkpoint

SET LOCAL ROLE ${ledger}_owner;

CREATE TABLE ${ledger}_projections.measures (
    position bigint NOT NULL,
    subject uuid NOT NULL,
    ref_stream uuid,             -- the entry's stream, where it is not the subject's
    ref_version bigint NOT NULL,
    refers_stream uuid,
    refers_version bigint,
    voided_position bigint,      -- where the entry was first voided from the start
    quantity bigint,             -- in the kind's unit
    recorded_at timestamptz NOT NULL,
    starts_on date,
    ends_on date,                -- first day without it; NULL: no end is known
    decided_on date,
    effective_on date,
    completed_on date,
    stops_on date,
    born_on date,
    part smallint NOT NULL,
    role text NOT NULL CHECK (role IN ('fact', 'closer', 'permit', 'void', 'identity')),
    kind text NOT NULL,
    place text,
    variant text,
    level text,
    mark text,
    spell text,
    act text,
    opens text,
    closes text,
    PRIMARY KEY (position, part)
);
CREATE INDEX measures_subject ON ${ledger}_projections.measures (subject);
CREATE INDEX measures_voids_from_elsewhere ON ${ledger}_projections.measures (subject)
    WHERE role = 'void' AND ref_stream IS NOT NULL;

-- Whatever comes from a sealed part stands here and nowhere else: birth dates, blood, offences, credit.
CREATE TABLE ${ledger}_projections.measures_restricted (LIKE ${ledger}_projections.measures INCLUDING ALL);

-- Subjects whose key was destroyed: nothing of them is measured again.
CREATE TABLE ${ledger}_projections.measures_erased (
    subject uuid PRIMARY KEY,
    position bigint NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON ${ledger}_projections.measures, ${ledger}_projections.measures_restricted, ${ledger}_projections.measures_erased
    TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.measures, ${ledger}_projections.measures_erased
    TO ${ledger}_appender, ${ledger}_auditor;

RESET ROLE;

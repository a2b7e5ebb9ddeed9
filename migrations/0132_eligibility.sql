-- what: eligibility, whether each resident meets each programme of where they live, and what is missing if not
-- why: who may have what is asked of everybody at once: lists, counts, reminders; a person's own page asks anew
-- undo: DROP TABLE ${ledger}_projections.eligibility, eligibility_due; DELETE checkpoint and sweep of eligibility

SET LOCAL ROLE ${ledger}_owner;

-- What stands here tells of restricted facts: only the runner's role reads it.
CREATE TABLE ${ledger}_projections.eligibility (
    subject uuid NOT NULL,
    doc text NOT NULL,              -- the programme's document
    place text,                     -- the permit's district, or the first where they live
    met boolean NOT NULL,
    tier text,
    unmet jsonb NOT NULL,           -- of each condition in the way: its name, what was found, wanted and is missing
    by_itself_on date,              -- met from then on if things go on as they are; NULL: not within a year
    PRIMARY KEY (subject, doc)
);
CREATE INDEX eligibility_doc ON ${ledger}_projections.eligibility (doc, subject);

-- The day on which somebody must be looked at again though nothing is said of them.
CREATE TABLE ${ledger}_projections.eligibility_due (
    subject uuid PRIMARY KEY,
    due_on date NOT NULL
);
CREATE INDEX eligibility_due_on ON ${ledger}_projections.eligibility_due (due_on, subject);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON ${ledger}_projections.eligibility, ${ledger}_projections.eligibility_due TO ${ledger}_runner;

RESET ROLE;

-- what: scores, the live score of each resident at each place of theirs, and how far a sweep over all has come
-- why: lists, rankings and pages read totals; a score also moves with the calendar, with feeds and with rulebooks
-- undo: DROP TABLE ${ledger}_projections.scores, sweeps; DELETE the checkpoint of scores

SET LOCAL ROLE ${ledger}_owner;

-- Points are integers of 10^-scale. Totals and items tell of restricted facts, so only the runner's role reads them.
CREATE TABLE ${ledger}_projections.scores (
    subject uuid NOT NULL,
    place text NOT NULL,            -- district or zone, 6 characters
    position bigint NOT NULL,       -- of the newest entry of the subject that was known
    as_of date NOT NULL,
    rulebooks text NOT NULL,        -- the hash of the set
    scale smallint NOT NULL,
    total bigint NOT NULL,
    usable bigint NOT NULL,
    province bigint NOT NULL,
    city bigint NOT NULL,
    district bigint NOT NULL,
    before_deductions bigint NOT NULL,
    deductions bigint NOT NULL,
    permit_state text NOT NULL,
    validity text,
    is_valid boolean NOT NULL,
    ineligible boolean NOT NULL,
    trial boolean NOT NULL,         -- at another place than the permit's
    items jsonb NOT NULL,
    PRIMARY KEY (subject, place)
);
CREATE INDEX scores_ranked ON ${ledger}_projections.scores (place, total DESC, subject);

-- A sweep scores everybody again, in the order of subjects, a chunk in each transaction; it goes on where it stopped.
CREATE TABLE ${ledger}_projections.sweeps (
    projection text PRIMARY KEY,
    as_of date NOT NULL,
    rules_position bigint NOT NULL, -- the last entry that changed feeds or rulebooks,
    rules_changes bigint NOT NULL,  -- and how many did
    after uuid,                     -- every subject up to here is done; NULL: nobody yet
    scored bigint NOT NULL,
    done boolean NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.scores, ${ledger}_projections.sweeps TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.sweeps TO ${ledger}_appender, ${ledger}_auditor;

RESET ROLE;

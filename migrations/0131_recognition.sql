-- what: recognition, what each resident's points come to at home, in the rest of the city and of the province
-- why: whoever decides in another place must know which points count there without scoring everybody anew
-- undo: DROP TABLE ${ledger}_projections.recognition, recognition_elsewhere

SET LOCAL ROLE ${ledger}_owner;

-- Written with the score that it is read off. Points are integers of 10^-scale. It tells of restricted facts.
CREATE TABLE ${ledger}_projections.recognition (
    subject uuid PRIMARY KEY,
    place text NOT NULL,            -- of the score that it is read off: the permit's district, or where they live
    at_home boolean NOT NULL,       -- false: no permit is held, and nothing is recognised anywhere yet
    scale smallint NOT NULL,
    total bigint NOT NULL,          -- counts at home
    in_city bigint NOT NULL,        -- counts in the rest of the city: after deductions, never below zero
    in_province bigint NOT NULL,    -- counts in the rest of the province
    province bigint NOT NULL,       -- points of the tables that count in the whole province, before deductions,
    city bigint NOT NULL,           -- of those that count in the city,
    district bigint NOT NULL,       -- of those that stay at home
    permit_state text NOT NULL,
    awaits_request boolean NOT NULL,
    validity text
);

-- Only where a place differs from what the row above says: under tables whose rows read less far than they count.
CREATE TABLE ${ledger}_projections.recognition_elsewhere (
    subject uuid NOT NULL,
    place text NOT NULL,
    recognised bigint NOT NULL,     -- of the scale of the row above
    PRIMARY KEY (subject, place)
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON ${ledger}_projections.recognition, ${ledger}_projections.recognition_elsewhere TO ${ledger}_runner;

-- Who is scored already has no row yet: everybody is scored again.
DELETE FROM ${ledger}_projections.sweeps WHERE projection = 'scores';

RESET ROLE;

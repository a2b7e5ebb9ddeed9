-- what: reminders, what each resident should do soon: of the permit and of the programmes of where they live
-- why: district systems tell people before it is too late; they read what stands, day by day, page by page
-- undo: DROP TABLE ${ledger}_projections.reminders

SET LOCAL ROLE ${ledger}_owner;

-- Written with eligibility. A row is the same on every day on which it stands, and goes when it stands no more.
CREATE TABLE ${ledger}_projections.reminders (
    subject uuid NOT NULL,
    kind text NOT NULL,
    doc text NOT NULL,              -- the programme's document; empty: the permit's
    on_day date NOT NULL,           -- the day that it is about
    raised_on date NOT NULL,        -- the day from which on it stands
    place text NOT NULL,            -- where the resident is at home
    name_zh text NOT NULL,
    name_en text NOT NULL,
    PRIMARY KEY (subject, kind, doc, on_day)
);
CREATE INDEX reminders_feed ON ${ledger}_projections.reminders (raised_on, subject, kind, doc, on_day);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.reminders TO ${ledger}_runner;

-- Who was asked before has none yet: everybody is asked again.
DELETE FROM ${ledger}_projections.sweeps WHERE projection = 'eligibility';

RESET ROLE;

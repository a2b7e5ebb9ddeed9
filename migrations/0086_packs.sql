-- what: packs, each resident's measures as one short row in the form that the columnar engine takes
-- why: a month's file touches everybody; reading sixty rows of each from all over measures costs more than scoring them
-- undo: DROP TABLE ${ledger}_projections.packs, shapes, pack_reach

SET LOCAL ROLE ${ledger}_owner;

-- What many rows have in common, numbered: role, kind, place, variant, level, mark, opens, closes, quantity.
CREATE TABLE ${ledger}_projections.shapes (
    code integer PRIMARY KEY,
    words text[] NOT NULL UNIQUE
);

-- A resident without a row here is read from measures. Offences and birth dates are in it: for the runner's role alone.
CREATE TABLE ${ledger}_projections.packs (
    subject uuid PRIMARY KEY,
    places text[] NOT NULL,      -- where they are at home on the days of [since, until)
    home text,                   -- the permit's district
    since date,
    until date,
    plain bytea NOT NULL,        -- rows with a first and a last day and nothing else: 24 bytes each
    whole bytea NOT NULL         -- the others: 64 bytes each
);
ALTER TABLE ${ledger}_projections.packs ALTER COLUMN plain SET STORAGE EXTERNAL;
ALTER TABLE ${ledger}_projections.packs ALTER COLUMN whole SET STORAGE EXTERNAL;

-- Up to where every pack is complete. One row, or none where there are no packs.
CREATE TABLE ${ledger}_projections.pack_reach (
    position bigint PRIMARY KEY
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON ${ledger}_projections.packs, ${ledger}_projections.shapes, ${ledger}_projections.pack_reach TO ${ledger}_runner;

RESET ROLE;

-- what: the books of rebuilds: which generation of the projections is being made, how far it is, and which is kept
-- why: a rebuild goes on where it was stopped, is seen while it runs, and can be taken back until it is dropped
-- undo: DROP TABLE both, once no schema ${ledger}_projections_g<number> is left

SET LOCAL ROLE ${ledger}_owner;

-- One row for each generation. Its tables stand in a schema of its own: before the switch the new ones, after it
-- those that were live before.
CREATE TABLE ${ledger}_projections.rebuilds (
    generation integer PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('filling', 'ready', 'switched', 'rolled-back', 'dropped')),
    views text[] NOT NULL,         -- which projections are made anew, upstream first
    seed bigint NOT NULL,          -- of the hashes by which text is told apart while columns are read
    position bigint,               -- up to where whole populations are computed; the entries after it are followed
    leaf bytea,
    as_of date,                    -- the civil day of that computation
    parts integer,                 -- ranges of subjects in which it is done
    differing text[],              -- the projections that were found to differ when last compared; NULL: not compared
    compared_position bigint,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    switched_at timestamptz
);
CREATE UNIQUE INDEX rebuilds_one_at_a_time ON ${ledger}_projections.rebuilds ((true)) WHERE state <> 'dropped';

-- What is done of each view: positions followed, or residents computed. Written with what it counts, or after it.
CREATE TABLE ${ledger}_projections.rebuild_progress (
    generation integer NOT NULL,
    view text NOT NULL,
    step integer NOT NULL,         -- a part's number; -1: entries followed one batch after the other
    done bigint NOT NULL,
    of bigint NOT NULL,
    seconds double precision NOT NULL,
    told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (generation, view, step)
);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON ${ledger}_projections.rebuilds, ${ledger}_projections.rebuild_progress TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.rebuilds, ${ledger}_projections.rebuild_progress TO ${ledger}_auditor;

RESET ROLE;

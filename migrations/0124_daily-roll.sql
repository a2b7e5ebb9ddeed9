-- what: until when each live score stays, and until when a resident without one has none
-- why: on a new day only those are scored again whom that day can move; a table of everybody need not be swept
-- undo: DROP TABLE ${ledger}_projections.unscored; ALTER TABLE ${ledger}_projections.scores DROP COLUMN next_change_on

SET LOCAL ROLE ${ledger}_owner;

-- A row holds on the days of [as_of, next_change_on); NULL: as far as the calendar goes, for ever.
ALTER TABLE ${ledger}_projections.scores ADD COLUMN next_change_on date;
CREATE INDEX scores_next_change ON ${ledger}_projections.scores (next_change_on, subject);

-- Who is at home nowhere, or where no rulebook is, has no score to carry the day. Nobody is here for ever.
CREATE TABLE ${ledger}_projections.unscored (
    subject uuid PRIMARY KEY,
    next_change_on date NOT NULL
);
CREATE INDEX unscored_next_change ON ${ledger}_projections.unscored (next_change_on, subject);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.unscored TO ${ledger}_runner;

-- Scores that were made before know no day: without a finished sweep everybody is scored again.
DELETE FROM ${ledger}_projections.sweeps;

RESET ROLE;

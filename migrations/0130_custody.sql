-- what: ties keeps changes of custody too
-- why: with whom a child lives decides the school place and the insurance that follow a parent
-- undo: DELETE FROM ${ledger}_projections.ties WHERE kind = 'custody-changed'; put the former check back

SET LOCAL ROLE ${ledger}_owner;

ALTER TABLE ${ledger}_projections.ties DROP CONSTRAINT ties_kind_check;
ALTER TABLE ${ledger}_projections.ties ADD CONSTRAINT ties_kind_check CHECK (
    kind IN ('family-tie-recorded', 'family-tie-ended', 'identities-merged', 'custody-changed', 'fact-voided'));

-- Of changes of custody that were read over before: all are read again, with the others of their streams.
DELETE FROM ${ledger}_projections.ties;
DELETE FROM ${ledger}_projections.checkpoints WHERE projection = 'ties';

RESET ROLE;

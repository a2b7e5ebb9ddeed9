-- what: windows, the days on which rounds that the ledger opened take applications, as opened, extended, cancelled
-- why: people are told of a round that is open or opens soon, not only of the days that a programme publishes
-- undo: DROP TABLE ${ledger}_projections.windows

SET LOCAL ROLE ${ledger}_owner;

-- A row for each entry, filled by the projection of rulebooks, as known at its position.
CREATE TABLE ${ledger}_projections.windows (
    position bigint PRIMARY KEY,
    stream uuid NOT NULL,         -- the round's
    kind text NOT NULL,           -- without its version
    round text NOT NULL,
    programme text,               -- the use; NULL where the entry does not say
    place text,
    opens_on date,
    closes_on date
);
CREATE INDEX windows_stream ON ${ledger}_projections.windows (stream);

GRANT SELECT, INSERT, UPDATE, DELETE ON ${ledger}_projections.windows TO ${ledger}_runner;
GRANT SELECT ON ${ledger}_projections.windows TO ${ledger}_auditor;

-- What the projection has passed already it will not read again: the rounds of before are taken over here.
INSERT INTO ${ledger}_projections.windows
SELECT notification_id, originator_id, split_part(topic, '.', 1), said->>'round', said->>'programme', said->>'place',
    (said->>'opens_on')::date, (said->>'closes_on')::date
FROM (
    SELECT notification_id, originator_id, topic, convert_from(state, 'UTF8')::jsonb AS said FROM ${schema}.entries
    WHERE topic IN ('round-opened.v1', 'round-extended.v1', 'round-cancelled.v1')
) AS rounds
WHERE notification_id <= (
    SELECT coalesce(max(position), 0) FROM ${ledger}_projections.checkpoints WHERE projection = 'rulebooks'
);

-- Who was asked before knows of no round: everybody is asked again.
DELETE FROM ${ledger}_projections.sweeps WHERE projection = 'eligibility';

RESET ROLE;

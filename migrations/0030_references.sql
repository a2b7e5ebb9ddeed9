-- what: an index of the entries that void or correct another one
-- why: an import must tell, for every row that was there before, whether its entry is void by now
-- undo: DROP INDEX entries_references

SET LOCAL ROLE ${ledger}_owner;

-- Partial: an entry that names no other pays nothing for it.
CREATE INDEX entries_references ON ${schema}.entries (refers_to_stream, refers_to_version)
  WHERE refers_to_stream IS NOT NULL;

RESET ROLE;

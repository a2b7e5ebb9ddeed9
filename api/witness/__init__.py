"""The witness's door: a process apart from the ledger, with its own key and store."""

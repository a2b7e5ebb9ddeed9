"""HOW ENTRIES ARE KEPT. Append, import, vault, the runner of migrations."""

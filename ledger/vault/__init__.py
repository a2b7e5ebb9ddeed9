"""The vault 保险库: who is who, the keys that open entries, and how they are taken away. docs/vault.md."""

"""What the environment may set. No other module reads it."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Settings:
    """Where the ledger lives. Without a database URL an embedded PostgreSQL is kept in `data`."""

    data: Path
    database_url: str | None
    ledger: str
    key_file: Path
    language: str
    old_key_file: Path | None = None
    actor: str | None = None
    purpose: str | None = None
    retention: Path | None = None
    erasure_log: Path | None = None

    @classmethod
    def read(cls, data: Path | None = None, language: str | None = None) -> Self:
        """Read POINTS_DATA, _DATABASE_URL, _LEDGER, _KEY_FILE, _OLD_KEY_FILE, _ERASURE_LOG, _RETENTION, _LANG, ...

        And POINTS_BY, POINTS_PURPOSE: who works, and why.
        """
        environment = os.environ  # noqa: TID251 - this is the room of the environment
        home = (data or Path(environment.get("POINTS_DATA", ".points"))).resolve()
        old_key_file, retention, erasure_log = (
            Path(value) if (value := environment.get(f"POINTS_{name}")) else None
            for name in ("OLD_KEY_FILE", "RETENTION", "ERASURE_LOG")
        )
        spoken = language or environment.get("POINTS_LANG") or environment.get("LANG", "")
        return cls(
            data=home,
            database_url=environment.get("POINTS_DATABASE_URL") or None,
            ledger=environment.get("POINTS_LEDGER", "points"),
            key_file=Path(environment.get("POINTS_KEY_FILE", str(home / "keys" / "key-encryption.key"))),
            language="zh" if spoken.lower().startswith("zh") else "en",
            old_key_file=old_key_file,
            actor=environment.get("POINTS_BY") or None,
            purpose=environment.get("POINTS_PURPOSE") or None,
            retention=retention,
            erasure_log=erasure_log,
        )

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

    @classmethod
    def read(cls, data: Path | None = None, language: str | None = None) -> Self:
        """Read POINTS_DATA, POINTS_DATABASE_URL, POINTS_LEDGER, POINTS_KEY_FILE and POINTS_LANG."""
        environment = os.environ  # noqa: TID251 - this is the room of the environment
        home = (data or Path(environment.get("POINTS_DATA", ".points"))).resolve()
        spoken = language or environment.get("POINTS_LANG") or environment.get("LANG", "")
        return cls(
            data=home,
            database_url=environment.get("POINTS_DATABASE_URL") or None,
            ledger=environment.get("POINTS_LEDGER", "points"),
            key_file=Path(environment.get("POINTS_KEY_FILE", str(home / "keys" / "key-encryption.key"))),
            language="zh" if spoken.lower().startswith("zh") else "en",
        )

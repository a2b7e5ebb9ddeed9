"""How a process reaches the ledger's database, and as whom.

Every process works under one role of the ledger, never as the tables' owner. Where we keep the server ourselves
(embedded), a process logs in as the role itself. Where a URL is given, it logs in as the URL's user, who was given
the roles, and takes one as the connection opens. A role's time limits belong to its login and do not come with
taking the role: they are sent with the connection, so that both ways are the same (docs/decisions/0011).
"""

import logging
import re
from dataclasses import dataclass
from enum import StrEnum

import psycopg
from psycopg import conninfo

# The driver's log lines quote the server's words, and those quote keys and rows.
logging.getLogger("psycopg").setLevel(logging.CRITICAL)

MINIMUM_VERSION = 150000
DEFAULT_LEDGER = "points"
LEDGER_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
"""Roles are `<ledger>_appender` and so on: 31 + 9 characters stay within PostgreSQL's 63."""


class BadLedgerName(ValueError):
    """A ledger's name is lower-case letters, digits and underscores, at most 31, and begins with a letter."""


class DatabaseRefused(Exception):
    """The database refused; the message names the error's class and what it concerns, never a value.

    PostgreSQL's own texts are not passed on: they carry key values and whole rows (`DETAIL: Key (…)=(…)`).
    """

    def __init__(self, words: str, sqlstate: str | None = None) -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


class Role(StrEnum):
    """As whom a process works. Each has what it needs and no more: migrations/0001 to 0003 and 0100 say what."""

    OWNER = "owner"
    APPENDER = "appender"
    RUNNER = "runner"
    AUDITOR = "auditor"
    DESK = "desk"
    VAULT = "vault"
    LOG = "log"


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of a role, in milliseconds; 0 is none."""

    statement_ms: int
    lock_ms: int
    idle_in_transaction_ms: int


LIMITS = {
    Role.OWNER: Limits(0, 60_000, 60_000),
    Role.APPENDER: Limits(30_000, 10_000, 10_000),
    Role.RUNNER: Limits(1_800_000, 30_000, 60_000),
    Role.AUDITOR: Limits(1_800_000, 10_000, 600_000),
    Role.DESK: Limits(30_000, 10_000, 10_000),
    Role.VAULT: Limits(30_000, 10_000, 10_000),
    Role.LOG: Limits(30_000, 10_000, 10_000),
}


# Half-open connections: seconds, and milliseconds for tcp_user_timeout.
_PATIENCE = {
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


@dataclass(frozen=True, slots=True)
class Database:
    """Where one ledger is kept. `url` is a libpq URI or key-value string; `embedded`: log in as the role itself."""

    url: str
    ledger: str = DEFAULT_LEDGER
    embedded: bool = False

    def __post_init__(self) -> None:
        checked_ledger_name(self.ledger)

    @property
    def schema(self) -> str:
        """Give the schema of the ledger's own tables."""
        return self.ledger

    def role(self, role: Role) -> str:
        """Give the role's name in the cluster."""
        return f"{self.ledger}_{role}"

    def conninfo(self, role: Role | None = None, application: str = "points") -> str:
        """Give a connection string: under `role`, or as the URL's user for migrations."""
        if role is None:
            return conninfo.make_conninfo(self.url, **self._patience(), application_name=application)
        limits = LIMITS[role]
        settings = {
            "search_path": f"{self.schema},pg_temp",
            "statement_timeout": limits.statement_ms,
            "lock_timeout": limits.lock_ms,
            "idle_in_transaction_session_timeout": limits.idle_in_transaction_ms,
            "timezone": "UTC",
        }
        if not self.embedded:
            settings["role"] = self.role(role)
        asked = conninfo.conninfo_to_dict(self.url)
        options = " ".join(
            [str(asked.get("options", "")), *(f"-c {key}={value}" for key, value in settings.items())]
        )
        user = {"user": self.role(role)} if self.embedded else {}
        always = self._patience() | user | {"options": options.strip(), "application_name": application}
        return conninfo.make_conninfo(self.url, **always)

    def _patience(self) -> dict[str, str]:
        """Give the limits after which a peer that fell silent is given up, where the URL says nothing."""
        said = conninfo.conninfo_to_dict(self.url)
        return {key: value for key, value in _PATIENCE.items() if key not in said}

    def connect(self, role: Role | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """Open one connection. Raises DatabaseRefused: before a first statement its words name hosts and users."""
        try:
            return psycopg.connect(self.conninfo(role), autocommit=autocommit)
        except psycopg.Error as error:
            failure = DatabaseRefused(str(error).strip(), error.sqlstate)
        raise failure


def checked_ledger_name(name: str) -> str:
    """Give the name back, or raise BadLedgerName: it becomes part of SQL."""
    if LEDGER_NAME.fullmatch(name) is None:
        raise BadLedgerName(name)
    return name


def refused(error: psycopg.Error) -> DatabaseRefused:
    """Put an error of the driver into words that carry no value: its class, its SQLSTATE, what it concerns.

    Words of our own functions and triggers (SQLSTATE class PL) are fixed texts and are passed on.
    """
    state = error.sqlstate
    if state is not None and state.startswith("PL"):
        return DatabaseRefused(error.diag.message_primary or state, state)
    concerned = error.diag.constraint_name or error.diag.table_name
    words = f"{type(error).__name__}{f' {state}' if state else ''}{f' on {concerned}' if concerned else ''}"
    return DatabaseRefused(words, state)

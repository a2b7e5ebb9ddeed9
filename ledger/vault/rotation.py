"""Changing the key-encryption key: every wrapped key is wrapped anew, while the ledger runs.

What was wrapped under the old key and lies in backups, in the write-ahead log or on freed pages opens no more once
the old key file is destroyed: this is how a destroyed subject's key is destroyed everywhere. docs/vault.md.
"""

from collections.abc import Callable
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql

from domain.errors import LedgerNotOpened
from ledger.database import Database, Role, refused
from ledger.suites import SUITES, Suite
from ledger.vault.encryption import EncryptionOf, KeyEncryption, key_id_of
from ledger.vault.sessions import SUFFIX
from ledger.vault.settings import bound_to, salt_bound_to, subject_bound_to

_BATCH = 1_000
T = TypeVar("T")


def wrapped_by(database: Database) -> dict[str, int]:
    """Count the vault's wrapped keys by the id of the key file that wrapped them, in hexadecimal."""
    parts = (
        "SELECT ledger_key AS wrapped FROM {vault}.settings",
        "SELECT index_key FROM {vault}.settings",
        "SELECT wrapped FROM {vault}.subjects WHERE wrapped IS NOT NULL",
        "SELECT wrapped FROM {vault}.salts WHERE wrapped IS NOT NULL",
    )
    question = sql.SQL(
        "SELECT encode(substr(wrapped, 2, 8), 'hex'), count(*) FROM ({}) kept GROUP BY 1 ORDER BY 1"
    ).format(sql.SQL(" UNION ALL ").join(_sql(part, database.ledger + SUFFIX) for part in parts))
    return dict(_as_owner(database, lambda connection: connection.execute(question).fetchall()))


def suite_of(database: Database) -> Suite:
    """Give the suite of a founded ledger. Raises LedgerNotOpened."""
    question = _sql("SELECT suite FROM {vault}.settings", database.ledger + SUFFIX)
    row = _as_owner(database, lambda connection: connection.execute(question).fetchone())
    if row is None:
        raise LedgerNotOpened
    return SUITES[row[0]]


def rewrap(database: Database, encryption_of: EncryptionOf) -> int:
    """Wrap every key with the new key of `encryption_of` (in_files(new, old)); give how many were wrapped anew.

    The URL's user must be able to work as the tables' owner, as for migrations. Processes that run meanwhile must
    have both keys. Stopped anywhere, it can be run again. Raises KeyFileForeign, DatabaseRefused.
    """
    return _as_owner(database, lambda connection: _rewrap(connection, database.ledger + SUFFIX, encryption_of))


def _as_owner(database: Database, work: Callable[[psycopg.Connection], T]) -> T:
    with database.connect() as connection:
        try:
            connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(database.role(Role.OWNER))))
            return work(connection)
        except psycopg.Error as error:
            failure = refused(error)
    raise failure


def _rewrap(connection: psycopg.Connection, vault: str, encryption_of: EncryptionOf) -> int:
    found = connection.execute(_sql("SELECT suite FROM {vault}.settings", vault)).fetchone()
    if found is None:
        return 0
    encryption = encryption_of(SUITES[found[0]])
    done = 0
    # A process that was started before the new key was known may have minted meanwhile: again, until none is left.
    while changed := (
        _settings(connection, vault, encryption)
        + _table(connection, vault, encryption, "subjects", "subject", subject_bound_to)
        + _table(connection, vault, encryption, "salts", "entry_key", salt_bound_to)
    ):
        done += changed
    return done


def _settings(connection: psycopg.Connection, vault: str, encryption: KeyEncryption) -> int:
    with connection.transaction():
        select = _sql("SELECT ledger, ledger_key, index_key FROM {vault}.settings FOR UPDATE", vault)
        row = connection.execute(select).fetchone()
        if row is None or {key_id_of(row[1]), key_id_of(row[2])} == {encryption.key_id}:
            return 0
        anew = [
            encryption.wrap(encryption.unwrap(wrapped, bound_to(purpose, row[0])), bound_to(purpose, row[0]))
            for wrapped, purpose in zip(row[1:], ("ledger-key", "index-key"), strict=True)
        ]
        connection.execute(_sql("UPDATE {vault}.settings SET ledger_key = %s, index_key = %s", vault), anew)
    return len(anew)


def _table(
    connection: psycopg.Connection, vault: str, encryption: KeyEncryption, table: str, name: str, bound: Any
) -> int:
    page = "SELECT {name}, wrapped FROM {vault}.{table} WHERE wrapped IS NOT NULL ORDER BY {name} LIMIT %s"
    next_page = (
        "SELECT {name}, wrapped FROM {vault}.{table}"
        " WHERE wrapped IS NOT NULL AND {name} > %s ORDER BY {name} LIMIT %s"
    )
    # A key that is destroyed between reading and writing is not what we read any more: it stays destroyed.
    update = (
        "UPDATE {vault}.{table} kept SET wrapped = anew.wrapped"
        " FROM unnest(%s::{kind}[], %s::bytea[], %s::bytea[]) AS anew (name, old, wrapped)"
        " WHERE kept.{name} = anew.name AND kept.wrapped = anew.old"
    )
    names = {"table": sql.Identifier(table), "name": sql.Identifier(name)}
    kind = sql.SQL("uuid" if name == "subject" else "bytea")
    done, rows = 0, connection.execute(_sql(page, vault, **names), [_BATCH]).fetchall()
    while rows:
        old = [(key, wrapped) for key, wrapped in rows if key_id_of(wrapped) != encryption.key_id]
        if old:
            anew = [encryption.wrap(encryption.unwrap(wrapped, bound(key)), bound(key)) for key, wrapped in old]
            columns = [*map(list, zip(*old, strict=True)), anew]
            done += connection.execute(_sql(update, vault, **names, kind=kind), columns).rowcount
        rows = connection.execute(_sql(next_page, vault, **names), [rows[-1][0], _BATCH]).fetchall()
    return done


def _sql(text: LiteralString, vault: str, **names: sql.Composable) -> sql.Composed:
    return sql.SQL(text).format(vault=sql.Identifier(vault), **names)

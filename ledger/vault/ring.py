"""The key ring: unwrapped keys and salts, kept in memory for a while, forgotten when they are destroyed."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.errors import SubjectUnknown
from ledger.suites import Suite
from ledger.vault.sessions import Sessions
from ledger.vault.settings import VaultKeys, salt_bound_to, subject_bound_to

K = TypeVar("K", bound=Hashable)

RECHECK_SECONDS = 30.0
"""For how long another process may go on using a key that was destroyed here."""
CACHED_MAX = 100_000


class VaultKeyRing:
    """What the mapper asks of the vault, for any number of threads.

    Keys are read once and kept, the least lately used go first. What was erased is read on from the table of
    erasures at most every `recheck_seconds`: so long may a destroyed key live on in a process that had it; 0 asks
    every time.
    """

    def __init__(
        self,
        sessions: Sessions,
        keys: VaultKeys,
        *,
        recheck_seconds: float = RECHECK_SECONDS,
        cached_max: int = CACHED_MAX,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._vault_keys = keys
        self._recheck_seconds = recheck_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._subjects = _Kept[UUID](cached_max)
        self._salts = _Kept[bytes](cached_max)
        self._asked_at: float | None = None
        self._seen: int | None = None

    @property
    def suite(self) -> Suite:
        """Give the ledger's suite."""
        return self._vault_keys.suite

    @property
    def ledger_key(self) -> bytes:
        """Give the key of idempotency keys and request hashes, and of streams that belong to nobody."""
        return self._vault_keys.ledger_key

    @property
    def cached(self) -> int:
        """Count the keys and salts in memory."""
        with self._lock:
            return len(self._subjects) + len(self._salts)

    def prepare(self, streams: Collection[UUID], salts: Collection[bytes] = ()) -> None:
        """Read the keys of many subjects, and the kept salts of many entries, in one query each.

        Streams that are no subject's are passed over, as are keys of entries that are not restricted.
        """
        self._forget_erased()
        with self._lock:
            missing = self._subjects.missing(streams)
            missing_salts = self._salts.missing(salts)
        if missing:
            self._read_subjects(missing)
        if missing_salts:
            self._read_salts(missing_salts)

    def owner_key(self, stream: UUID) -> bytes | None:
        """Give the key of a subject, or None where it was destroyed. Raises SubjectUnknown."""
        self._forget_erased()
        with self._lock:
            kept = self._subjects.get(stream)
        if not isinstance(kept, _NotKept):
            return kept
        found = self._read_subjects([stream])
        if stream not in found:
            raise SubjectUnknown
        return found[stream]

    def kept_salt(self, key: bytes) -> bytes | None:
        """Give the sealing salt of a restricted entry, or None where it was expunged or never kept."""
        self._forget_erased()
        with self._lock:
            kept = self._salts.get(key)
        if not isinstance(kept, _NotKept):
            return kept
        return self._read_salts([key]).get(key)

    def keep_salt(self, key: bytes, salt: bytes) -> bytes:
        """Keep the sealing salt of a restricted entry under its idempotency key; give the one kept first.

        For an expunged entry the offered salt is given back and not kept: its key is in the ledger for ever, so
        nothing sealed with this salt can be appended, and the request gets the verdict of a repeated one.
        """
        return self.keep_salts({key: salt})[key]

    def keep_salts(self, offered: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """Do the same for many entries in two queries. If we stop after it, the next try finds these salts."""
        self._forget_erased()
        with self._lock:
            missing = self._salts.missing(offered)
            known = {key: self._salts.get(key) for key in offered}
        found: dict[bytes, bytes | None] = {
            key: salt for key, salt in known.items() if not isinstance(salt, _NotKept)
        }
        if missing:
            self._write_salts({key: offered[key] for key in missing})
            found |= self._read_salts(missing)
        return {key: found.get(key) or salt for key, salt in offered.items()}

    def _write_salts(self, salts: Mapping[bytes, bytes]) -> None:
        wrap = self._vault_keys.encryption.wrap
        rows = [(key, wrap(salts[key], salt_bound_to(key))) for key in sorted(salts)]
        statement = self._sessions.sql(
            "INSERT INTO {vault}.salts (entry_key, wrapped)"
            " SELECT * FROM unnest(%s::bytea[], %s::bytea[]) ON CONFLICT DO NOTHING"
        )
        keys, wrapped = zip(*rows, strict=True)
        self._sessions.run(lambda connection: connection.execute(statement, [list(keys), list(wrapped)]))

    def _read_subjects(self, streams: Collection[UUID]) -> dict[UUID, bytes | None]:
        statement = self._sessions.sql("SELECT subject, wrapped FROM {vault}.subjects WHERE subject = ANY(%s)")
        return self._read(self._subjects, statement, list(streams), subject_bound_to)

    def _read_salts(self, keys: Collection[bytes]) -> dict[bytes, bytes | None]:
        statement = self._sessions.sql("SELECT entry_key, wrapped FROM {vault}.salts WHERE entry_key = ANY(%s)")
        return self._read(self._salts, statement, list(keys), salt_bound_to)

    def _read(
        self, kept: "_Kept[K]", statement: Any, wanted: list[K], bound: Callable[[K], bytes]
    ) -> dict[K, bytes | None]:
        with self._lock:
            seen = self._seen
        rows = self._sessions.run(lambda connection: connection.execute(statement, [wanted]).fetchall())
        unwrap = self._vault_keys.encryption.unwrap
        found: dict[K, bytes | None] = {
            name: None if wrapped is None else unwrap(wrapped, bound(name)) for name, wrapped in rows
        }
        with self._lock:
            # An erasure that another thread noticed while we read may be of one of these: do not keep it.
            if self._seen == seen:
                kept.put(found)
        return found

    def forget_erased(self) -> None:
        """Ask at once what was erased, whenever it was asked last."""
        asked_at = self._monotonic()
        with self._lock:
            seen = self._seen
        if seen is None:
            self._begin(asked_at)
            return
        statement = self._sessions.sql(
            "SELECT number, subject, entry_key FROM {vault}.erasures WHERE number > %s ORDER BY number"
        )
        rows = self._sessions.run(lambda connection: connection.execute(statement, [seen]).fetchall())
        with self._lock:
            self._asked_at = asked_at
            for number, subject, entry_key in rows:
                self._seen = max(number, self._seen or 0)
                if entry_key is not None:
                    self._salts.forget(entry_key)
                else:
                    # The salts of the subject's restricted entries went along; the ring cannot say which they were.
                    self._subjects.forget(subject)
                    self._salts.clear()

    def _begin(self, asked_at: float) -> None:
        """Note where the table of erasures ends before anything is kept."""
        statement = self._sessions.sql("SELECT coalesce(max(number), 0) FROM {vault}.erasures")
        row = self._sessions.run(lambda connection: connection.execute(statement).fetchone())
        with self._lock:
            # Another thread may have begun meanwhile, and kept a key that an erasure we know by now has taken.
            if self._seen is None and row is not None:
                self._seen, self._asked_at = row[0], asked_at

    def _forget_erased(self) -> None:
        with self._lock:
            at = self._asked_at
        if at is None or self._monotonic() - at >= self._recheck_seconds:
            self.forget_erased()


class _NotKept:
    """Not in memory: ask the vault."""


_NOT_KEPT = _NotKept()


class _Kept(Generic[K]):
    """Values by name, bounded; the least lately used goes first. None is the memory that it was erased."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[K, bytes | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, name: K) -> "bytes | _NotKept | None":
        value = self._values.get(name, _NOT_KEPT)
        if value is not _NOT_KEPT:
            self._values.move_to_end(name)
        return value

    def missing(self, names: Collection[K]) -> list[K]:
        return [name for name in dict.fromkeys(names) if name not in self._values]

    def put(self, values: Mapping[K, bytes | None]) -> None:
        for name, value in values.items():
            self._values[name] = value
            self._values.move_to_end(name)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def forget(self, name: K) -> None:
        self._values.pop(name, None)

    def clear(self) -> None:
        self._values.clear()

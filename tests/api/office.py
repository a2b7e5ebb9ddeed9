"""An office over HTTP: a ledger of its own, its projections kept up, every answer held against the description."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from eventsourcing.persistence import JSONTranscoder
from jsonschema import Draft202012Validator

from api.problems import MEDIA_TYPE
from ledger.database import Database, Role
from ledger.mapper import EntryMapper
from ledger.opening import runner_keys
from projections.reading import Opener
from projections.standing import NAMES, maker
from projections.supervisor import Supervisor
from tests.api.house import PURPOSE, TODAY, House, house
from tests.api.school_round import Town, publish_programmes

DISTRICT = "edu-cixi"
"""The organ that runs the rounds of these tests."""


NO_CANDIDATES: dict[str, Any] = {"candidates": [], "moves": []}


class Called:
    """Calls as somebody, holds every answer against its description, and remembers what was called."""

    def __init__(self, home: House) -> None:
        self.home = home
        self.town = Town(home.desk)
        self.operations: set[str] = set()
        self._description: dict[str, Any] = home.get("/openapi.json").json()
        self._patterns = [
            (path.strip("/").split("/"), methods) for path, methods in self._description["paths"].items()
        ]

    def get(self, path: str, actor: str | None = f"organ:{DISTRICT}", status: int = 200) -> Any:
        """Read as somebody; staff say why."""
        said = PURPOSE if actor and not actor.startswith("resident") else {}
        before = self.reads()
        told = self._held(self.home.get(path, actor, said), "get", path, status)
        operation = self._operation(path.partition("?")[0], "get")
        if said and told != NO_CANDIDATES and opens(operation):
            assert self.reads() > before, f"{path} showed somebody unwritten"
        return told

    def reads(self) -> int:
        """Count the looks that were written down."""
        with self.home.desk.database.connect(Role.AUDITOR) as connection:
            row = connection.execute("SELECT count(*) FROM read_log").fetchone()
        return int(row[0]) if row else 0

    def post(
        self, path: str, body: Mapping[str, Any] | None, actor: str | None = f"organ:{DISTRICT}", status: int = 201
    ) -> Any:
        """Act as somebody."""
        told = self.home.client.post(path, json=body, headers=self.home.headers(actor))
        return self._held(told, "post", path, status)

    def refused(self, path: str, body: Mapping[str, Any], actor: str | None = f"organ:{DISTRICT}") -> str:
        """Act, be refused, and see that nothing was stored; give the code."""
        before = self.home.entries()
        told = self.home.client.post(path, json=body, headers=self.home.headers(actor))
        assert told.status_code in range(400, 500), told.text
        assert told.headers["content-type"] == MEDIA_TYPE
        assert self.home.entries() == before
        return str(told.json()["code"])

    def position(self) -> int:
        """Give the ledger's last position."""
        with self.home.desk.database.connect(Role.AUDITOR) as connection:
            row = connection.execute("SELECT max(notification_id) FROM entries").fetchone()
        return int(row[0]) if row else 0

    def _held(self, told: httpx.Response, method: str, path: str, status: int) -> Any:
        assert told.status_code == status, told.text
        operation = self._operation(path.partition("?")[0], method)
        self.operations.add(operation["operationId"])
        schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
        whole = {**schema, "components": self._description["components"]}
        Draft202012Validator(whole).validate(told.json())
        return told.json()

    def _operation(self, path: str, method: str) -> Any:
        steps = path.strip("/").split("/")
        fitting = [
            methods[method]
            for pattern, methods in self._patterns
            if method in methods
            and len(pattern) == len(steps)
            and all(mine == theirs or mine.startswith("{") for mine, theirs in zip(pattern, steps, strict=True))
        ]
        return fitting[0]


def opens(operation: dict[str, Any]) -> bool:
    """Say whether an address opens a person's history: then it asks why."""
    return any(one["name"] == "Reading-Purpose" for one in operation.get("parameters", []))


@contextmanager
def called(database: Database, folder: Path) -> Iterator[Called]:
    """Open a house with the programmes of Cixi, an organ that runs rounds there, and projections that keep up."""
    with house(database, folder) as home:
        publish_programmes(home.desk)
        home.grant(DISTRICT, "round-opened", "330282")
        sessions, keys = runner_keys(database, folder / "key-encryption.key", home.desk.ledger.random_bytes)
        mapper = EntryMapper(JSONTranscoder(), keys, home.desk.ledger.random_bytes)
        stop = threading.Event()
        supervisor = Supervisor(NAMES, maker(database, lambda: Opener(mapper, keys.prepare), lambda: TODAY))
        thread = threading.Thread(target=supervisor.run, args=(stop,))
        thread.start()
        try:
            yield Called(home)
        finally:
            stop.set()
            thread.join()
            sessions.close()

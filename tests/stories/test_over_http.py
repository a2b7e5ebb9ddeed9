"""A department's facts go in over HTTP and a resident's score comes out, from processes as a user runs them."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.cli import run
from api.cli.output import Exit
from ledger.embedded import Embedded
from tests.api.house import BATCH, PURPOSE, STRUCTURED, TABLE, event, month, person
from tests.database import fresh_database

WHO = person(1, "居民甲〇一", "19900101")
PAID = [f"{year}-{index:02d}" for year in (2021, 2022, 2023, 2024, 2025) for index in range(1, 13)]


class Points:
    """The verbs, on a ledger of their own."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings

    def headers(self, actor: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.said('token', actor)['token']}"}

    def said(self, *arguments: str) -> dict[str, Any]:
        """Run a verb here and give what it said."""
        told, out = io.StringIO(), sys.stdout
        sys.stdout = told
        try:
            assert run([*arguments, "--json"]) == Exit.DONE
        finally:
            sys.stdout = out
        value: dict[str, Any] = json.loads(told.getvalue())
        return value

    @contextmanager
    def serving(self) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
        """Serve in a process of its own; give the address and the process."""
        server = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--json"],
            env=self._settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert server.stdout is not None
            yield json.loads(server.stdout.readline())["url"], server
        finally:
            server.kill()
            server.communicate()


def answered(url: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError("the service does not become ready")


@pytest.fixture
def points(server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Points]:
    """A ledger with one organ and the province's table, set up by the verbs alone."""
    with fresh_database(server) as url:
        settings = {"POINTS_DATABASE_URL": url, "POINTS_DATA": str(tmp_path), "POINTS_LANG": "en"}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        line = Points({**settings, "PATH": "/usr/bin:/bin"})
        line.said("init")
        line.said("grant", "nb-hrss", "*", "3302")
        [proposed] = line.said("rulebook", "propose", str(TABLE), "--by", "officer:a")["proposed"]
        line.said("rulebook", "approve", proposed["doc"], "--by", "officer:b")
        yield line


def test_facts_go_in_and_an_explained_score_comes_out(points: Points) -> None:
    organ, auditor = points.headers("organ:nb-hrss"), points.headers("auditor:a-1")
    with points.serving() as (url, server):
        answered(url)
        permit = {"permit": "P-1", "on": "2025-06-01", "place": "330212", "person": WHO}
        batch = [month(f"m-{paid}", WHO, month=paid) for paid in PAID] + [event("p", "permit-issued.v1", permit)]
        sent = httpx.post(
            f"{url}/v1/events", json=batch, headers={**organ, "Content-Type": BATCH}, timeout=20
        ).json()
        last = sent["verdicts"][-1]["receipt"]
        path = f"{url}/v1/residents/{last['stream']}/explanation?as_of=2026-01-01&lang=en&wait={last['position']}"
        told = httpx.get(path, headers={**auditor, **PURPOSE}, timeout=20).json()
        [insurance] = [line for line in told["lines"] if line.get("item") == "insurance"]

        assert sent["counts"]["accepted"] == 61
        assert (told["place"], told["trial"], told["validity"]) == ("330212", False, "effective")
        assert (insurance["quantity"], insurance["points"], len(insurance["used"])) == (60, "30.00", 60)
        # Age 36 on that day: 20 points; 60 months: 30.
        assert told["total"] == "50.00"

        server.send_signal(signal.SIGTERM)
        _, logged = server.communicate(timeout=30)

    assert server.returncode == 0
    assert not [text for text in WHO.values() if text in logged]


def test_a_killed_service_has_lost_nothing_that_it_acknowledged(points: Points) -> None:
    organ = points.headers("organ:nb-hrss")
    sent = [month(f"k-{paid}", WHO, month=paid) for paid in PAID[:20]]
    said = {**organ, "Content-Type": STRUCTURED}
    with points.serving() as (url, server):
        answered(url)
        before = [httpx.post(f"{url}/v1/events", json=one, headers=said, timeout=20).json() for one in sent]
        server.kill()
    with points.serving() as (url, _):
        answered(url)
        after = [httpx.post(f"{url}/v1/events", json=one, headers=said, timeout=20) for one in sent]

    assert [one.status_code for one in after] == [200] * len(sent)
    assert [one.json() for one in after] == [{**receipt, "duplicate": True} for receipt in before]

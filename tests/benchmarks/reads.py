"""How long a score read takes over HTTP, beside a bare primary-key SELECT through the same stack.

Same uvicorn, guard, token, route class, pool of connections and role; the bare route reads one stored total and
does nothing else. Both are asked in turns on one kept connection, as the resident and as staff, whose looks are
written down first by both. Then single facts: how long the runners take
from an entry that is there to the score that is stored.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it brings no types
from eventsourcing.persistence import JSONTranscoder
from fastapi import APIRouter, Response
from psycopg import Connection

from api.wiring import ReadingScore, StrictRoute
from domain.civil import month_text
from ledger.installation import bundled
from ledger.mapper import EntryMapper
from ledger.opening import runner_keys
from projections.answers import Answers
from projections.reading import Opener
from projections.runner import Runner
from projections.standing import NAMES, maker
from tests.api.house import TODAY, House, event, house, month, person, running
from tests.benchmarks.report import ROUNDS, Figure, figure, report
from tests.database import cluster, fresh_ledger

RESIDENTS, MONTHS, ASKED, FACTS = 20, 56, 200, 20
TIMES_GOAL = 1.5
RESCORED_GOAL_MS = 5.0
PLACE = "330212"
WARM = 20


def options(parser: argparse.ArgumentParser) -> None:
    """Name what can be asked."""
    parser.add_argument("--asked", type=int, default=ASKED, help="reads of each kind in a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Found a ledger with some residents and ask about them."""
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="points-bench-")))
        folder.chmod(0o711)
        server = held.enter_context(cluster(folder, bundled()))
        home = held.enter_context(house(held.enter_context(fresh_ledger(server)), folder))
        people = [person(number) for number in range(1, RESIDENTS + 1)]
        for who in people:
            _tell(home, who)
        home.catch_up()
        figures = _read(home, held.enter_context(running(home.door, _bare_route())), people, asked)
        figures += _rescored(home, people[0], held)
    return report("reads", figures, f"PostgreSQL {bundled().major}")


def _tell(home: House, who: dict[str, str]) -> None:
    """Send sixty facts of one resident."""
    name = who["document_number"][-6:]
    months = [month(f"{name}/{n}", who, month=month_text(2021 * 12 + n), place=PLACE) for n in range(MONTHS)]
    others = [
        event(
            f"{name}/R",
            "residence-registered.v1",
            {"person": who, "registered_on": "2021-03-01", "place": PLACE, "spell": f"R{name}"},
        ),
        event(
            f"{name}/P",
            "permit-issued.v1",
            {"person": who, "on": "2025-03-01", "place": PLACE, "permit": f"P{name}"},
        ),
    ]
    for batch, actor in ((months, "organ:nb-hrss"), (others, "organ:police-yinzhou")):
        sent = home.post(batch, actor)
        if sent.status_code != 200:
            raise AssertionError(sent.text)


def _bare_route() -> APIRouter:
    router = APIRouter(route_class=StrictRoute)

    @router.get("/bare/{subject}/score")  # noqa: FAST003 - `reading` takes it
    def bare(reading: ReadingScore) -> Response:
        """Read one stored total."""
        answering, subject = reading.door.answering, reading.noted().subject
        statement = answering.schemas.sql(
            "SELECT total FROM {projections}.scores WHERE subject = %s AND place = %s"
        )

        def total(answers: Answers) -> int:
            row = answers._connection.execute(statement, [subject, PLACE]).fetchone()
            return int(row[0]) if row else -1

        return Response(f'{{"total":{answering.ask(total)}}}', media_type="application/json")

    return router


def _read(home: House, url: str, people: list[dict[str, str]], asked: argparse.Namespace) -> list[Figure]:
    subjects = [str(home.subject(who)) for who in people]
    home.catch_up()
    headers = {subject: home.headers(f"resident:{subject}") for subject in subjects}
    staff = {**home.headers("auditor:bench"), "Reading-Purpose": "audit 2026-1"}
    paths = {"bare": "/bare/{}/score", "score": f"/v1/residents/{{}}/score?place={PLACE}"}
    paths |= {f"staff {kind}": path for kind, path in paths.items()}

    def took(kind: str, n: int) -> float:
        subject = subjects[n % len(subjects)]
        asking = staff if kind.startswith("staff") else headers[subject]
        began = time.perf_counter()
        answer = home.client.get(url + paths[kind].format(subject), headers=asking)
        spent = time.perf_counter() - began
        if answer.status_code != 200:
            raise AssertionError(answer.text)
        return spent * 1000

    for kind in paths:
        for n in range(WARM):
            took(kind, n)
    found: dict[str, list[float]] = {}
    for _ in range(asked.rounds):
        spent: dict[str, list[float]] = {kind: [] for kind in paths}
        gc.collect()
        for n in range(asked.asked):
            for kind in paths:
                spent[kind].append(took(kind, n))
        for kind, each in spent.items():
            found.setdefault(f"{kind} p50", []).append(statistics.median(each))
            found.setdefault(f"{kind} p99", []).append(statistics.quantiles(each, n=100)[98])
    told = [figure(f"{kind} read, {p}", found[f"{kind} {p}"], "ms") for kind in paths for p in ("p50", "p99")]
    for who in ("", "staff "):
        half, most = (_times(found[f"{who}score {p}"], found[f"{who}bare {p}"]) for p in ("p50", "p99"))
        told += [
            figure(f"{who}score read, times the bare one, p50", half, "times"),
            figure(f"{who}score read, times the bare one, p99", most, "times", goal=TIMES_GOAL, at_most=True),
        ]
    return told


def _times(ours: list[float], theirs: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def _rescored(home: House, who: dict[str, str], held: ExitStack) -> list[Figure]:
    """Time each runner's step after one new fact; the processors' time is ours and the server process's."""
    sessions, keys = runner_keys(home.desk.database, home._key_file, os.urandom)
    held.callback(sessions.close)
    mapper = EntryMapper(JSONTranscoder(), keys, os.urandom)
    make = maker(home.desk.database, lambda: Opener(mapper, keys.prepare), lambda: TODAY)
    runners = {name: held.enter_context(make(name)) for name in NAMES}
    found: dict[str, list[float]] = {}
    for n in range(-3, FACTS):
        home.post([month(f"new/{n}", who, month=month_text(2010 * 12 + n), place=PLACE)])
        for name, runner in runners.items():
            spent, busy = _timed(runner)
            if n >= 0 and name in {"measures", "scores"}:
                found.setdefault(name, []).append(spent)
                found.setdefault(f"{name} cpu", []).append(busy)
    return [
        figure("one new fact measured", found["measures"], "ms"),
        figure("its resident scored again", found["scores"], "ms", goal=RESCORED_GOAL_MS, at_most=True),
        figure(
            "its resident scored again, processors",
            found["scores cpu"],
            "cpu ms",
            goal=RESCORED_GOAL_MS,
            at_most=True,
        ),
    ]


def _timed(runner: Runner) -> tuple[float, float]:
    connection: Connection[Any] = runner._connection
    server, work = psutil.Process(connection.info.backend_pid), _spent
    began, used = time.perf_counter(), work(server)
    runner.step()
    return (time.perf_counter() - began) * 1000, (work(server) - used) * 1000


def _spent(server: Any) -> float:
    times = server.cpu_times()
    return time.thread_time() + float(times.user) + float(times.system)

"""What a proof costs in a tree of ten million leaves: through the HTTP route, and by the code of the verb.

Leaves are made up, hashes of their indexes, but for some hundred events that an organ has really sent. Each of them
stands somewhere in a tile of its own, among entries that are made up too, so that everything that a proof reads is
there: the event's key, the entries of its tile, the tiles on its way, the head with its cosignature. The route's
limit is another one that asks the database once, in the same rounds.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import psycopg

from ledger import rows
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.suites import SUITES
from ledger.transparency.checkpoint import CosignatureSigner
from ledger.transparency.growing import Grown, grow
from ledger.transparency.log import LogKeeper
from ledger.transparency.merkle import Frontier
from ledger.transparency.notes import Ed25519Signer
from ledger.transparency.tiles import WIDTH
from tests.api.house import HRSS, House, house, month, person
from tests.benchmarks.large_ledger import unguarded
from tests.benchmarks.report import Figure, figure
from tests.database import fresh_ledger

LEAVES, SENT, ASKED = 10_000_000, 200, 3
FIRST_TILE = 16
"""Behind whatever a house's entries are."""
SOURCE = "/tests"
STEP = WIDTH * WIDTH
BYTES_MAX, MS_MAX = 2_048.0, 5.0
SUITE = SUITES["intl"]
LOG, WITNESS = Ed25519Signer("ledger.example/points", b"l" * 32), CosignatureSigner("witness.example/w1", b"w" * 32)
Places = dict[int, str]
"""By the index of a leaf, the id of the event that is there."""


def measure(server: Embedded, folder: Path, leaves: int = LEAVES) -> list[Figure]:
    """Make the tree, and ask for each event's proof a few times."""
    with ExitStack() as held:
        database = held.enter_context(fresh_ledger(server))
        home = held.enter_context(house(database, folder))
        events = [f"2025-03/{number:06d}" for number in range(SENT)]
        sent = home.post([month(one, person(number + 1)) for number, one in enumerate(events)])
        if sent.status_code != 200:
            raise AssertionError(sent.text)
        tiles = Random(20_261).sample(range(FIRST_TILE, leaves // WIDTH), SENT)
        chance = Random(20_262)
        places = {tile * WIDTH + chance.randrange(WIDTH): one for tile, one in zip(tiles, events, strict=True)}
        real = _placed(database, places)
        keeper = LogKeeper.open(database, SUITE, LOG)
        held.enter_context(closing(keeper.reader.connection))
        _grown(database, leaves, real)
        head = keeper.sign()
        if head is None:
            raise AssertionError("nothing was signed")
        keeper.keep(head.checkpoint.size, [WITNESS.sign(head.note.text, 1_795_000_000)])
        return _asked(home, keeper, places)


def _placed(database: Database, places: Places) -> dict[int, bytes]:
    """Move the events to their places and fill their tiles with others; give the events' leaves by index."""
    with database.connect() as admin, unguarded(admin, database):
        first = admin.execute(
            "SELECT notification_id FROM entries WHERE topic = 'insurance-month-paid.v1' ORDER BY notification_id"
        ).fetchall()
        if len(first) != len(places):
            raise AssertionError("other entries came between")
        admin.execute("CREATE TEMPORARY TABLE model AS SELECT * FROM entries ORDER BY notification_id DESC LIMIT 1")
        real = {}
        for (old,), index in zip(first, places, strict=True):
            moved = "UPDATE entries SET notification_id = %s WHERE notification_id = %s RETURNING leaf"
            [[leaf]] = admin.execute(moved, [index + 1, old]).fetchall()
            real[index] = bytes(leaf)
        _fill(admin, sorted(places))
        admin.execute("VACUUM ANALYZE entries")
        return real


def _fill(admin: psycopg.Connection[Any], indexes: list[int]) -> None:
    """Put an entry like the others at every other place of these tiles."""
    made_up = {
        "originator_id": "gen_random_uuid()",
        "originator_version": "1",
        "key": "sha256(int8send(i) || '\\x01')",
        "leaf": "sha256(int8send(i))",
        "prev": "NULL",
    }
    chosen = ",".join(made_up.get(name, f"m.{name}") for name, _ in rows.COLUMNS)
    admin.execute(
        f"INSERT INTO entries (notification_id, {rows.NAMES}) OVERRIDING SYSTEM VALUE"
        f" SELECT i + 1, {chosen} FROM model m, unnest(%(places)s::bigint[]) AS place,"
        f" generate_series(place / {WIDTH} * {WIDTH}, place / {WIDTH} * {WIDTH} + {WIDTH - 1}) AS i"
        " WHERE i <> place",
        {"places": indexes},
    )


def _grown(database: Database, leaves: int, real: dict[int, bytes]) -> None:
    """Grow the tree by the log's own code, and write its tiles."""
    lasts: dict[tuple[int, int], bytes] = {}
    frontier = Frontier(SUITE.hash)

    def last(level: int, tile: int) -> bytes:
        return lasts[level, tile]

    with database.connect() as admin, admin.transaction():
        admin.execute(f"SET LOCAL search_path = {database.schema}".encode())
        for start in range(0, leaves, STEP):
            step = [
                real.get(index) or sha256(index.to_bytes(8)).digest()
                for index in range(start, min(leaves, start + STEP))
            ]
            frontier.append(step)
            changed = grow(SUITE.hash, start, step, last)
            lasts |= {(one.tile.level, one.tile.index): one.hashes for one in changed if one.tile.level}
            _write(admin, changed)
        admin.execute(
            "UPDATE tree_growth SET size = %s, position = %s, edge = %s",
            [leaves, leaves, b"".join(frontier.edge)],
        )


def _write(admin: psycopg.Connection[Any], changed: list[Grown]) -> None:
    def columns() -> Iterator[tuple[Any, ...]]:
        for one in changed:
            yield one.tile.level, one.tile.index, one.hashes, None if one.tile.level else one.tile.index * WIDTH + 1

    upper = [one for one in changed if one.tile.level and not one.is_new]
    for one in upper:
        place = [one.hashes, one.tile.level, one.tile.index]
        admin.execute("UPDATE tree_tiles SET hashes = %s WHERE level = %s AND tile = %s", place)
    with admin.cursor() as cursor, cursor.copy("COPY tree_tiles FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int2", "int8", "bytea", "int8"])
        for one, row in zip(changed, columns(), strict=True):
            if one not in upper:
                copy.write_row(row)


def _asked(home: House, keeper: LogKeeper, places: Places) -> list[Figure]:
    headers, reader = home.headers(f"organ:{HRSS}"), keeper.reader
    lengths: dict[str, list[float]] = {"proof": [], "receipt": []}

    def by_route(_: int, event: str) -> None:
        where = f"/v1/receipts/proof?source={SOURCE}&id={event}"
        answer = home.client.get(where, headers=headers)
        if answer.status_code != 200:
            raise AssertionError(answer.text)
        lengths["receipt"].append(float(len(answer.content)))

    def by_verb(index: int, _: str) -> None:
        proof = reader.proof(index + 1)
        if proof.index != index:
            raise AssertionError((proof.index, index))
        lengths["proof"].append(float(len(proof.text().encode())))

    def by_limit(_: int, __: str) -> None:
        home.client.get("/log/checkpoint").raise_for_status()

    taken: dict[str, list[float]] = {"route": [], "limit": [], "verb": []}
    for _ in range(1 + ASKED):
        for name, ask in (("route", by_route), ("limit", by_limit), ("verb", by_verb)):
            taken[name] += _times(ask, places)
    spent = time.process_time()
    _times(by_verb, places)
    spent = (time.process_time() - spent) / len(places) * 1_000
    route, limit, verb = (sorted(one[len(places) :]) for one in taken.values())  # a first round warms up
    return [
        figure("a proof over HTTP, with its entry's header", route, "ms", limit=limit, goal=MS_MAX, at_most=True),
        figure("the same, 99 of 100", [route[_last(route)]], "ms", limit=[limit[_last(limit)]]),
        figure("a proof by the verb's code", verb, "ms", goal=MS_MAX, at_most=True),
        figure("the same, 99 of 100", [verb[_last(verb)]], "ms"),
        figure("the same, processor time without the server's", [spent], "ms"),
        figure("a proof's text", lengths["proof"], "bytes", goal=BYTES_MAX, at_most=True),
        figure("the same with its entry's header", lengths["receipt"], "bytes"),
    ]


def _times(ask: Callable[[int, str], None], places: Places) -> list[float]:
    taken = []
    for index, event in places.items():
        began = time.perf_counter()
        ask(index, event)
        taken.append((time.perf_counter() - began) * 1_000)
    return taken


def _last(taken: list[float]) -> int:
    """Give the place of the slowest but for one in a hundred."""
    return int(0.99 * (len(taken) - 1))

"""The log as its operator, a witness and a verifier use it; and its public part over HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from api.cli.output import Exit
from api.cli.transparency import follow_until
from api.settings import Settings
from domain.facts import Stream
from ledger.database import Database
from ledger.embedded import Embedded
from ledger.evidence.receipts import check_receipt
from ledger.streams import named
from ledger.suites import SUITES
from ledger.transparency.checkpoint import Checkpoint, CosignatureSigner
from ledger.transparency.log import LEAVES_A_STEP, LogKeeper
from ledger.transparency.merkle import check_inclusion, inclusion_proof
from ledger.transparency.notes import Ed25519Signer, Verifier, checked, read_note
from ledger.transparency.policy import read_policy
from ledger.transparency.tiles import TileTree
from tests.api.commands import Said
from tests.api.house import HRSS, House, month, person
from tests.database import TEMPLATE, fresh_database

SHA256 = SUITES["intl"].hash
ORIGIN = "ledger.example/points"


class Behind:
    """A log's keeper behind an import that does not end."""

    steps = 0

    def follow(self) -> int:
        self.steps += 1
        return LEAVES_A_STEP


def test_behind_an_import_that_does_not_end_the_log_stops_in_time_to_sign() -> None:
    keeper = Behind()
    follow_until(cast("LogKeeper", keeper), time.monotonic())

    assert keeper.steps == 1


@pytest.fixture
def folder(server: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the keys; the database is given by URL."""
    with fresh_database(server, TEMPLATE) as url:
        monkeypatch.setenv("POINTS_DATABASE_URL", url)
        monkeypatch.setenv("POINTS_DATA", str(tmp_path / "data"))
        monkeypatch.setenv("POINTS_LANG", "en")
        yield tmp_path


@contextmanager
def serving_witness(folder: Path, log_vkey: str, *more: str) -> Iterator[str]:
    """Run a witness as a process of its own; give its address."""
    command = [sys.executable, "-m", "api.cli", "witness", "serve", "--store", str(folder / "w1")]
    process = subprocess.Popen(
        [*command, "--log", log_vkey, "--port", "0", "--json", *more], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.communicate(timeout=30)


def grant(capsys: pytest.CaptureFixture[str], organ: str) -> None:
    """Append one more entry."""
    assert Said(capsys, "grant", organ, "*", "3302").code == Exit.DONE


def last_leaf() -> str:
    """Give the last entry's leaf, as its receipt has it."""
    with Database(str(Settings.read().database_url)).connect() as connection:
        [(leaf,)] = connection.execute(
            "SELECT leaf FROM points.entries ORDER BY notification_id DESC LIMIT 1"
        ).fetchall()
    return bytes(leaf).hex()


def policy(folder: Path, log_vkey: str, witness_vkey: str, url: str = "") -> str:
    path = folder / "policy"
    path.write_text(f"log {log_vkey}\nwitness w1 {witness_vkey} {url}\nquorum w1\n")
    return str(path)


def keys(capsys: pytest.CaptureFixture[str], folder: Path) -> tuple[str, str]:
    log = Said(capsys, "log", "key", ORIGIN, "--json").object["vkey"]
    store = str(folder / "w1")
    witness = Said(capsys, "witness", "key", "witness.example/w1", "--store", store, "--json").object["vkey"]
    return log, witness


def test_an_entry_is_proven_to_somebody_who_has_nothing_but_the_policy(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_vkey, witness_vkey = keys(capsys, folder)
    Said(capsys, "init")
    with serving_witness(folder, log_vkey) as url:
        trusted = policy(folder, log_vkey, witness_vkey, url)
        sizes = []
        for organ in ("police", "hrss", "health"):
            grant(capsys, organ)
            told = Said(capsys, "log", "run", "--once", "--policy", trusted, "--json").object
            sizes.append((told["size"], told["cosignatures"]))
    assert sizes == [(2, 1), (3, 1), (4, 1)]
    proof = folder / "entry.tlog-proof"
    proof.write_text(Said(capsys, "log", "prove", "4").out)
    shown = Said(capsys, "verify", str(proof), "--leaf", last_leaf(), "--policy", trusted, "--json")
    assert shown.code == Exit.DONE
    assert shown.object == {"file": str(proof), "valid": True, "origin": ORIGIN, "size": 4, "index": 3}
    other = Said(capsys, "verify", str(proof), "--leaf", "00" * 32, "--policy", trusted)
    assert (other.code, "does not lead to the root" in other.out) == (Exit.WRONG, True)
    (folder / "empty").touch()
    unread = Said(capsys, "verify", str(folder / "empty"), "--leaf", "00" * 32, "--policy", trusted)
    short = Said(capsys, "verify", str(proof), "--leaf", "abc", "--policy", trusted)
    assert (unread.code, short.code, "64 hexadecimal" in short.err) == (Exit.USAGE, Exit.USAGE, True)
    assert Said(capsys, "verify").code == Exit.DONE


def test_a_second_history_is_not_cosigned_and_raises_an_alarm(
    folder: Path, server: Embedded, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log_vkey, witness_vkey = keys(capsys, folder)
    Said(capsys, "init")
    grant(capsys, "police")
    with serving_witness(folder, log_vkey) as url:
        trusted = policy(folder, log_vkey, witness_vkey, url)
        assert Said(capsys, "log", "run", "--once", "--policy", trusted, "--json").object["cosignatures"] == 1
        with fresh_database(server, TEMPLATE) as other:
            monkeypatch.setenv("POINTS_DATABASE_URL", other)
            monkeypatch.setenv("POINTS_KEY_FILE", str(folder / "data" / "keys" / "other.key"))
            Said(capsys, "init")
            for organ in ("police", "hrss"):
                grant(capsys, organ)
            forked = Said(capsys, "log", "run", "--once", "--policy", trusted, "--json")
    assert forked.object["cosignatures"] == 0
    assert "ALARM witness.example/w1" in forked.err


def test_a_log_of_the_commercial_suite_is_signed_and_witnessed_with_sm2(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Said(capsys, "log", "key", ORIGIN, "--suite", "gm", "--json").object["vkey"]
    store = ("--store", str(folder / "w1"), "--suite", "gm")
    witness = Said(capsys, "witness", "key", "witness.example/w1", *store, "--json").object["vkey"]
    Said(capsys, "init", "--suite", "gm")
    with serving_witness(folder, log, "--suite", "gm") as url:
        trusted = policy(folder, log, witness, url)
        told = Said(capsys, "log", "run", "--once", "--policy", trusted, "--json").object
    (folder / "receipt").write_text(Said(capsys, "receipt", "1", "--policy", trusted).out)
    whole = Said(capsys, "verify", "--policy", trusted, "--json")

    assert (told["cosignatures"], whole.object["log"]["witnessed"]) == (1, 1)
    assert Said(capsys, "verify", str(folder / "receipt"), "--policy", trusted).code == Exit.DONE


def test_without_enough_witnesses_a_proof_is_not_taken(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log_vkey, witness_vkey = keys(capsys, folder)
    Said(capsys, "init")
    grant(capsys, "police")
    trusted = policy(folder, log_vkey, witness_vkey)
    Said(capsys, "log", "run", "--once", "--policy", trusted)
    proof = folder / "entry.tlog-proof"
    proof.write_text(Said(capsys, "log", "prove", "2").out)
    shown = Said(capsys, "verify", str(proof), "--leaf", last_leaf(), "--policy", trusted)
    assert (shown.code, "too few witnesses" in shown.out) == (Exit.WRONG, True)


@pytest.mark.parametrize(
    ("call", "code", "said"),
    [
        (["log", "run", "--once"], Exit.REFUSED, "points log key"),
        (["log", "key", "two words"], Exit.USAGE, "no spaces"),
        (["log", "prove", "1"], Exit.USAGE, "points log run --once"),
        (["log", "checkpoint"], Exit.USAGE, "points log run --once"),
        (["verify", "--checkpoint", "no-such"], Exit.USAGE, "--policy"),
        (["verify", "no-such"], Exit.USAGE, "does not exist"),
        (["verify", "a-file"], Exit.USAGE, "--policy"),
        (["verify", "no-such", "--leaf", "00", "--policy", "no-such"], Exit.USAGE, "no-such"),
        (["witness", "serve", "--store", "w9", "--log", "what"], Exit.USAGE, "name+id+base64"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    call: list[str],
    code: Exit,
    said: str,
) -> None:
    monkeypatch.chdir(folder)
    Path("a-file").write_text("no proof")
    Said(capsys, "init")
    told = Said(capsys, *call)
    assert (told.code, said in told.err) == (code, True), told.err


def test_a_ledger_changed_under_its_log_ends_the_signing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys(capsys, folder)
    Said(capsys, "init")
    grant(capsys, "police")
    Said(capsys, "log", "run", "--once")
    with Database(str(Settings.read().database_url)).connect() as connection:
        connection.execute("ALTER TABLE points.entries DISABLE TRIGGER ALL")
        connection.execute("UPDATE points.entries SET leaf = sha256(leaf) WHERE notification_id = 2")
    told = Said(capsys, "log", "run", "--once")
    found = Said(capsys, "verify", "--json")
    assert (told.code, found.code) == (Exit.WRONG, Exit.WRONG)
    [leaf, root] = found.object["log"]["findings"]
    assert (leaf["what"], leaf["index"], leaf["position"]) == ("leaf-not-in-the-log", 1, 2)
    assert (root["what"], root["since"], root["index"]) == ("signed-root-differs", 0, 1)
    assert [one["position"] for one in found.object["findings"]] == [2]


def test_the_whole_ledger_is_held_against_its_witnesses_and_against_a_head_that_was_kept_outside(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_vkey, witness_vkey = keys(capsys, folder)
    Said(capsys, "init")
    with serving_witness(folder, log_vkey) as url:
        trusted = policy(folder, log_vkey, witness_vkey, url)
        for organ in ("police", "hrss"):
            grant(capsys, organ)
            Said(capsys, "log", "run", "--once", "--policy", trusted)
    kept = folder / "kept"
    kept.write_text(Said(capsys, "log", "checkpoint").out)
    whole = Said(capsys, "verify", "--policy", trusted, "--checkpoint", str(kept), "--json")
    stream = Said(capsys, "verify", "--stream", str(named(Stream.ORGAN, "hrss")), "--policy", trusted)
    alone = Said(capsys, "verify", "--without-keys", "--policy", str(_unwitnessed(folder, log_vkey)), "--json")
    with Database(str(Settings.read().database_url)).connect() as connection:
        _cut_back(connection)
    cut = Said(capsys, "verify", "--policy", trusted, "--json")
    held = Said(capsys, "verify", "--policy", trusted, "--checkpoint", str(kept), "--json")

    assert (whole.code, whole.object["log"]["witnessed"]) == (Exit.DONE, 3)
    assert "complete up to version 1" in stream.out
    assert "leaf 2 of a witnessed head" in stream.out
    assert [one["what"] for one in alone.object["log"]["findings"]] == ["no-head-with-enough-witnesses"]
    assert (cut.code, held.code) == (Exit.DONE, Exit.WRONG)
    [gone] = held.object["log"]["findings"]
    assert (gone["what"], gone["since"], gone["index"]) == ("kept-checkpoint-differs", 2, 2)


def _unwitnessed(folder: Path, log_vkey: str) -> Path:
    """Write a policy that asks for somebody who has signed nothing."""
    other = CosignatureSigner("witness.example/w2", SHA256(b"w2")).verifier.vkey()
    path = folder / "other-policy"
    path.write_text(f"log {log_vkey}\nwitness w2 {other}\nquorum w2\n")
    return path


def _cut_back(connection: psycopg.Connection[Any]) -> None:
    """Take back the last entry and everything that the log had of it, as a superuser who knows the tables."""
    for table in ("entries", "tree_tiles", "tree_heads", "tree_cosignatures"):
        connection.execute(f"ALTER TABLE points.{table} DISABLE TRIGGER ALL")
    connection.execute("DELETE FROM points.entries WHERE notification_id = 3")
    connection.execute("DELETE FROM points.tree_cosignatures WHERE size = 3")
    connection.execute("DELETE FROM points.tree_heads WHERE size = 3")
    connection.execute("UPDATE points.tree_tiles SET hashes = substring(hashes for 64)")
    connection.execute(
        "UPDATE points.tree_growth SET size = 2, position = 2,"
        " edge = (SELECT root FROM points.tree_heads WHERE size = 2)"
    )


def signed(home: House) -> Verifier:
    """Sign the house's ledger as it is."""
    signer = Ed25519Signer(ORIGIN, SHA256(b"log"))
    keeper = LogKeeper.open(home.desk.database, SUITES["intl"], signer)
    with closing(keeper.reader.connection):
        while keeper.follow():
            pass
        keeper.sign()
    return signer.verifier


def test_anybody_can_prove_an_entry_from_the_public_part_alone(home: House) -> None:
    verifier = signed(home)
    note = read_note(home.client.get("/log/checkpoint").text)
    assert checked(note, [verifier]) == [verifier]
    head = Checkpoint.read(note.text)
    tree = TileTree(SHA256, head.size, lambda tile: home.client.get(f"/log/tile/{tile.path}").content)
    for index in (0, head.size // 2, head.size - 1):
        proof = inclusion_proof(SHA256, tree.node, index, head.size)
        check_inclusion(SHA256, tree.node(0, index), index, head.size, proof, head.root)


def test_an_organ_takes_the_proof_of_its_event_home(home: House) -> None:
    sent = month("proven", person(981))
    where = f"/v1/receipts/proof?source={sent['source']}&id={sent['id']}"
    home.post(sent)
    before = home.get(where, f"organ:{HRSS}")
    verifier = signed(home)
    told = home.get(where, f"organ:{HRSS}")
    checked_there = check_receipt(told.text, read_policy(f"log {verifier.vkey()}\nquorum none\n"))

    assert (before.status_code, before.json()["code"]) == (404, "not-in-log")
    assert (told.status_code, checked_there.fact) == (200, None)
    assert home.get(where, "organ:another").status_code == 404


@pytest.mark.parametrize("path", ["0/999", "0/000.p/0", "9/000", "x", "0/..%2f000", "entries/000"])
def test_there_are_no_other_files(home: House, path: str) -> None:
    signed(home)
    told = home.client.get(f"/log/tile/{path}")
    assert (told.status_code, told.json()["code"]) == (404, "log-resource-unknown")


def test_a_tile_never_changes_and_a_head_soon_does(home: House) -> None:
    signed(home)
    head = home.client.get("/log/checkpoint")
    size = Checkpoint.read(read_note(head.text).text).size
    tile = home.client.get(f"/log/tile/0/000.p/{min(size, 255)}")
    assert tile.headers["content-type"] == "application/octet-stream"
    assert "immutable" in tile.headers["cache-control"]
    assert head.headers["cache-control"] == "max-age=1"

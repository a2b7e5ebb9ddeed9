"""Who looked, as the resident is shown it, and what anybody can check of it."""

from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from api.cli.output import Exit
from api.settings import Settings
from ledger.database import Database
from ledger.evidence.looks import check_read_receipt
from ledger.reads import READS
from ledger.suites import SUITES
from ledger.transparency.log import LogKeeper
from ledger.transparency.notes import Ed25519Signer
from ledger.transparency.policy import Policy
from tests.api.commands import MONTHS, Said, open_ledger, subject_of
from tests.api.house import House, fresh

SIGNER = Ed25519Signer("ledger.example/points/reads", bytes(31) + b"r")


@pytest.fixture
def who(home: House) -> str:
    return str(home.subject(fresh()))


def look(home: House, who: str, purpose: str, actor: str = "auditor:a-5") -> None:
    assert home.get(f"/v1/residents/{who}/history", actor, {"Reading-Purpose": quote(purpose)}).status_code == 200


def test_the_person_is_shown_code_and_number_and_never_words(home: House, who: str) -> None:
    for purpose in ("dispute D-17", "complaint: the neighbour 某乙 says so", "某乙 来电"):
        look(home, who, purpose)
    told = home.get(f"/v1/residents/{who}/readers?lang=en", f"resident:{who}")
    seen = [(one["nth"], one["why"], one["reference"], one["words"]) for one in told.json()["readings"]]

    assert seen == [
        (3, "another reason", None, None),
        (2, "a complaint", None, None),
        (1, "a dispute", "D-17", None),
    ]
    assert "某乙" not in told.text
    assert [one["words"] for one in home.get(f"/v1/residents/{who}/readers", "auditor").json()["readings"]][1:] == [
        "某乙 来电",
        "the neighbour 某乙 says so",
        None,
    ]


def test_number_and_words_stand_nowhere_in_the_clear(home: House, who: str) -> None:
    look(home, who, "dispute Q-4711")
    look(home, who, "某乙 来电")
    with closing(home.desk.database.connect()) as connection:
        [(rows,)] = connection.execute("SELECT string_agg(r::text, '') FROM points.read_log r").fetchall()

    assert not [word for word in ("Q-4711", "某乙") if word in rows or word.encode().hex() in rows]


def test_the_list_comes_in_pages(home: House, who: str) -> None:
    for number in range(5):
        look(home, who, f"audit {number}")
    path, seen = f"/v1/residents/{who}/readers?limit=2", []
    for _ in range(4):
        page = home.get(path, f"resident:{who}").json()
        seen += [one["nth"] for one in page["readings"]]
        path = page["next"]
        if path is None:
            break

    assert seen == [5, 4, 3, 2, 1]


def test_a_look_has_a_receipt_once_it_is_signed_and_a_look_that_is_not_has_none(home: House, who: str) -> None:
    look(home, who, "audit 2026-1")
    path, own = f"/v1/residents/{who}/readers/1/receipt", f"resident:{who}"
    before, nothing = home.get(path, own), home.get(path.replace("/1/", "/2/"), own)
    keeper = LogKeeper.open(home.desk.database, SUITES["intl"], SIGNER, READS)
    with closing(keeper.reader.connection):
        while keeper.follow():
            pass
        keeper.sign()
    told = home.get(path, own)
    found = check_read_receipt(told.text, Policy((SIGNER.verifier,), {}, {}, "none"))

    assert (before.json()["code"], nothing.json()["code"]) == ("not-in-log", "read-unknown")
    assert told.headers["cache-control"] == "no-store"
    assert (str(found.read.subject), found.read.reader, found.read.purpose) == (who, "auditor:a-5", "audit")
    assert home.get("/log/reads/checkpoint").text.startswith("ledger.example/points/reads\n")
    assert len(home.get(f"/log/reads/tile/0/000.p/{found.checkpoint.size}").content) == 32 * found.checkpoint.size


@pytest.fixture
def kept(points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """A ledger whose two logs are kept, a policy for both, and somebody who was looked at three times."""
    open_ledger(capsys)
    (points / "months.csv").write_text(MONTHS, encoding="utf-8")
    Said(capsys, "import", "months.csv", "--organ", "nb-hrss", "--kind", "insurance-month-paid")
    keys = [
        Said(capsys, "log", "key", *given).out.split()[0]
        for given in (["ledger.example/points"], ["ledger.example/points/reads", "--reads"])
    ]
    Path("policy").write_text("".join(f"log {key}\n" for key in keys) + "quorum none\n", encoding="utf-8")
    who = subject_of(capsys, monkeypatch)
    for _ in range(3):
        assert Said(capsys, "history", who, "--purpose", "dispute D-17").code == Exit.DONE
    told = Said(capsys, "log", "run", "--once")
    assert (told.code, "Signed: 3 reads" in told.out) == (Exit.DONE, True)
    return who


def test_a_receipt_is_checked_with_nothing_but_a_policy(kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("look").write_text(Said(capsys, "reads", "receipt", kept, "2").out, encoding="utf-8")
    right = Said(capsys, "verify", "look", "--policy", "policy", "--json")
    Path("look").write_text(
        Path("look").read_text(encoding="utf-8").replace("index 1", "index 0"), encoding="utf-8"
    )

    assert (right.code, right.object["nth"], right.object["purpose"]) == (Exit.DONE, 2, "dispute")
    assert Said(capsys, "verify", "look", "--policy", "policy").code == Exit.WRONG


def test_the_verifier_says_which_look_was_changed(kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("head").write_text(Said(capsys, "log", "checkpoint", "--reads").out, encoding="utf-8")
    sound = Said(capsys, "verify", "--policy", "policy", "--checkpoint", "head", "--json")
    superuser("UPDATE points.read_log SET reader = 'officer:other' WHERE number = 2")
    edited = Said(capsys, "verify", "--policy", "policy", "--checkpoint", "head", "--json")
    superuser("DELETE FROM points.read_log WHERE number >= 3")
    cut = Said(capsys, "verify", "--policy", "policy", "--checkpoint", "head")

    assert (sound.code, sound.object["reads"]["log"]["witnessed"], kept != "") == (Exit.DONE, 3, True)
    assert (edited.code, edited.object["reads"]["findings"]) == (
        Exit.WRONG,
        [{"number": 2, "what": "read-content-differs"}],
    )
    assert cut.code == Exit.WRONG
    assert "log of reads: entries-missing · leaf 2" in cut.out + cut.err
    assert "kept-checkpoint-differs" in cut.out + cut.err


def superuser(statement: str) -> None:
    """Change what nobody may change, as whoever owns the machine can."""
    url = Settings.read().database_url or ""
    with closing(Database(url).connect()) as connection:
        connection.execute("ALTER TABLE points.read_log DISABLE TRIGGER ALL")
        connection.execute(statement.encode())


def test_looks_are_deferred_by_two_and_told_as_a_number(kept: str, capsys: pytest.CaptureFixture[str]) -> None:
    call = ("reads", "defer", kept, "--reader", "officer:7", "--until", "2027-06-01", "--basis", "依法", "--by")
    first, same, second = (Said(capsys, *call, officer) for officer in ("officer:a", "officer:a", "officer:b"))
    Said(capsys, "score", kept, "--place", "330212", "--by", "officer:7", "--purpose", "court K-1")
    shown = Said(capsys, "reads", "show", kept)
    auditor = Said(capsys, "reads", "show", kept, "--all", "--json").object

    assert [one.code for one in (first, same, second)] == [Exit.INCOMPLETE, Exit.INCOMPLETE, Exit.DONE]
    assert ("1 more are shown later" in shown.out, "officer 7" in shown.out) == (True, False)
    assert [(one["reader"], one["shown_on"]) for one in auditor["readings"]][2] == ("officer:7", "2027-06-01")
    assert auditor["deferred"] == 0
    for wrong in ("2020-01-01", "2099-01-01", "soon"):
        told = Said(capsys, *call[:6], wrong, *call[7:], "officer:a")
        assert told.code in {Exit.USAGE, Exit.REFUSED}, told.err
    assert Said(capsys, *call[:4], "Officer Seven", *call[5:], "officer:a").code == Exit.USAGE

"""A round and a decision go to the archive: the same bytes each time, verified with no database, faults named."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from api.cli.output import Exit
from domain.facts import Ref
from ledger.evidence.package import INDEX, SUMS, Described, Paper, packaged, write_folder
from tests.api.commands import Said
from tests.api.test_evidence import ROUND, decided, said

__all__ = ["decided"]
KEPT = ("--retention", "30-years", "--policy", "policy")


def archived(capsys: pytest.CaptureFixture[str], folder: str, *what: str) -> dict[str, Any]:
    return said(capsys, "archive", *(what or ("round", ROUND)), "-o", folder, *KEPT, "--json").object


def verified(capsys: pytest.CaptureFixture[str], folder: str) -> Said:
    return Said(capsys, "verify", folder, "--policy", "policy", "--json")


def decision_of(capsys: pytest.CaptureFixture[str]) -> str:
    [listed] = said(capsys, "decision", "list", "--json").object["decisions"]
    return str(listed["decision"])


def bytes_of(folder: str) -> dict[str, bytes]:
    root = Path(folder)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("decided")
def test_an_archive_is_the_same_bytes_each_time_whatever_came_later(capsys: pytest.CaptureFixture[str]) -> None:
    told = archived(capsys, "first")
    said(capsys, "grant", "nb-hrss", "insurance-month-paid", "3302")
    said(capsys, "log", "run", "--once")
    archived(capsys, "second")
    archived(capsys, "one", "decision", decision_of(capsys)[:12])
    archived(capsys, "two", "decision", decision_of(capsys))

    assert bytes_of("first") == bytes_of("second")
    assert bytes_of("one") == bytes_of("two")
    assert (told["decisions"], told["erased"], told["verdict"]) == (1, [], "valid")


@pytest.mark.usefixtures("decided")
def test_it_tells_of_each_file_what_an_archive_asks(capsys: pytest.CaptureFixture[str]) -> None:
    archived(capsys, "round")
    index = json.loads(Path("round/index.json").read_bytes())
    files = {one["path"]: one for one in index["files"]}
    listed = list(csv.DictReader(io.StringIO(Path("round/papers/decisions.csv").read_text("utf-8-sig"))))

    assert {one["retention"] for one in files.values()} == {"30-years"}
    assert {(one["department"], one["date"]) for one in files.values()} == {("ledger-keeper", "2026-04-02")}
    assert {path.split("/")[0] for path in files} == {
        "README.md",
        "SHA256SUMS",
        "bundles",
        "entries",
        "papers",
        "proofs",
    }
    assert [(one["application"], one["state"]) for one in listed] == [("L-1", "open")]
    sums = subprocess.run(
        ["/usr/bin/env", "sha256sum", "-c", "SHA256SUMS"], cwd="round", capture_output=True, text=True, check=False
    )
    assert (sums.returncode, sums.stderr) == (0, "")


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize("of", ["round", "decision"])
def test_it_is_verified_with_no_database_and_whatever_is_changed_is_named(
    of: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archived(capsys, "whole", of, ROUND if of == "round" else decision_of(capsys))
    monkeypatch.setenv("POINTS_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    whole = verified(capsys, "whole")
    unnamed = []
    for path in sorted(bytes_of("whole")):
        for change in (b"", None):
            shutil.copytree("whole", "changed")
            file = Path("changed", path)
            content = file.read_bytes()
            if change is None:
                file.unlink()
            else:
                file.write_bytes(content[: len(content) // 2] + b"~" + content[len(content) // 2 + 1 :])
            told = verified(capsys, "changed")
            if path == "index.json" and change is None:
                assert told.code == Exit.USAGE
            elif told.code != Exit.WRONG or not told.object["where"].startswith("" if path == INDEX else path):
                unnamed.append((path, told.code, told.out))
            shutil.rmtree("changed")

    assert (whole.code, unnamed) == (Exit.DONE, [])


def rewritten(folder: str, path: str, content: bytes, **other: str) -> None:
    """Put another content into an archive as somebody would who writes the index and the sums anew."""
    files = bytes_of(folder)
    index = json.loads(files[INDEX])
    listed = index.pop("files")
    index.pop("package")
    papers = [
        Paper(
            one["path"],
            content if one["path"] == path else files[one["path"]],
            one["title"],
            one["media_type"],
            one.get("erased", False),
        )
        for one in listed
        if one["path"] != SUMS
    ]
    shutil.rmtree(folder)
    write_folder(packaged(Described(**(index | other)), papers), Path(folder))


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("papers/ranking.json", b'"not_eligible"', b'"in"'),
        ("papers/decisions.csv", b"false", b"true"),
        ("entries", b'"version":2', b'"version":3'),
        ("entries", b"2026-03-31", b"2026-04-30"),
    ],
)
def test_an_index_that_is_written_anew_hides_no_change(
    path: str, old: bytes, new: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    archived(capsys, "whole")
    [file] = [name for name in bytes_of("whole") if name.startswith(path)]
    content = bytes_of("whole")[file]
    assert old in content
    rewritten("whole", file, content.replace(old, new, 1))
    told = verified(capsys, "whole")

    assert told.code == Exit.WRONG
    assert told.object["where"].startswith(file)


@pytest.mark.usefixtures("decided")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("department", "another-organ"),
        ("date", "2026-04-03"),
        ("title", "另一批次"),
        ("name", "cx.loan-2025"),
        ("retention", "5-years"),
    ],
)
def test_what_the_index_says_of_the_whole_is_held_against_the_entries(
    name: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    archived(capsys, "whole")
    rewritten("whole", "", b"", **{name: value})
    told = verified(capsys, "whole")

    assert told.code == Exit.WRONG
    assert told.object["where"]


def test_whatever_was_erased_is_marked_and_the_rest_still_holds(
    decided: Ref, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.yaml").write_text("schedule: none\nlabel: nothing is kept\n", encoding="utf-8")
    monkeypatch.setenv("POINTS_RETENTION", str(tmp_path / "kept.yaml"))
    name = decision_of(capsys)
    for who in ("officer:c", "officer:d"):
        Said(capsys, "erase", "subject", str(decided.stream), "--basis", "依法", "--by", who)
    for folder, what in (("round", ("round", ROUND)), ("one", ("decision", name))):
        told = archived(capsys, folder, *what)
        checked = verified(capsys, folder)

        assert (told["erased"], told["verdict"]) == ([name], "incomplete")
        assert (checked.code, checked.object["lost"]) == (Exit.INCOMPLETE, [name])
        assert f"gone/{name}.receipt" in bytes_of(folder)
    assert "papers/ranking.json" not in bytes_of("round")


def test_one_expunged_input_makes_the_archive_incomplete(
    decided: Ref, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "kept.yaml").write_text("schedule: none\nlabel: nothing is kept\n", encoding="utf-8")
    monkeypatch.setenv("POINTS_RETENTION", str(tmp_path / "kept.yaml"))
    for who in ("officer:c", "officer:d"):
        Said(capsys, "erase", "entry", str(decided.stream), str(decided.version), "--basis", "依法", "--by", who)
    told = archived(capsys, "one", "decision", decision_of(capsys))

    assert told["verdict"] == "incomplete"
    assert verified(capsys, "one").code == Exit.INCOMPLETE


@pytest.mark.usefixtures("decided")
def test_what_cannot_be_archived_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "round", "open", "cx.loan-2027", "cx.loan", "--opens", "2026-05-01", "--closes", "2026-05-31")
    codes = [
        Said(capsys, "archive", *told, *KEPT).code
        for told in (
            ("round", "cx.loan-2027", "-o", "a"),
            ("round", "cx.none", "-o", "a"),
            ("decision", "0" * 64, "-o", "a"),
            ("round", ROUND, "-o", "nowhere/a"),
            ("round", ROUND, "-o", "."),
        )
    ]
    unsaid = Said(capsys, "archive", "round", ROUND, "-o", "a", "--policy", "policy").code
    empty = Path("empty")
    empty.mkdir()

    assert codes == [Exit.REFUSED, Exit.USAGE, Exit.USAGE, Exit.USAGE, Exit.USAGE]
    assert (unsaid, Path("a").exists()) == (Exit.USAGE, False)
    assert verified(capsys, "empty").code == Exit.USAGE

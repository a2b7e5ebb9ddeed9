"""Accounts as they are registered on the command line, and a ruling that one person may not give with two."""

import io
from pathlib import Path

import pytest

from api.cli.output import Exit
from tests.api.commands import PROVINCE, Said, open_ledger

STAFF = "工号0071"


def assigns(capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, account: str, person: str) -> Said:
    patch.setattr("sys.stdin", io.StringIO(person + "\n"))
    return Said(capsys, "account", "assign", account, "--json")


@pytest.mark.usefixtures("points")
def test_what_takes_two_people_is_refused_to_two_accounts_of_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    first = assigns(capsys, monkeypatch, "officer:one", STAFF)
    second = assigns(capsys, monkeypatch, "officer:two", STAFF)
    assigns(capsys, monkeypatch, "officer:three", "工号0072")
    city = str(PROVINCE.parent.parent / "330200" / "2022-04-01.yaml")
    Said(capsys, "rulebook", "propose", city, "--by", "officer:one")
    same = Said(capsys, "rulebook", "approve", "nb.common", "--by", "officer:two")
    unknown = Said(capsys, "rulebook", "approve", "nb.common", "--by", "officer:four")
    other = Said(capsys, "rulebook", "approve", "nb.common", "--by", "officer:three")

    assert (first.code, second.object["same_person"]) == (Exit.DONE, ["officer:one"])
    assert [told.code for told in (same, unknown, other)] == [Exit.REFUSED, Exit.REFUSED, Exit.DONE]
    assert "points account assign" in unknown.err
    assert STAFF not in same.out + same.err + unknown.out + unknown.err


@pytest.mark.usefixtures("points")
def test_accounts_are_listed_under_signs_that_name_nobody(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    assigns(capsys, monkeypatch, "officer:one", STAFF)
    taken = assigns(capsys, monkeypatch, "officer:one", "工号0072")
    listed = Said(capsys, "account", "list", "--json")

    assert (taken.code, taken.object["error"]["code"]) == (Exit.REFUSED, "account-of-another")
    assert [one["account"] for one in listed.object["accounts"]] == ["officer:one"]
    assert STAFF not in listed.out


@pytest.mark.parametrize(
    ("account", "person"), [("Officer One", STAFF), ("officer:one", ""), ("officer:one", "x" * 200)]
)
def test_what_is_no_account_and_nobody_is_refused(
    account: str, person: str, points: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ledger(capsys)
    told = assigns(capsys, monkeypatch, account, person)

    assert (told.code, points.exists()) == (Exit.USAGE, True)

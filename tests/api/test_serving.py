"""The verbs serve and token, short of a running server: what they refuse, what they print."""

import json
import socket
from datetime import datetime
from pathlib import Path

import pytest

from api.auth import DevelopmentIssuer
from api.cli import run
from api.cli.output import Exit
from api.cli.serving import issuer_file
from api.settings import Settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POINTS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("POINTS_LANG", "en")
    monkeypatch.delenv("POINTS_DATABASE_URL", raising=False)


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger elsewhere: signing does not ask for it."""
    monkeypatch.setenv("POINTS_DATABASE_URL", "postgresql://127.0.0.1:1/none")


@pytest.mark.usefixtures("ledger")
def test_a_token_names_whom_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["token", "organ:nb-hrss", "--json"])
    told = json.loads(capsys.readouterr().out)
    settings = Settings.read()
    tokens = DevelopmentIssuer.open(issuer_file(settings), settings.ledger).tokens

    assert (code, tokens.actor(told["token"]).id, told["actor"]) == (Exit.DONE, "organ:nb-hrss", "organ:nb-hrss")
    assert datetime.fromisoformat(told["expires_at"]).tzinfo is not None


@pytest.mark.usefixtures("ledger")
def test_a_token_alone_is_printed_for_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    run(["token", "auditor"])
    printed = capsys.readouterr().out

    assert (printed.count("\n"), printed.count(".")) == (1, 2)


@pytest.mark.parametrize(
    "arguments", [["nobody"], ["organ:A B"], ["auditor", "--hours", "25"], ["auditor", "--hours", "0"]]
)
def test_a_token_for_nobody_or_for_too_long_is_wrong_usage(arguments: list[str]) -> None:
    assert run(["token", *arguments]) == Exit.USAGE


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "ledger.example"])  # noqa: S104 - refused, which is the point
def test_development_tokens_are_for_this_machine_alone(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["serve", "--host", host, "--json"])

    assert (code, json.loads(capsys.readouterr().out)["error"]["code"]) == (
        Exit.REFUSED,
        "development-tokens-outside",
    )


def test_a_port_that_somebody_has_is_not_available(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code = run(["serve", "--port", str(taken.getsockname()[1]), "--json"])

    assert (code, json.loads(capsys.readouterr().out)["error"]["code"]) == (Exit.UNAVAILABLE, "address-not-free")

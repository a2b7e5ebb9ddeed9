"""Verbs of the HTTP door: serve, token."""

import ipaddress
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp

from api import clock, composition
from api.app import create_app
from api.auth import LIFE_MAX, Actor, BadActor, DevelopmentIssuer
from api.cli.options import AsJson, settings_of, speaker
from api.cli.usage import Misused, Told
from api.door import opened
from api.refusals import AddressNotFree, DevelopmentTokensOutside
from api.settings import Settings
from domain.errors import LedgerNotOpened
from ledger.data_directory import DataDirectory
from ledger.database import Database
from projections.standing import NAMES
from projections.supervisor import Supervisor

PORT = 8000
BACKLOG = 256
KEEP_ALIVE_SECONDS = 5
SHUTDOWN_SECONDS_MAX = 20
HEADER_BYTES_MAX = 16_384
_LIFE_HOURS = 12
_ACTORS = Told(
    "身份写作 organ:NAME、resident:SUBJECT、auditor[:NAME]、policy:NAME、officer:NAME 或 operator[:NAME];"
    "NAME 为 2 至 40 个小写字母、数字、点或连字符,以字母开头;SUBJECT 由 points find 得到",
    f"{BadActor.__doc__} NAME: 2 to 40 lower-case letters, digits, dots or hyphens, a letter first; "
    "SUBJECT: what `points find` gives.",
)
_HOURS_MAX = int(LIFE_MAX.total_seconds() // 3600)


def config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """Configure the server: its own log of requests holds whole addresses, so it is off, whoever listens to it."""
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
        h11_max_incomplete_event_size=HEADER_BYTES_MAX,
    )


def issuer_file(settings: Settings) -> Path:
    """Say where the development issuer's key is kept: beside the other keys."""
    return settings.key_file.parent / "development-issuer.key"


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on. 监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one. 端口。")] = PORT,
    worker: Annotated[
        bool, typer.Option(help="Keep the projections up to date too; off where `points worker` does. 运行投影。")
    ] = True,
    allow_development_tokens: Annotated[
        bool,
        typer.Option("--allow-development-tokens", help="Also on an address that others reach. 允许开发令牌。"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """提供服务: Serve HTTP until stopped (Ctrl-C or SIGTERM)."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    if not (allow_development_tokens or _is_this_machine(host)):
        raise DevelopmentTokensOutside(host)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    with ExitStack() as stack:
        taken = stack.enter_context(listening(host, port))
        desk = stack.enter_context(composition.desk(settings))
        issuer = DevelopmentIssuer.create(issuer_file(settings), settings.ledger)
        door = stack.enter_context(opened(desk, issuer.tokens, clock.today))
        if worker:
            stack.enter_context(_at_work(desk.database, settings))
        url = f"http://{_in_url(host)}:{taken.getsockname()[1]}"
        voice.say(
            voice.choose(f"服务地址 {url},接口说明 {url}/openapi.json", f"{url}, described at {url}/openapi.json")
        )
        voice.progress(voice.choose("Ctrl-C 停止。", "Ctrl-C stops it."))
        voice.give({"url": url})
        sys.stdout.flush()  # who waits for the address on a pipe waits for this
        for number in (signal.SIGINT, signal.SIGTERM):
            # The server raises the signal once more when it has stopped; what is open here must still be closed.
            signal.signal(number, _stay)
        uvicorn.Server(config(create_app(door), host, port)).run(sockets=[taken])


def token(
    context: typer.Context,
    actor: Annotated[
        str,
        typer.Argument(
            help="organ:NAME, resident:SUBJECT, auditor[:NAME], policy:NAME, officer:NAME, operator[:NAME]. 身份。"
        ),
    ],
    hours: Annotated[
        int, typer.Option(min=1, max=_HOURS_MAX, help="How long it lives. 有效小时数。")
    ] = _LIFE_HOURS,
    person: Annotated[str | None, typer.Option(help="Whose account it is: a staff number. 账号归属。")] = None,
    as_json: AsJson = False,
) -> None:
    """开发令牌: Sign a token for development; whoever holds it is whom it names."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    try:
        named = replace(Actor.read(actor), person=person)
    except BadActor as error:
        raise Misused(_ACTORS.zh, _ACTORS.en, "ACTOR") from error
    if settings.database_url is None and not DataDirectory(settings.data).cluster.exists():
        raise LedgerNotOpened(str(settings.data))  # its key would lie where no ledger is
    issued_at, life = clock.now(), timedelta(hours=hours)
    signed = DevelopmentIssuer.create(issuer_file(settings), settings.ledger).token(named, issued_at, life)
    voice.say(signed)
    voice.give({"token": signed, "actor": named.id, "expires_at": issued_at + life})


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def listening(host: str, port: int) -> socket.socket:
    """Take the address before anything is opened. Raises AddressNotFree."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except (OSError, UnicodeError):
        raise AddressNotFree(f"{host}:{port}") from None


@contextmanager
def _at_work(database: Database, settings: Settings) -> Iterator[None]:
    """Keep the projections running in threads of this process."""
    stop = threading.Event()
    with composition.runners(database, settings) as make:
        thread = threading.Thread(target=Supervisor(NAMES, make).run, args=(stop,), name="projections")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _stay(_number: int, _frame: FrameType | None) -> None:
    """Go on: the server has been told already."""

"""The verb `receipt` 回执: the proof that an entry is in the log, as a text, a link, or a QR code."""

from pathlib import Path
from typing import Annotated

import typer

from api import composition
from api.cli.options import AsJson, settings_of, speaker
from api.cli.transparency import policy_of
from api.cli.usage import Misused
from api.papers.codes import qr_code
from domain.errors import NotInLog
from ledger.evidence.links import linked
from ledger.evidence.proving import receipt_of
from ledger.transparency.log import NotInTheLog

Address = Annotated[
    str, typer.Option("--link", help="What the link in the QR code begins with. 链接地址。", show_default="none")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Which head is enough. 见证策略。", exists=True, show_default="the last head"),
]


def receipt_(
    context: typer.Context,
    position: Annotated[int, typer.Argument(min=1, help="The entry's position. 位置。")],
    policy: PolicyFile = None,
    code: Annotated[
        Path | None, typer.Option("--qr", help="Draw it as a QR code: a .svg or .png file. 二维码文件。")
    ] = None,
    address: Address = "",
    as_json: AsJson = False,
) -> None:
    """回执: Print the receipt of an entry: `points verify` checks it offline, as does any reader of tlog-proof."""
    voice = speaker(context, as_json=as_json)
    if code is not None and code.suffix not in {".svg", ".png"}:
        raise Misused("须为 .svg 或 .png 文件", "a .svg or a .png file", "--qr")
    with composition.log_reader(settings_of(context)) as reader:
        try:
            text = receipt_of(reader, position, policy_of(policy))
        except NotInTheLog:
            raise NotInLog(str(position)) from None
    link = linked(text, address)
    if code is not None:
        code.write_bytes(qr_code(link, "svg" if code.suffix == ".svg" else "png"))
    voice.plain(text)
    voice.give({"position": position, "receipt": text, "link": link, "qr": None if code is None else str(code)})

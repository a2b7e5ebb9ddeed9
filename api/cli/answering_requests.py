"""Verbs of whoever answers rights requests 个人信息权利请求: answer, refuse; and the group of all of them."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api.cli.deciding import On, Room, day_of, room
from api.cli.options import AsJson, By, Look, Subject, hand_of, plain_text, speaker, subject_id
from api.cli.output import Exit, Speaker
from api.cli.requests import (
    Cites,
    RequestNumber,
    arrange,
    list_,
    numbers,
    open_,
    show,
    told_step,
    withdraw,
)
from api.cli.residents import LANGUAGES, as_object, look_at
from api.cli.usage import Misused
from domain.errors import ProjectionBehind
from domain.explanation import explain as explained
from domain.facts.rights import Because
from ledger.entry import Hand
from projections.office import rights as office
from projections.office.base import again

request = typer.Typer(help="Rights requests (PIPL 44-49): copy, correct, delete, explain.", no_args_is_help=True)
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where to write what is handed out. 输出文件。")
]


@dataclass(frozen=True)
class _Answer:
    """What a call said, and as whom."""

    subject: UUID
    number: str
    day: date
    hand: Hand
    output: Path | None
    cites: tuple[int, ...]
    reason: str | None

    @property
    def answer(self) -> office.Answer:
        """Give it to the office."""
        return office.Answer(self.number, self.day, self.hand, self.cites, self.reason)

    def file(self) -> Path:
        """Give the file to write. Raises Misused."""
        if self.output is None or self.output.exists() or not self.output.resolve().parent.is_dir():
            raise Misused("须为新文件,目录须已存在", "name a new file, in a folder that is there", "--output")
        return self.output


@request.command()
def answer(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    by: By,
    output: Output = None,
    cites: Cites = "",
    reason: Annotated[
        str | None, typer.Option(help="In words; of a deletion the basis. 理由或依据。", callback=plain_text)
    ] = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """答复: do what was asked for and record it. A deletion is done by two: each gives the same command.

    A copy and an explanation are written to --output; a correction names its entries with --cites.
    """
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    said = _Answer(who, number, day_of(on), hand_of(by), output, numbers(cites, "--cites"), reason)
    with room(context) as at_work:
        right = office.open_request(at_work, who, number).asked.right
        look_at(at_work.desk, who, Look(by, f"rights: {right}"))
        match right:
            case "copy":
                _copied(voice, at_work, said)
            case "explain":
                _explained(voice, at_work, said)
            case "correct":
                receipt = again(lambda: office.answer_correction(at_work, who, said.answer))
                told_step(voice, number, receipt, ("已更正并答复。", "corrected and answered."))
            case "delete":
                _deleted(voice, at_work, said)


@request.command()
def refuse(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    because: Annotated[Because, typer.Option(help="On which ground. 拒绝事由。")],
    reason: Annotated[str, typer.Option(help="Why; the person is told. 理由。", callback=plain_text)],
    by: By,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """拒绝: refuse with the reason; the remedy is told with it (PIPL 50)."""
    voice, day, who = speaker(context, as_json=as_json), day_of(on), subject_id(subject)
    with room(context) as at_work:
        receipt = office.refuse(at_work, who, number, day, hand_of(by), because, reason)
        refused = at_work.rights.of(who)[number].refused
    last = "" if refused is None else refused.lawsuit_by
    told_step(
        voice, number, receipt, (f"已拒绝;{last} 前可起诉。", f"refused; a lawsuit may be filed until {last}.")
    )


def _copied(voice: Speaker, at_work: Room, said: _Answer) -> None:
    path = said.file()
    found = again(lambda: office.answer_copy(at_work, said.subject, said.number, said.day, said.hand))
    path.write_bytes(found.content)
    # If we stop before this, the answer stands and `request copy` writes the very same bytes.
    _handed(voice, said.number, path, found)


def _handed(voice: Speaker, number: str, path: Path, found: office.Copied) -> None:
    told, size = found.answered, len(found.content)
    voice.say(
        voice.choose(
            f"{number}: {path},{told.entries} 条记录、{told.readings} 次查阅,{size:,} 字节。",
            f"{number}: {path}, {told.entries} entries and {told.readings} readings, {size:,} bytes.",
        )
    )
    voice.say(f"  SHA-256 {told.digest}", style="dim")
    voice.give(
        {
            "number": number,
            "recorded": True,
            "file": str(path),
            "bytes": size,
            "sha256": told.digest,
            "entries": told.entries,
            "readings": told.readings,
        }
    )


@request.command("copy")
def copy_(
    context: typer.Context,
    subject: Subject,
    number: RequestNumber,
    by: By,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """再取副本: write the copy that was handed out once more, byte for byte."""
    voice, who = speaker(context, as_json=as_json), subject_id(subject)
    said = _Answer(who, number, day_of(None), hand_of(by), output, (), None)
    path = said.file()
    with room(context) as at_work:
        look_at(at_work.desk, who, Look(by, "rights: copy"))
        found = office.copied_again(at_work, who, number)
    path.write_bytes(found.content)
    _handed(voice, number, path, found)


def _explained(voice: Speaker, at_work: Room, said: _Answer) -> None:
    path = said.file()
    asked = office.open_request(at_work, said.subject, said.number).asked
    at_work.follow()
    with at_work.answers() as answers:
        found = answers.score(said.subject, asked.place, said.day)
    told = as_object(found) | {"explanation": {tongue: explained(found.score, tongue) for tongue in LANGUAGES}}
    content = (json.dumps(told, ensure_ascii=False, indent=1, default=str) + "\n").encode()
    digest = hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    # If we stop here, the file is there and the request waits still: answering again takes another file.
    receipt = at_work.rights.answer(
        said.subject, said.number, said.day, said.hand, digest=digest, as_of=said.day, as_at=found.as_at
    )
    told_step(
        voice, said.number, receipt, (f"已答复,说明写在 {path}。", f"answered; the explanation is in {path}.")
    )


def _deleted(voice: Speaker, at_work: Room, said: _Answer) -> None:
    receipt = again(lambda: office.answer_deletion(at_work, said.subject, said.answer))
    if receipt is None:
        voice.say(
            voice.choose(
                "已提请;须由另一人以同一命令批准并执行。",
                "Asked for; another person approves and does it with the same command.",
            )
        )
        voice.give({"number": said.number, "recorded": False})
        raise typer.Exit(Exit.INCOMPLETE)
    told_step(voice, said.number, receipt, ("已删除并答复。", "deleted and answered."))
    _followed(voice, at_work)


def _followed(voice: Speaker, at_work: Room) -> None:
    """Let the projections delete what they computed from it."""
    try:
        at_work.knowing.follow()
    except ProjectionBehind:
        voice.wrong(
            voice.choose("投影还没有读到这里。", "The projections have not read this yet."), "points worker"
        )
        raise typer.Exit(Exit.INCOMPLETE) from None


request.command("open")(open_)
request.command("list")(list_)
request.command()(show)
request.command("withdraw")(withdraw)
request.command()(arrange)

"""The verb evaluate: residents of a file scored under tables of a folder. No database, no ledger."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from api import clock
from api.cli.options import AsJson, AsOf, civil_day, place_code, speaker
from api.cli.output import Exit
from api.cli.usage import Misused
from domain.evaluation import evaluate_lines
from domain.rulebook import Document, Problem, Unsound
from ledger.ingest.refusals import EmptyDelivery
from ledger.rulebooks import read_documents

Folder = Annotated[
    Path, typer.Option("--rulebooks", help="A folder of YAML files, or one file. 积分办法。", exists=True)
]
STANDARD_INPUT = Path("-")


def _file_or_dash(path: Path) -> Path:
    """Refuse what is no file. The library's own check takes `-` for a file's name."""
    if path != STANDARD_INPUT and not path.is_file():
        raise Misused(f"没有这个文件:{path}", f"no such file: {path}")
    return path


Facts = Annotated[
    Path,
    typer.Option(
        "--facts",
        help="NDJSON, a resident a line; - is standard input. 事实。",
        callback=_file_or_dash,
    ),
]


def evaluate(
    context: typer.Context,
    rulebooks: Folder,
    facts: Facts,
    as_of: AsOf = None,
    place: Annotated[
        str | None, typer.Option(help="For lines that name none. 辖区代码。", show_default="where they live")
    ] = None,
    disputed: Annotated[
        bool, typer.Option("--disputed", help="Take disputed transcriptions as published. 采用有争议的转录本。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """计算: score residents of a file under tables of a folder, and print a JSON object for each.

    A line: {"subject": "r1", "born_on": "1990-01-01", "facts": [{"kind": "education-awarded", ...}]}
    """
    voice = speaker(context, as_json=as_json)
    day = civil_day(as_of, clock.today())
    code = None if place is None else place_code(place)
    documents, problems = documents_in(rulebooks)
    for problem in problems:
        voice.err.print(str(problem), markup=False, style="red")
    if problems:
        raise typer.Exit(Exit.WRONG)
    read = unread = 0
    with opened(facts) as lines:
        for scored in evaluate_lines(lines, documents, day, code, disputed=disputed):
            read += 1
            unread += "problems" in scored
            sys.stdout.write(json.dumps(scored, ensure_ascii=False) + "\n")
    if not read:
        raise EmptyDelivery(facts.name)
    if unread:
        raise typer.Exit(Exit.WRONG if unread == read else Exit.INCOMPLETE)


def documents_in(path: Path) -> tuple[list[Document], list[Problem]]:
    """Read every YAML file of a folder, wherever it lies in it; examples are `rulebook check`'s business."""
    files = [path] if path.is_file() else sorted(f for f in path.rglob("*") if f.suffix in {".yaml", ".yml"})
    documents: list[Document] = []
    problems: list[Problem] = []
    for file in files:
        try:
            documents += read_documents(file)
        except Unsound as unsound:
            problems += unsound.problems
    return documents, problems


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file of lines, or standard input for `-`."""
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    with path.open("rb") as lines:
        yield lines

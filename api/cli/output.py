"""How verbs speak: to a person, or with --json to a program; and what their exit codes mean."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from api.cli.usage import Told
from domain.errors import Language, Refusal

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs. 输出 JSON。")]


class Exit(IntEnum):
    """What to do next (docs/decisions/0004)."""

    DONE = 0
    WRONG = 1
    INCOMPLETE = 2
    USAGE = 3
    UNAVAILABLE = 4
    REFUSED = 5


WIDTH_OF_FILES = 200
_UNAVAILABLE, _REFUSED = 503, {403, 409, 410}


def exit_code(refusal: Refusal) -> Exit:
    """Give the exit code of a refusal."""
    if refusal.status == _UNAVAILABLE:
        return Exit.UNAVAILABLE
    return Exit.REFUSED if refusal.status in _REFUSED else Exit.USAGE


_HEADS = {
    "document": "文件",
    "name": "名称",
    "authority": "辖区",
    "state": "状态",
    "from": "生效",
    "to": "止",
    "hash": "哈希",
    "order": "次序",
    "programme": "积分应用",
    "item": "指标",
    "clause": "条款",
    "counts": "计量",
    "award": "赋分",
    "cap": "封顶",
    "proposed by": "提请",
    "approved by": "批准",
    "projection": "投影",
    "hold": "保全编号",
    "placed on": "日期",
    "basis": "依据",
    "barred by": "阻却事由",
    "until": "至",
    "entries": "条目",
    "source": "来源",
    "table": "表",
    "found": "所见",
    "position": "位置",
    "lag": "落后",
    "rows": "行数",
    "digest": "摘要",
    "live": "现用",
    "worker": "进程",
    "failure": "故障",
}


class Speaker:
    """Prints for one verb: tables and sentences to a person, or one JSON object to a program."""

    def __init__(self, *, as_json: bool, language: Language) -> None:
        self.as_json = as_json
        self.language = language
        self.out = Console(soft_wrap=True, highlight=False)
        self.err = Console(stderr=True, soft_wrap=True, highlight=False)
        if not self.out.is_terminal:  # a file or a pipe has no edge at 80 columns
            self.out.width = WIDTH_OF_FILES

    def say(self, text: str, style: str = "") -> None:
        """Print a sentence to a person; a program gets only the object."""
        if not self.as_json:
            self.out.print(text, style=style or None, markup=False)

    def plain(self, text: str) -> None:
        """Write a text as it is, byte for byte: it may be kept in a file and checked."""
        if not self.as_json:
            sys.stdout.write(text)

    def flush(self) -> None:
        """Let who waits on a pipe have what was said."""
        sys.stdout.flush()

    def wrong(self, text: str, remedy: str = "") -> None:
        """Print what is wrong, and below it what to do."""
        self.say(f"✗ {text}", style="red")
        if remedy:
            self.say(f"  → {remedy}")

    def progress(self, text: str) -> None:
        """Print a line about work under way, to the error stream, so that it never mixes with results."""
        self.err.print(text, style="dim", markup=False)

    def give(self, value: dict[str, Any]) -> None:
        """Print the object for a program; a person has read the sentences."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_written) + "\n")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
        """Print a table to a person."""
        rows = list(rows)
        if self.as_json or not rows:
            return
        table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(escape(str(cell)) for cell in row))
        self.out.print(table)

    def choose(self, chinese: str, english: str) -> str:
        """Pick the sentence of the reader's language."""
        return chinese if self.language == "zh" else english

    def heads(self, *words: str) -> list[str]:
        """Give the heads of a table in the reader's language; those that are not known stay as they are."""
        return [self.choose(_HEADS.get(word, word), word) for word in words]

    def refuse(self, refusal: Refusal) -> None:
        """Print a refusal with its remedy."""
        if self.as_json:
            self.give({"error": problem(refusal)})
            return
        self.err.print(f"✗ {refusal.message(self.language)}  ({refusal.code()})", style="bold red", markup=False)
        if refusal.remedy(self.language):
            self.err.print(f"  → {refusal.remedy(self.language)}", markup=False)

    def misunderstood(self, said: Told, verb: str) -> None:
        """Print what was wrong with the call, and where its help is."""
        helped = " ".join(["points", *([verb] if verb else []), "--help"])
        if self.as_json:
            self.give({"error": {"code": "usage", "zh": said.zh, "en": said.en, "hint": helped}})
            return
        if said.en.startswith("Usage:"):
            self.err.print(said.en, markup=False)
            return
        self.err.print(f"✗ {self.choose(*said)}", style="bold red", markup=False)
        self.err.print(f"  → {helped}", markup=False)


def _written(value: object) -> str:
    """Write what JSON has no form for; instants as over HTTP: UTC, with a Z."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def problem(refusal: Refusal) -> dict[str, str]:
    """Give a refusal as JSON values, in both tongues."""
    return {
        "code": refusal.code(),
        "place": refusal.place,
        "zh": refusal.message("zh"),
        "en": refusal.message("en"),
        "hint_zh": refusal.remedy("zh"),
        "hint_en": refusal.remedy("en"),
    }

"""Replaying every decision: on all processors, with progress, and going on where it was stopped."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from api import clock, composition
from api.cli.deciding import Room, room
from api.cli.options import AsJson, settings_of, speaker
from api.cli.output import Exit, Speaker
from api.settings import Settings
from domain.decision import Replayed
from ledger.rounds.refusals import JournalOfAnother
from projections.cases import Cases
from projections.decisions import GONE, replayed
from projections.office.decisions import one_of
from projections.replaying import Done, Other, count, replay_all, spans

LISTED_MAX = 1_000
"""Decisions named that are not the same; of more only the number is told."""
ALONE_MAX = 1_000
"""Decisions up to which other processes would take longer to start than to help."""
_TELL_SECONDS = 2.0
_EQUAL = {"same": "equal"}
VERDICTS = {
    "equal": ("一致", "equal"),
    "differs": ("不一致", "differs"),
    "incomplete": ("不完整", "incomplete"),
    "other_rules": ("规则不同", "other rules"),
}
OfRound = Annotated[str | None, typer.Option("--round", help="Of one round. 批次。", show_default="all")]


@dataclass
class Journal:
    """How far a run has come, a line a span in a file, if one was named: the last line is what it goes on from."""

    path: Path | None
    round_name: str | None
    until: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    cut: bool = False

    @classmethod
    def read(cls, path: Path | None, round_name: str | None) -> "Journal":
        """Read a journal, or begin one. Raises JournalOfAnother where it is no journal of this run."""
        journal = cls(path, round_name)
        if path is None or not path.exists():
            return journal
        text = path.read_text(encoding="utf-8")
        lines, journal.cut = text.splitlines(), not text.endswith("\n")
        for line in reversed(lines):
            try:
                told = json.loads(line)
            except ValueError:
                continue  # a line that was cut off when the run was stopped: the one before it counts
            if not isinstance(told, dict) or told.get("round") != round_name or "until" not in told:
                raise JournalOfAnother(path.name)
            journal.until, journal.counts = int(told["until"]), Counter(told["counts"])
            return journal
        if lines[journal.cut :]:  # a first line that was cut off is the beginning of this run
            raise JournalOfAnother(path.name)
        return journal

    def note(self, done: Done) -> None:
        """Take a span into account, and write it down: whoever stops the run after this line loses nothing."""
        self.until, self.counts = done.until, self.counts + done.counts
        if self.path is not None:
            told = {"round": self.round_name, "until": self.until, "counts": self.counts}
            with self.path.open("a", encoding="utf-8") as file:
                file.write(("\n" if self.cut else "") + json.dumps(told) + "\n")
            self.cut = False


@contextmanager
def _cases(settings: Settings) -> Iterator[Cases]:
    """Open the ledger for a process of its own."""
    with composition.database(settings) as found, composition.cases(found, settings) as cases:
        yield cases


def replay_(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="The decision's hash, or its first digits. 认定决定。")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every decision. 全部。")] = False,
    of_round: OfRound = None,
    processes: Annotated[
        int | None, typer.Option(min=1, max=256, help="How many work. 进程数。", show_default="one a processor")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(help="A file from which a stopped run goes on. 进度文件。", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """重放: Recompute decisions byte for byte on what was known: equal, differs (where), or incomplete.

    Of many (--all, --round) those are named that are not equal.
    """
    voice = speaker(context, as_json=as_json)
    with room(context) as at_work:
        at_work.follow()
        if everything or of_round:
            noted = Journal.read(journal, of_round)
            counts, told = replayed_all(
                voice, at_work, settings_of(context), noted, processes or len(os.sched_getaffinity(0))
            )
        else:
            with at_work.known() as (cases, snapshot):
                one = one_of(snapshot, name or "")
                found = replayed(cases, snapshot, one)
            told = [_object(Other(one.name, found))]
            counts = Counter([_word(found)])
    for each in told:
        if each["verdict"] != "equal":
            where = ", ".join(each["paths"]) if each["paths"] != list(GONE) else voice.choose("(已销毁)", "(gone)")
            voice.say(f"{each['decision'][:12]}: {voice.choose(*VERDICTS[each['verdict']])}  {where}")
    voice.say(" · ".join(f"{voice.choose(*VERDICTS[word])} {number}" for word, number in sorted(counts.items())))
    voice.give({"counts": counts, "decisions": told})
    if counts["differs"] or counts["other_rules"]:
        raise typer.Exit(Exit.WRONG)
    if counts["incomplete"]:
        raise typer.Exit(Exit.INCOMPLETE)


def replayed_all(
    voice: Speaker, at_work: Room, settings: Settings, journal: Journal, processes: int
) -> tuple[Counter[str], list[dict[str, Any]]]:
    """Recompute every decision, telling rate and remaining time; give how many of each verdict, and the others."""
    listed: list[dict[str, Any]] = []
    with at_work.known() as (_, snapshot):
        left = count(snapshot, journal.until, journal.round_name)
        done, began = 0, clock.monotonic()
        told_at = began
        wanted = spans(snapshot, journal.until, journal.round_name)
        for span in replay_all(partial(_cases, settings), wanted, processes if left > ALONE_MAX else 1):
            journal.note(span)
            done += sum(span.counts.values())
            listed += [_object(other) for other in span.others[: LISTED_MAX - len(listed)]]
            now = clock.monotonic()
            if now - told_at >= _TELL_SECONDS or done == left:
                told_at = now
                voice.progress(_progress(voice, done, left, now - began))
    return Counter({_EQUAL.get(word, word): number for word, number in journal.counts.items()}), listed


def _object(other: Other) -> dict[str, Any]:
    return {"decision": other.name, "verdict": _word(other.found), "paths": list(other.found.paths)}


def _word(found: Replayed) -> str:
    return _EQUAL.get(found.verdict, found.verdict)


def _progress(voice: Speaker, done: int, left: int, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    remaining = (left - done) / rate if rate else 0.0
    return voice.choose(
        f"{done:,} / {left:,} · 每秒 {rate:,.0f} · 约剩 {remaining:,.0f} 秒",
        f"{done:,} / {left:,} · {rate:,.0f}/s · {remaining:,.0f} s left",
    )

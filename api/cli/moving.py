"""The verb move-trial: which points count where, and what a move would change. From files alone."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from api import clock
from api.cli.evaluating import Facts, Folder, documents_in, opened
from api.cli.options import AsJson, AsOf, civil_day, place_code, speaker
from api.cli.output import Exit, Speaker
from domain.evaluation import read_known
from domain.plain import Misread
from domain.recognition import home_of, move_trial, places_in_scope, recognise, tell_move, tell_recognition
from domain.rulebook import Problem, RulebookSet, as_published, resolve


def move(
    context: typer.Context,
    rulebooks: Folder,
    facts: Facts,
    to: Annotated[str | None, typer.Option(help="Where to. 迁往。", show_default="every place of the city")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """搬家试算: Say which points count where, and with --to what a move would change. Every figure is a trial."""
    voice = speaker(context, as_json=as_json)
    day = civil_day(as_of, clock.today())
    target = None if to is None else place_code(to, "--to")
    under = tables_of(voice, rulebooks)
    told, unread = [], 0
    with opened(facts) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                told.append(_moved(voice, line, day, target, under))
            except Misread as error:
                unread += 1
                voice.err.print(f"{facts}:{number}: {error}", markup=False, style="red")
    voice.give({"as_of": day, "residents": told})
    if unread:
        raise typer.Exit(Exit.INCOMPLETE if told else Exit.WRONG)


def _moved(
    voice: Speaker, line: bytes, day: date, target: str | None, under: Callable[[str, date], RulebookSet]
) -> dict[str, Any]:
    read = read_known(line)
    home = home_of(read.knowledge, day) or read.place
    if home is None:
        raise Misread("place", "missing", "a permit, or a place")
    voice.say(f"{read.subject}:")
    if target is None:
        found = recognise(read.knowledge, places_in_scope(home), day, under, read.coverage, read.family)
        for sentence in tell_recognition(found, voice.language):
            voice.say(f"  {sentence}")
        return {"subject": read.subject, "places": [each.as_json(read.name) for each in found]}
    trial = move_trial(read.knowledge, target, day, under, read.coverage, read.family, home)
    for sentence in tell_move(trial, voice.language):
        voice.say(f"  {sentence}")
    return {"subject": read.subject, "move": trial.as_json(read.name)}


def tables_of(voice: Speaker, path: Path | None) -> Callable[[str, date], RulebookSet]:
    """Give what is in force at a place on a day by the tables of a folder; without one, nothing is."""
    documents, problems = documents_in(path) if path is not None else ([], [])
    for problem in problems:
        tell_problem(voice, problem)
    if problems:
        raise typer.Exit(Exit.WRONG)
    published = as_published(documents)

    @cache
    def under(place: str, day: date) -> RulebookSet:
        return resolve(published, place, day)

    return under


def tell_problem(voice: Speaker, problem: Problem) -> None:
    """Print a problem with its place and what to do."""
    place = f"{problem.file}:{problem.line}:{problem.column}"
    voice.err.print(f"{place} {problem.where}: {problem.message(voice.language)}", markup=False, style="red")
    voice.err.print(f"  → {problem.hint(voice.language)}", markup=False)

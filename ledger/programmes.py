"""Programmes on disk: programmes/<authority>/<effective date>.<name>.yaml, one or more documents a file."""

from collections.abc import Iterator
from pathlib import Path

from domain.programme import ProgrammeDocument, check_programme, read_programme
from domain.rulebook import Problem, Unsound
from ledger.rulebooks.directory import files_of
from ledger.rulebooks.yaml_tree import trees


def read_programmes(path: Path) -> list[ProgrammeDocument]:
    """Read the programmes of one file.

    Raises Unsound with the problems of every document in it, OSError.
    """
    documents, problems = [], []
    for tree, marks in trees(path.read_bytes(), str(path)):
        try:
            documents.append(read_programme(tree, marks))
        except Unsound as error:
            problems += error.problems
    if problems:
        raise Unsound(problems)
    return documents


def check_programmes(path: Path) -> tuple[list[ProgrammeDocument], list[Problem]]:
    """Read a file or a folder, run every example; give what is sound, and every problem with its file and line."""
    documents: list[ProgrammeDocument] = []
    problems: list[Problem] = []
    in_folder = path.is_dir()
    for file in files_of(path) if in_folder else [path]:
        try:
            found = read_programmes(file)
        except Unsound as error:
            problems += error.problems
            continue
        for document in found:
            wrong = check_programme(document)
            wrong += _misplaced(document, file) if in_folder else []
            problems += wrong
            if not wrong:
                documents.append(document)
    return documents, [*problems, *_twice(documents)]


def _misplaced(document: ProgrammeDocument, path: Path) -> Iterator[Problem]:
    programme = document.programme
    expected = f"{programme.authority}/{programme.effective.from_}.{programme.programme}.yaml"
    if f"{path.parent.name}/{path.name}" != expected:
        yield document.marks.place(Problem("misplaced", ("effective", "from"), context={"expected": expected}))


def _twice(documents: list[ProgrammeDocument]) -> Iterator[Problem]:
    seen = set()
    for document in documents:
        version = (document.programme.doc, document.programme.effective.from_)
        if version in seen:
            context = {"doc": version[0], "day": version[1]}
            yield document.marks.place(Problem("version-twice", ("doc",), context=context))
        seen.add(version)

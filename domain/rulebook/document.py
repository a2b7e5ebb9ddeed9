"""A document read: its table, its canonical tree, its hash, and where each part stands in its file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.notation import Strict
from domain.rulebook.checks import document_problems
from domain.rulebook.content import canonical_tree, content_hash
from domain.rulebook.model import Effective, Rulebook
from domain.rulebook.problems import TEXTS, Path, Problem, Unsound
from domain.rulebook.programme_texts import PROGRAMMES


@dataclass(frozen=True)
class Marks:
    """Where the parts of a document stand: the file, and (line, column) by path, counted from 1."""

    file: str = ""
    at: Mapping[Path, tuple[int, int]] = field(default_factory=dict)

    def place(self, problem: Problem) -> Problem:
        """Give a problem its file, and the line and column of the nearest part that is there."""
        path = problem.path
        while path and path not in self.at:
            path = path[:-1]
        line, column = self.at.get(path, (0, 0))
        return Problem(problem.code, problem.path, self.file, line, column, problem.context)


@dataclass(frozen=True)
class Document:
    """A sound document. `tree` is canonical; two documents with one hash say the same, whatever their layout."""

    rulebook: Rulebook
    tree: dict[str, Any]
    hash: str
    marks: Marks = field(default_factory=Marks, compare=False)

    @property
    def doc(self) -> str:
        """Give the document's name for ever."""
        return self.rulebook.doc

    @property
    def effective(self) -> Effective:
        """Give the days on which it means to be in force."""
        return self.rulebook.effective


def read_tree(tree: Any, marks: Marks | None = None) -> Document:
    """Make a document of a parsed tree (from YAML, or from the ledger's JSON). Examples are run by check_document.

    Raises Unsound with every problem found.
    """
    marks = marks or Marks()
    if not isinstance(tree, dict):
        raise Unsound([marks.place(Problem("not-a-mapping"))])
    if "programme" in tree and "items" not in tree:
        raise Unsound([marks.place(Problem("a-programme", context={"verb": "points programme check"}))])
    try:
        rulebook = Rulebook.model_validate(tree)
    except ValidationError as error:
        raise Unsound(
            [marks.place(problem_of(detail, tree)) for detail in error.errors(include_url=False)]
        ) from None
    problems = [marks.place(problem) for problem in document_problems(rulebook)]
    if problems:
        raise Unsound(problems)
    content = canonical_tree(tree)
    return Document(rulebook, content, content_hash(content), marks)


def problem_of(detail: ErrorDetails, tree: Any) -> Problem:
    """Say of one error of a model what is wrong with the tree, and where."""
    path, rest = _descend(detail["loc"], tree)
    context = {key: str(value) for key, value in detail.get("ctx", {}).items()}
    name = str(rest[-1]) if rest else str(path[-1]) if path else ""
    code, more = detail["type"], {}
    match code:
        case "extra_forbidden":
            code, more = "unknown-field", {"name": name, "nearest": _nearest(name)}
        case "missing":
            path, code, more = (*path, name), "missing-field", {"name": name}
        case "union_tag_invalid":
            known = ", ".join(sorted(word.strip("' ") for word in context["expected_tags"].split(",")))
            path = (*path, _tag_field(context))
            code, more = "unknown-kind", {"given": context["tag"], "known": known}
        case "union_tag_not_found":
            code, more = "missing-kind", {"name": _tag_field(context)}
        case "literal_error" | "enum":
            code, more = "unknown-value", {"known": context["expected"]}
        case "string_type" if _is_number(detail["input"]):
            code, more = "unquoted-code", {"given": str(detail["input"])}
        case "string_pattern_mismatch":
            code, more = "bad-form", {"pattern": context["pattern"]}
        case _ if code not in TEXTS and code not in PROGRAMMES:
            code, more = "wrong-type", {"detail": detail["msg"]}
        case _:
            more = context
    return Problem(code, path, context=more)


def _tag_field(context: Mapping[str, str]) -> str:
    return context["discriminator"].strip("'").rstrip("_")


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool | str | list | dict) and value is not None


def _descend(loc: tuple[Any, ...], tree: Any) -> tuple[Path, tuple[str | int, ...]]:
    """Follow a location into the tree; names of union members, which stand in no file, are left out."""
    path: Path = ()
    rest: list[Any] = []
    for step in loc:
        inside = isinstance(tree, Mapping) and step in tree
        if inside or (isinstance(tree, list) and isinstance(step, int) and step < len(tree)):
            path, tree, rest = (*path, step), tree[step], []
        else:
            rest.append(step)
    return path, tuple(rest)


@cache
def _field_names() -> tuple[str, ...]:
    def names(model: type[BaseModel]) -> Iterator[str]:
        for name, info in model.model_fields.items():
            yield info.alias or name
        for child in model.__subclasses__():
            yield from names(child)

    return tuple(sorted(set(names(Strict))))


def _nearest(name: str) -> str:
    if name in _field_names():
        return "docs/rulebooks.md"
    swapped = [known for known in _field_names() if sorted(known) == sorted(name)]
    near = swapped or get_close_matches(name, _field_names(), n=1, cutoff=0.75)
    return f"{near[0]}?" if near else "docs/rulebooks.md"

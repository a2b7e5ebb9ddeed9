"""A programme's document read: its model, its canonical tree, its hash, and where each part stands in its file."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from domain.programme.checks import programme_problems
from domain.programme.model import Programme
from domain.rulebook import Marks, Problem, Unsound, canonical_tree, content_hash
from domain.rulebook.document import problem_of
from domain.rulebook.model import Effective


@dataclass(frozen=True)
class ProgrammeDocument:
    """A sound document. Two documents with one hash say the same, whatever their layout."""

    programme: Programme
    tree: dict[str, Any]
    hash: str
    marks: Marks = field(default_factory=Marks, compare=False)

    @property
    def doc(self) -> str:
        """Give the document's name for ever."""
        return self.programme.doc

    @property
    def effective(self) -> Effective:
        """Give the days on which it means to be in force."""
        return self.programme.effective


def read_programme(tree: Any, marks: Marks | None = None) -> ProgrammeDocument:
    """Make a document of a parsed tree. Its examples are run by `check_programme`.

    Raises Unsound with every problem found.
    """
    marks = marks or Marks()
    if not isinstance(tree, dict):
        raise Unsound([marks.place(Problem("not-a-mapping"))])
    if "items" in tree and "programme" not in tree:
        raise Unsound([marks.place(Problem("a-rulebook", context={"verb": "points rulebook check"}))])
    try:
        programme = Programme.model_validate(tree)
    except ValidationError as error:
        problems = [problem_of(detail, tree) for detail in error.errors(include_url=False)]
        raise Unsound([marks.place(problem) for problem in problems]) from None
    problems = list(programme_problems(programme))
    if problems:
        raise Unsound([marks.place(problem) for problem in problems])
    content = canonical_tree(tree)
    return ProgrammeDocument(programme, content, content_hash(content), marks)

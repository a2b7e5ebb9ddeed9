"""A directory of rulebooks read whole: sound documents, and every problem with its file and line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.examples import check_document
from domain.rulebook import Document, Problem, Unsound, as_published, read_tree
from domain.rulebook.difference import changes
from domain.rulebook.model import Disputed
from domain.rulebook.resolution import Published
from ledger.rulebooks.yaml_tree import trees


@dataclass(frozen=True)
class Library:
    """The documents of a directory, in the order of their files."""

    documents: tuple[Document, ...]

    @property
    def published(self) -> list[Published]:
        """Take them for published as they lie there, for evaluation without a ledger."""
        return as_published(self.documents)

    def document(self, doc: str) -> Document:
        """Give the newest version of a document by its name.

        Raises KeyError.
        """
        versions = [document for document in self.documents if document.rulebook.doc == doc]
        if not versions:
            raise KeyError(doc)
        return max(versions, key=lambda document: document.rulebook.effective.from_)


def read_text(content: bytes, file: str) -> list[Document]:
    """Read the documents of one file's content; `file` is its name in messages.

    Raises Unsound with the problems of every document in it.
    """
    documents, problems = [], []
    for tree, marks in trees(content, file):
        try:
            documents.append(read_tree(tree, marks))
        except Unsound as error:
            problems += error.problems
    if problems:
        raise Unsound(problems)
    return documents


def read_documents(path: Path) -> list[Document]:
    """Read the documents of one file.

    Raises Unsound, OSError.
    """
    return read_text(path.read_bytes(), str(path))


def files_of(directory: Path) -> Iterator[Path]:
    """Find the rulebook files below a directory, in order."""
    return iter(sorted(path for path in directory.rglob("*.yaml") if path.is_file()))


def check_directory(directory: Path) -> tuple[Library, list[Problem]]:
    """Read every file, run every example, look at the library as a whole; give what is sound and what is not."""
    documents: list[Document] = []
    problems: list[Problem] = []
    for path in files_of(directory):
        try:
            found = read_documents(path)
        except Unsound as error:
            problems += error.problems
            continue
        for document in found:
            wrong = [*check_document(document), *_misplaced(document, path)]
            problems += wrong
            if not wrong:
                documents.append(document)
    library = Library(tuple(documents))
    return library, [*problems, *_among(library)]


def _misplaced(document: Document, path: Path) -> Iterator[Problem]:
    """A file is <authority>/<effective date>.yaml; a word may follow the date (2023-07-26.beilun.yaml)."""
    rulebook = document.rulebook
    expected = f"{rulebook.authority}/{rulebook.effective.from_}.yaml"
    if f"{path.parent.name}/{path.name.partition('.')[0]}.yaml" != expected:
        yield document.marks.place(Problem("misplaced", ("effective", "from"), context={"expected": expected}))


def _among(library: Library) -> Iterator[Problem]:
    """Look for versions that stand twice, and for disputed transcriptions that do not say how they differ."""
    seen = set()
    for document in library.documents:
        rulebook = document.rulebook
        version = (rulebook.doc, rulebook.effective.from_)
        if version in seen:
            context = {"doc": rulebook.doc, "day": rulebook.effective.from_}
            yield document.marks.place(Problem("version-twice", ("doc",), context=context))
        seen.add(version)
        if rulebook.disputed is not None:
            yield from _undeclared(document, rulebook.disputed, library)


def _undeclared(document: Document, disputed: Disputed, library: Library) -> Iterator[Problem]:
    declared = {difference.path for difference in disputed.differs}
    others = [other for other in library.documents if other.rulebook.doc == disputed.of]
    found = {change.path for other in others[:1] for change in changes(other, document)}
    for path in sorted(declared ^ found) if others else [disputed.of]:
        context = {"doc": disputed.of, "path": path}
        yield document.marks.place(Problem("not-the-difference", ("disputed", "differs"), context=context))


def load_directory(directory: Path) -> Library:
    """Read a directory of sound rulebooks.

    Raises Unsound with every problem found.
    """
    library, problems = check_directory(directory)
    if problems:
        raise Unsound(problems)
    return library

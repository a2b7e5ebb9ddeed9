"""Rulebooks 积分办法: the model, its checks, its hash, its examples, and which documents are in force."""

from domain.rulebook.content import canonical_tree, content_hash
from domain.rulebook.document import Document, Marks, read_tree
from domain.rulebook.model import Rulebook
from domain.rulebook.problems import Problem, Unsound
from domain.rulebook.resolution import Published, RulebookSet, as_published, resolve

__all__ = [
    "Document",
    "Marks",
    "Problem",
    "Published",
    "Rulebook",
    "RulebookSet",
    "Unsound",
    "as_published",
    "canonical_tree",
    "content_hash",
    "read_tree",
    "resolve",
]

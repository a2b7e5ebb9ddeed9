"""From one set of rulebooks to another, a document at a time, or two where one takes the other's place."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from domain.change.model import DocumentChange, Moved, Piece
from domain.rulebook.difference import changes
from domain.rulebook.document import Document
from domain.rulebook.resolution import RulebookSet


@dataclass(frozen=True, slots=True)
class Switch:
    """The documents that leave and those that come, at once."""

    leaves: tuple[Document, ...]
    comes: tuple[Document, ...]

    def applied(self, documents: Iterable[Document]) -> list[Document]:
        """Give the documents that stand after it."""
        gone = {document.hash for document in self.leaves}
        return [*(document for document in documents if document.hash not in gone), *self.comes]

    @property
    def documents(self) -> tuple[DocumentChange, ...]:
        """Say what happened to each document."""
        if len(self.leaves) == len(self.comes) == 1 and _name(self.leaves[0]) == _name(self.comes[0]):
            [old], [new] = self.leaves, self.comes
            return (DocumentChange(_name(old), old.hash, new.hash, tuple(changes(old, new))),)
        left = (DocumentChange(_name(document), document.hash, None) for document in self.leaves)
        come = (DocumentChange(_name(document), None, document.hash) for document in self.comes)
        return (*left, *come)

    @property
    def takes_place_of(self) -> dict[str, str]:
        """Give the name of the document whose place another takes, and that other's name."""
        if len(self.leaves) == len(self.comes) == 1:
            return {_name(self.leaves[0]): _name(self.comes[0])}
        return {}


def switches(old: RulebookSet, new: RulebookSet) -> list[Switch]:
    """Give the switches from province to district: changed documents, replaced ones, then what comes or leaves.

    A document takes another's place where one of a tier leaves and one comes.
    """
    stay = {document.hash for document in old.documents} & {document.hash for document in new.documents}
    leaving = [document for document in old.documents if document.hash not in stay]
    coming = [document for document in new.documents if document.hash not in stay]
    found = [*_paired(leaving, coming, _name), *_paired(leaving, coming, _tier)]
    found += [Switch((), (document,)) for document in coming]
    found += [Switch((document,), ()) for document in leaving]
    return sorted(found, key=lambda switch: _place(next(iter((*switch.comes, *switch.leaves))), old, new))


def _name(document: Document) -> str:
    return document.rulebook.doc


def _tier(document: Document) -> str:
    return document.rulebook.tier.value


def _paired(leaving: list[Document], coming: list[Document], alike: Callable[[Document], str]) -> list[Switch]:
    """Pair and take out what is alike, where it is one on either side."""
    pairs = []
    for name in dict.fromkeys(map(alike, coming)):
        olds = [document for document in leaving if alike(document) == name]
        news = [document for document in coming if alike(document) == name]
        if len(olds) == len(news) == 1:
            pairs.append(Switch(tuple(olds), tuple(news)))
            leaving.remove(olds[0])
            coming.remove(news[0])
    return pairs


def _place(document: Document, old: RulebookSet, new: RulebookSet) -> int:
    return RulebookSet.of([*old.documents, *new.documents]).documents.index(document)


def together(pieces: Sequence[Piece], renamed: dict[str, str] | None = None) -> tuple[Piece, ...]:
    """Add up the pieces of one place, also where a document took another's; places that come to nothing go."""
    found: dict[tuple[str, ...], Piece] = {}
    for piece in pieces:
        names = renamed or {}
        moved = replace(piece, doc=names.get(piece.doc, piece.doc), of=names.get(piece.of, piece.of))
        where = (moved.effect.value, moved.doc, moved.of, moved.level)
        other = found.get(where)
        found[where] = moved if other is None else _added(other, moved)
    return tuple(piece for piece in found.values() if piece.points)


def _added(first: Piece, second: Piece) -> Piece:
    count = None
    if first.count is not None and second.count is not None and first.unit == second.unit:
        count = first.count + second.count
    return replace(
        second, points=first.points + second.points, count=count, moved=_last_said(*first.moved, *second.moved)
    )


def _last_said(*moves: Moved) -> tuple[Moved, ...]:
    """Keep what was said last of each fact; what came and went, or went and came, did not move."""
    said: dict[tuple[object, ...], list[Moved]] = {}
    for move in moves:
        said.setdefault((move.row.ref_stream, move.row.ref_version, move.row.part), []).append(move)
    return tuple(each[-1] for each in said.values() if len(each) % 2)

"""A package 档案包: files with an index of their SHA-256 and of what an archive asks to be told of each.

The same files are the same bytes: nothing in it depends on when or where it was written. The words for a file are
those of DA/T 46-2009: 题名 title, 责任者 department, 日期 date, 保管期限 retention.

index.json    what the package is of, and every other file with its SHA-256 (canonical JSON)
SHA256SUMS    the same sums, for `sha256sum -c`
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from domain.cells import safe_cell
from ledger.canonical import NotCanonical, canonical, parse
from ledger.evidence.archive import FILES_MAX
from ledger.evidence.refusal import EvidenceRefused

FORMAT = 1
INDEX, SUMS, README = "index.json", "SHA256SUMS", "README.md"
SUMS_WORDS = ("校验和 checksums", "text/plain")
FILE_BYTES_MAX = 64_000_000
Of = Literal["copy", "decision", "round"]
Retention = Literal["permanent", "30-years", "10-years"]
"""保管期限: 永久, 定期 30 年, 定期 10 年."""


class Paper(NamedTuple):
    """One file. `erased`: what it would hold, or part of it, was destroyed by law."""

    path: str
    content: bytes
    title: str
    media_type: str
    erased: bool = False


@dataclass(frozen=True)
class Described:
    """What the package is of. `retention` None: it is for no archive."""

    of: Of
    name: str
    title: str
    department: str
    date: str
    retention: Retention | None = None
    as_at: int | None = None


@dataclass(frozen=True)
class Package:
    """A package as it was read: every file is what the index says. `words`: title and media type of each.

    `digest`: SHA-256 of the index.
    """

    described: Described
    files: Mapping[str, bytes]
    words: Mapping[str, tuple[str, str]]
    erased: tuple[str, ...]
    digest: str


def packaged(described: Described, papers: Sequence[Paper]) -> dict[str, bytes]:
    """Give the files of a package: the papers, the sums, and the index over all of them."""
    sums = "".join(f"{_sum(one.content)}  {one.path}\n" for one in sorted(papers)).encode()
    every = sorted([*papers, Paper(SUMS, sums, *SUMS_WORDS)])
    return {one.path: one.content for one in every} | {INDEX: _index(described, every)}


def _index(described: Described, papers: Iterable[Paper]) -> bytes:
    whole = {name: value for name, value in vars(described).items() if value is not None}
    common = {name: whole[name] for name in ("department", "date", "retention") if name in whole}
    files = [
        {
            "path": one.path,
            "title": one.title,
            "media_type": one.media_type,
            "bytes": len(one.content),
            "sha256": _sum(one.content),
            **common,
            **({"erased": True} if one.erased else {}),
        }
        for one in papers
    ]
    return canonical({"package": FORMAT, **whole, "files": files})


def read_package(files: Mapping[str, bytes]) -> Package:
    """Check every file against the index. Raises EvidenceRefused with the file."""
    if INDEX not in files:
        raise EvidenceRefused(INDEX, "the file is missing")
    described, listed = _read_index(files[INDEX])
    for path in sorted(files.keys() ^ {INDEX, *listed}):
        raise EvidenceRefused(path, "the file is missing" if path in listed else "the index knows no such file")
    papers = []
    for path, told in listed.items():
        content = files[path]
        if told.get("sha256") != _sum(content):
            raise EvidenceRefused(path, "its bytes are not those of the index")
        title, media_type = str(told.get("title")), str(told.get("media_type"))
        papers.append(Paper(path, content, title, media_type, told.get("erased") is True))
    if packaged(described, [one for one in papers if one.path != SUMS]) != dict(files):
        raise EvidenceRefused(INDEX, "a package has one spelling")
    words = {one.path: (one.title, one.media_type) for one in papers}
    return Package(described, files, words, tuple(one.path for one in papers if one.erased), _sum(files[INDEX]))


def _read_index(content: bytes) -> tuple[Described, dict[str, dict[str, Any]]]:
    try:
        told = parse(content)
        if told.pop("package") != FORMAT or told["of"] not in get_args(Of):
            raise EvidenceRefused(INDEX, "this release does not know the format")
        listed = {str(one["path"]): dict(one) for one in told.pop("files")}
        return Described(**told), listed
    except (ValueError, TypeError, KeyError, AttributeError, NotCanonical):
        raise EvidenceRefused(INDEX, "it does not describe a package") from None


class Folder(Mapping[str, bytes]):
    """The files of a folder, each read when it is asked for. Raises EvidenceRefused where it holds else."""

    def __init__(self, root: Path) -> None:
        self._paths = dict(self._found(root))

    @classmethod
    def _found(cls, root: Path) -> Iterator[tuple[str, Path]]:
        for number, path in enumerate(sorted(root.rglob("*"))):
            name = path.relative_to(root).as_posix()
            if number >= FILES_MAX * 10:
                raise EvidenceRefused("", f"a package has at most {FILES_MAX * 10} files")
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise EvidenceRefused(name, "a package holds files alone")
            if path.is_file():
                if path.stat().st_size > FILE_BYTES_MAX:
                    raise EvidenceRefused(name, f"a file has at most {FILE_BYTES_MAX} bytes")
                yield name, path

    def __getitem__(self, name: str) -> bytes:
        return self._paths[name].read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def write_folder(files: Mapping[str, bytes], root: Path) -> None:
    """Write a package to a new folder. If we stop before the end there is no index, and nobody takes it for one."""
    root.mkdir(mode=0o700)
    for name in [*sorted(files.keys() - {INDEX}), INDEX]:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(files[name])


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write CSV (RFC 4180, UTF-8 with its mark, so that spreadsheets read Chinese); no cell runs as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else safe_cell(str(value))


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

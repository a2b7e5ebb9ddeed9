"""Bytes to records: lines of bounded length, quoted line breaks, and a broken quote that costs one line alone.

Records are cut as bytes, before any decoding: in UTF-8 and GB18030 alike no trailing byte of a character equals a
delimiter, a quotation mark or a line end, so a byte that cannot be decoded spoils its own row only.
"""

from collections import deque
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from ledger.ingest.verdicts import Code

LONGEST_ROW = 65_536
_LONGEST_JOIN = 64
"""A quoted cell may break over so many lines; beyond, its first line is taken to have lost a quotation mark."""
_KEPT = 1024
"""Of a line too long only so many bytes are kept."""
QUOTE = b'"'


class Line(NamedTuple):
    """One line: its number from 1, its bytes with the line end, whether it was too long and has been cut.

    `end` is the place in the file after it.
    """

    number: int
    raw: bytes
    cut: bool
    end: int


class Record(NamedTuple):
    """One record: its first line's number from 1, its bytes without the line end, and its cells where quoted.

    `end` is the place in the file at which the next record begins.
    """

    line: int
    raw: bytes
    cells: list[bytes] | None
    fault: Code | None
    end: int


class Unclosed(Exception):
    """引号未闭合: the record's last cell is still open."""


class Malformed(Exception):
    """引号有误: text follows a closing quotation mark."""


def split_quoted(raw: bytes, delimiter: bytes) -> list[bytes]:
    """Split a record that holds quotation marks (RFC 4180); a mark inside an unquoted cell is text.

    Raises Unclosed and Malformed.
    """
    cells: list[bytes] = []
    at, size = 0, len(raw)
    while True:
        if raw[at : at + 1] != QUOTE:
            end = raw.find(delimiter, at)
            if end < 0:
                return [*cells, raw[at:]]
            cells.append(raw[at:end])
            at = end + 1
            continue
        end = _closing(raw, at + 1)
        cells.append(raw[at + 1 : end].replace(b'""', b'"'))
        at = end + 1
        if at == size:
            return cells
        if raw[at : at + 1] != delimiter:
            raise Malformed
        at += 1


def _closing(raw: bytes, at: int) -> int:
    while True:
        end = raw.find(QUOTE, at)
        if end < 0:
            raise Unclosed
        if raw[end + 1 : end + 2] != QUOTE:
            return end
        at = end + 2


def lines_of(file: BinaryIO, before: int = 0) -> Iterator[Line]:
    """Give the lines from where the file stands; `before` lines lie ahead of it."""
    number, end = before, file.tell()
    while line := file.readline(LONGEST_ROW + 2):
        number += 1
        end += len(line)
        if len(line) < LONGEST_ROW + 2 or line.endswith(b"\n"):
            yield Line(number, line, cut=False, end=end)
            continue
        kept = line[:_KEPT]
        while line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_ROW)
            end += len(line)
        yield Line(number, kept, cut=True, end=end)


def bare(line: bytes) -> bytes:
    """Take off the line end."""
    return line.removesuffix(b"\n").removesuffix(b"\r")


def records_of(file: BinaryIO, delimiter: bytes, before: int = 0) -> Iterator[Record]:
    """Give the records of a CSV file from where it stands; `delimiter` is one byte, `before` as for `lines_of`."""
    source = lines_of(file, before)
    waiting: deque[Line] = deque()
    while True:
        found = waiting.popleft() if waiting else next(source, None)
        if found is None:
            return
        number, line, cut, end = found
        if cut:
            yield Record(number, line, None, Code.ROW_TOO_LONG, end)
        elif QUOTE not in line:
            yield Record(number, bare(line), None, None, end)
        else:
            yield _joined(found, waiting, source, delimiter)


def _joined(first: Line, waiting: deque[Line], source: Iterator[Line], delimiter: bytes) -> Record:
    """Join lines until every quotation mark is closed; if that fails, give up the first line and read on."""
    number, raw, _, end = first
    taken: list[Line] = []
    while True:
        try:
            return Record(number, bare(raw), split_quoted(bare(raw), delimiter), None, end)
        except Malformed:
            break
        except Unclosed:
            following = waiting.popleft() if waiting else next(source, None)
            if following is None:
                break
            taken.append(following)
            if following.cut or len(taken) > _LONGEST_JOIN or len(raw) + len(following.raw) > LONGEST_ROW:
                break
            raw += following.raw
            end = following.end
    waiting.extendleft(reversed(taken))
    return Record(number, bare(first.raw), None, Code.UNCLOSED_QUOTE, first.end)

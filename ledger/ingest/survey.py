"""One pass over a file before its rows are read: its SHA-256, its encoding, its line ends. Bounded memory."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Literal

from ledger.ingest.refusals import EmptyDelivery, LineEnds, NotText
from ledger.ingest.verdicts import Phrase

Encoding = Literal["utf-8", "gb18030"]
BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 20
_ENOUGH_VOTES = 20_000
_UNPACKED_MOST = 1 << 36
"""64 GiB: no month's file is larger, and what is packed to hurt us is."""
_MAGIC = (
    (b"PK\x03\x04", Phrase("是工作簿或压缩包", "It is a workbook or a zip archive.")),
    (b"\xd0\xcf\x11\xe0", Phrase("是旧版 Excel 工作簿", "It is an old Excel workbook.")),
    (b"%PDF", Phrase("是 PDF", "It is a PDF.")),
    (b"\xff\xfe", Phrase("是 UTF-16 文本", "It is UTF-16 text.")),
    (b"\xfe\xff", Phrase("是 UTF-16 文本", "It is UTF-16 text.")),
)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass found. `digest` is hexadecimal, of the file as it lies there; `size` is that of its text.

    `packed` says that it is compressed; `utf8_lines` and `other_lines` are votes for the encoding.
    """

    digest: str
    size: int
    bom: bool
    newline: bytes
    packed: bool
    utf8_lines: int
    other_lines: int

    @property
    def encoding(self) -> Encoding:
        """Give the encoding that most lines with other than ASCII characters are in; a tie is UTF-8.

        A line of GB18030 text is hardly ever valid UTF-8, so single broken lines do not change the answer.
        """
        return "utf-8" if self.utf8_lines >= self.other_lines else "gb18030"


def survey(path: Path) -> Survey:
    """Read a file once. Raises EmptyDelivery, NotText, LineEnds."""
    votes, packed = _Votes(), is_packed(path)
    size, start, newline = 0, b"", b""
    try:
        with opened(path, packed=packed) as file:
            while block := file.read(_BLOCK):
                if size == 0:
                    start = block[:8]
                    _refuse_magic(path.name, start)
                    newline = _newline(path.name, block)
                size += len(block)
                if packed and size > _UNPACKED_MOST:
                    raise NotText(path.name, Phrase("解压后过大", "It is too large when unpacked."))
                votes.count(block)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise NotText(path.name, Phrase("gzip 压缩文件已损坏", "The gzip file is damaged.")) from None
    votes.finish()
    if size == 0 or (size == len(BOM) and start == BOM):
        raise EmptyDelivery(path.name)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Survey(digest, size, start.startswith(BOM), newline, packed, votes.utf8, votes.other)


def is_packed(path: Path) -> bool:
    """Say whether a file is gzip-compressed (RFC 1952)."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def opened(path: Path, *, packed: bool) -> BufferedReader:
    """Open a file for its bytes, unpacked as they are read where it is compressed."""
    return BufferedReader(gzip.open(path, "rb")) if packed else path.open("rb")


def _refuse_magic(name: str, start: bytes) -> None:
    for magic, found in _MAGIC:
        if start.startswith(magic):
            raise NotText(name, found)


def _newline(name: str, block: bytes) -> bytes:
    first = block.find(b"\n")
    if first < 0:
        if b"\r" in block:
            raise LineEnds(name)
        return b"\n"
    return b"\r\n" if block[first - 1 : first] == b"\r" else b"\n"


class _Votes:
    """Counts lines that are UTF-8 and lines that are not; blocks are cut at line ends."""

    def __init__(self) -> None:
        self.utf8 = self.other = 0
        self._rest = b""

    def count(self, block: bytes) -> None:
        if self.utf8 + self.other >= _ENOUGH_VOTES:
            return
        block = self._rest + block
        end = block.rfind(b"\n") + 1
        self._rest = block[end:] if end else b""
        self._vote(block[:end] if end else block)

    def finish(self) -> None:
        self._vote(self._rest)

    def _vote(self, lines: bytes) -> None:
        if lines.isascii():
            return
        for line in lines.split(b"\n"):
            if line.isascii():
                continue
            try:
                line.decode()
            except UnicodeDecodeError:
                self.other += 1
            else:
                self.utf8 += 1
            if self.utf8 + self.other >= _ENOUGH_VOTES:
                return

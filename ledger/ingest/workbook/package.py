"""The archive of a workbook: opened where it is one, its parts read as streams of bounded size.

Nothing is unpacked to disk. A part is XML without a document type, so that no entity of its own can expand; what it
unpacks to is counted while it is read, whatever the archive says of its size.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from ledger.ingest.refusals import (
    DeliveryRefused,
    NotText,
    OtherWorkbook,
    WorkbookDamaged,
    WorkbookLocked,
    WorkbookTooLarge,
)
from ledger.ingest.verdicts import Phrase

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
BLOCK = 256 * 1024
PART_BYTES_MAX = 4 << 30
"""4 GiB: a sheet has at most 1,048,576 rows."""
_RATIO_MAX = 200
_RATIO_FREE_BYTES = 16 << 20
"""Beyond so many bytes a part may be at most so many times what it takes in the archive: sheets reach about 50."""
_MEMBERS_MAX = 10_000
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument"
_BINARY = "xl/workbook.bin"
_BROKEN = (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)


def refuse_old(path: Path) -> None:
    """Refuse what begins like a file of old Office: an .xls or .et, or a workbook under a password."""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if _PROTECTED in block:
                raise WorkbookLocked(path.name)
    raise OtherWorkbook(path.name, Phrase("是旧版 Excel 或 WPS 工作簿 (.xls, .et)。", "It is an .xls or .et file."))


class Package:
    """One workbook's archive, open. Raises NotText, OtherWorkbook, WorkbookDamaged where it is none."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._zip = ZipFile(path)
        except _BROKEN:
            raise WorkbookDamaged(path.name) from None
        self._sizes = {one.filename: one.compress_size for one in self._zip.infolist()}
        try:
            self._refuse_others()
        except DeliveryRefused:
            self.close()
            raise

    def _refuse_others(self) -> None:
        if len(self._sizes) > _MEMBERS_MAX:
            raise WorkbookTooLarge(self.name)
        if any(one.flag_bits & 1 for one in self._zip.infolist()):
            raise WorkbookLocked(self.name)
        if _BINARY in self._sizes:
            raise OtherWorkbook(self.name, Phrase("是二进制工作簿 (.xlsb)。", "It is an .xlsb file."))
        if "mimetype" in self._sizes and self._start("mimetype").startswith(_OPEN_DOCUMENT):
            raise OtherWorkbook(self.name, Phrase("是 OpenDocument 文件 (.ods)。", "It is an .ods file."))
        if "[Content_Types].xml" not in self._sizes or "_rels/.rels" not in self._sizes:
            raise NotText(self.name, Phrase("是压缩包", "It is a zip archive."))

    def _start(self, part: str) -> bytes:
        try:
            with self._zip.open(part) as file:
                return file.read(len(_OPEN_DOCUMENT))
        except _BROKEN:
            raise WorkbookDamaged(self.name) from None

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def __contains__(self, part: str) -> bool:
        """Say whether the archive has a part."""
        return part in self._sizes

    def blocks(self, part: str) -> Iterator[bytes]:
        """Unpack a part piece by piece. Raises WorkbookDamaged, WorkbookTooLarge."""
        most = min(PART_BYTES_MAX, max(_RATIO_FREE_BYTES, self._sizes.get(part, 0) * _RATIO_MAX))
        size = 0
        try:
            with self._zip.open(part) as file:
                while block := file.read(BLOCK):
                    size += len(block)
                    if size > most:
                        raise WorkbookTooLarge(f"{self.name}: {part}")
                    yield block
        except (KeyError, RuntimeError, *_BROKEN):
            raise WorkbookDamaged(f"{self.name}: {part}") from None

    def parse(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Give a part to a parser, block by block; what its handlers found can be taken after each.

        Raises WorkbookDamaged, WorkbookTooLarge.
        """
        with refusing_xml(self.name, part):
            for block in self.blocks(part):
                parser.Parse(block, False)  # noqa: FBT003 - expat takes no names
                yield
            parser.Parse(b"", True)  # noqa: FBT003 - the same
        yield


@contextmanager
def refusing_xml(name: str, part: str) -> Iterator[None]:
    """Turn what the parser says of XML that it cannot read into a refusal."""
    try:
        yield
    except (expat.ExpatError, ValueError, _Doctype):
        raise WorkbookDamaged(f"{name}: {part}") from None


class _Doctype(Exception):
    """文档类型: no workbook has one; what has may expand without end."""


def parser_of(
    started: Callable[[str, dict[str, str]], Any],
    ended: Callable[[str], Any] | None = None,
    text: Callable[[str], Any] | None = None,
) -> expat.XMLParserType:
    """Make a parser. Its handlers are told names as they are written: `local` takes their prefix off."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def local(name: str) -> str:
    """Give an element's or attribute's name without its prefix, which every program chooses for itself."""
    return name.rpartition(":")[2]


def _refuse_doctype(*_said: Any) -> None:
    raise _Doctype

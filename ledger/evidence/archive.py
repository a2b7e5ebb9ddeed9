"""Deterministic zip archives: the same files are the same bytes, and reading one is bounded."""

import io
import zipfile
import zlib
from collections.abc import Mapping

from ledger.evidence.refusal import EvidenceRefused

FILES_MAX = 10_000
BYTES_MAX = 256_000_000
_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""A zip's earliest date: files have no time of their own."""
_MODE = 0o100644 << 16
_UNIX = 3


def packed(files: Mapping[str, bytes]) -> bytes:
    """Put files into an archive, in the order of their names."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _BEGINNING)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, _UNIX
            archive.writestr(entry, files[name], compresslevel=9)
    return whole.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Read an archive's files, each name once. Raises EvidenceRefused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > FILES_MAX or sum(entry.file_size for entry in entries) > BYTES_MAX:
                raise EvidenceRefused("", f"an archive has at most {FILES_MAX} files and {BYTES_MAX} bytes")
            if len({entry.filename for entry in entries}) != len(entries):
                raise EvidenceRefused("", "a name stands twice in the archive")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        raise EvidenceRefused("", "the archive cannot be read") from None

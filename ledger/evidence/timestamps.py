"""RFC 3161 time stamps: which digest a token is of. Who signed it, openssl says (README of a bundle)."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from ledger.evidence.refusal import EvidenceRefused

_SEQUENCE, _SET, _OCTETS, _OID, _TIME, _CONTENT = 0x30, 0x31, 0x04, 0x06, 0x18, 0xA0
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
"""The OID id-ct-TSTInfo, 1.2.840.113549.1.9.16.1.4."""
_HASHES = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
_DEEPEST = 12


class Stamp(NamedTuple):
    """What a token says: the digest of what, and when (as the authority writes it, UTC)."""

    algorithm: str
    digest: bytes
    time: str


def read_stamp(token: bytes) -> Stamp:
    """Read a time stamp's reply or token. Raises EvidenceRefused."""
    try:
        [content] = list(_contents(token, 0))[:1]
        [(_, info)] = list(_parts(content))[:1]
        parts = list(_parts(info))
        imprint = list(_parts(parts[2][1]))
        [(_, oid), *_] = list(_parts(imprint[0][1]))
        time = next(value for tag, value in parts if tag == _TIME)
        return Stamp(_HASHES[oid], imprint[1][1], time.decode("ascii"))
    except (ValueError, IndexError, KeyError, StopIteration):
        raise EvidenceRefused("", "not a time stamp of RFC 3161 over SHA-2") from None


def check_stamp(token: bytes, content: bytes) -> Stamp:
    """Check that a token is of this content. Raises EvidenceRefused."""
    stamp = read_stamp(token)
    if hashlib.new(stamp.algorithm, content).digest() != stamp.digest:
        raise EvidenceRefused("", "the time stamp is of something else")
    return stamp


def _contents(der: bytes, depth: int) -> Iterator[bytes]:
    """Find what is signed: the octets that stand beside the OID of TSTInfo."""
    if depth > _DEEPEST:
        return
    before = b""
    for tag, value in _parts(der):
        if tag == _CONTENT and before == _TST_INFO:
            yield from (inner for kind, inner in _parts(value) if kind == _OCTETS)
        elif tag in {_SEQUENCE, _SET, _CONTENT}:
            yield from _contents(value, depth + 1)
        before = value if tag == _OID else b""


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the elements of a DER value, tag and content. Raises ValueError."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            if not 1 <= size <= 4:
                raise ValueError("no such length")
            length, at = int.from_bytes(der[at : at + size]), at + size
        if at + length > len(der):
            raise ValueError("cut off")
        yield tag, der[at : at + length]
        at += length

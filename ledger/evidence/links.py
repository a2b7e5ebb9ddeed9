"""Receipts as links that fit a QR code: what is random goes as bytes, the rest compressed, all in 43 letters.

The letters are those of a QR code's alphanumeric mode (ISO/IEC 18004) that a fragment of a link may hold too
(RFC 3986, 3.5): three of them for two bytes. After a # nothing is sent to the address.
"""

import re
import zlib

from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.notes import NoteRefused, decoded, encoded
from ledger.transparency.proofs import PROOF_BYTES_MAX

MARK = "#points-receipt."
"""What stands between an address and the receipt in a link."""
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-./:"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_EXTRA, _HEX, _BASE64 = "\x01", "\x02", "\x03"
"""What stands in a text where bytes were taken out. No proof has control characters."""
_TAKEN = re.compile(f"[{_EXTRA}{_HEX}{_BASE64}]")
_EXTRA_LINE = re.compile(r"(?<=^extra )[A-Za-z0-9+/=]+$", re.MULTILINE)
_HEX_RUN, _BASE64_RUN = re.compile(r"(?:[0-9a-f]{2}){16,}"), re.compile(r"[A-Za-z0-9+/]{43,}={0,2}")
_USUAL = (
    b'c2sp.org/tlog-proof@v1\nextra \nindex \n\n\xe2\x80\x94 witness.example/ledger.example/points {"erased":true,'
    b'"bind_key":"","header":{"batch":null,"binding":"\x02","causation":null,"channel":"\x02","content":"\x02",'
    b'"format":1,"key":"\x02","legal_basis":null,"organ":"\x02","prev":"\x02",'
    b'"recorded_at":"2026-01-01T00:00:00.000000Z","recorded_by":"\x02","refers_to":null,"request":"\x02",'
    b'"source_class":"\x02","source_time":null,"stream":"-4","suite":"intl","topic":"\x02","version":},"position":,'
    b'"salt":"\x02","state":"{\\"as_at\\":,\\"as_of\\":\\"2026-01-01\\",\\"holder\\":\\"\x02\\",\\"issued_on\\":'
    b'\\"2026-01-01\\",\\"number\\":\\"S-\\",\\"place\\":\\"3302\\",\\"points_e4\\":,\\"rulebooks\\":\\"\x02\\",'
    b'\\"valid_to\\":\\"2026-01-01\\"}","topic":"statement-issued.v1"}\x03\n\x03\n\x03\n'
)
"""What receipts have in common, for the compression. Changing it would make every printed code unreadable."""


def linked(text: str, address: str) -> str:
    """Give a receipt as a link: the address, and behind it the receipt."""
    return f"{address}{MARK}{_letters(_packed(text))}"


def unlinked(link: str) -> str:
    """Take the receipt out of a link. Raises EvidenceRefused."""
    _, mark, letters = link.strip().partition(MARK)
    try:
        found = _unpacked(_bytes(letters)) if mark else ""
    except (ValueError, KeyError, IndexError, zlib.error, NoteRefused):
        found = ""
    if not found:
        raise EvidenceRefused("", "the link holds no receipt")
    return found


def _packed(text: str) -> bytes:
    taken: list[bytes] = []

    def extra(found: re.Match[str]) -> str:
        return _EXTRA + decoded(found[0]).decode() + _EXTRA

    def hexadecimal(found: re.Match[str]) -> str:
        taken.append(bytes.fromhex(found[0]))
        return _HEX

    def base64(found: re.Match[str]) -> str:
        try:
            taken.append(decoded(found[0]))
        except NoteRefused:
            return found[0]
        return _BASE64

    # They come back in the order in which they were taken: first all of one kind, then all of the other.
    rest = _BASE64_RUN.sub(base64, _HEX_RUN.sub(hexadecimal, _EXTRA_LINE.sub(extra, text, count=1)))
    writer = zlib.compressobj(9, zdict=_USUAL)
    small = writer.compress(rest.encode()) + writer.flush()
    return b"".join([len(small).to_bytes(2), small, *(len(one).to_bytes(2) + one for one in taken)])


def _unpacked(content: bytes) -> str:
    small, at = _piece(content, 0)
    taken: list[bytes] = []
    while at < len(content):
        one, at = _piece(content, at)
        taken.append(one)
    reader = zlib.decompressobj(zdict=_USUAL)
    rest = reader.decompress(small, PROOF_BYTES_MAX).decode()
    if not reader.eof:
        raise ValueError("cut off")
    left = iter(taken)
    rest = re.sub(_HEX, lambda _: next(left, b"").hex(), rest)
    rest = re.sub(_BASE64, lambda _: encoded(next(left, b"")), rest)
    before, mark, after = rest.partition(_EXTRA)
    inner, end, after = after.partition(_EXTRA)
    whole = f"{before}{encoded(inner.encode())}{after}" if mark and end else rest
    if _TAKEN.search(whole) or len(whole) > PROOF_BYTES_MAX:
        raise ValueError("more was taken out than is there")
    return whole


def _piece(content: bytes, at: int) -> tuple[bytes, int]:
    length = int.from_bytes(content[at : at + 2])
    end = at + 2 + length
    if at + 2 > len(content) or end > len(content):
        raise ValueError("cut off")
    return content[at + 2 : end], end


def _letters(content: bytes) -> str:
    """Write two bytes as three letters; the length comes first."""
    whole = len(content).to_bytes(2) + content + b"\0" * (len(content) % 2)
    pairs = (int.from_bytes(whole[at : at + 2]) for at in range(0, len(whole), 2))
    base = len(_LETTERS)
    return "".join(_LETTERS[n // base**2] + _LETTERS[n // base % base] + _LETTERS[n % base] for n in pairs)


def _bytes(letters: str) -> bytes:
    if len(letters) % 3 or len(letters) > 3 * 2**15:
        raise ValueError("letters come by threes")
    base, values = len(_LETTERS), [_VALUES[letter] for letter in letters]
    threes = zip(values[::3], values[1::3], values[2::3], strict=True)
    whole = b"".join(((first * base + second) * base + third).to_bytes(2) for first, second, third in threes)
    length = int.from_bytes(whole[:2])
    if len(whole) - 2 - length not in {0, 1}:
        raise ValueError("the length is another")
    return whole[2 : 2 + length]

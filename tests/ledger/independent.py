"""The suites once more, from their standards alone: what an outsider with docs/entry-format.md would write.

Block ciphers are the one thing taken from a library. Slow on purpose, for vectors only.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256, SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB

_WORD = 2**32 - 1
_SM3_START = (
    0x7380166F,
    0x4914B2B9,
    0x172442D7,
    0xDA8A0600,
    0xA96F30BC,
    0x163138AA,
    0xE38DEE4D,
    0xB0FB0E4E,
)
Block = Callable[[bytes], bytes]


def sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def sm3(message: bytes) -> bytes:
    """GB/T 32905-2016, chapter 5."""
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + (8 * len(message)).to_bytes(8, "big")
    state = list(_SM3_START)
    for start in range(0, len(padded), 64):
        state = [old ^ new for old, new in zip(state, _sm3_round(state, padded[start : start + 64]), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _sm3_round(state: list[int], block: bytes) -> list[int]:
    words = _sm3_words(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        early = j < 16
        ss1 = _left((_left(a, 12) + e + _left(0x79CC4519 if early else 0x7A879D8A, j % 32)) & _WORD, 7)
        ff = a ^ b ^ c if early else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if early else (e & f) | (~e & _WORD & g)
        tt1 = (ff + d + (ss1 ^ _left(a, 12)) + (words[j] ^ words[j + 4])) & _WORD
        tt2 = (gg + h + ss1 + words[j]) & _WORD
        a, b, c, d = tt1, a, _left(b, 9), c
        e, f, g, h = tt2 ^ _left(tt2, 9) ^ _left(tt2, 17), e, _left(f, 19), g
    return [a, b, c, d, e, f, g, h]


def _sm3_words(block: bytes) -> list[int]:
    words = [int.from_bytes(block[i : i + 4], "big") for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = words[j - 16] ^ words[j - 9] ^ _left(words[j - 3], 15)
        words.append(x ^ _left(x, 15) ^ _left(x, 23) ^ _left(words[j - 13], 7) ^ words[j - 6])
    return words


def _left(word: int, by: int) -> int:
    return (word << by | word >> (32 - by)) & _WORD if by else word


def hmac_of(digest: Callable[[bytes], bytes], key: bytes, message: bytes) -> bytes:
    """RFC 2104 with a block of 64 bytes."""
    key = (digest(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = digest(bytes(byte ^ 0x36 for byte in key) + message)
    return digest(bytes(byte ^ 0x5C for byte in key) + inner)


def aes256(key: bytes) -> Block:
    return Cipher(AES256(key), ECB()).encryptor().update  # noqa: S305 - the bare block cipher is what GCM is made of


def sm4(key: bytes) -> Block:
    return Cipher(SM4(key[:16]), ECB()).encryptor().update  # noqa: S305 - the bare block cipher is what GCM is made of


def gcm_open(cipher: Block, nonce: bytes, sealed: bytes, bound_to: bytes) -> bytes | None:
    """NIST SP 800-38D, 7.2, for a nonce of 12 bytes and a tag of 16; None where the tag differs."""
    text, tag = sealed[:-16], sealed[-16:]
    lengths = (8 * len(bound_to)).to_bytes(8, "big") + (8 * len(text)).to_bytes(8, "big")
    hashed = _ghash(cipher(bytes(16)), [*_blocks(bound_to), *_blocks(text), lengths])
    if not hmac.compare_digest(_xor(hashed, cipher(nonce + b"\0\0\0\1")), tag):
        return None
    stream = (cipher(nonce + counter.to_bytes(4, "big")) for counter in range(2, len(text) // 16 + 3))
    return _xor(text, b"".join(stream)[: len(text)])


def _ghash(key: bytes, blocks: list[bytes]) -> bytes:
    h, total = int.from_bytes(key, "big"), 0
    for block in blocks:
        total = _product(total ^ int.from_bytes(block, "big"), h)
    return total.to_bytes(16, "big")


def _product(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        product ^= y if x >> bit & 1 else 0
        y = y >> 1 ^ (0xE1 << 120 if y & 1 else 0)
    return product


def _blocks(text: bytes) -> Iterator[bytes]:
    return (text[i : i + 16].ljust(16, b"\0") for i in range(0, len(text), 16))


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))

"""SM2 with SM3 (GB/T 32918.2, GB/T 35276) for heads and cosignatures of `gm` ledgers, by the program `openssl`.

The wheel that signs Ed25519 knows no SM2. Keys go to openssl through pipes, never through a file or an argument.
Signed notes have no type of their own for SM2: ours is FF and a longer name (C2SP signed-note), then the point.
The signer's id is the usual 1234567812345678; signatures are DER, as openssl writes them.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack

from domain.errors import OpensslMissing
from ledger.transparency.checkpoint import TIME_BYTES, CosignatureVerifier, cosigned
from ledger.transparency.notes import NoteRefused, Signature, Verifier, is_key_name

UNASSIGNED = 0xFF
SIGNER_ID = "1234567812345678"
LOG_NAME, WITNESS_NAME = b"points-ledger/sm2-sm3\n", b"points-ledger/cosignature-sm2-sm3\n"
POINT_BYTES = 65
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
"""The DER of a public key on SM2's curve before its point (RFC 5480, RFC 8998)."""
_PKCS8 = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")
"""The DER of a secret key before its 32 bytes (RFC 5958)."""
_ORDER = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""The order of the curve's base point (GB/T 32918.5). A secret is a number from 1 to two below it."""
_SECONDS_MAX = 10
_DIGEST = ("-rawin", "-digest", "sm3", "-keyform", "DER", "-pkeyopt", f"distid:{SIGNER_ID}")


def sm2_point(secret: bytes) -> bytes:
    """Compute the public point of 32 secret bytes. Raises NoteRefused where they are no key, OpensslMissing."""
    if not 1 <= int.from_bytes(secret) <= _ORDER - 2:
        raise NoteRefused("the secret is no key of SM2")
    answer = _openssl(["pkey", "-inform", "DER", "-in", "{0}", "-pubout", "-outform", "DER"], b"", _PKCS8 + secret)
    if answer.returncode or not answer.stdout.startswith(SPKI):
        raise NoteRefused("the secret is no key of SM2")
    return answer.stdout.removeprefix(SPKI)


def sm2_sign(secret: bytes, message: bytes) -> bytes:
    """Sign. Raises NoteRefused where the secret is no key, OpensslMissing."""
    answer = _openssl(["pkeyutl", "-sign", *_DIGEST, "-inkey", "{0}"], message, _PKCS8 + secret)
    if answer.returncode:
        raise NoteRefused("the secret is no key of SM2")
    return answer.stdout


def sm2_holds(point: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether a signature holds. Raises OpensslMissing."""
    command = ["pkeyutl", "-verify", "-pubin", *_DIGEST, "-inkey", "{0}", "-sigfile", "{1}"]
    return _openssl(command, message, SPKI + point, signature).returncode == 0


def _openssl(command: Sequence[str], message: bytes, *given: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run openssl; {0} and {1} are what is given, each a few bytes, which a pipe holds without a reader."""
    program = shutil.which("openssl")
    if program is None:
        raise OpensslMissing("openssl")
    with ExitStack() as stack:
        places = []
        for content in given:
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(content)
            places.append(reading)
        words = [word.format(*(f"/dev/fd/{place}" for place in places)) for word in command]
        return subprocess.run(
            [program, *words],
            input=message,
            capture_output=True,
            pass_fds=places,
            timeout=_SECONDS_MAX,
            check=False,
        )


class Sm2Verifier(Verifier):
    """A log's key of SM2. `public` is the name of the kind and the point."""

    kind = UNASSIGNED

    def holds(self, text: str, value: bytes) -> bool:
        """Check the signature."""
        return sm2_holds(self.public.removeprefix(LOG_NAME), value, text.encode())


class Sm2CosignatureVerifier(CosignatureVerifier):
    """A witness's key of SM2: it signs the text and the second at which it saw it."""

    kind = UNASSIGNED

    def holds(self, text: str, value: bytes) -> bool:
        """Check the signature; the time is whatever it says."""
        time, signature = value[:TIME_BYTES], value[TIME_BYTES:]
        return sm2_holds(self.public.removeprefix(WITNESS_NAME), signature, cosigned(text, int.from_bytes(time)))


class Sm2Signer:
    """A log's key. The 32 secret bytes come from a key file; they are never printed."""

    def __init__(self, name: str, secret: bytes) -> None:
        _named(name)
        self._secret = secret
        self.verifier = Sm2Verifier(name, LOG_NAME + sm2_point(secret))

    def sign(self, text: str) -> Signature:
        """Sign a text that ends in a newline."""
        return Signature(self.verifier.name, self.verifier.key_id, sm2_sign(self._secret, text.encode()))


class Sm2CosignatureSigner:
    """A witness's key. The 32 secret bytes come from its own key file."""

    def __init__(self, name: str, secret: bytes) -> None:
        _named(name)
        self._secret = secret
        self.verifier = Sm2CosignatureVerifier(name, WITNESS_NAME + sm2_point(secret))

    def sign(self, text: str, seconds: int) -> Signature:
        """Sign a checkpoint's text as of a POSIX time."""
        value = seconds.to_bytes(TIME_BYTES) + sm2_sign(self._secret, cosigned(text, seconds))
        return Signature(self.verifier.name, self.verifier.key_id, value)


def _named(name: str) -> None:
    if not is_key_name(name):
        raise NoteRefused("a key's name has no spaces and no plus signs")

"""Keys of logs and witnesses by their kind: read from a verifier key's text, and made for a suite."""

from ledger.suites import SuiteName
from ledger.transparency.checkpoint import CosignatureSigner, CosignatureVerifier
from ledger.transparency.notes import (
    COSIGNATURE,
    ED25519,
    Ed25519Signer,
    Ed25519Verifier,
    NoteRefused,
    Verifier,
    decoded,
    is_key_name,
    key_id,
)
from ledger.transparency.sm2 import (
    LOG_NAME,
    POINT_BYTES,
    UNASSIGNED,
    WITNESS_NAME,
    Sm2CosignatureSigner,
    Sm2CosignatureVerifier,
    Sm2Signer,
    Sm2Verifier,
)

Signer = Ed25519Signer | Sm2Signer
"""What signs heads."""
Cosigner = CosignatureSigner | Sm2CosignatureSigner
"""What signs heads that it has seen, with the second."""
SIGNERS: dict[SuiteName, type[Signer]] = {"intl": Ed25519Signer, "gm": Sm2Signer}
COSIGNERS: dict[SuiteName, type[Cosigner]] = {"intl": CosignatureSigner, "gm": Sm2CosignatureSigner}
_KINDS: dict[bytes, tuple[type[Verifier], int]] = {
    bytes([ED25519]): (Ed25519Verifier, 32),
    bytes([COSIGNATURE]): (CosignatureVerifier, 32),
    bytes([UNASSIGNED]) + LOG_NAME: (Sm2Verifier, POINT_BYTES),
    bytes([UNASSIGNED]) + WITNESS_NAME: (Sm2CosignatureVerifier, POINT_BYTES),
}


def read_vkey(text: str) -> Verifier:
    """Read a verifier key of a log or a witness. Raises NoteRefused."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]):
        raise NoteRefused("a verifier key is name+id+base64")
    material = decoded(parts[2])
    kind = _kind(material)
    if kind is None:
        raise NoteRefused("the key is neither Ed25519 (01) nor an Ed25519 cosigner (04), nor one of SM2 (ff)")
    if key_id(parts[0], kind.kind, material[1:]).hex() != parts[1]:
        raise NoteRefused("the key id does not belong to the key")
    return kind(parts[0], material[1:])


def _kind(material: bytes) -> type[Verifier] | None:
    for front, (kind, length) in _KINDS.items():
        if material.startswith(front) and len(material) == len(front) + length:
            return kind
    return None


def suite_of_key(verifier: Verifier) -> SuiteName:
    """Give the suite that a key belongs to."""
    return "gm" if verifier.kind == UNASSIGNED else "intl"

"""What a document is, apart from its layout: a canonical tree and its hash."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any
from unicodedata import normalize

from domain.notation import decimal_text

_SCALARS = frozenset((int, bool, type(None)))


def canonical_tree(value: Any) -> Any:
    """Give the tree in which equal content is equal: NFC text, integers, other decimals as their shortest text.

    A canonical tree is its own canonical tree, so that a document read back from the ledger keeps its hash.
    """
    if type(value) in _SCALARS:
        return value
    if isinstance(value, str):
        return value if value.isascii() else normalize("NFC", value)
    if isinstance(value, Decimal):
        text = decimal_text(value)
        return int(text) if "." not in text else text
    if isinstance(value, Mapping):
        return {normalize("NFC", str(key)): canonical_tree(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [canonical_tree(part) for part in value]
    return value


def content_hash(tree: Any) -> str:
    """Give SHA-256 over the canonical JSON of a tree, in hexadecimal."""
    text = json.dumps(canonical_tree(tree), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def set_hash(hashes: Sequence[str], *, restricted: bool) -> str:
    """Give the identity of a set of documents: the hash of their sorted hashes.

    A set with its restricted rows switched off computes something else, and so is another set.
    """
    lines = sorted(hashes) if restricted else [*sorted(hashes), "restricted rows off"]
    return sha256("\n".join(lines).encode()).hexdigest()

"""Who asks, and what they may do. Tokens are compact JWTs of one issuer with one key and one algorithm.

The table MAY is the whole of it; what stands in relation to one resident (`resident` reads only itself) is in
api/wiring.py, and what an organ may append is in its grants (domain/competence.py).
"""

import hashlib
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from api.refusals import TokenRefused
from domain.errors import KeyFileDamaged, KeyFileMissing, KeyFileUnsafe

ALGORITHM = "EdDSA"
ISSUER = "urn:points-ledger:development"
LIFE_MAX = timedelta(hours=24)
LEEWAY_SECONDS = 30
_TOKEN_CHARACTERS_MAX = 4096
PERSON = "person"
"""The claim by which an issuer says whose account it is: a staff number, or what else it calls a person."""
_PERSON_CHARACTERS_MAX = 128
_REQUIRED = ["iss", "aud", "sub", "iat", "exp"]
_TYPE = "JWT"


class Role(StrEnum):
    """As whom somebody asks."""

    ORGAN = "organ"
    RESIDENT = "resident"
    AUDITOR = "auditor"
    POLICY = "policy"
    OPERATOR = "operator"
    OFFICER = "officer"


class Operation(StrEnum):
    """What can be asked of this door beyond its health, which is open to everybody."""

    APPEND = "append events"
    RECEIPT = "read a receipt of one's own"
    BATCHES = "read about batches"
    UNDO = "take a batch back, as one of two people"
    FEEDS = "read what organs have agreed to deliver"
    AGREE = "agree with organs on what they deliver"
    SCORE = "read a score or its explanation"
    HISTORY = "read a history"
    READERS = "read who looked"
    STATE = "have a statement issued, or let somebody ask once"
    RULES = "read rulebooks and kinds"
    AUDIT = "draw samples and list anomalies"
    PUBLISH = "put programmes forward and approve them"
    ROUND = "read a round"
    RUN = "run a round and its benefits"
    APPLY = "file an application, supplement and answer"
    APPLICATIONS = "read a round's applications, ranking and decisions"
    APPLICATION = "read an application, its benefit, its decision"
    ASSESS = "open a year's assessment, examine claims, certify"
    FRAUD = "find fraud, as one of two people"
    REPLAY = "replay a decision"
    COUNTS = "read how many meet a programme"
    REMINDERS = "read the feed of reminders"
    DISPUTES = "read a person's disputes"
    PREVIEW = "suppose that a dispute were upheld"
    CONTEST = "open a dispute, bring evidence, withdraw, ask for a human review"
    CHECK = "answer a source check"
    RULE = "accept a dispute, ask, rule, serve, record remedies and reviews"
    REQUESTS = "read a person's rights requests"
    REQUEST = "make a rights request, or take it back"
    ANSWER = "answer a rights request, or refuse it"
    COPY = "fetch the copy of one's own history"


_STAFF_OF_RECORDS = frozenset({Role.RESIDENT, Role.AUDITOR})
MAY: Mapping[Operation, frozenset[Role]] = {
    Operation.APPEND: frozenset({Role.ORGAN}),
    Operation.RECEIPT: frozenset({Role.ORGAN}),
    Operation.BATCHES: frozenset({Role.ORGAN, Role.AUDITOR, Role.OFFICER}),
    Operation.UNDO: frozenset({Role.OFFICER}),
    Operation.FEEDS: frozenset({Role.ORGAN, Role.AUDITOR, Role.OFFICER}),
    Operation.AGREE: frozenset({Role.OFFICER}),
    Operation.SCORE: _STAFF_OF_RECORDS,
    Operation.HISTORY: _STAFF_OF_RECORDS,
    Operation.READERS: _STAFF_OF_RECORDS,
    Operation.STATE: frozenset({Role.RESIDENT}),
    Operation.AUDIT: frozenset({Role.AUDITOR}),
    Operation.PUBLISH: frozenset({Role.POLICY}),
    Operation.ROUND: frozenset({Role.ORGAN, Role.RESIDENT, Role.AUDITOR, Role.POLICY}),
    Operation.RUN: frozenset({Role.ORGAN}),
    Operation.APPLY: frozenset({Role.ORGAN, Role.RESIDENT}),
    Operation.APPLICATIONS: frozenset({Role.ORGAN, Role.AUDITOR}),
    Operation.APPLICATION: frozenset({Role.ORGAN, Role.RESIDENT, Role.AUDITOR}),
    Operation.ASSESS: frozenset({Role.ORGAN, Role.OFFICER}),
    Operation.FRAUD: frozenset({Role.OFFICER}),
    Operation.REPLAY: frozenset({Role.AUDITOR}),
    Operation.COUNTS: frozenset({Role.ORGAN, Role.AUDITOR, Role.POLICY}),
    Operation.REMINDERS: frozenset({Role.ORGAN}),
    Operation.RULES: frozenset({Role.ORGAN, Role.RESIDENT, Role.AUDITOR, Role.POLICY}),
    Operation.DISPUTES: frozenset({Role.RESIDENT, Role.OFFICER, Role.AUDITOR, Role.ORGAN}),
    Operation.PREVIEW: frozenset({Role.RESIDENT, Role.OFFICER, Role.AUDITOR}),
    Operation.CONTEST: frozenset({Role.RESIDENT, Role.OFFICER}),
    Operation.CHECK: frozenset({Role.ORGAN}),
    Operation.RULE: frozenset({Role.OFFICER}),
    Operation.REQUESTS: frozenset({Role.RESIDENT, Role.OFFICER, Role.AUDITOR}),
    Operation.REQUEST: frozenset({Role.RESIDENT, Role.OFFICER}),
    Operation.ANSWER: frozenset({Role.OFFICER}),
    Operation.COPY: frozenset({Role.RESIDENT}),
}

_NAME = r"[a-z][a-z0-9.-]{1,39}"
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_NAMES: Mapping[Role, re.Pattern[str]] = {
    Role.ORGAN: re.compile(rf"[0-9A-HJ-NPQRTUWXY]{{18}}|{_NAME}"),
    Role.RESIDENT: re.compile(_UUID),
    Role.AUDITOR: re.compile(_NAME),
    Role.POLICY: re.compile(_NAME),
    Role.OPERATOR: re.compile(_NAME),
    Role.OFFICER: re.compile(_NAME),
}
_NAMELESS = frozenset({Role.AUDITOR, Role.OPERATOR})
"""Roles that a token may name alone: `auditor` is `auditor:auditor`."""


class BadActor(ValueError):
    """An actor is `organ:`, `policy:` or `officer:NAME`, `resident:SUBJECT`, `auditor` or `operator[:NAME]`."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `name`: an organ's id, a subject's, or a pseudonymous name of a person on duty.

    `person` is what the token says of whom the account belongs to: two accounts of one person are not two people.
    """

    role: Role
    name: str
    person: str | None = field(default=None, repr=False, compare=False)

    @classmethod
    def read(cls, text: str) -> "Actor":
        """Read `organ:police-yinzhou`. Raises BadActor."""
        word, colon, name = text.partition(":")
        role = next((one for one in Role if one == word), None)
        if role in _NAMELESS and not colon:
            name = word
        if role is None or _NAMES[role].fullmatch(name) is None:
            raise BadActor
        return cls(role, name)

    @property
    def id(self) -> str:
        """Give what stands in `recorded_by` and in the read log."""
        return f"{self.role}:{self.name}"

    @property
    def subject(self) -> UUID | None:
        """Give the resident's own subject."""
        return UUID(self.name) if self.role is Role.RESIDENT else None


class Tokens:
    """Reads tokens for one audience. Holds a public key alone."""

    def __init__(self, key: Ed25519PublicKey, ledger: str) -> None:
        self._key = key
        self._audience = audience(ledger)
        self._header = {"alg": ALGORITHM, "typ": _TYPE, "kid": key_id(key)}

    def actor(self, token: str) -> Actor:
        """Say whom a token names. Raises TokenRefused, for every fault alike."""
        if len(token) > _TOKEN_CHARACTERS_MAX:
            raise TokenRefused
        try:
            # Looked at before the library verifies: no other header is ever acted upon, not even to refuse it.
            if jwt.get_unverified_header(token) != self._header:
                raise TokenRefused
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                leeway=LEEWAY_SECONDS,
                options={"require": _REQUIRED, "strict_aud": True},
            )
            if not 0 < claims["exp"] - claims["iat"] <= LIFE_MAX.total_seconds():
                raise TokenRefused
            return replace(Actor.read(claims["sub"]), person=_person(claims.get(PERSON)))
        except (jwt.PyJWTError, BadActor, ValueError, TypeError):
            raise TokenRefused from None


class DevelopmentIssuer:
    """Signs tokens for whoever can read its key file. For development and demonstrations alone."""

    def __init__(self, key: Ed25519PrivateKey, ledger: str) -> None:
        self._key = key
        self._ledger = ledger

    @classmethod
    def open(cls, path: Path, ledger: str) -> "DevelopmentIssuer":
        """Read the key file. Raises KeyFileMissing, KeyFileUnsafe, KeyFileDamaged."""
        if not path.exists():
            raise KeyFileMissing(path.name)
        if path.stat().st_mode & 0o077:
            raise KeyFileUnsafe(path.name)
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyFileDamaged(path.name) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyFileDamaged(path.name)
        return cls(key, ledger)

    @classmethod
    def create(cls, path: Path, ledger: str) -> "DevelopmentIssuer":
        """Open the key file, made first where there is none."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        # Written beside and linked into place: two that begin at once end with one whole key.
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        with open(beside, "wb", opener=lambda name, flags: os.open(name, flags | os.O_EXCL, 0o600)) as file:
            file.write(made)
        try:
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink()
        return cls.open(path, ledger)

    @property
    def tokens(self) -> Tokens:
        """Give what reads the tokens of this issuer."""
        return Tokens(self._key.public_key(), self._ledger)

    def token(self, actor: Actor, issued_at: datetime, life: timedelta) -> str:
        """Sign a token that names an actor."""
        claims: dict[str, str | int] = {
            "iss": ISSUER,
            "aud": audience(self._ledger),
            "sub": actor.id,
            "iat": int(issued_at.timestamp()),
            "exp": int((issued_at + life).timestamp()),
        }
        if actor.person is not None:
            claims[PERSON] = actor.person
        headers = {"typ": _TYPE, "kid": key_id(self._key.public_key())}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers=headers)


def _person(claim: object) -> str | None:
    """Read the claim. Raises TokenRefused where it is there and is no such text."""
    if claim is None:
        return None
    if (
        not isinstance(claim, str)
        or not 0 < len(claim.strip()) <= _PERSON_CHARACTERS_MAX
        or not claim.isprintable()
    ):
        raise TokenRefused
    return claim


def audience(ledger: str) -> str:
    """Name the service that a token is for."""
    return f"urn:points-ledger:{ledger}"


def key_id(key: Ed25519PublicKey) -> str:
    """Give the key's thumbprint (RFC 7638, 8037)."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    canonical = f'{{"crv":"Ed25519","kty":"OKP","x":"{_base64(raw)}"}}'
    return _base64(hashlib.sha256(canonical.encode()).digest())


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()

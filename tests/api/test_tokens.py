"""Tokens: what is accepted is one shape; everything else is refused alike."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api.auth import ISSUER, LIFE_MAX, Actor, BadActor, DevelopmentIssuer, Tokens, audience, key_id
from api.refusals import TokenRefused
from domain.errors import KeyFileDamaged, KeyFileMissing, KeyFileUnsafe

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
LEDGER = "points"
TOKENS = Tokens(KEY.public_key(), LEDGER)
NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - the library reads the real clock
SUBJECT = "7c2a9d7e-6f0b-4c1f-9d59-0f0d5a3c2b11"
HEADER = {"alg": "EdDSA", "typ": "JWT", "kid": key_id(KEY.public_key())}


def claims(**other: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    said = {"iss": ISSUER, "aud": audience(LEDGER), "sub": "organ:nb-hrss", "iat": at, "exp": at + 3600}
    return {name: value for name, value in {**said, **other}.items() if value is not None}


def encoded(part: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")


def signed(header: dict[str, Any], payload: dict[str, Any], key: Ed25519PrivateKey = KEY) -> str:
    text = encoded(header) + b"." + encoded(payload)
    return (text + b"." + base64.urlsafe_b64encode(key.sign(text)).rstrip(b"=")).decode()


def macced(header: dict[str, Any], secret: bytes) -> str:
    text = encoded(header) + b"." + encoded(claims())
    mac = hmac.new(secret, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()


def changed(token: str) -> str:
    """Change the signature's first six bits."""
    text, _, signature = token.rpartition(".")
    return f"{text}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def test_a_token_of_the_issuer_names_its_actor() -> None:
    token = DevelopmentIssuer(KEY, LEDGER).token(Actor.read("organ:nb-hrss"), NOW, timedelta(hours=1))

    assert TOKENS.actor(token).id == "organ:nb-hrss"


def test_a_token_may_say_whose_account_it_is() -> None:
    named = TOKENS.actor(signed(HEADER, claims(person="0071")))

    assert (named.person, TOKENS.actor(signed(HEADER, claims())).person) == ("0071", None)
    assert "0071" not in repr(named)


@pytest.mark.parametrize("person", ["", "  ", 71, ["0071"], {"id": "0071"}, "0" * 129, "00\n71", True])
def test_a_person_that_is_no_short_text_is_refused_like_every_fault(person: object) -> None:
    with pytest.raises(TokenRefused):
        TOKENS.actor(signed(HEADER, claims(person=person)))


def test_the_tests_own_signer_makes_tokens_that_are_accepted() -> None:
    assert TOKENS.actor(signed(HEADER, claims())).name == "nb-hrss"


PUBLIC_RAW = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLIC_PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param((encoded({**HEADER, "alg": "none"}) + b"." + encoded(claims()) + b".").decode(), id="none"),
        pytest.param(jwt.encode(claims(), "", algorithm="none"), id="none by the library"),
        pytest.param(macced({**HEADER, "alg": "HS256"}, PUBLIC_PEM), id="public key as a secret, PEM"),
        pytest.param(macced({**HEADER, "alg": "HS256"}, PUBLIC_RAW), id="public key as a secret, raw"),
        pytest.param(macced(HEADER, PUBLIC_RAW), id="a MAC under the right algorithm's name"),
        pytest.param(signed({**HEADER, "alg": "ES256"}, claims()), id="another algorithm's name"),
        pytest.param(signed({**HEADER, "crit": ["exp"]}, claims()), id="crit, known"),
        pytest.param(signed({**HEADER, "crit": ["urn:x"], "urn:x": 1}, claims()), id="crit, unknown"),
        pytest.param(signed({**HEADER, "b64": False, "crit": ["b64"]}, claims()), id="b64"),
        pytest.param(signed({**HEADER, "jku": "http://127.0.0.1/keys"}, claims()), id="jku"),
        pytest.param(signed({**HEADER, "x5u": "http://127.0.0.1/cert"}, claims()), id="x5u"),
        pytest.param(signed({**HEADER, "jwk": {"kty": "OKP"}}, claims(), OTHER_KEY), id="jwk"),
        pytest.param(signed({**HEADER, "kid": "another"}, claims()), id="another kid"),
        pytest.param(signed({"alg": "EdDSA", "typ": "JWT"}, claims()), id="no kid"),
        pytest.param(signed(HEADER, claims(), OTHER_KEY), id="another key"),
        pytest.param(signed(HEADER, claims(aud="urn:points-ledger:other")), id="another audience"),
        pytest.param(signed(HEADER, claims(aud=[audience(LEDGER), "x"])), id="two audiences"),
        pytest.param(signed(HEADER, claims(aud=None)), id="no audience"),
        pytest.param(signed(HEADER, claims(iss="urn:x")), id="another issuer"),
        pytest.param(signed(HEADER, claims(iss=None)), id="no issuer"),
        pytest.param(signed(HEADER, claims(exp=None)), id="no end"),
        pytest.param(signed(HEADER, claims(exp=int(NOW.timestamp()) - 3600, iat=0)), id="expired"),
        pytest.param(
            signed(HEADER, claims(exp=int((NOW + LIFE_MAX).timestamp()) + 1)), id="longer than a token lives"
        ),
        pytest.param(signed(HEADER, claims(exp="tomorrow")), id="an end that is no number"),
        pytest.param(signed(HEADER, claims(iat=int(NOW.timestamp()) + 3600)), id="issued in the future"),
        pytest.param(signed(HEADER, claims(iat=None)), id="no beginning"),
        pytest.param(signed(HEADER, claims(sub=None)), id="nobody"),
        pytest.param(signed(HEADER, claims(sub="organ:")), id="an organ without a name"),
        pytest.param(signed(HEADER, claims(sub="superuser:root")), id="an unknown role"),
        pytest.param(signed(HEADER, claims(sub=5)), id="a number for a name"),
        pytest.param(changed(signed(HEADER, claims())), id="a changed signature"),
        pytest.param(".".join(signed(HEADER, claims()).split(".")[:2]), id="no signature"),
        pytest.param("", id="empty"),
        pytest.param("a.b.c", id="no token"),
        pytest.param("é" * 9, id="no ASCII"),
        pytest.param("a" * 100_000, id="too long"),
    ],
)
def test_every_other_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        TOKENS.actor(token)


@pytest.mark.parametrize(
    "text", ["organ:nb-hrss", "organ:91330200MA2AGX1234", f"resident:{SUBJECT}", "policy:p-1", "auditor:a-17"]
)
def test_an_actor_is_read_and_written_alike(text: str) -> None:
    assert Actor.read(text).id == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "organ",
        "organ:A B",
        "organ:a:b",
        f"resident:{SUBJECT.upper()}",
        "resident:5",
        "policy",
        "auditor:",
        "root:x",
    ],
)
def test_what_names_nobody_is_no_actor(text: str) -> None:
    with pytest.raises(BadActor):
        Actor.read(text)


def test_an_auditor_and_an_operator_may_go_without_a_name() -> None:
    assert [Actor.read(role).id for role in ("auditor", "operator")] == ["auditor:auditor", "operator:operator"]


def test_the_issuers_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "issuer.key"
    first, second = DevelopmentIssuer.create(path, LEDGER), DevelopmentIssuer.create(path, LEDGER)
    token = first.token(Actor.read("policy:p-1"), NOW, timedelta(hours=1))

    assert (second.tokens.actor(token).id, path.stat().st_mode & 0o777) == ("policy:p-1", 0o600)


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.key"
    DevelopmentIssuer.create(path, LEDGER)
    path.chmod(0o640)

    with pytest.raises(KeyFileUnsafe):
        DevelopmentIssuer.open(path, LEDGER)


def test_a_key_file_that_is_not_there_or_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "issuer.key"
    with pytest.raises(KeyFileMissing):
        DevelopmentIssuer.open(path, LEDGER)
    path.write_bytes(b"no key")
    path.chmod(0o600)

    with pytest.raises(KeyFileDamaged):
        DevelopmentIssuer.open(path, LEDGER)


def test_a_token_for_another_ledger_is_refused() -> None:
    token = DevelopmentIssuer(KEY, "wenzhou").token(Actor.read("auditor"), NOW, timedelta(hours=1))

    with pytest.raises(TokenRefused):
        TOKENS.actor(token)

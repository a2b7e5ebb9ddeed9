"""The README of a bundle, in Chinese and English, with the commands that check it by hand: sh and openssl alone."""

from collections.abc import Iterator

from ledger.evidence.entries import ShownEntry
from ledger.transparency.checkpoint import Checkpoint, CosignatureVerifier
from ledger.transparency.keys import suite_of_key
from ledger.transparency.merkle import sides_of
from ledger.transparency.notes import Signature, Verifier, encoded, read_note
from ledger.transparency.policy import read_policy
from ledger.transparency.proofs import LogProof
from ledger.transparency.sm2 import POINT_BYTES, SIGNER_ID, SPKI

_ED25519_KEY = r"\060\052\060\005\006\003\053\145\160\003\041\000"
"""The DER of a public key of Ed25519 before its 32 bytes (RFC 8410), for printf."""
_KEY_ID, _TIME = 4, 8
_TEXT = """# 认定决定证据包 · Evidence bundle of a decision

本包可在无数据库、无网络的情况下核验,并用包内的办法、事实重新算出同一决定。
This bundle can be verified with no database and no network, and the decision in it computed again from the rules
and facts in it:

    points verify THIS.zip --policy YOUR-POLICY.txt

0 成立 valid · 1 不成立 invalid · 2 成立但不完整 (已销毁) valid but incomplete (erased) · 3 用法 usage

请使用您自己取得的信任策略;包内的 policy.txt 只是出具者的策略。
Use a policy that you obtained yourself: `policy.txt` is that of whoever made the bundle.

包内含个人信息,只给本人与审计人员。The bundle holds personal data: it is for the person and for auditors.

| 文件 file | 内容 content |
|---|---|
| `checkpoint` | 检查点与见证签名 the signed head with its cosignatures (C2SP tlog-checkpoint, tlog-cosignature) |
| `proofs/` | 包含证明 proofs that entries are in the log (C2SP tlog-proof) |
| `entries/` | 自首条起的条目,只打开决定所需的 streams from their first entry on, opened only where needed |
| `deliveries.ndjson` | 决定所依据的完整供数及其证明 deliveries on which it rests, with proofs |
| `rulebooks/`, `programme.json` | 积分办法与积分应用 the tables and the programme, by their hashes |
| `decision.json` | 认定决定原文 the record; its SHA-256 is the decision's name |
| `bundle.json` | 所读的行与数据批次 which rows were read, and which deliveries |

供数批次 (`bundle.json` 的 feeds) 由决定中的摘要绑定;决定所依据的批次逐条附有证明 (`deliveries.ndjson`)。
Deliveries (`feeds` in `bundle.json`) are bound by the digest in the decision; those on which it rests are shown
with their proofs.

亲属关系以其条目证明;是否另有关系,本包不能说明。
Who belongs to whom is shown by the entries that say so; that there is no other tie a bundle cannot show.

## 手工核验 · By hand

在本目录中逐条运行;每一步都应打印 OK。Run in this directory; every step prints OK.

"""
_STAMP = """
## 时间戳 · Time stamp

若有 `timestamp.tsr` (RFC 3161),它证明检查点当时已存在。
If there is a `timestamp.tsr`, it shows that the head existed:

    openssl ts -verify -data checkpoint -in timestamp.tsr -CAfile AUTHORITY.pem
"""


def readme(checkpoint: str, policy: str, entry: ShownEntry, proof: LogProof) -> str:
    """Write the README of a bundle. The same bundle has the same README."""
    blocks = ["```sh\n" + "\n".join(block) + "\n```\n" for block in _steps(checkpoint, policy, entry, proof)]
    return _TEXT + "\n".join(blocks) + _STAMP


def _steps(checkpoint: str, policy: str, entry: ShownEntry, proof: LogProof) -> Iterator[list[str]]:
    note, trusted = read_note(checkpoint), read_policy(policy)
    yield [
        "# 1. 检查点正文 the text that was signed: everything before the blank line",
        "sed '/^$/,$d' checkpoint > checkpoint.text",
    ]
    for log in trusted.logs:
        for number, _ in _made(note.signatures, log):
            yield [
                "# 2. 日志签名 the log's signature",
                _key(log),
                _signature(number, 0),
                _verified(log, "checkpoint.text"),
            ]
    for witness in trusted.witnesses.values():
        for number, signature in _made(note.signatures, witness):
            yield [
                f"# 3. 见证签名 a witness's signature: {witness.name}",
                _key(witness),
                _signature(number, _TIME),
                _cosigned(CosignatureVerifier.seconds(signature)),
                _verified(witness, "cosigned.text"),
            ]
    yield ["# 4. 决定条目在日志中 the decision's entry is in the log", *_climbed(entry, proof)]
    yield [
        "# 5. 决定的名称 the decision's name is the hash of its record",
        "openssl dgst -sha256 -r decision.json | cut -d' ' -f1",
    ]


def _made(signatures: tuple[Signature, ...], verifier: Verifier) -> Iterator[tuple[int, Signature]]:
    """Give the signatures by a key, each with its line among all, counted from 1."""
    for number, signature in enumerate(signatures, 1):
        if verifier.made(signature):
            yield number, signature


def _cosigned(seconds: int) -> str:
    return f"(printf 'cosignature/v1\\ntime {seconds}\\n'; cat checkpoint.text) > cosigned.text"


def _key(verifier: Verifier) -> str:
    front, public = (
        (_octal(SPKI), verifier.public[-POINT_BYTES:]) if _is_sm2(verifier) else (_ED25519_KEY, verifier.public)
    )
    key = f"(printf '{front}'; echo {encoded(public)} | openssl base64 -d -A)"
    return f"{key} | openssl pkey -pubin -inform DER -out signer.pem"


def _signature(number: int, before: int) -> str:
    line = f"sed '1,/^$/d' checkpoint | sed -n {number}p | cut -d' ' -f3 | openssl base64 -d -A"
    return f"{line} | tail -c +{_KEY_ID + before + 1} > signature"


def _is_sm2(verifier: Verifier) -> bool:
    return suite_of_key(verifier) == "gm"


def _octal(content: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in content)


def _verified(verifier: Verifier, text: str) -> str:
    more = f" -digest sm3 -pkeyopt distid:{SIGNER_ID}" if _is_sm2(verifier) else ""
    check = f"openssl pkeyutl -verify -pubin -inkey signer.pem -rawin -in {text} -sigfile signature{more}"
    return f"{check} > /dev/null && echo OK"


def _climbed(entry: ShownEntry, proof: LogProof) -> Iterator[str]:
    """Give the commands that hash from the header up to the root."""
    digest = {"intl": "-sha256", "gm": "-sm3"}[entry.suite.name]
    size = Checkpoint.read(proof.note.text).size
    yield f"(printf '\\000'; cat decision-header.bin) | openssl dgst {digest} -binary > node"
    for sibling, is_left in zip(proof.path, sides_of(proof.index, size - 1, len(proof.path)), strict=True):
        other = f"echo {encoded(sibling)} | openssl base64 -d -A"
        pair = f"{other}; cat node" if is_left else f"cat node; {other}"
        yield f"(printf '\\001'; {pair}) | openssl dgst {digest} -binary > above && mv above node"
    yield 'test "$(openssl base64 -A -in node)" = "$(sed -n 3p checkpoint)" && echo OK'

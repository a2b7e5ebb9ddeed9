"""Verbs of the transparency logs 透明日志 (log …) and of its witnesses (witness …)."""

import logging
import math
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
import uvicorn

from api import clock, composition
from api.cli.options import AsJson, settings_of, speaker
from api.cli.output import Speaker
from api.cli.reasons import in_chinese, why_of
from api.cli.serving import config, listening
from api.cli.usage import Misused
from api.log_keys import LogKeys
from api.posting import post
from api.settings import Settings
from api.witness.app import create_witness
from domain.errors import LedgerDamaged, LogKeyMissing, LogProofRefused, NotInLog
from ledger.opening import suite_of
from ledger.reads import READS
from ledger.suites import SUITES
from ledger.transparency.checkpoint import CosignatureVerifier
from ledger.transparency.cosigning import Refused, WitnessClient
from ledger.transparency.heads import FolderOfHeads
from ledger.transparency.keys import COSIGNERS, SIGNERS, Signer, read_vkey
from ledger.transparency.log import LEAVES_A_STEP, Head, LogDiffers, LogKeeper, NotInTheLog
from ledger.transparency.notes import NoteRefused
from ledger.transparency.policy import Policy, PolicyRefused, read_policy
from ledger.transparency.tree import ENTRIES, Tree
from ledger.transparency.witnessing import Witness

SECONDS_BETWEEN_HEADS = 1.0
log = typer.Typer(help="The transparency log. 透明日志。", no_args_is_help=True)
witness = typer.Typer(help="A witness, apart from the ledger. 见证人。", no_args_is_help=True)
_log = logging.getLogger("points.log")
SuiteOption = Annotated[Literal["intl", "gm"], typer.Option(help="gm: SM2, by openssl. 国密。")]
OfReads = Annotated[bool, typer.Option("--reads", help="The log of reads, not of entries. 查询日志。")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="Which witnesses are enough (C2SP tlog-policy). 见证策略文件。", exists=True),
]


@log.command("key")
def log_key(
    context: typer.Context,
    origin: Annotated[str, typer.Argument(help="The log's name, such as ledger.example/points. 日志名。")],
    suite: SuiteOption = "intl",
    reads: OfReads = False,
    as_json: AsJson = False,
) -> None:
    """日志密钥: Make the log's signing key and print its public key."""
    voice, keys = speaker(context, as_json=as_json), LogKeys.of(settings_of(context), _tree(reads=reads))
    vkey = _made(keys, origin, SIGNERS[suite])
    voice.say(vkey)
    voice.progress(voice.choose("把这一行交给见证人和核验者。", "Give this line to witnesses and verifiers."))
    voice.give({"vkey": vkey, "key_file": str(keys.secret)})


@log.command("run")
def log_run(
    context: typer.Context,
    policy: PolicyFile = None,
    once: Annotated[bool, typer.Option("--once", help="Sign what there is, and end. 签一次即止。")] = False,
    as_json: AsJson = False,
) -> None:
    """运行日志: Follow entries and reads, sign a head of each when there is something new, have it witnessed."""
    voice, settings = speaker(context, as_json=as_json), settings_of(context)
    signers = _signers(settings, voice)
    trusted = policy_of(policy)
    stop = threading.Event()
    with composition.database(settings) as database, ExitStack() as stack:
        suite = suite_of(database)
        kept = []
        for tree, signer in signers:
            keeper = LogKeeper.open(database, suite, signer, tree)
            stack.callback(keeper.reader.connection.close)
            kept.append((keeper, _witnesses(trusted)))
        if not once:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            voice.progress(voice.choose("Ctrl-C 停止。", "Ctrl-C stops it."))
        while not stop.is_set() and not all(keeper.lead() for keeper, _ in kept):
            stop.wait(SECONDS_BETWEEN_HEADS)
        while not stop.is_set():
            begun = time.monotonic()
            for keeper, witnesses in kept:
                _step(keeper, witnesses, voice, math.inf if once else begun + SECONDS_BETWEEN_HEADS)
            if once:
                return
            # From one head's beginning to the next one's: what signing and witnesses took is not waited for again.
            stop.wait(max(0.0, begun + SECONDS_BETWEEN_HEADS - time.monotonic()))


def _signers(settings: Settings, voice: Speaker) -> list[tuple[Tree, Signer]]:
    """Give the logs that have a key: that of entries must, that of reads is told of where it has none."""
    signers: list[tuple[Tree, Signer]] = [(ENTRIES, LogKeys.of(settings).log_signer())]
    try:
        signers.append((READS, LogKeys.of(settings, READS).log_signer()))
    except LogKeyMissing:
        voice.progress(
            voice.choose(
                "查询日志没有密钥,不签署: points log key 日志名 --reads。",
                "The log of reads has no key and is not signed: points log key ORIGIN --reads.",
            )
        )
    return signers


def _step(keeper: LogKeeper, witnesses: list[WitnessClient], voice: Speaker, until: float) -> None:
    """Follow one log, for a while; sign it, where there is something new, and have it witnessed."""
    try:
        follow_until(keeper, until)
        head = keeper.sign()
    except LogDiffers as error:
        raise LedgerDamaged(str(error)) from None
    if head is not None:
        _tell_head(voice, head, _cosigned(keeper, head, witnesses, voice), keeper.reader.of)


def follow_until(keeper: LogKeeper, until: float) -> None:
    """Take in what there is, or as much as comes in time: beside an endless import heads are signed too."""
    while keeper.follow() == LEAVES_A_STEP and time.monotonic() < until:
        pass


def _cosigned(keeper: LogKeeper, head: Head, witnesses: list[WitnessClient], voice: Speaker) -> int:
    count = 0
    for one in witnesses:
        answer = one.cosign(keeper.reader, head)
        if isinstance(answer, Refused):
            _log.log(logging.ERROR if answer.alarm else logging.WARNING, "%s: %s", answer.witness, answer.why)
            voice.progress(f"{'ALARM ' if answer.alarm else ''}{answer.witness}: {answer.why}")
            continue
        keeper.keep(head.checkpoint.size, [answer])
        count += 1
    return count


def _tell_head(voice: Speaker, head: Head, cosignatures: int, tree: Tree) -> None:
    size, root = head.checkpoint.size, head.checkpoint.root.hex()
    zh, en = ("条,至位置", "entries up to position") if tree is ENTRIES else ("次查询,至编号", "reads up to number")
    voice.say(
        voice.choose(
            f"已签署:{size} {zh} {head.position},根 {root[:16]}…,见证 {cosignatures} 份。",
            f"Signed: {size} {en} {head.position}, root {root[:16]}…; {cosignatures} cosigned.",
        )
    )
    told = {"size": size, "position": head.position, "root": root, "cosignatures": cosignatures}
    voice.give({**told, "origin": head.checkpoint.origin})
    voice.flush()  # whoever reads it through a pipe waits for each head


@log.command("checkpoint")
def log_checkpoint(context: typer.Context, reads: OfReads = False, as_json: AsJson = False) -> None:
    """最新检查点: Print the last signed head with its cosignatures."""
    voice = speaker(context, as_json=as_json)
    with composition.log_reader(settings_of(context), _tree(reads=reads)) as reader:
        try:
            head = reader.head()
        except NotInTheLog:
            raise NotInLog from None
    voice.plain(head.note.whole())
    voice.give({"size": head.checkpoint.size, "root": head.checkpoint.root.hex(), "note": head.note.whole()})


@log.command("prove")
def log_prove(
    context: typer.Context,
    position: Annotated[int, typer.Argument(min=1, help="The entry's position, as its receipt names it. 位置。")],
    as_json: AsJson = False,
) -> None:
    """出具证明: Print the proof that an entry is in the log (C2SP tlog-proof); anybody can check it offline."""
    voice = speaker(context, as_json=as_json)
    with composition.log_reader(settings_of(context)) as reader:
        try:
            proof = reader.proof(position)
        except NotInTheLog:
            raise NotInLog(str(position)) from None
    voice.plain(proof.text())
    voice.give({"position": position, "index": proof.index, "proof": proof.text()})


Folder = Annotated[Path, typer.Option("--store", help="The witness's own folder. 见证人目录。")]


@witness.command("key")
def witness_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The witness's name, such as witness.example/w1. 见证人名。")],
    store: Folder,
    suite: SuiteOption = "intl",
    as_json: AsJson = False,
) -> None:
    """见证人密钥: Make the witness's key in its folder and print its public key."""
    voice = speaker(context, as_json=as_json)
    vkey = _made(LogKeys.of_witness(store), name, COSIGNERS[suite])
    voice.say(vkey)
    voice.give({"vkey": vkey})


@witness.command("serve")
def witness_serve(
    context: typer.Context,
    store: Folder,
    trusted: Annotated[list[str], typer.Option("--log", help="A log's public key; may be repeated. 日志公钥。")],
    host: Annotated[str, typer.Option(help="Address to listen on. 监听地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one. 端口。")] = 8100,
    suite: Annotated[str, typer.Option(help="intl or gm.")] = "intl",
    as_json: AsJson = False,
) -> None:
    """运行见证人: Cosign a log's heads as long as it only grows, until stopped (Ctrl-C or SIGTERM)."""
    voice = speaker(context, as_json=as_json)
    if suite not in SUITES:
        raise Misused("只能是 intl 或 gm", "intl or gm", "--suite")
    try:
        logs = {one.name: one for one in map(read_vkey, trusted)}
    except NoteRefused as error:
        raise Misused(f"不是日志公钥({in_chinese(str(error))})", str(error), "--log") from None
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    heads = FolderOfHeads(store / "heads")
    signer = LogKeys.of_witness(store).witness_signer()
    app = create_witness(
        Witness(signer, logs, heads, SUITES[suite].hash), heads, lambda: int(clock.now().timestamp())
    )
    with listening(host, port) as taken:
        url = f"http://{host}:{taken.getsockname()[1]}"
        voice.say(url)
        voice.give({"url": url, "vkey": signer.verifier.vkey()})
        voice.flush()
        uvicorn.Server(config(app, host, port)).run(sockets=[taken])


def _tree(*, reads: bool) -> Tree:
    return READS if reads else ENTRIES


def _made(keys: LogKeys, name: str, signer: Any) -> str:
    try:
        return keys.make(name, signer, composition.random_bytes).vkey()
    except NoteRefused as error:
        raise Misused(f"写法不对({in_chinese(str(error))})", str(error)) from None


def policy_of(path: Path | None) -> Policy | None:
    """Read a policy file, where one is given. Raises LogProofRefused with its place."""
    if path is None:
        return None
    try:
        return read_policy(text_of(path))
    except PolicyRefused as error:
        raise LogProofRefused(str(path), why_of(error)) from None


def _witnesses(policy: Policy | None) -> list[WitnessClient]:
    if policy is None:
        return []
    return [
        WitnessClient(one, policy.urls[one.vkey()], post)
        for one in policy.witnesses.values()
        if isinstance(one, CosignatureVerifier) and one.vkey() in policy.urls
    ]


def text_of(path: Path) -> str:
    """Read a text that was given as a file. Raises LogProofRefused."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise LogProofRefused(str(path)) from None

"""The verb `decision bundle` 证据包: a decision with everything that verifies and recomputes it offline."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.deciding import room
from api.cli.decisions import Name
from api.cli.options import AsJson, LookedAtBy, Purpose, look_of, settings_of, speaker
from api.cli.reasons import why_of
from api.cli.residents import look_at
from api.cli.transparency import policy_of, text_of
from api.log_keys import LogKeys
from domain.errors import BundleUnwritable, LogProofRefused, NotInLog
from ledger.evidence.checking import check_bundle
from ledger.evidence.refusal import EvidenceRefused
from ledger.evidence.timestamps import read_stamp
from ledger.opening import suite_of
from ledger.rounds.refusals import DecisionUnknown
from ledger.transparency.log import NotInTheLog
from ledger.transparency.policy import read_policy
from projections.bundles import Bundler, Trusted
from projections.office.decisions import one_of


def bundle_(
    context: typer.Context,
    name: Name,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write. 输出文件。")],
    policy: Annotated[
        Path | None, typer.Option(help="Which witnesses are enough. 见证策略。", show_default="the log's key alone")
    ] = None,
    timestamp: Annotated[
        Path | None, typer.Option(help="An RFC 3161 token of the checkpoint. 时间戳文件。")
    ] = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """证据包: Write what verifies and recomputes a decision with no database. The look is recorded."""
    voice, look = speaker(context, as_json=as_json), look_of(context, by, purpose)
    trusted = trusted_of(context, policy)
    stamp = None if timestamp is None else _stamp(timestamp)
    with room(context) as at_work:
        at_work.follow()
        with at_work.known() as (cases, snapshot):
            one = one_of(snapshot, name)
            if one.fact is None:
                raise DecisionUnknown(name)
            document = cases.within(snapshot.cursor, one.fact.as_at).programme(one.fact.content)
            look_at(at_work.desk, one.subject, look)
            keys = at_work.desk.keys
            bundler = Bundler(
                cases, snapshot, at_work.desk.ledger.entry_mapper, keys.prepare, suite_of(at_work.desk.database)
            )
            try:
                bundle, content = bundler.bundle(one, document, trusted, stamp)
            except NotInTheLog as error:
                raise NotInLog(str(error)) from None
    try:  # nobody is handed what does not hold
        report = check_bundle(bundle, trusted.policy)
    except EvidenceRefused as refusal:
        raise BundleUnwritable("", why_of(refusal)) from None
    output.write_bytes(content)
    size, facts = len(content), report.facts
    voice.say(
        voice.choose(
            f"{output}:{size:,} 字节,{facts} 条打开的条目,检查点 {report.checkpoint.size}。",
            f"{output}: {size:,} bytes, {facts} entries opened, checkpoint {report.checkpoint.size}.",
        )
    )
    voice.give(
        {
            "file": str(output),
            "bytes": size,
            "decision": one.name,
            "facts": facts,
            "checkpoint": report.checkpoint.size,
            "verdict": report.verdict,
        }
    )


def trusted_of(context: typer.Context, path: Path | None) -> Trusted:
    """Read whom evidence must satisfy: a policy, or the log's own key. Raises LogProofRefused, LogKeyMissing."""
    if path is None:
        text = f"log {LogKeys.of(settings_of(context)).verifier().vkey()}\nquorum none\n"
        return Trusted(read_policy(text), text)
    text = text_of(path)
    found = policy_of(path)
    if found is None:
        raise LogProofRefused(str(path))
    return Trusted(found, text)


def _stamp(path: Path) -> bytes:
    try:
        token = path.read_bytes()
        read_stamp(token)
    except (OSError, EvidenceRefused) as error:
        raise LogProofRefused(str(path), why_of(error)) from None
    return token

"""The evidence bundle 证据包 of a decision: which files it has, and how they are read back.

README.md              what this is, and how to check it by hand with openssl
bundle.json            who, which rows, which feeds, which proofs
checkpoint             the signed head with its cosignatures
policy.txt             the policy of whoever made the bundle; a verifier brings their own
decision.json          the decision's record: the bytes whose SHA-256 is its name
decision-header.bin    the header of the entry that recorded it: the bytes under its leaf
entries/STREAM.ndjson  every entry of a stream from its first on, one a line; content only where it is needed
deliveries.ndjson      optional: deliveries on which the decision rests, each with its proof, one a line
proofs/NAME.tlog-proof proofs that entries are in the log (C2SP tlog-proof), all under the one checkpoint
rulebooks/HASH.json    the tables, as canonical trees
programme.json         the programme, the same
timestamp.tsr          optional: a time stamp (RFC 3161) of the file `checkpoint`
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from domain.coverage import Feed
from domain.factrow import FactRow
from domain.programme import ProgrammeDocument
from domain.rulebook.resolution import RulebookSet
from ledger.canonical import NotCanonical, canonical, parse
from ledger.evidence.archive import packed, unpacked
from ledger.evidence.entries import ShownEntry
from ledger.evidence.readme import readme
from ledger.evidence.refusal import EvidenceRefused
from ledger.evidence.reliance import DELIVERIES, Delivery, read_deliveries
from ledger.transparency.notes import NoteRefused
from ledger.transparency.proofs import LogProof, read_proof

FORMAT = 1
_FEED = 4
"""Of a delivery its kind, place and months are bound by the decision; its position is not."""
MANIFEST, CHECKPOINT, POLICY, DECISION = "bundle.json", "checkpoint", "policy.txt", "decision.json"
PROGRAMME, README, STAMP, HEADER = "programme.json", "README.md", "timestamp.tsr", "decision-header.bin"
AS_AT = "as-at"
"""The name of the proof that the entry up to which the decision looked is in the log."""
_FOLDERS = ("entries/", "proofs/", "rulebooks/")
_EVERY = {MANIFEST, CHECKPOINT, POLICY, DECISION, PROGRAMME, README, HEADER}


class Place(NamedTuple):
    """An entry: its stream and its version there."""

    stream: UUID
    version: int

    @property
    def name(self) -> str:
        """Give the name of its proof."""
        return f"{self.stream}-{self.version}"


class Somebody(NamedTuple):
    """Somebody of whom rows were read: which entries gave them, and which of each entry's parts."""

    role: str
    rows: tuple[tuple[UUID, int, int], ...]

    @classmethod
    def of(cls, role: str, rows: Sequence[FactRow]) -> "Somebody":
        """Name the rows of somebody."""
        return cls(role, tuple((row.ref_stream, row.ref_version, row.part) for row in rows))


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds, read but not judged. `proofs` are by the names of their files.

    `kin` are the streams that say who belongs together. Bundles of older releases show neither them nor
    `deliveries`: both are None.
    """

    decision: Place
    people: tuple[Somebody, ...]
    feeds: tuple[Feed, ...]
    streams: Mapping[UUID, Sequence[ShownEntry]]
    proofs: Mapping[str, LogProof]
    as_at_leaf: bytes
    checkpoint: str
    policy: str
    record: bytes
    rulebooks: tuple[Any, ...]
    programme: Any
    stamp: bytes | None = None
    kin: tuple[UUID, ...] | None = None
    deliveries: tuple[Delivery, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def written(bundle: Bundle, rulebooks: RulebookSet, programme: ProgrammeDocument) -> bytes:
    """Write a bundle: the same bundle is the same bytes."""
    [entry] = [one for one in bundle.streams[bundle.decision.stream] if one.ref.version == bundle.decision.version]
    files = {
        MANIFEST: _manifest(bundle),
        CHECKPOINT: bundle.checkpoint.encode(),
        POLICY: bundle.policy.encode(),
        DECISION: bundle.record,
        HEADER: entry.header_bytes(),
        PROGRAMME: canonical(programme.tree),
        README: readme(bundle.checkpoint, bundle.policy, entry, bundle.proofs[bundle.decision.name]).encode(),
    }
    files |= {
        f"entries/{stream}.ndjson": b"".join(map(ShownEntry.line, bundle.streams[stream]))
        for stream in bundle.streams
    }
    files |= {f"proofs/{name}.tlog-proof": proof.text().encode() for name, proof in bundle.proofs.items()}
    files |= {f"rulebooks/{one.hash}.json": canonical(one.tree) for one in rulebooks.documents}
    if bundle.deliveries:
        files[DELIVERIES] = b"".join(one.line() for one in bundle.deliveries)
    if bundle.stamp is not None:
        files[STAMP] = bundle.stamp
    return packed(files)


def _manifest(bundle: Bundle) -> bytes:
    told: dict[str, Any] = {
        "bundle": FORMAT,
        "decision": [str(bundle.decision.stream), bundle.decision.version],
        "as_at_leaf": bundle.as_at_leaf.hex(),
        "people": [
            {"role": one.role, "rows": [[str(stream), *rest] for stream, *rest in one.rows]}
            for one in bundle.people
        ],
        "feeds": [list(feed[:_FEED]) for feed in bundle.feeds],
    }
    if bundle.kin is not None:
        told["kin"] = [str(stream) for stream in bundle.kin]
    if bundle.deliveries is not None:
        told["deliveries"] = [[str(one.entry.ref.stream), one.entry.ref.version] for one in bundle.deliveries]
    return canonical(told)


def read_bundle(content: bytes) -> Bundle:
    """Read a bundle without judging it. Raises EvidenceRefused with the file, and where possible the line."""
    files = unpacked(content)
    missing = sorted(_EVERY - files.keys())
    unknown = sorted(name for name in files.keys() - _EVERY - {STAMP, DELIVERIES} if not name.startswith(_FOLDERS))
    if missing or unknown:
        why = "the file is missing" if missing else "no bundle has such a file"
        raise EvidenceRefused([*missing, *unknown][0], why)
    streams: dict[UUID, list[ShownEntry]] = {}
    proofs: dict[str, LogProof] = {}
    rulebooks = []
    for name, text in sorted(files.items()):
        folder, _, rest = name.partition("/")
        try:
            if folder == "entries":
                streams[UUID(rest.removesuffix(".ndjson"))] = _entries(text)
            elif folder == "proofs":
                proofs[rest.removesuffix(".tlog-proof")] = read_proof(text.decode())
            elif folder == "rulebooks":
                rulebooks.append(parse(text))
        except EvidenceRefused as refusal:
            raise refusal.within(name) from None
        except (NoteRefused, ValueError) as error:
            raise EvidenceRefused(name, str(error)[:200]) from None
    return _bundle(files, streams, proofs, tuple(rulebooks))


def _bundle(
    files: Mapping[str, bytes],
    streams: Mapping[UUID, Sequence[ShownEntry]],
    proofs: Mapping[str, LogProof],
    rulebooks: tuple[Any, ...],
) -> Bundle:
    try:
        told = parse(files[MANIFEST])
        if told["bundle"] != FORMAT:
            raise EvidenceRefused(MANIFEST, "this release does not know the format")
        bundle = Bundle(
            decision=Place(UUID(told["decision"][0]), int(told["decision"][1])),
            people=tuple(
                Somebody(
                    str(one["role"]),
                    tuple((UUID(stream), int(version), int(part)) for stream, version, part in one["rows"]),
                )
                for one in told["people"]
            ),
            feeds=tuple(
                Feed(str(kind), str(place), int(first), int(last), 0) for kind, place, first, last in told["feeds"]
            ),
            streams=streams,
            proofs=proofs,
            as_at_leaf=bytes.fromhex(told["as_at_leaf"]),
            checkpoint=files[CHECKPOINT].decode(),
            policy=files[POLICY].decode(),
            record=files[DECISION],
            rulebooks=rulebooks,
            programme=parse(files[PROGRAMME]),
            stamp=files.get(STAMP),
            kin=tuple(map(UUID, told["kin"])) if "kin" in told else None,
            deliveries=read_deliveries(files.get(DELIVERIES, b""))
            if "deliveries" in told or DELIVERIES in files
            else None,
            files=files,
        )
        is_spelled = _manifest(bundle) == files[MANIFEST]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, NotCanonical):
        raise EvidenceRefused(MANIFEST, "it does not describe a bundle") from None
    if not is_spelled:
        raise EvidenceRefused(MANIFEST, "a bundle has one spelling")
    return bundle


def _entries(text: bytes) -> list[ShownEntry]:
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            entries.append(ShownEntry.read(line))
        except EvidenceRefused as refusal:
            raise refusal.within(f"line {number}") from None
    if not entries:
        raise EvidenceRefused("", "the stream is empty")
    return entries

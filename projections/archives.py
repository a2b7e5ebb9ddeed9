"""Making archives 归档: what the ledger holds of a decision or a round, put together so that it needs no ledger.

An archive is made as at the last entry that it is about, under the first heads that cover it: made later it is the
same bytes, but for what was erased in between.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.errors import Refusal, SubjectErased, SubjectQuarantined, SubjectUnknown
from domain.facts import DecisionMade, RankingPublished, Stream
from domain.round import Round
from ledger import rows
from ledger.canonical import canonical, parse
from ledger.entry import StoredEntry
from ledger.evidence.archives import (
    BUNDLES,
    DECISION,
    DECISIONS,
    ENTRIES,
    GONE,
    NOTICE,
    PROOFS,
    RANKING,
    Line,
    decisions_csv,
    readme,
    title_of,
    words_of,
)
from ledger.evidence.checking import check_bundle
from ledger.evidence.entries import shown
from ledger.evidence.package import README, Described, Paper, Retention, packaged, table
from ledger.evidence.proving import receipt_of
from ledger.rounds.refusals import DecisionUnknown
from ledger.streams import named
from ledger.transparency.log import LogReader
from ledger.transparency.proofs import LogProof
from projections.bundles import Bundler, Trusted, head_over
from projections.cases import Cases, Snapshot
from projections.decisions import Kept, kept
from projections.office import Office
from projections.office.rounds import notice_lines, rank
from projections.rounds import ranking_json

Told = Callable[[int, int], None]
_HEADS = ("rank", "name", "unit", "points")


class NothingToArchive(Refusal):
    """批次尚未公布排名,没有可归档的结果。| The round has no published ranking: there is no result to archive."""

    status = 409


@dataclass(frozen=True)
class Archivist:
    """Makes archives of one ledger. `suite` is the ledger's; `told` hears how many bundles of how many are made.

    `looked` is told of each person before anything of theirs is read.
    """

    office: Office
    trusted: Trusted
    retention: Retention
    suite: Any
    told: Told = field(default=lambda *_: None)
    looked: Callable[[UUID], None] = field(default=lambda _: None)

    def decision(self, name: str) -> dict[str, bytes]:
        """Archive one decision. Raises DecisionUnknown, NotInTheLog."""

        def make(cases: Cases, snapshot: Snapshot) -> dict[str, bytes]:
            found = kept(snapshot, front=name) if name else []
            stored = _decisions(snapshot, "state ->> 'decision' = %(name)s", {"name": name}) if not found else []
            if len(found) + len(stored) != 1:
                raise DecisionUnknown(name)
            [papers], [line] = self._bundled(cases, snapshot, found, stored)
            position = found[0].position if found else stored[0].position or 0
            [entry] = _at(snapshot, [position])
            fact: Any = parse(entry.state)
            organ, day = entry.hand.organ, str(fact["decided_on"])
            described = Described(
                "decision", line.decision, title_of("decision", line.decision), organ, day, self.retention
            )
            return _packed(described, papers)

        self.office.knowing.follow()
        return self.office.knowing.ask(make)

    def round(self, name: str) -> dict[str, bytes]:
        """Archive a round with every decision. Raises RoundUnknown, NothingToArchive, NotInTheLog."""
        said, current = self.office.rounds.said(name), self.office.rounds.current(name)
        published = [entry.fact.published_on for entry in said if isinstance(entry.fact, RankingPublished)]
        if not published or current.as_at is None:
            raise NothingToArchive(name)

        def make(cases: Cases, snapshot: Snapshot) -> dict[str, bytes]:
            found = kept(snapshot, round_name=name)
            gone = self._gone(snapshot, current, found)
            bundles, lines = self._bundled(cases, snapshot, found, gone)
            every = [entry.position or 0 for entry in said] + [one.position for one in found]
            as_at = max([*every, *(one.position or 0 for one in gone)])
            [opening] = _at(snapshot, [said[0].position or 0])
            organ, day = opening.hand.organ, published[-1].isoformat()
            described = Described("round", name, title_of("round", name), organ, day, self.retention)
            papers = [
                *(paper for several in bundles for paper in several),
                *self._stream(snapshot, name, as_at),
                *self._papers(current, lines, as_at),
            ]
            return _packed(described, papers)

        self.office.knowing.follow()
        return self.office.knowing.ask(make)

    def _gone(self, snapshot: Snapshot, current: Round, found: Sequence[Kept]) -> list[StoredEntry]:
        """Find decisions of the round that open no more: the projections have forgotten them."""
        known = {one.position for one in found}
        asked = {"name": current.name, "after": current.as_at}
        stored = _decisions(snapshot, "state ->> 'round' = %(name)s AND notification_id > %(after)s", asked)
        mapper = self.office.desk.ledger.entry_mapper
        return [one for one in stored if one.position not in known and mapper.opened(one) is None]

    def _bundled(
        self, cases: Cases, snapshot: Snapshot, found: Sequence[Kept], gone: Sequence[StoredEntry]
    ) -> tuple[list[list[Paper]], list[Line]]:
        desk = self.office.desk
        bundler = Bundler(cases, snapshot, desk.ledger.entry_mapper, desk.keys.prepare, self.suite)
        papers, lines = [], []
        for number, one in enumerate(found, 1):
            if one.fact is None:
                gone = [*gone, *_at(snapshot, [one.position])]
                continue
            self.looked(one.subject)
            document = cases.within(snapshot.cursor, one.fact.as_at).programme(one.fact.content)
            bundle, content = bundler.bundle(one, document, self.trusted)
            verdict = check_bundle(bundle, self.trusted.policy).verdict  # nothing is archived that does not hold
            line = Line.of(one.fact, "open" if verdict == "valid" else "incomplete")
            paper = _paper(f"{BUNDLES}{line.decision}.zip", content, [line])
            papers.append([paper])
            if one.fact.round is None or len(found) == 1:
                papers[-1].append(_paper(DECISION, one.decision.bytes, [line]))
            lines.append(line)
            self.told(number, len(found))
        for entry in gone:
            paper, line = self._receipt(snapshot, entry)
            papers.append([paper])
            lines.append(line)
        return papers, lines

    def _receipt(self, snapshot: Snapshot, entry: StoredEntry) -> tuple[Paper, Line]:
        told: Any = parse(entry.state)
        reader = LogReader(snapshot.cursor.connection, self.suite)
        mapper = self.office.desk.ledger.entry_mapper
        text = receipt_of(reader, entry.position or 0, self.trusted.policy, mapper)
        name = str(told["decision"])
        line = Line(str(told.get("application") or ""), name, "erased")
        return _paper(f"{GONE}{name}.receipt", text.encode(), [line]), line

    def _stream(self, snapshot: Snapshot, name: str, as_at: int) -> list[Paper]:
        stream = named(Stream.ROUND, name)
        stored = _rows(
            snapshot,
            "originator_id = %(stream)s AND notification_id <= %(until)s ORDER BY originator_version",
            {"stream": stream, "until": as_at},
        )
        mapper = self.office.desk.ledger.entry_mapper
        lines = b"".join(shown(entry, mapper).line() for entry in stored)
        proof = self._proof(snapshot, stored[-1])
        return [
            _paper(f"{ENTRIES}{stream}.ndjson", lines),
            _paper(f"{PROOFS}{stream}.tlog-proof", proof.text().encode()),
        ]

    def _proof(self, snapshot: Snapshot, entry: StoredEntry) -> LogProof:
        reader = LogReader(snapshot.cursor.connection, self.suite)
        index = reader.index(entry.position or 0)
        return reader.proven(index, head_over(reader, index, self.trusted.policy))

    def _papers(self, current: Round, lines: Sequence[Line], as_at: int) -> list[Paper]:
        """Give the ranking as it was published, and the notice, as far as both can be made again."""
        ranking: bytes | None = None
        notice: list[Paper] = []
        try:
            told = rank(self.office, current.name)
            ranking = canonical(ranking_json(told.current, told.ranking))
            hung = notice_lines(self.office, current, as_at) if current.notices else []
            rows = table(_HEADS, (tuple(one[name] for name in _HEADS) for one in hung))
            notice = [_paper(NOTICE, rows)] if hung else []
        except (SubjectErased, SubjectUnknown, SubjectQuarantined):
            pass  # who was erased cannot be ranked again: the hash that was published stays in the entries
        listed = _paper(DECISIONS, decisions_csv(lines, ranking))
        return [listed, *notice, *([] if ranking is None else [_paper(RANKING, ranking)])]


def _paper(path: str, content: bytes, lines: Sequence[Line] = ()) -> Paper:
    erased = path.startswith((BUNDLES, GONE)) and any(line.state != "open" for line in lines)
    return Paper(path, content, *words_of(path, lines), erased)


def _packed(described: Described, papers: Sequence[Paper]) -> dict[str, bytes]:
    return packaged(described, [*papers, _paper(README, readme(described))])


def _at(snapshot: Snapshot, positions: Sequence[int]) -> list[StoredEntry]:
    return _rows(snapshot, "notification_id = ANY(%(at)s)", {"at": list(positions)})


def _decisions(snapshot: Snapshot, where: str, asked: Mapping[str, Any]) -> list[StoredEntry]:
    """Read decisions by what they say in the clear, of whomever."""
    spelled = where.replace("state", "convert_from(state, 'UTF8')::jsonb")
    known = {"topic": DecisionMade.topic(), "until": snapshot.position, **asked}
    return _rows(
        snapshot,
        f"topic = %(topic)s AND notification_id <= %(until)s AND {spelled} ORDER BY notification_id",
        known,
    )


def _rows(snapshot: Snapshot, where: str, asked: Mapping[str, Any]) -> list[StoredEntry]:
    text = snapshot.schemas.sql(f"SELECT notification_id,{rows.NAMES} FROM {{ledger}}.entries WHERE {where}")  # noqa: S608 - names alone
    return [rows.stored_entry(row) for row in snapshot.cursor.execute(text, asked).fetchall()]

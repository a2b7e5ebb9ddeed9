"""Verbs about one resident: find, score, explain, history."""

import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import typer

from api import clock, composition
from api.bodies.histories import Sight, withhold
from api.cli.options import (
    AsAt,
    AsJson,
    AsOf,
    Look,
    LookedAtBy,
    Place,
    Purpose,
    Subject,
    Use,
    civil_day,
    knowledge,
    look_of,
    place_code,
    programme,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Speaker
from api.cli.usage import Misused
from domain.errors import Language, NowhereAtHome, PersonUnknown, SubjectUnknown
from domain.explanation import explain as explained
from domain.facts import FactCorrected, FactVoided, LegacyDecisionRecorded, LegacyScoreRecorded
from domain.facts.identity import DocumentType
from domain.identifiers import is_resident_number
from domain.legacy import LABEL, told
from domain.person import Person
from domain.places import name_of
from domain.words import VALIDITY, choose
from ledger.entry import Entry
from ledger.opening import Desk
from ledger.vault.identities import Outcome
from projections.answers import Answer

_VOIDING = {FactVoided.topic(), FactCorrected.topic()}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def find(
    context: typer.Context,
    document_type: Annotated[
        DocumentType, typer.Option("--type", help="Of the document. 证件类型。")
    ] = "resident-card",
    as_json: AsJson = False,
) -> None:
    """查找: read one document number from standard input, so that no shell keeps it, and print the subject's id."""
    voice = speaker(context, as_json=as_json)
    if sys.stdin.isatty():
        voice.progress(voice.choose("请输入证件号码:", "Document number:"))
    number = sys.stdin.readline(64).strip().upper()
    if document_type == "resident-card" and not is_resident_number(number):
        raise Misused(
            "证件号码应为 18 位且校验码相符。",
            "a document number has 18 characters, and its check character holds",
            "stdin",
        )
    with composition.desk(settings_of(context)) as desk:
        resolution = desk.identities.find(Person(document_type, number))
    if resolution.outcome is not Outcome.KNOWN or resolution.subject is None:
        raise PersonUnknown
    if not as_json:
        sys.stdout.write(f"{resolution.subject}\n")
    voice.give({"subject": str(resolution.subject)})


def score(
    context: typer.Context,
    subject: Subject,
    place: Place = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    use: Use = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """积分: a resident's points at a place, as of a day, as at a moment."""
    voice = speaker(context, as_json=as_json)
    found = _answers(context, subject, Where(place, as_of, as_at, use), look_of(context, by, purpose))
    for answer in found:
        headline(voice, answer)
        voice.table(
            [voice.choose("办法", "table"), voice.choose("得分", "points"), voice.choose("封顶", "cap")],
            [
                (t.label.text(voice.language), answer.score.points(t.points), _cap(answer, t.cap))
                for t in answer.score.tables
            ],
        )
    voice.give({"subject": subject, "scores": [as_object(answer) for answer in found]})


def explain(
    context: typer.Context,
    subject: Subject,
    place: Place = None,
    as_of: AsOf = None,
    as_at: AsAt = None,
    use: Use = None,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """说明: every point down to facts, clause and rulebook version, and why a rule gave nothing."""
    voice = speaker(context, as_json=as_json)
    found = _answers(context, subject, Where(place, as_of, as_at, use), look_of(context, by, purpose))
    with composition.desk(settings_of(context)) as desk, composition.answers(desk.database) as answers:
        legacy = answers.legacy(found[0].subject, found[0].as_at)
    for answer in found:
        headline(voice, answer)
        for line in explained(answer.score, voice.language):
            voice.say(line)
        voice.say(_outlook(voice, answer))
    for line in told(legacy, voice.language):
        voice.say(line)
    voice.give(
        {
            "subject": subject,
            "legacy": [one.fact.model_dump(mode="json", exclude_none=True) for one in legacy],
            "scores": [
                {
                    **as_object(answer),
                    "next_change_on": answer.next_change_on(),
                    "explanation": {tongue: explained(answer.score, tongue) for tongue in LANGUAGES},
                }
                for answer in found
            ],
        }
    )


def history(
    context: typer.Context,
    subject: Subject,
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """历史: everything recorded for a resident, voided entries too. The look is written to the read log.

    Who it is, staff are not told: names, numbers, addresses and the like are withheld, as over HTTP.
    """
    voice = speaker(context, as_json=as_json)
    stream, look = subject_id(subject), look_of(context, by, purpose)
    with composition.desk(settings_of(context)) as desk:
        entries = desk.history(stream, look.by, look.purpose)
    if not entries:
        raise SubjectUnknown
    gone, hidden = voided(entries), sealed_by_law(entries)
    for entry in entries:
        at = "" if entry.recorded_at is None else f"{entry.recorded_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"
        voice.say(
            f"{entry.originator_version:>4} @{entry.position:<8} {at}  {entry.topic}  {entry.hand.organ}"
            f"{_about_others(voice, entry, gone)}"
        )
        content = _content(entry, voice)
        if entry.originator_version in hidden:
            content = voice.choose("(依法封存)", "(sealed by law)")
        elif withheld := _seen(entry, hidden)[1]:
            content += voice.choose(f"  (不予显示:{'、'.join(withheld)})", f"  (withheld: {', '.join(withheld)})")
        voice.say(f"      {content}", style="dim")
    voice.give({"subject": subject, "entries": [entry_object(entry, gone, hidden) for entry in entries]})


def look_at(desk: Desk, subject: UUID, look: Look) -> None:
    """Write down who looks before anything is given out: of the person, and of whom they were merged into."""
    desk.note(look.by, look.purpose, subject)
    with composition.answers(desk.database) as answers:
        now = answers.now(subject)
    if now != subject:
        desk.note(look.by, look.purpose, now)


class Where(NamedTuple):
    """What was asked for, as it was typed."""

    place: str | None
    as_of: str | None
    as_at: str | None
    use: str | None


def _answers(context: typer.Context, subject: str, asked: Where, look: Look) -> list[Answer]:
    settings, stream = settings_of(context), subject_id(subject)
    day, known = civil_day(asked.as_of, clock.today()), knowledge(asked.as_at)
    code = None if asked.place is None else place_code(asked.place)
    use = programme(asked.use)
    with composition.desk(settings) as desk:
        composition.follow(desk.database, settings, composition.head(desk.database))
        look_at(desk, stream, look)
        with composition.answers(desk.database) as answers:
            if code is not None:
                return [answers.score(stream, code, day, known, use=use)]
            at_home = answers.home_scores(stream, day, known, use)
    if not at_home:
        raise NowhereAtHome
    return at_home


def headline(voice: Speaker, answer: Answer) -> None:
    """Print where, how many points and in what state, and the three coordinates."""
    score = answer.score
    state = (
        voice.choose("没有适用的积分办法", "no rulebook applies")
        if score.validity is None
        else choose(VALIDITY[score.validity], voice.language)
    )
    trial = voice.choose("(试算)", " (trial)") if answer.trial else ""
    use = "" if answer.use is None else voice.choose(f" (用于 {answer.use})", f" (for {answer.use})")
    voice.say(
        f"{name_of(score.place)} {score.place}{trial}{use}  {score.points(score.total)}  {state}", style="bold"
    )
    under = score.rulebooks[:12]
    known = voice.choose(
        f"截至 {score.as_of} · 已知至 {answer.as_at} · 依据 {under}",
        f"as of {score.as_of} · as at {answer.as_at} · under {under}",
    )
    voice.say(f"  {known}", style="dim")
    if answer.disputed:
        items = ", ".join(answer.disputed)
        voice.say(voice.choose(f"  异议办理中: {items}", f"  disputed: {items}"), style="yellow")
    for one in answer.second_permits:
        told = voice.choose(
            f"  同时持有两证: {one.number}({one.place}),{one.on} 签发时 {one.older}({one.older_place})仍有效",
            f"  two permits at once: {one.number} ({one.place}) of {one.on} beside {one.older} ({one.older_place})",
        )
        voice.say(told, style="yellow")


def _outlook(voice: Speaker, answer: Answer) -> str:
    moves_on = answer.next_change_on()
    if moves_on is None:
        return voice.choose("八十年内不会自行变化。", "It does not change by itself within 80 years.")
    return voice.choose(f"下次自行变化: {moves_on}。", f"It next changes by itself on {moves_on}.")


def _cap(answer: Answer, cap: int | None) -> str:
    return "" if cap is None else answer.score.points(cap)


def as_object(answer: Answer) -> dict[str, Any]:
    """Give an answer as JSON values."""
    beside = {"trial": answer.trial, "use": answer.use, "disputed": list(answer.disputed)}
    permits = [one._asdict() for one in answer.second_permits]
    return {"as_at": answer.as_at, **beside, "second_permits": permits, **answer.score.as_json()}


def voided(entries: Sequence[Entry]) -> dict[int, int]:
    """Give the versions that later entries of the same stream void or correct, each with the version that did.

    A correction that opens no more still voids (docs/decisions/0053): its kind says so.
    """
    gone: dict[int, int] = {}
    for entry in entries:
        target = entry.hand.refers_to
        if entry.topic in _VOIDING and target is not None:
            gone.setdefault(target.version, entry.originator_version)
    return gone


def sealed_by_law(entries: Sequence[Entry]) -> set[int]:
    """Give the versions whose content the law has sealed: staff see that they are there (docs/decisions/0063)."""
    return {
        entry.hand.refers_to.version
        for entry in entries
        if isinstance(entry.fact, FactVoided | FactCorrected)
        and entry.fact.reason == "sealed-by-law"
        and entry.hand.refers_to is not None
    }


def _about_others(voice: Speaker, entry: Entry, gone: dict[int, int]) -> str:
    """Say which entry this one speaks of, and which one voids it."""
    target, by = entry.hand.refers_to, gone.get(entry.originator_version)
    told = (
        f"  {voice.choose(*LABEL)}" if isinstance(entry.fact, LegacyScoreRecorded | LegacyDecisionRecorded) else ""
    )
    if target is not None:
        where = (
            f"#{target.version}" if target.stream == entry.originator_id else f"{target.stream} #{target.version}"
        )
        told += voice.choose(f"  → 针对 {where}", f"  → of {where}")
    if by is not None:
        told += voice.choose(f"  作废(见 #{by})", f"  void by #{by}")
    return told


def entry_object(entry: Entry, gone: dict[int, int], hidden: set[int]) -> dict[str, Any]:
    """Give an entry with its envelope as JSON values; `fact` None: it can no longer be opened.

    Of a hidden entry the fact is its kind alone.
    """
    hand = entry.hand
    fact, withheld = _seen(entry, hidden)
    return {
        "version": entry.originator_version,
        "position": entry.position,
        "recorded_at": entry.recorded_at,
        "kind": entry.topic,
        "organ": hand.organ,
        "recorded_by": hand.recorded_by,
        "channel": hand.channel,
        "source_class": hand.source_class,
        "legal_basis": hand.legal_basis,
        "batch_id": hand.batch_id,
        "refers_to": None if hand.refers_to is None else hand.refers_to.model_dump(mode="json"),
        "voided": entry.originator_version in gone,
        "voided_by": gone.get(entry.originator_version),
        "leaf": None if entry.leaf is None else entry.leaf.hex(),
        "fact": fact,
        "withheld": withheld,
    }


def _seen(entry: Entry, hidden: Collection[int]) -> tuple[dict[str, Any] | None, list[str]]:
    """Give what staff see of a fact, and the names of what they do not, as over HTTP (api/bodies/histories.py)."""
    if entry.fact is None:
        return None, []
    fact = entry.fact.model_dump(mode="json", exclude_none=True)
    sight = Sight.NOTHING if entry.originator_version in hidden else Sight.WITHOUT_WHO
    return fact, sorted(withhold(fact, sight))


def _content(entry: Entry, voice: Speaker) -> str:
    fact, _ = _seen(entry, ())
    if fact is None:
        return voice.choose("(已销毁)", "(can no longer be opened)")
    return " ".join(_fields({name: value for name, value in fact.items() if name != "kind"}))


def _fields(shown: dict[str, Any], inside: str = "") -> Iterator[str]:
    for name, value in shown.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}={value}"

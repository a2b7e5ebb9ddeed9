"""Verbs of what residents show to others: statements 积分证明, and questions answered once 授权核验."""

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from api import clock, composition
from api.cli.options import (
    AsJson,
    By,
    LookedAtBy,
    Place,
    Purpose,
    Subject,
    hand_of,
    look_of,
    place_code,
    plain_text,
    settings_of,
    speaker,
    subject_id,
)
from api.cli.output import Exit, Speaker
from api.cli.receipting import Address, PolicyFile
from api.cli.residents import look_at
from api.cli.transparency import policy_of
from api.cli.usage import Misused
from api.papers.issuing import (
    ASK_DAYS,
    DAYS,
    DAYS_MAX,
    BadThreshold,
    answer_of,
    question_of,
    reading_of,
    statement_of,
    threshold_e4,
)
from api.papers.statement import statement_pdf
from api.settings import Settings
from domain.errors import NotInLog, NowhereAtHome, SubjectErased
from domain.facts import StatementIssued
from domain.notation import e4_text
from ledger.database import Role
from ledger.evidence.proving import receipt_of
from ledger.opening import Desk
from ledger.statements import CodeExpired, Statements, document_of
from ledger.transparency.log import LogReader, NotInTheLog
from ledger.transparency.policy import Policy
from projections.answers import Answer

statement = typer.Typer(
    help="What residents show to others: statements 积分证明, one-time answers 授权核验.", no_args_is_help=True
)
KEEPER = "officer:keeper"
WAIT_SECONDS = 15.0
Output = Annotated[Path, typer.Option("--output", "-o", help="The PDF to write. 输出文件。")]


@statement.command()
def issue(
    context: typer.Context,
    subject: Subject,
    output: Output,
    place: Place = None,
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="Days of validity. 有效天数。")] = DAYS,
    policy: PolicyFile = None,
    address: Address = "",
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """出具: Record a statement of points as of today, and print it once the log has signed it."""
    voice, look, settings = speaker(context, as_json=as_json), look_of(context, by, purpose), settings_of(context)
    stream, today, trusted = subject_id(subject), clock.today(), policy_of(policy)
    with composition.desk(settings) as desk:
        answer = _answer(desk, settings, stream, place)
        document = document_of(desk.history(stream, look.by, look.purpose))
        look_at(desk, answer.subject, look)
        if document is None:
            raise SubjectErased
        fact = statement_of(answer, document, today, days, composition.random_bytes)
        number = fact.number
        receipt = Statements(desk.ledger).issue(answer.subject, fact, hand_of(look.by))
        points = e4_text(fact.points_e4)
        told = {"number": number, "file": str(output), "position": receipt.position, "points": points}
        try:
            content = _printed(desk, fact, receipt.position, trusted, address)
        except NotInLog:
            _tell_unsigned(voice, number, output)
            voice.give(told | {"file": None})
            raise typer.Exit(Exit.INCOMPLETE) from None
    output.write_bytes(content)
    voice.say(
        voice.choose(
            f"{number}:{fact.place} {points} 分,有效至 {fact.valid_to - timedelta(days=1)},已写入 {output}。",
            f"{number}: {points} at {fact.place}, valid until {fact.valid_to - timedelta(days=1)}: {output}",
        )
    )
    voice.give(told)


def _tell_unsigned(voice: Speaker, number: str, output: Path) -> None:
    """Say that a statement stands and has no paper yet: issued again it would be another one."""
    voice.say(
        voice.choose(
            f"{number} 已出具,日志尚未签到这里,没有写出文件。",
            f"{number} is issued; the log has not signed that far, so that no file was written.",
        )
    )
    voice.say(
        voice.choose(
            f"→ 日志签署 (points log run) 后: points statement print {number} -o {output}",
            f"→ once the log has signed (points log run): points statement print {number} -o {output}",
        )
    )


@statement.command("print")
def print_(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="The statement's number. 证明编号。")],
    output: Output,
    policy: PolicyFile = None,
    address: Address = "",
    purpose: Purpose = None,
    by: LookedAtBy = None,
    as_json: AsJson = False,
) -> None:
    """打印: Print a statement that was issued before, as it was."""
    voice, trusted, look = speaker(context, as_json=as_json), policy_of(policy), look_of(context, by, purpose)
    with composition.desk(settings_of(context)) as desk:
        found = Statements(desk.ledger).issued(number)
        desk.note(look.by, look.purpose, found.originator_id)
        if not isinstance(found.fact, StatementIssued):
            raise TypeError("a statement's key is a statement's")
        content = _printed(desk, found.fact, found.position or 0, trusted, address)
    output.write_bytes(content)
    voice.say(str(output))
    voice.give({"number": number, "file": str(output), "position": found.position})


@statement.command()
def authorise(
    context: typer.Context,
    subject: Subject,
    party: Annotated[str, typer.Option(help="Who may ask. 由谁核验。", callback=plain_text)],
    at_least: Annotated[str, typer.Option(help="The threshold of points: 60. 积分门槛。")],
    place: Annotated[str, typer.Option(help="Where points are counted: 330212. 辖区代码。")],
    days: Annotated[
        int, typer.Option(min=1, max=DAYS_MAX, help="Days in which it may be asked. 有效天数。")
    ] = ASK_DAYS,
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """授权: The resident lets somebody ask one question once. The code is shown now and never again."""
    voice, today, code = speaker(context, as_json=as_json), clock.today(), place_code(place)
    shown, fact = question_of(party, code, _threshold(at_least), today, days, composition.random_bytes)
    stream = subject_id(subject)
    with composition.desk(settings_of(context)) as desk:
        composition.follow(desk.database, settings_of(context), composition.head(desk.database))
        with composition.answers(desk.database) as answers:  # nobody authorises for somebody whom nobody knows
            answers.score(stream, fact.place, today)
        receipt = Statements(desk.ledger).authorise(stream, fact, hand_of(by))
    last = fact.expires_on - timedelta(days=1)
    voice.say(
        voice.choose(f"授权码 {shown},有效至 {last},只答复一次。", f"Code {shown}, until {last}, answered once.")
    )
    voice.give({"code": shown, "expires_on": fact.expires_on, "position": receipt.position})


@statement.command("answer")
def answer_(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="The code that the resident gave. 授权码。")],
    as_json: AsJson = False,
) -> None:
    """答复: Answer what a resident has authorised: yes or no, once, and nothing else; they see that it was read."""
    voice, settings, today = speaker(context, as_json=as_json), settings_of(context), clock.today()
    with composition.desk(settings) as desk:
        statements = Statements(desk.ledger)
        subject, asked = statements.asked(code)
        if today >= asked.expires_on:
            raise CodeExpired(asked.expires_on.isoformat())
        found = _answer(desk, settings, subject, asked.place)
        desk.note(*reading_of(asked), subject)
        fact = answer_of(asked, found, today)
        met = fact.met
        # If we stop after this line the code is spent and nobody was told: the resident authorises another.
        statements.answer(subject, fact, hand_of("system:statements"))
    line = f"{asked.place} ≥ {e4_text(asked.at_least_e4)}"
    voice.say(f"{line}: {voice.choose('是', 'yes') if met else voice.choose('否', 'no')} ({today})", style="bold")
    voice.give({"place": asked.place, "at_least": e4_text(asked.at_least_e4), "met": met, "as_of": today})
    if not met:
        raise typer.Exit(Exit.WRONG)


def _answer(desk: Desk, settings: Settings, subject: UUID, place: str | None) -> Answer:
    """Score somebody at a place, or where the permit is."""
    today: date = clock.today()
    composition.follow(desk.database, settings, composition.head(desk.database))
    with composition.answers(desk.database) as answers:
        if place is not None:
            return answers.score(subject, place_code(place), today)
        at_home = answers.home_scores(subject, today)
    if not at_home:
        raise NowhereAtHome
    return at_home[0]


def _threshold(text: str) -> int:
    try:
        return threshold_e4(text)
    except BadThreshold:
        raise Misused("应为分数,如 60 或 59.5", "a number of points, such as 60 or 59.5", "--at-least") from None


def _printed(desk: Desk, fact: StatementIssued, position: int, trusted: Policy | None, address: str) -> bytes:
    """Set the statement, once the log has signed it. Raises NotInLog where it does not in time."""
    until = time.monotonic() + WAIT_SECONDS
    with desk.database.connect(Role.AUDITOR) as connection:
        reader = LogReader(connection, desk.keys.suite)
        while True:
            try:
                text = receipt_of(reader, position, trusted, desk.ledger.entry_mapper)
                break
            except NotInTheLog:
                if time.monotonic() > until:
                    raise NotInLog(f"points statement print {fact.number}") from None
                time.sleep(0.5)
    issued = clock.midnight(fact.issued_on)
    return statement_pdf(fact, text, address, issued)

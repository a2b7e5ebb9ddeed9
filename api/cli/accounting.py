"""Verbs about accounts 账号: whose they are, so that nobody is two people."""

import sys
from typing import Annotated

import typer

from api import composition
from api.cli.deciding import KEEPER
from api.cli.options import ACTOR_FORM, AsJson, By, hand_of, settings_of, speaker
from api.cli.usage import Misused
from domain.identifiers import holds_personal_digits
from ledger.accounts import Accounts

account = typer.Typer(help="Whose an account is: two of one person are one. 账号归属。", no_args_is_help=True)
PERSON_CHARACTERS_MAX = 128
_SHOWN = 12


def _account(text: str) -> str:
    if ACTOR_FORM.fullmatch(text) is None or holds_personal_digits(text):
        raise Misused("须为账号,例如 officer:0042", "an account, such as officer:0042", "ACCOUNT")
    return text


@account.command()
def assign(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ACCOUNT", help="officer:0042. 账号。", callback=_account)],
    by: By = KEEPER,
    as_json: AsJson = False,
) -> None:
    """登记: Read a staff number from standard input: whose account it is, kept for ever as a keyed hash."""
    voice = speaker(context, as_json=as_json)
    if sys.stdin.isatty():
        voice.progress(voice.choose("请输入本人工号:", "Staff number of the person:"))
    person = sys.stdin.readline(4 * PERSON_CHARACTERS_MAX).strip()
    if not 0 < len(person) <= PERSON_CHARACTERS_MAX or not person.isprintable():
        raise Misused("应为 1 至 128 个可见字符", "1 to 128 visible characters", "stdin")
    with composition.desk(settings_of(context)) as desk:
        accounts = Accounts(desk.ledger)
        receipt = accounts.assign(name, person, hand_of(by))
        [whose] = {one.person for one in accounts.every() if one.account == name}
        others = [one.account for one in accounts.every() if one.person == whose and one.account != name]
    told = voice.choose(f"{name} 已登记。", f"{name} is registered.")
    if others:
        told += voice.choose(
            f"同一人的账号还有: {'、'.join(others)}。", f" The same person has also: {', '.join(others)}."
        )
    voice.say(told)
    voice.give({"account": name, "same_person": others, "position": receipt.position, "new": receipt.new})


@account.command("list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """列出: Every account that is registered, those of one person under one sign, which names nobody."""
    voice = speaker(context, as_json=as_json)
    with composition.desk(settings_of(context)) as desk:
        found = Accounts(desk.ledger).every()
    voice.table(
        [voice.choose("账号", "account"), voice.choose("归属", "person"), voice.choose("登记人", "by")],
        [(one.account, one.person[:_SHOWN], one.assigned_by) for one in found],
    )
    if not found:
        voice.say(voice.choose("没有登记任何账号。", "No account is registered."))
    voice.give({"accounts": [one._asdict() for one in found]})

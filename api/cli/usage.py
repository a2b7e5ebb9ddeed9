"""What was wrong with a call, in both tongues: the library of the command line speaks English only.

A call that cannot be understood may hold a document number in the wrong place: such digits are not repeated.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import typer
from pydantic import ValidationError

from domain.identifiers import holds_personal_digits


class Told(NamedTuple):
    """One sentence in each tongue."""

    zh: str
    en: str


class Misused(typer.BadParameter):
    """A call that cannot be understood; `where` names the option, argument or variable."""

    def __init__(self, chinese: str, english: str, where: str | None = None) -> None:
        super().__init__(english, param_hint=where)
        self.chinese = chinese


def told(error: typer.TyperException | ValidationError) -> Told:
    """Say what was wrong with the call."""
    if isinstance(error, ValidationError):
        return _fields(error)
    english = error.format_message().replace("Value error, ", "")
    if english.startswith(
        "Usage:"
    ):  # a group of verbs called without one: the message is its help, in both tongues
        return Told(english, english)
    return Told(_veiled(_chinese(error, english)), _veiled(english))


def _fields(error: ValidationError) -> Told:
    """Name the fields and the forms they must have, and no value: a value may be personal."""
    forms = {}
    for detail in error.errors(include_input=False, include_url=False):
        form = detail.get("ctx", {}).get("pattern", "")
        forms[".".join(map(str, detail["loc"]))] = f" ({form})" if form else ""
    fields = ", ".join(f"{name}{form}" for name, form in sorted(forms.items()))
    return Told(f"写法不对:{fields}", f"Not written as expected: {fields}")


def _veiled(text: str) -> str:
    return re.sub(r"[0-9][0-9Xx -]{9,}[0-9Xx]", "…", text) if holds_personal_digits(text) else text


def _chinese(error: typer.TyperException, english: str) -> str:
    if isinstance(error, Misused):
        where = english.removesuffix(error.message).removesuffix(": ").removeprefix("Invalid value")
        return ": ".join(filter(None, (where.removeprefix(" for ").strip(), error.chinese)))
    for form, chinese in _LIBRARY:
        match = form.fullmatch(english)
        if match is not None:
            return chinese(match)
    return english


_VALUE = r"(?:Invalid value(?: for (?P<where>.+?))?: )"


_TYPES = {"integer": "整数", "number": "数字"}


def _value(words: str, terms: Mapping[str, str] = MappingProxyType({})) -> Callable[[re.Match[str]], str]:
    def chinese(match: re.Match[str]) -> str:
        where = f"{match['where']} 的值不对:" if match["where"] else ""
        return where + words.format(*(terms.get(found, found) for found in match.groups()[1:]))

    return chinese


_LIBRARY: list[tuple[re.Pattern[str], Callable[[re.Match[str]], str]]] = [
    (re.compile(form, re.DOTALL), chinese)
    for form, chinese in (
        (r"Missing option (.+?)\.(?: .*)?", lambda m: f"缺少选项 {m[1]}。"),
        (r"Missing argument (.+?)\.(?: .*)?", lambda m: f"缺少参数 {m[1]}。"),
        (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", lambda m: f"没有选项 {m[1]}。" + _near(m[2])),
        (r"No such command (\S+?)\.(?: Did you mean (.+)\?)?", lambda m: f"没有命令 {m[1]}。" + _near(m[2])),
        (r"Missing command\.", lambda _: "缺少命令。"),
        (r"Option (\S+) does not take a value\.", lambda m: f"选项 {m[1]} 不带值。"),
        (r"Option (\S+) requires .*", lambda m: f"选项 {m[1]} 须带值。"),
        (r"Got unexpected extra argument\(s\) \((.*)\)", lambda m: f"多出参数 {m[1]}。"),
        (_VALUE + r"Input should be a valid (\w+).*", _value("应为{0}。", _TYPES)),
        (_VALUE + r"Input should be less than or equal to (\S+)", _value("至多 {0}。")),
        (_VALUE + r"Input should be greater than or equal to (\S+)", _value("至少 {0}。")),
        (_VALUE + r"\w+ (\S+) does not exist\.", _value("{0} 不存在。")),
        (_VALUE + r"\w+ (\S+) is a (?:file|directory)\.", _value("{0} 的类型不对(文件或目录)。")),
        (_VALUE + r"\w+ (\S+) is not (?:readable|writable)\.", _value("{0} 不可读写。")),
        (_VALUE + r"(\S+) is not one of (.+)\.", _value("{0} 不在 {1} 之中。")),
        (_VALUE + r"(\S+) is not a valid .+\.", _value("{0} 的写法不对。")),
        (_VALUE + r"(.+) is not in the range (.+)\.", _value("{0} 不在范围 {1} 之内。")),
        (_VALUE + r"(.+)", _value("{0}")),
    )
]


def _near(names: str | None) -> str:
    return f"您是指 {names} 吗?" if names else ""

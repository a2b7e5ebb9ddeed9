"""A programme's findings in plain words, in Chinese or in English."""

from collections.abc import Iterator

from domain.errors import Language
from domain.programme.evaluation import Eligibility
from domain.programme.finding import Finding
from domain.words import PERMIT, UNITS, choose

_IF = {
    "goes_on": ("若现状持续", "if things go on as they are"),
    "begins": ("若从现在开始", "if it begins now"),
    "new_fact": ("若补齐该项", "once it is shown"),
    "ruled": ("若异议办结或撤回", "once the dispute is ruled on or withdrawn"),
    "apply": ("若按条件申领或补签居住证", "with a permit applied for or endorsed"),
    "move": ("若登记变更至该镇(街道)", "if the registration moves to that town"),
}
_STATES = {
    "not_taken_part": ("未参评", "did not take part"),
    "not_in_effect": ("积分未生效", "points not in effect"),
    "scored": ("", ""),
    "given": ("", ""),
}
_WORDS = {
    "none": ("无", "none"),
    "nobody": ("无人", "nobody"),
    "elsewhere": ("不在此地", "elsewhere"),
    "sex unknown": ("性别不详", "sex unknown"),
    "too short": ("期限不足", "too short"),
    "long enough": ("期限足够", "long enough"),
    "within": ("在内", "within"),
    "outside": ("不在内", "outside"),
    "unknown": ("不详", "unknown"),
    "held": ("冻结中", "on hold"),
    "free": ("未冻结", "free"),
    "barred": ("处理期内", "barred"),
    "not barred": ("不在处理期内", "not barred"),
    "town": ("申请的镇(街道)", "the town applied for"),
}
_PLACEHOLDER = ("占位数字,不是实际政策", "a placeholder, not policy")


def tell(found: Eligibility, language: Language = "zh") -> Iterator[str]:
    """Tell whether a case meets a programme, and each condition in a line."""
    verdict = ("符合", "meets the conditions") if found.met else ("不符合", "does not meet the conditions")
    parts = [choose(verdict, language)]
    if found.points is not None:
        state = choose(_STATES[found.points.state], language)
        parts.append(
            choose(("积分 {}", "{} points"), language).format(found.points.text) + (f" ({state})" if state else "")
        )
    if found.tier is not None:
        parts.append(choose(("顺位 {}", "tier {}"), language).format(found.tier))
    yield (";" if language == "zh" else "; ").join(parts)
    for finding in found.findings:
        yield from _told(finding, language, "  ")


def _told(finding: Finding, language: Language, indent: str) -> Iterator[str]:
    sign = "✓" if finding.met else "○" if finding.exempt_by else "✗"
    line = f"{indent}{sign} {finding.label.text(language)}({finding.clause})"
    best = finding.best
    if not finding.met and best.wanted is not None and not finding.parts:
        found, wanted = _word(best.found, best.unit, language), _word(best.wanted, best.unit, language)
        line += ": " + choose(("现有{found},要求{wanted}", "{found}; wanted: {wanted}"), language).format(
            found=found, wanted=wanted
        )
    if finding.exempt_by:
        line += choose((f",按 {finding.exempt_by} 免除", f", exempt as {finding.exempt_by}"), language)
    elif finding.not_before is not None and finding.if_ is not None:
        when = choose(("最早 {day}", "at the earliest {day}"), language).format(day=finding.not_before)
        line += f" → {when} ({choose(_IF[finding.if_], language)})"
    if finding.placeholder:
        line += f" [{choose(_PLACEHOLDER, language)}]"
    yield line
    for part in finding.parts:
        yield from _told(part, language, indent + "    ")


def _word(value: object, unit: str, language: Language) -> str:
    """Say a number with its unit, or words in the reader's language; `normal | due` is either of two."""
    if value is None:
        return choose(("无", "none"), language)
    if isinstance(value, int) or value[:1] in "<>":  # type: ignore[index] # a word otherwise
        named = choose(UNITS.get(unit, ("", "")), language)
        return f"{value}{named}" if language == "zh" else f"{value} {named}".rstrip()
    known = {**PERMIT, **_WORDS}
    return " | ".join(choose(known.get(word, (word, word)), language) for word in str(value).split(" | "))

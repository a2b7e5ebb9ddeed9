"""Why staff look at a person 查询目的: a code from one list, a number of a case, or words that stay sealed.

The person is told the code and the number. Words may name somebody else, and no program can tell: they are sealed,
and stay with auditors. Whoever writes words alone has given no reason from the list, and the person sees just that.
"""

import re
from dataclasses import dataclass

from domain.identifiers import holds_personal_digits

PURPOSES: dict[str, tuple[str, str]] = {
    "inquiry": ("当事人咨询", "a question of the person"),
    "application": ("申请办理", "an application"),
    "claim": ("积分申报", "a claim"),
    "review": ("材料审核", "a review of documents"),
    "recheck": ("复核", "a recheck"),
    "dispute": ("异议办理", "a dispute"),
    "correction": ("数据更正", "a correction of data"),
    "complaint": ("信访投诉", "a complaint"),
    "benefit": ("待遇发放", "a benefit"),
    "reminder": ("到期提醒", "reminders"),
    "statement": ("出具证明", "a statement of points"),
    "check": ("授权核验", "an answer that the person has allowed"),
    "court": ("司法协助", "a court or reconsideration"),
    "rights": ("个人信息权利请求", "a request about personal data"),
    "retention": ("保存期限与法律保全", "a retention period or a legal hold"),
    "erasure": ("依法销毁", "an erasure by law"),
    "audit": ("审计抽查", "an audit"),
    "simulation": ("政策测算", "trying a draft rulebook"),
    "upkeep": ("系统核对", "checking the system"),
    "export": ("数据导出", "an export of data"),
    "other": ("其他", "another reason"),
}
"""Each code with its label in both tongues. A code is never given another meaning: it is stored."""
OTHER = "other"
TEXT_CHARACTERS_MAX = 200
REFERENCE_CHARACTERS_MAX = 40
_REFERENCE = re.compile(r"(?=.*[0-9])[0-9A-Za-z]{1,12}(?:[-./][0-9A-Za-z]{1,12})*")
_FIRST = re.compile(r"([^\s::]+)(?:\s*[::]\s*|\s+|$)(.*)", re.DOTALL)
_CODES = {label.casefold(): code for code, labels in PURPOSES.items() for label in (code, labels[0])}


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why: `reference` is the number of a case, `words` whatever else was said."""

    code: str
    reference: str | None = None
    words: str | None = None

    @property
    def said(self) -> dict[str, str]:
        """Give what is sealed: numbers of cases and free words stand nowhere in the clear."""
        parts = {"reference": self.reference, "words": self.words}
        return {name: part for name, part in parts.items() if part is not None}


def read_purpose(text: str) -> Purpose:
    """Read a reason as it was typed: `dispute D-17`, `异议办理 D-17`, `audit: sample of March`, or words alone.

    What follows the code is a reference where it looks like a number: letters and digits in short groups, with a
    digit among them and no document or telephone number. What is no reason, nothing or more than 200 characters,
    has the empty code, which the log refuses.
    """
    plain = text.strip()
    if not 0 < len(plain) <= TEXT_CHARACTERS_MAX:
        return Purpose("")
    found = _FIRST.fullmatch(plain)
    code = None if found is None else _CODES.get(found[1].casefold())
    if found is None or code is None:
        return Purpose(OTHER, words=plain)
    rest = found[2].strip()
    return Purpose(code, reference=rest) if is_reference(rest) else Purpose(code, words=rest or None)


def is_reference(text: str) -> bool:
    """Say whether a text is a case's number: it can hold neither a sentence nor anybody's own number."""
    return (
        len(text) <= REFERENCE_CHARACTERS_MAX
        and _REFERENCE.fullmatch(text) is not None
        and not holds_personal_digits(text)
    )

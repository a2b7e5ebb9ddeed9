"""A refusal: its docstring is the message, Chinese, a bar, English; the name says the state met.

No refusal carries personal data: `place` names where (a file and line, a column), never a value of a person.
"""

import re
from typing import ClassVar, Literal

Language = Literal["zh", "en"]


class Refusal(Exception):
    """拒绝。| Refused."""

    hint: ClassVar[tuple[str, str]] = ("", "")
    status: ClassVar[int] = 422

    def __init__(self, place: str = "", why: tuple[str, str] = ("", "")) -> None:
        super().__init__(place)
        self.place = place
        self.why = why
        """Chinese and English, where there is more to say than that it was refused there."""

    @classmethod
    def code(cls) -> str:
        """Give the stable code: the class name in kebab case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def message(self, language: Language = "zh") -> str:
        """Give the sentence, with the place and the reason where it has them."""
        chinese, _, english = " ".join((type(self).__doc__ or "").split()).partition("|")
        text = chinese.strip() if language == "zh" else english.strip()
        more = ", ".join(one for one in (self.place, self.why[language == "en"]) if one)
        return f"{text} [{more}]" if more else text

    def remedy(self, language: Language = "zh") -> str:
        """Give what to do next, or nothing."""
        return self.hint[0 if language == "zh" else 1]

    def __str__(self) -> str:
        return f"{self.code()}: {self.message('en')}"

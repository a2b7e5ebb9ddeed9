"""Every reason for which evidence, a proof or a policy is refused is told in Chinese too."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.reasons import REASONS, in_chinese, told_in_chinese, why_of
from domain.errors import LogProofRefused
from ledger.evidence.refusal import EvidenceRefused
from ledger.transparency.policy import PolicyRefused
from tests.domain.given import HOUSE

REFUSALS = {"EvidenceRefused", "NoteRefused", "ProofRefused", "PolicyRefused"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts(node: ast.expr) -> Iterator[str]:
    """Give the sentences of an argument; what is put in is {}."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc] # texts
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)


def said() -> set[str]:
    """Read what every refusal in the two rooms says."""
    found: set[str] = set()
    for room in ("evidence", "transparency"):
        for path in sorted((HOUSE / "ledger" / room).glob("*.py")):
            for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in REFUSALS and node.args:
                    found |= set(texts(node.args[-1]))
    return found


def test_every_reason_is_told_in_chinese() -> None:
    assert said() - REASONS.keys() == set()


def test_no_reason_is_told_that_nobody_gives() -> None:
    elsewhere = {"no bundle has such a file"}  # chosen before it is raised

    assert REASONS.keys() - said() - elsewhere == set()


@pytest.mark.parametrize("english", sorted(REASONS))
def test_values_come_over_and_the_sentence_is_chinese(english: str) -> None:
    count = english.count("{}")
    given = [f"v{number}" for number in range(count)]
    chinese = in_chinese(english.format(*given))

    assert CHINESE.search(chinese)
    assert REASONS[english].count("{}") == count
    assert all(value in chinese for value in given)


def test_a_place_is_told_in_chinese_too() -> None:
    refusal = EvidenceRefused("entries/a.ndjson line 3 prev", "it does not name the leaf of the entry before")

    assert told_in_chinese(refusal) == "entries/a.ndjson 第 3 行 prev:所记前一条的叶值不符"
    assert in_chinese("what nobody said") == "what nobody said"
    assert why_of(PolicyRefused(2, "control characters")) == ("第 2 行:含控制字符", "line 2: control characters")


def test_a_refused_file_says_why_in_both_tongues() -> None:
    refusal = LogProofRefused("policy.txt", why_of(PolicyRefused(2, "there is one quorum")))

    assert refusal.message("zh").endswith("[policy.txt, 第 2 行:quorum 只能有一行]")
    assert refusal.message("en").endswith("[policy.txt, line 2: there is one quorum]")

"""YAML read as data only: nodes from PyYAML, turned into a tree by us, with the place of every part.

YAML 1.2 core scalars: integers, decimals from their literal text, true, false, null; everything else stays text,
also `on`, `yes`, `2026-01-31` and `1:30`. Anchors, aliases, tags, repeated keys, deep nesting and large files are
refused.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from domain.rulebook import Marks
from domain.rulebook.problems import Path, Problem, Unsound

BYTES_MAX = 1_000_000
DEPTH_MAX = 24
_DIGITS_MAX = 40
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_NUMBER = re.compile(rf"{_BASED.pattern}|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{{1,3}})?")
_WORDS = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def trees(content: bytes, file: str) -> list[tuple[Any, Marks]]:
    """Read the documents of one file; empty ones are left out.

    Raises Unsound with the first problem of the file's form.
    """
    try:
        text = _text(content, file)
        _refuse_what_is_not_data(text, file)
        nodes = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _unsound(file, place, "yaml-syntax", detail=error.problem or "") from None
    except yaml.YAMLError:
        raise _unsound(file, (1, 1), "yaml-syntax", detail="a character that YAML does not allow") from None
    found = []
    for node in nodes:
        at: dict[Path, tuple[int, int]] = {}
        tree = _tree(node, (), at, file)
        if tree is not None:
            found.append((tree, Marks(file, at)))
    if not found:
        raise _unsound(file, (1, 1), "no-document")
    return found


def _text(content: bytes, file: str) -> str:
    if len(content) > BYTES_MAX:
        raise _unsound(file, (1, 1), "too-large")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _unsound(file, (line, 1), "not-utf8") from None


def _refuse_what_is_not_data(text: str, file: str) -> None:
    """Walk the events, which needs no recursion, before any node is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _unsound(file, place, "alias")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _unsound(file, place, "tag", tag=tag)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_MAX:
                raise _unsound(file, place, "too-deep", most=DEPTH_MAX)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _tree(node: yaml.Node, path: Path, at: dict[Path, tuple[int, int]], file: str) -> Any:
    at.setdefault(path, _place(node))
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, at, file))
    if isinstance(node, yaml.SequenceNode):
        return [_tree(part, (*path, index), at, file) for index, part in enumerate(node.value)]
    return _scalar(node, file)


def _pairs(
    node: yaml.MappingNode, path: Path, at: dict[Path, tuple[int, int]], file: str
) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key_node, value_node in node.value:
        key = _scalar(key_node, file) if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            raise _unsound(file, _place(key_node), "key-not-text", key=str(getattr(key_node, "value", "")))
        if key in seen:
            raise _unsound(file, _place(key_node), "duplicate-key", key=key)
        seen.add(key)
        at[(*path, key)] = _place(key_node)
        yield key, _tree(value_node, (*path, key), at, file)


def _scalar(node: yaml.Node, file: str) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if not _NUMBER.fullmatch(text):
        return text
    if len(text) > _DIGITS_MAX:
        raise _unsound(file, _place(node), "number-too-long")
    if _INTEGER.fullmatch(text):
        return int(text)
    return int(text, 0) if _BASED.fullmatch(text) else Decimal(text)


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _unsound(file: str, place: tuple[int, int], code: str, **context: Any) -> Unsound:
    return Unsound([Problem(code, (), file, *place, context)])

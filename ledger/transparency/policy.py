"""Trust policies (C2SP tlog-policy): which logs, which witnesses, and how many of them are enough.

A policy is a file of lines: `log <vkey> [url]`, `witness <name> <vkey> [url]`, `group <name> all|any|<k> <name>…`,
`quorum <name>|none`; `#` begins a comment. Names are read before they are used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledger.transparency.checkpoint import Checkpoint, CosignatureVerifier
from ledger.transparency.keys import read_vkey
from ledger.transparency.notes import Note, NoteRefused, Verifier, checked

LINES_MAX = 1_000
_NONE = "none"


class PolicyRefused(Exception):
    """A line of a policy cannot be taken. `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        self.why = why


@dataclass(frozen=True, slots=True)
class Group:
    """At least `enough` of the members must have witnessed."""

    enough: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What makes a checkpoint trusted. `urls` are by vkey."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Verifier]
    groups: Mapping[str, Group]
    quorum: str
    urls: Mapping[str, str] = field(default_factory=dict)

    def check(self, note: Note) -> Checkpoint:
        """Give the checkpoint that the note holds, if it is signed and witnessed enough. Raises NoteRefused."""
        checkpoint = Checkpoint.read(note.text)
        if not any(log.name == checkpoint.origin for log in checked(note, self.logs)):
            raise NoteRefused("no log of the policy signed this under its own origin")
        seen = checked(note, list(self.witnesses.values()))
        names = {name for name, witness in self.witnesses.items() if witness in seen}
        if self.quorum != _NONE and not self._is_met(self.quorum, names):
            raise NoteRefused(f"too few witnesses: {len(names)} known ones signed, the quorum is {self.quorum}")
        return checkpoint

    def _is_met(self, name: str, seen: set[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in seen
        return sum(self._is_met(member, seen) for member in group.members) >= group.enough


class _Reader:
    def __init__(self) -> None:
        self.logs: list[Verifier] = []
        self.witnesses: dict[str, Verifier] = {}
        self.groups: dict[str, Group] = {}
        self.urls: dict[str, str] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()
        self._keys: set[tuple[str, bytes]] = set()

    def take(self, words: Sequence[str]) -> None:
        match words:
            case ["log", vkey, *url] if len(url) <= 1:
                log = self._key(vkey, "log", url)
                if isinstance(log, CosignatureVerifier):
                    raise NoteRefused("a witness's key is no log's")
                self.logs.append(log)
            case ["witness", name, vkey, *url] if len(url) <= 1:
                self._fresh(name)
                witness = self._key(vkey, "witness", url)
                if not isinstance(witness, CosignatureVerifier):
                    raise NoteRefused("a log's key is no witness's")
                self.witnesses[name] = witness
            case ["group", name, enough, *members] if members:
                self._fresh(name)
                self.groups[name] = self._group(enough, members)
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise NoteRefused("a line begins with log, witness, group or quorum and has their words")

    def _key(self, vkey: str, role: str, url: Sequence[str]) -> Verifier:
        verifier = read_vkey(vkey)
        if (role, verifier.public) in self._keys:
            raise NoteRefused("this key has a line already")
        self._keys.add((role, verifier.public))
        if url:
            self.urls[vkey] = url[0]
        return verifier

    def _fresh(self, name: str) -> None:
        if name == _NONE or name in self.witnesses or name in self.groups:
            raise NoteRefused(f"the name {name[:40]} is taken")

    def _group(self, enough: str, members: Sequence[str]) -> Group:
        for name in members:
            if name not in self.witnesses and name not in self.groups:
                raise NoteRefused(f"{name[:40]} is not defined above")
            if name in self._members:
                raise NoteRefused(f"{name[:40]} is a member already")
            self._members.add(name)
        least = {"all": str(len(members)), "any": "1"}.get(enough, enough)
        if not (least.isascii() and least.isdecimal()) or len(least) > 4 or not 1 <= int(least) <= len(members):
            raise NoteRefused(f"of {len(members)} members 1 to {len(members)} can be enough, or all, or any")
        return Group(int(least), tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None:
            raise NoteRefused("there is one quorum")
        if name != _NONE and name not in self.witnesses and name not in self.groups:
            raise NoteRefused(f"{name[:40]} is not defined above")
        self.quorum = name


def read_policy(text: str) -> Policy:
    """Read a policy file. Raises PolicyRefused with the line's number."""
    reader = _Reader()
    lines = text.split("\n")
    if len(lines) > LINES_MAX:
        raise PolicyRefused(LINES_MAX, f"a policy has at most {LINES_MAX} lines")
    for number, line in enumerate(lines, 1):
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if any(ord(character) < 32 and character != "\t" for character in line):
            raise PolicyRefused(number, "control characters")
        if not words or words[0].startswith("#"):
            continue
        try:
            reader.take(words)
        except NoteRefused as refusal:
            raise PolicyRefused(number, str(refusal)) from None
    if reader.quorum is None:
        raise PolicyRefused(len(lines), "a quorum line is missing")
    return Policy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum, reader.urls)

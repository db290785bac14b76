"""A container file as data: enough of the language to judge ours, and to carry it out without a container."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Instruction:
    word: str
    argument: str

    @property
    def options(self) -> dict[str, str]:
        return dict(re.findall(r"--([\w-]+)=(\S+)", self._front))

    @property
    def rest(self) -> str:
        return self.argument[len(self._front) :].strip()

    @property
    def _front(self) -> str:
        found = re.match(r"(?:--[\w-]+=\S+\s+)*", self.argument)
        return found[0] if found else ""

    @property
    def words(self) -> list[str]:
        """The exec form's list, or the words."""
        return [str(word) for word in json.loads(self.rest)] if self.rest.startswith("[") else shlex.split(self.rest)


@dataclass
class Stage:
    name: str
    base: str
    steps: list[Instruction] = field(default_factory=list)

    def last(self, word: str) -> Instruction:
        return [step for step in self.steps if step.word == word][-1]

    def environment(self) -> dict[str, str]:
        pairs = [pair for step in self.steps if step.word == "ENV" for pair in shlex.split(step.argument)]
        return dict(pair.split("=", 1) for pair in pairs)


def instructions(file: Path) -> list[Instruction]:
    text = re.sub(r"^\s*#.*\n", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    pairs = [line.strip().split(None, 1) for line in lines if line.strip()]
    return [Instruction(word, " ".join(argument.split())) for word, argument in pairs]


def stages(file: Path) -> dict[str, Stage]:
    """By name, with what stands before the first one replaced by its default."""
    given: dict[str, str] = {}
    found: dict[str, Stage] = {}
    current: Stage | None = None
    for one in instructions(file):
        if one.word == "ARG" and current is None:
            name, _, default = one.argument.partition("=")
            given[name] = default
        elif one.word == "FROM":
            base, _, name = one.argument.partition(" AS ")
            base = re.sub(r"\$\{(\w+)\}", lambda match: given[match[1]], base)
            current = found[name] = Stage(name, base)
        else:
            assert current is not None, f"{one.word} before any FROM"
            current.steps.append(one)
    return found

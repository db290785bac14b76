"""What a check has to say: how bad it is, what is the case, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "hint", "wrong"]

_SIGNS: dict[Level, str] = {"ok": "ok   ", "hint": "hint ", "wrong": "WRONG"}


@dataclass(frozen=True)
class Finding:
    """`todo` is empty when all is well. A `hint` is worth knowing and no reason for an exit status."""

    check: str
    level: Level
    says: str
    todo: str = ""

    def as_text(self) -> str:
        line = f"{_SIGNS[self.level]}  {self.check}: {self.says}"
        return f"{line}\n       → {self.todo}" if self.todo else line

    def as_json(self) -> dict[str, str]:
        return {"check": self.check, "level": self.level, "says": self.says, "todo": self.todo}


def ok(check: str, says: str) -> Finding:
    return Finding(check, "ok", says)


def hint(check: str, says: str, todo: str) -> Finding:
    return Finding(check, "hint", says, todo)


def wrong(check: str, says: str, todo: str) -> Finding:
    return Finding(check, "wrong", says, todo)

"""The commands in a piece of shell, without running it: enough of the language for what documents show.

Quotes, pipes, lists, redirections, assignments, functions, `if`, `case`, `$(…)`, comments. What a word gets from an expansion
stays as it is written: `"$TOKEN"` is a word with a dollar in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_INNER = r"\((?:[^()]|\([^()]*\))*\)"
_TOKEN = re.compile(
    rf"""
      (?P<comment> (?<![^\s;&|(]) \# [^\n]* )
    | (?P<redirection> \d* (?: &> | >> | >& | <& | <<< | << | > | < (?!\() ) (?: &\d )? )
    | (?P<operator> \|\| | && | ;; | [;|&()\n] )
    | (?P<word> (?: '[^']*' | "(?: \\. | \${_INNER} | [^"\\] )*" | \\. | [$<]{_INNER} | \${{[^}}]*}} | [^\s'"\\;|&()<>] )+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)""", re.DOTALL)
_OF_THE_SHELL = {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!", "{", "}", "esac"}
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


@dataclass
class Command:
    words: list[str] = field(default_factory=list)
    sets: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> str:
        return self.words[0].rpartition("/")[2]


def commands_of(script: str) -> Iterator[Command]:
    """Every simple command, also those inside `$(…)` and `<(…)`."""
    script = script.replace("\\\n", " ")
    for inner in re.findall(rf"[$<]({_INNER})", script):
        if not inner.startswith("(("):
            yield from commands_of(inner[1:-1])
    command, pattern, target = Command(), False, False
    for found in _TOKEN.finditer(script + "\n"):
        token = found[0]
        if found["comment"]:
            continue
        if found["redirection"]:
            target = not re.search(r"&\d$", token)
        elif target:
            target = False
        elif pattern:  # what a case is compared with
            pattern = token != ")" and token != "esac"
        elif found["operator"]:
            if command.words[:1] != ["for"] and (command.words or command.sets):
                yield command
            command, pattern = Command(), token == ";;"
        elif not command.words and token in _OF_THE_SHELL:
            continue
        elif token == "in" and command.words[:1] == ["case"]:
            command, pattern = Command(), True
        elif not command.words and (sets := _ASSIGNMENT.fullmatch(token)):
            command.sets[sets[1]] = unquoted(sets[2])
        else:
            command.words.append(unquoted(token))


def functions_of(script: str) -> set[str]:
    """The names of the functions it defines."""
    return set(re.findall(r"^\s*([\w-]+)\(\)", script, flags=re.MULTILINE))


def unquoted(word: str) -> str:
    return _QUOTED.sub(lambda found: found[1] or re.sub(r'\\(["\\$`])', r"\1", found[2] or "") or found[3] or "", word)

"""Whether a block of the documents is what its language says: one judge for each language, none runs anything."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import yaml

from tests.support.blocks import Block
from tests.support.judging_commands import faults_of_script
from tests.support.shell import functions_of

_A_COMMAND = re.compile(
    r"^(?:\$ |# )?(?:sudo )?(?:handbell(?:-desktop)?|curl|make|pip|apt(?:-get)?|docker|systemctl) [\w./-]", re.MULTILINE
)


def faults_of(block: Block, functions: set[str]) -> list[str]:
    """What is wrong with it; `functions` are those that its page defined so far."""
    judge = _JUDGES.get(block.language)
    if judge is None:
        return [f"nobody judges {block.language or 'a block without a language'}"]
    try:
        return judge(block.text, functions)
    except (ValueError, SyntaxError, yaml.YAMLError, configparser.Error, ElementTree.ParseError) as refused:
        return [f"it cannot be read: {refused}"]


def _shell(text: str, functions: set[str]) -> list[str]:
    functions |= functions_of(text)
    return [*_grammar(text, "bash"), *faults_of_script(text, functions)]


def _grammar(text: str, shell: str) -> list[str]:
    said = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    return [said.stderr.strip()] if said.returncode else []


def _cron(text: str, functions: set[str]) -> list[str]:
    faults = []
    for line in text.splitlines():
        found = re.fullmatch(r"(?:[\d*/,-]+ +){4}[\d*/,-]+ +(?:root +)?(?P<command>.+)", line)
        if found is None and not re.fullmatch(r"[A-Z_]+=.*", line):
            faults.append(f"cron does not read: {line}")
        elif found:
            faults += faults_of_script(found["command"], functions)
    return faults


def _units(text: str, functions: set[str]) -> list[str]:
    """A unit of systemd, or settings in sections; what it starts is judged too."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(text)
    started = [
        value.lstrip("-@+!")
        for section in parser.values()
        for name, value in section.items()
        if name.startswith("Exec")
    ]
    return [fault for command in started for fault in faults_of_script(_without_a_shell(command), functions)]


def _without_a_shell(command: str) -> str:
    found = re.fullmatch(r"/bin/sh -c '(.*)'", command, flags=re.DOTALL)
    return found[1] if found else command


class _Yaml(yaml.SafeLoader):  # type: ignore[misc]  # it ships no types
    """YAML with tags that are other programs' own, such as Home Assistant's `!secret`."""


def _tagged(loader: Any, _: str, node: Any) -> Any:
    return node.value if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node)


_Yaml.add_multi_constructor("!", _tagged)


def _yaml(text: str, _: set[str]) -> list[str]:
    yaml.load(text, _Yaml)  # noqa: S506 — a safe loader that lets tags through
    return []


def _json(text: str, _: set[str]) -> list[str]:
    json.loads(text)
    return []


def _toml(text: str, _: set[str]) -> list[str]:
    tomllib.loads(text)
    return []


def _xml(text: str, _: set[str]) -> list[str]:
    ElementTree.fromstring(text)  # noqa: S314 — our own page
    return []


def _python(text: str, _: set[str]) -> list[str]:
    compile(text, "<block>", "exec")
    return []


def _braces(text: str, _: set[str]) -> list[str]:
    """nginx, Caddy: what is opened is closed, and nothing before it is."""
    depth = 0
    for sign in re.sub(r"#.*|\"[^\"\n]*\"|'[^'\n]*'", "", text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth < 0:
            break
    return [] if depth == 0 else ["its braces do not match"]


def _words(text: str, _: set[str]) -> list[str]:
    """Diagrams, what a program printed, what goes over a wire. A command in it would be a command that nobody judges."""
    return [f"this is a command: {found[0]}" for found in _A_COMMAND.finditer(text)]


_JUDGES: dict[str, Callable[[str, set[str]], list[str]]] = {
    "sh": _shell,
    "bash": _shell,
    "cron": _cron,
    "ini": _units,
    "yaml": _yaml,
    "json": _json,
    "toml": _toml,
    "xml": _xml,
    "python": _python,
    "nginx": _braces,
    "caddyfile": _braces,
    "text": _words,
}

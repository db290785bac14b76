"""Whether a command of the documents could be typed as it stands there: one judge for each program, none runs anything.

A judge answers what is wrong, or nothing. A program that has no judge is named in `OTHERS` with the reason; one that is not
even there is a fault, so nobody adds a command that nothing looks at.
"""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec
import yaml

from handbell_desktop.__main__ import main as desktop
from handbell_server.cli import main as handbell
from handbell_server.http import ENDPOINTS
from handbell_server.http.endpoint import Endpoint
from tests.support.shell import Command, commands_of

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("packaging/", "scripts/", "docs/", "tests/", "benchmarks/", "locks/")
OURS = {"bell.example", "127.0.0.1:8080", "localhost:8080", "$SERVER", "$HANDBELL_SERVER"}

OTHERS = {
    **dict.fromkeys(
        (
            "base64",
            "cat",
            "cp",
            "cut",
            "date",
            "echo",
            "install",
            "mktemp",
            "od",
            "printf",
            "rm",
            "tail",
            "tee",
            "tr",
            "true",
        ),
        "every system has it",
    ),
    **dict.fromkeys((".", "[", "cd", "export", "return", "set", "shift", "source", "trap", "$@"), "the shell itself"),
    **dict.fromkeys(("backup", "watch-it"), "stands for a program of the reader's"),
    **dict.fromkeys(
        ("amtool", "apprise", "borg", "pvesh", "restic"), "another project's; the page it is on says which"
    ),
    **dict.fromkeys(
        ("createuser", "createdb", "useradd", "openssl", "tar", "xdg-open"), "a system's tool, used as its manual says"
    ),
}


def faults_of(command: Command) -> list[str]:
    """What is wrong with one command."""
    if not command.words:
        return []
    named = [word for word in command.words if word.startswith(FOLDERS) and not any(ROOT.glob(word.rstrip("/")))]
    faults = [f"{word} does not exist" for word in named]
    judge = _JUDGES.get(command.program)
    if judge is not None:
        faults += judge(command.words[1:])
    elif command.program not in OTHERS:
        faults.append(f"nobody judges {command.program}")
    return faults


def judge_of_handbell(words: list[str]) -> list[str]:
    """Parsed by the command line itself, up to the moment before it would run."""
    command: click.Command = handbell
    context = click.Context(handbell, info_name="handbell")
    if words in (["--help"], ["--version"]):
        return []
    while isinstance(command, click.Group) and (words or not command.invoke_without_command):
        known = command.commands.get(words[0]) if words else None
        if known is None:
            return [f"handbell knows no {' '.join(words[:1]) or 'empty command'}"]
        command, words = known, words[1:]
        context = click.Context(command, parent=context, info_name=command.name)
    try:
        values, _, _ = command.make_parser(context).parse_args(list(words))
        for parameter in command.params:
            _try(parameter, values.get(str(parameter.name)), context)
    except click.UsageError as refused:
        return [f"handbell {command.name}: {refused.format_message()}"]
    return []


def _try(parameter: click.Parameter, value: Any, context: click.Context) -> None:
    """As click reads it; but files are the reader's, and what an expansion or a word such as NAME stands for is not known here."""
    if value is None or "UNSET" in repr(value):
        if isinstance(parameter, click.Argument) and parameter.required:
            raise click.MissingParameter(ctx=context, param=parameter)
    elif not isinstance(parameter.type, click.Path | click.File) and not re.search(r"[$…]|^[A-Z]+$", str(value)):
        parameter.type_cast_value(context, value)


@cache
def _help_of_the_desktop() -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        desktop(["--help"])
    return said.getvalue()


def judge_of_desktop(words: list[str]) -> list[str]:
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    return [
        f"handbell-desktop has no {option}"
        for option in options
        if not re.search(rf"{option}\b", _help_of_the_desktop())
    ]


_WITH_A_VALUE = {"-H", "-d", "-X", "-F", "-u", "-o", "-w", "--data-binary", "--retry", "--max-time", "--unix-socket"}
_ALONE = {"-f", "-s", "-S", "-N", "-i", "-G", "-L", "--retry-all-errors", "--no-buffer"}


def judge_of_curl(words: list[str]) -> list[str]:
    """Its address is an endpoint of ours, asked in a way that this endpoint is asked; its JSON is what that endpoint takes."""
    given: dict[str, list[str]] = {}
    addresses = []
    rest = iter(words)
    for word in rest:
        if word in _WITH_A_VALUE:
            given.setdefault(word, []).append(next(rest))
        elif not word.startswith("-"):
            addresses.append(word)
        elif not {word} & _ALONE and not {f"-{letter}" for letter in word[1:]} <= _ALONE:
            return [f"nobody knows curl's {word}"]
    if "$@" in addresses:
        return []  # the rest comes from whoever calls the function
    faults = []
    for address in addresses:
        host, path = _parts(address)
        if host in OURS:
            data = [*given.get("-d", []), *given.get("--data-binary", [])]
            method = given.get("-X", ["POST" if data or "-F" in given else "GET"])[0]
            faults += _asked(method, path, data)
    return faults if addresses else ["curl has no address"]


def _parts(address: str) -> tuple[str, str]:
    if "://" not in address:
        host, slash, path = address.partition("/")
        return host, slash + path.partition("?")[0]
    split = urlsplit(address)
    return split.netloc, split.path


def _asked(method: str, path: str, data: list[str]) -> list[str]:
    found = [one for one in ENDPOINTS for place in [(one.method, one.path), *one.also] if _matches(place, method, path)]
    if not found:
        return [f"{method} {path} is no endpoint"]
    exact = min(found, key=lambda one: one.path.count("{"))
    return [fault for text in data if text[:1] in "{[" for fault in _fits(exact, text)]


def _matches(place: tuple[str, str], method: str, path: str) -> bool:
    return place[0] == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", place[1]), path or "/") is not None


def _fits(endpoint: Endpoint, text: str) -> list[str]:
    try:
        if endpoint.body in (None, bytes) or endpoint.speaks is not None:
            msgspec.json.decode(text.encode())
        else:
            msgspec.json.decode(text.encode(), type=endpoint.body)
    except msgspec.DecodeError as refused:
        if "$" in text and not isinstance(refused, msgspec.ValidationError):
            return []  # whole members of it come from the shell
        return [f"{endpoint.method} {endpoint.path} does not take this: {refused}"]
    return []


def judge_of_make(words: list[str]) -> list[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets, settings = (
        set(re.findall(r"^([a-z][a-z-]*):", text, flags=re.MULTILINE)),
        set(re.findall(r"^([A-Z]+) \?=", text, flags=re.MULTILINE)),
    )
    return [
        f"the Makefile has no {word}"
        for word in words
        if word.partition("=")[0] not in (settings if "=" in word else targets)
    ]


@cache
def _tested_packages() -> set[str]:
    """What a page tells the reader to install beside Handbell is what our tests use."""
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "locks/dev.txt").read_text(encoding="utf-8"), flags=re.MULTILINE))


def judge_of_pip(words: list[str]) -> list[str]:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    faults = []
    for word in words[1:]:
        found = re.fullmatch(r"(?:(?:[\w./-]+/)?handbell|\.)(?:\[([\w,]+)\])?(?:==[\d.]+)?", word)
        if not word.startswith("-") and found is None and word not in _tested_packages():
            faults.append(f"pip is not to install {word}")
        elif found and found[1]:
            faults += [f"handbell has no extra {extra}" for extra in found[1].split(",") if extra not in extras]
    return faults


@cache
def _debian_packages() -> set[str]:
    """The packages that our own scripts install by name; whether those exist is found out there."""
    files = [*ROOT.glob("scripts/*.sh"), *ROOT.glob("scripts/package_*.py"), *ROOT.glob("packaging/**/control*")]
    compilers = {"gcc", "libc6-dev"}  # for the load generator, which says so itself when they are missing
    return compilers | {
        word for file in files for word in re.findall(r"[a-z][a-z0-9.+-]+", file.read_text(encoding="utf-8"))
    }


def judge_of_apt(words: list[str]) -> list[str]:
    if words[:1] in (["update"], ["purge"], ["remove"]):
        return []
    packages = [word for word in words[1:] if not word.startswith("-")]
    ours = re.compile(r"\./(?:handbell-(?:server|desktop)_[\w.*-]+\.deb)?")
    faults = [
        f"nobody knows Debian's package {name}"
        for name in packages
        if name not in _debian_packages() and not ours.fullmatch(name)
    ]
    return faults if words[:1] == ["install"] else [f"nobody judges apt {' '.join(words[:1])}"]


def judge_of_docker(words: list[str]) -> list[str]:
    if words[:1] != ["compose"]:
        known = {"build", "run", "exec", "logs", "stop", "pull"}
        inner = words[words.index("handbell") :] if words[0] == "exec" and "handbell" in words else []
        return [f"nobody judges docker {words[0]}"] * (words[0] not in known) + _inside(inner)
    [file] = (ROOT / "packaging/server/container").glob("compose.y*ml")
    services = yaml.safe_load(file.read_text(encoding="utf-8"))["services"]
    plain = [word for word in words[1:] if not word.startswith("-")]
    if plain[0] not in ("build", "up", "down", "logs", "exec", "run", "stop", "start", "restart", "ps", "pull"):
        return [f"nobody judges docker compose {plain[0]}"]
    faults = [f"compose has no service {name}" for name in plain[1:2] if name not in services]
    return faults + (_inside(plain[2:]) if plain[0] == "exec" else [])


def judge_of_systemctl(words: list[str]) -> list[str]:
    units = {file.name for file in ROOT.glob("packaging/server/systemd/*")} | {"nginx.service"}
    faults = []
    for word in words[1:]:
        if not re.match(r"-|%|[A-Z]", word):
            unit = re.sub(r"@[^.]+", "@", word)
            faults += [f"there is no unit {word}"] * (not {unit, f"{unit}.service"} & units)
    return faults


def judge_of_sudo(words: list[str]) -> list[str]:
    return _inside(words)


def judge_of_runuser(words: list[str]) -> list[str]:
    return _inside(words[words.index("--") + 1 :]) if "--" in words else ["runuser without --"]


def judge_of_journalctl(words: list[str]) -> list[str]:
    units = [words[number + 1] for number, word in enumerate(words) if word in ("-u", "--unit")]
    return judge_of_systemctl(["status", *units])


def judge_of_python(words: list[str]) -> list[str]:
    if words[:2] == ["-m", "venv"]:
        return []
    if words[:1] == ["-m"] and len(words) > 1:
        module = words[1].replace(".", "/")
        return [f"there is no module {words[1]}"] * (
            not any((ROOT / f"{module}{end}").exists() for end in (".py", "/__main__.py"))
        )
    return [] if words[:1] and words[0].endswith(".py") else [f"nobody judges python {words}"]


def _inside(words: list[str]) -> list[str]:
    return faults_of(Command(words)) if words else []


def faults_of_script(script: str, functions: set[str]) -> list[str]:
    return [
        fault
        for command in commands_of(script)
        if not command.words or command.program not in functions
        for fault in faults_of(command)
    ]


_JUDGES: dict[str, Callable[[list[str]], list[str]]] = {
    "handbell": judge_of_handbell,
    "handbell-desktop": judge_of_desktop,
    "curl": judge_of_curl,
    "make": judge_of_make,
    "pip": judge_of_pip,
    "apt": judge_of_apt,
    "apt-get": judge_of_apt,
    "docker": judge_of_docker,
    "systemctl": judge_of_systemctl,
    "journalctl": judge_of_journalctl,
    "sudo": judge_of_sudo,
    "runuser": judge_of_runuser,
    "python": judge_of_python,
    "python3": judge_of_python,
}

"""Carries a container file out, step by step, in clean roots, where there is no Docker.

    FROM ──► a copy of a root        COPY ──► files into it        RUN ──► sh -c in it, as USER, in WORKDIR, with ENV

What stands in for the image `python:3.11-slim-bookworm` is the same Debian with Debian's own Python 3.11, under the name
`python`. It differs from the image in the patch version of Python, in its place (/usr/bin, not /usr/local/bin) and in that pip
comes by `python -m venv` only. Layers, caches and what the registry knows of an image are not imitated.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.deployment.clean_root.roots import CleanRoot, fresh
from tests.deployment.containerfile import Instruction, Stage
from tests.deployment.handed_out import ROOT

STANDS_IN_FOR = "python:3.11-slim-bookworm"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Image:
    """A root, and what it says about running it."""

    root: CleanRoot
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": _PATH, "LANG": "C.UTF-8"})
    user: str = "0:0"
    directory: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


class Builder:
    """Each stage once, with what it stands on."""

    def __init__(self, stages: dict[str, Stage], folder: Path) -> None:
        self._stages = stages
        self._folder = folder
        self._built: dict[str, Image] = {}

    def image(self, name: str) -> Image:
        if name not in self._built:
            self._built[name] = self._base() if name == STANDS_IN_FOR else self._build(self._stages[name])
        return self._built[name]

    def _base(self) -> Image:
        root = fresh(self._folder / "base")
        root.install("python3", "python3-venv", "ca-certificates")
        root.trust()
        (root.folder / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        return Image(root)

    def _build(self, stage: Stage) -> Image:
        image = self.image(stage.base)
        if not stage.steps:
            return image
        copy = self._folder / stage.name
        subprocess.run(["cp", "-a", "--reflink=auto", str(image.root.folder), str(copy)], check=True)
        image = replace(image, root=CleanRoot(copy))
        for step in stage.steps:
            image = self._carry_out(step, image)
        return image

    def _carry_out(self, step: Instruction, image: Image) -> Image:
        match step.word:
            case "ENV":
                return replace(image, environment=_with(image.environment, step.argument))
            case "WORKDIR":
                place = str(Path(image.directory) / step.argument)
                (image.root.folder / place.lstrip("/")).mkdir(parents=True, exist_ok=True)
                return replace(image, directory=place)
            case "USER":
                return replace(image, user="0:0" if step.argument == "root" else step.argument)
            case "COPY":
                self._copy(step, image)
            case "RUN":
                shell = ["sh", "-c", 'cd "$0" && exec sh -c "$1"', image.directory, step.argument]
                assert image.user == "0:0", "a step that is carried out as somebody else needs to be written here first"
                image.root.run("env", *(f"{name}={value}" for name, value in image.environment.items()), *shell)
            case "VOLUME":
                return replace(image, volumes=(*image.volumes, *step.words))
            case "ENTRYPOINT":
                return replace(image, entrypoint=tuple(step.words), command=())
            case "CMD":
                return replace(image, command=tuple(step.words))
            case "HEALTHCHECK":
                return replace(image, healthcheck=tuple(Instruction("CMD", step.rest.removeprefix("CMD ")).words))
            case "EXPOSE":
                pass
            case _:
                raise AssertionError(f"nobody knows here what {step.word} does")
        return image

    def _copy(self, step: Instruction, image: Image) -> None:
        *sources, to = step.rest.split()
        source = self.image(step.options["from"]).root.folder if "from" in step.options else ROOT
        target = image.root.folder / str(Path(image.directory) / to).lstrip("/")
        for name in sources:
            path = source / name.lstrip("/")
            if path.is_dir():  # its contents, as the language has it
                shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True, ignore=_left_out(source))
            else:
                place = target / path.name if to.endswith("/") else target
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)


def _left_out(source: Path) -> Callable[[Any, list[str]], set[str]] | None:
    """What .dockerignore keeps from a build anywhere in a folder; between stages nothing is kept."""
    if source != ROOT:
        return None
    anywhere = re.findall(r"^\*\*/(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    return shutil.ignore_patterns(*anywhere)


def _with(environment: dict[str, str], argument: str) -> dict[str, str]:
    pairs = (pair.split("=", 1) for pair in shlex.split(argument))
    return environment | {name: _expanded(value, environment) for name, value in pairs}


def _expanded(value: str, environment: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda match: environment[match[1]], value)

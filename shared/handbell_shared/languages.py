"""Names of languages, as BCP 47 writes them, and which of several texts a person gets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

T = TypeVar("T")
# Long enough for "zh-Hant-TW"; variants and extensions say nothing that a choice of texts could use.
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?\Z")


def canonical(tag: str) -> str | None:
    """The one way to write it ("pt-BR", "zh-Hant"); None when it names no language."""
    if not _TAG.match(tag):
        return None
    language, *others = tag.split("-")
    return "-".join([language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in others)])


def best(wanted: str | None, offered: Mapping[str, T]) -> T | None:
    """The text for somebody of this language: exactly it, or what it is a kind of; None for the text as it is."""
    while wanted:
        if wanted in offered:
            return offered[wanted]
        wanted = wanted.rpartition("-")[0]
    return None

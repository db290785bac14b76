"""Sentences for people, said where no toolkit is loaded and translated where one is.

The Qt-free part writes `sentence("SigningIn", "There is no server at {server}.").of(server=url)`. Qt's own lupdate reads
these calls as it reads `tr`, so the translations stand beside all others; `ui/phrases.py` says them in the person's
language. `str` of one is its English, for reports, logs and tests.

A value is data and stays as it is; one that is a sentence itself is translated like its frame.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct


class Sentence(Struct, frozen=True):
    """What to say: `topic` is the translator's context, `{names}` in the text are filled from `values`."""

    topic: str
    text: str
    values: tuple[tuple[str, object], ...] = ()

    def of(self, **values: object) -> Sentence:
        return Sentence(self.topic, self.text, tuple(values.items()))

    def said(self, translate: Callable[[str, str], str]) -> str:
        """`translate(topic, text)` answers the text in another language."""
        values = {name: value.said(translate) if isinstance(value, Sentence) else value for name, value in self.values}
        return translate(self.topic, self.text).format_map(values)

    def __str__(self) -> str:
        return self.said(lambda _, text: text)


def sentence(topic: str, text: str) -> Sentence:
    """Both must be written out as constants: lupdate reads the source, not the program."""
    return Sentence(topic, text)

"""From what is to be said to a `Letter` or a page: the templates of this package, filled in.

What producers and people wrote is text everywhere: it is escaped (autoescape), made printable, cut to a length, and becomes a link
only where `links.py` allows it. There are no pictures, fonts or scripts, so opening an e-mail tells nobody anything. Text and
HTML are made from the same values and say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from msgspec import Struct

from handbell_server.channels.mail.letters import Letter, one_line
from handbell_server.channels.mail.words import Words, words_in
from handbell_shared.links import why_refused

NewsKind = Literal["at_once", "digest"]
ITEMS_AT_MOST: Final = 50
_TITLE_CHARS: Final = 200
_BODY_CHARS: Final = 400
_NAME_CHARS: Final = 80


class Item(Struct, frozen=True, gc=False):
    """One line of news: a notification, or a group of them under one headline."""

    title: str
    source: str
    when: str
    body: str = ""
    link: str | None = None
    colour: str | None = None

    @property
    def host(self) -> str:
        """Where the link leads: a title can say anything."""
        return urlsplit(self.link).hostname or "" if self.link is not None else ""


def news(
    language: str | None, kind: NewsKind, items: Sequence[Item], *, count: int, more: int, home: str, leave: str
) -> Letter:
    """What is new for somebody: `count` notifications in `items` and `more` groups that found no room."""
    words = words_in(language)
    shown = [_plain(item, words) for item in items[:ITEMS_AT_MOST]]
    alone = count == 1 and len(shown) == 1 and kind == "at_once"
    heading = words.unseen(count) if kind == "digest" else words.news(count)
    why, leave_words = (
        (words.why_digest, words.leave_digest) if kind == "digest" else (words.why_at_once, words.leave_at_once)
    )
    values = {"heading": None if alone else heading, "items": shown, "more": words.more(more) if more else None}
    subject = shown[0].title if alone else words.news(count)
    return _letter("news", words, subject, leave, values | {"why": why, "leave_words": leave_words, "home": home})


def confirmation(language: str | None, user: str, code: str, link: str) -> Letter:
    words = words_in(language)
    values = {"user": one_line(user, _NAME_CHARS), "code": f"{code[:3]} {code[3:]}", "link": link}
    return _letter("confirm", words, words.confirm_subject, None, values)


def trial(language: str | None) -> Letter:
    words = words_in(language)
    return _letter("trial", words, words.test_subject, None, {})


def page(
    language: str | None,
    text: str,
    *,
    more: str = "",
    button: str | None = None,
    field: tuple[str, str] | None = None,
) -> bytes:
    """A small page with a sentence, and perhaps one button that POSTs that field to where the page came from."""
    values = {"text": text, "more": more, "button": button, "field": field, "words": words_in(language)}
    return _templates().get_template("page.html").render(values).encode()


def _letter(name: str, words: Words, subject: str, leave: str | None, values: dict[str, Any]) -> Letter:
    values |= {"words": words, "subject": subject, "leave": leave}
    text = _templates().get_template(f"{name}.txt").render(values)
    return Letter(subject, text.strip() + "\n", _templates().get_template(f"{name}.html").render(values), leave)


def _plain(item: Item, words: Words) -> Item:
    link = item.link if item.link is not None and why_refused(item.link) is None else None
    return Item(
        one_line(item.title, _TITLE_CHARS) or words.untitled,
        one_line(item.source, _NAME_CHARS),
        item.when,
        one_line(item.body, _BODY_CHARS),
        link,
        item.colour,
    )


@lru_cache(1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )

"""What a type says in the place of its producer.

A type fills in what was left out, and everything is then checked as if the producer had said it. It happens once, when
a notification is accepted, and in all the languages of the type, so that what is accepted never depends on who is told
or on what becomes of the type meanwhile. Who gets which language is decided when they are told (`actions/drafts.py`).
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import asdict, replace

from handbell_server.actions.drafts import Draft, Words
from handbell_server.errors import Invalid
from handbell_server.http.bodies import (
    NewNotification,
    SentButton,
    actor_of,
    check_buttons,
    check_data,
    check_link,
    check_text,
    draft_of,
)
from handbell_server.limits import InputLimits
from handbell_server.rules.kinds import Book, Kind, Translation, say
from handbell_server.rules.template_values import Context

_L = InputLimits()


def draft_for(sent: NewNotification, now: int, book: Book) -> Draft:
    """The content, checked, with what its type brings."""
    kind = book.get(sent.type)
    if kind is None:
        return draft_of(sent, now)
    if kind.plain and sent.title is not None:
        return draft_of(sent, now, kind.priority)
    given, context = kind.definition, _context(sent)
    words = _words(kind, sent, context)
    full = replace(
        sent,
        title=words.title or None,
        body=words.body,
        link=words.link,
        priority=sent.priority or kind.priority,
        actions=words.actions,
        ttl=given.ttl if sent.ttl is None and sent.expires_at is None else sent.ttl,
    )
    translations = {
        language: _words(kind, sent, context, translation)
        for language, translation in given.translations.items()
        if sent.title is None or (sent.actions is None and translation.labels)
    }
    return replace(draft_of(full, now), looks=kind.looks, translations=translations or None)


def _context(sent: NewNotification) -> Context:
    if sent.data is not None:
        check_data(sent.data)  # before a template makes more of it
    context: dict[str, Any] = {"data": sent.data or {}, "resolved": sent.resolved}
    actor = actor_of(sent)
    if actor is not None:
        context["actor"] = {name: value for name, value in asdict(actor).items() if value}
    return context


def _words(kind: Kind, sent: NewNotification, context: Context, translation: Translation | None = None) -> Words:
    """Title, body, link and buttons: what was sent, else what the type says, in its own language or a translation."""
    given = kind.definition

    def said(what: str, longest: int) -> str | None:
        text = (getattr(translation, what) if translation else None) or getattr(given, what)
        if text is None or sent.title is not None:
            return None
        made = say(kind, what, text, context)
        if len(made) > longest:
            raise Invalid(
                f"The {what} of the type {kind.name!r} would have more than {longest} characters.", field=what
            )
        return made

    title = sent.title if sent.title is not None else said("title", _L.title_chars)
    body = sent.body or said("body", _L.text_chars) or ""
    link = sent.link if sent.link is not None else (said("link", _L.link_chars) or None)
    if title is not None:
        check_text(title, body)
    if link is not None:
        check_link(link, "link")
    buttons = sent.actions if sent.actions is not None else _buttons(kind, context, translation)
    return Words(title or "", body, link, buttons)


def _buttons(kind: Kind, context: Context, translation: Translation | None) -> tuple[SentButton, ...]:
    labels = translation.labels if translation else {}
    buttons = []
    for place, button in enumerate(kind.definition.actions):
        at = f"actions[{place}].link"
        link = None if button.link is None else say(kind, at, button.link, context)
        buttons.append(SentButton(button.id, labels.get(button.id, button.label), button.kind, link))
    check_buttons(buttons)
    return tuple(buttons)

"""Types of notifications: what one may bring, which of it a template says, and the book a producer's types stand in.

A type fills in what a producer leaves out. Looked up by name, the first of these wins: the producer's own type, one of
the whole house (an administrator's), a built-in one. A name nobody registered is just a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from handbell_server.actions.drafts import Looks
from handbell_server.errors import Invalid
from handbell_server.limits import InputLimits
from handbell_server.rules.template_values import Context, RenderError
from handbell_server.rules.templating import Template, TemplateError, template_of
from handbell_shared.kinds import Icon
from handbell_shared.languages import canonical
from handbell_shared.records import Button, Priority

_L: Final = InputLimits()

Text = Annotated[str, Meta(min_length=1, max_length=_L.template_chars)]
Link = Annotated[str, Meta(min_length=1, max_length=_L.link_chars)]


class TypeButton(Button, frozen=True, forbid_unknown_fields=True, gc=False):
    """A button that the type brings along; the link of a link button may be a template."""


class Translation(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """The same in another language; what is left out is said in the type's own."""

    title: Text | None = None
    body: Text | None = None
    link: Link | None = None
    labels: Annotated[dict[str, str], Meta(max_length=_L.buttons)] = {}


class TypeDefinition(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """What notifications of a type say, and what they look like, where their producer says nothing else."""

    title: Text | None = None
    body: Text | None = None
    link: Link | None = None
    translations: Annotated[dict[str, Translation], Meta(max_length=_L.languages)] = {}
    icon: Icon | None = None
    colour: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$", max_length=7)] | None = None
    category: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_-]{0,63}$", max_length=64)] | None = None
    priority: Priority | None = None
    actions: Annotated[tuple[TypeButton, ...], Meta(max_length=_L.buttons)] = ()
    ttl: Annotated[int, Meta(ge=1, le=10 * 366 * 86_400)] | None = None


class Kind:
    """A type ready to be used. `plain` ones have but a priority for a notification that has a title of its own."""

    __slots__ = ("definition", "looks", "name", "plain", "priority")

    def __init__(self, name: str, definition: TypeDefinition, *, registered: bool = True) -> None:
        self.name = name
        self.definition = definition
        # How a built-in type looks is known to every device; only a registered one's looks have to travel.
        looks = Looks(definition.category, definition.icon, definition.colour)
        self.looks = looks if registered and looks != Looks() else None
        self.priority: Priority = definition.priority or "normal"
        self.plain = not (self.looks or definition.actions or definition.ttl)


Book = Mapping[str, Kind]


def say(kind: Kind, what: str, text: str, context: Context) -> str:
    """Fill a template of the type in; a refusal says which one, and names the variable."""
    try:
        return template_of(text).render(context)
    except RenderError as error:
        raise Invalid(
            f"The {what} of the type {kind.name!r} cannot be made: {error.why}.", field=error.variable or what
        ) from None
    except TemplateError as error:  # registered with an older Handbell, which could read it
        raise Invalid(f"The {what} of the type {kind.name!r} is no template: {error}", field=what) from None


def check(definition: TypeDefinition) -> None:
    """Whether everything in it can be used: templates, languages, buttons. Links are the caller's to judge."""
    for field, text in templates_of(definition):
        compiled(field, text)
    ids = [button.id for button in definition.actions]
    for tag, translation in definition.translations.items():
        at = f"translations.{tag}"
        if canonical(tag) != tag:
            raise Invalid("A language is named as in de, pt-BR or zh-Hant.", field=at)
        for what in ("title", "body", "link"):
            if getattr(translation, what) is not None and getattr(definition, what) is None:
                raise Invalid(f"The type itself has no {what}, for all other languages.", field=f"{at}.{what}")
        for an_id, label in translation.labels.items():
            if an_id not in ids:
                raise Invalid("There is no button of this id.", field=f"{at}.labels.{an_id}")
            if not 0 < len(label) <= _L.button_label_chars or "\x00" in label:
                raise Invalid(f"A label has 1 to {_L.button_label_chars} characters.", field=f"{at}.labels.{an_id}")


def templates_of(definition: TypeDefinition) -> Iterator[tuple[str, str]]:
    """Each template with the name of its field."""
    said: list[tuple[str, TypeDefinition | Translation]] = [("", definition)]
    said += [(f"translations.{tag}.", translation) for tag, translation in definition.translations.items()]
    for at, one in said:
        for what in ("title", "body", "link"):
            text = getattr(one, what)
            if text is not None:
                yield f"{at}{what}", text
    for place, button in enumerate(definition.actions):
        if button.link is not None:
            yield f"actions[{place}].link", button.link


def compiled(field: str, text: str) -> Template:
    if "\x00" in text:
        raise Invalid("Text must not contain the NUL character.", field=field)
    try:
        return template_of(text)
    except TemplateError as error:
        raise Invalid(str(error), field=field) from None

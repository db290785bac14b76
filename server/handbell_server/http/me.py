"""The person who asks: who they are here, and in which language they want to be told things."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from handbell_server.actions import people
from handbell_server.errors import Invalid
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_shared.languages import canonical

Language = Annotated[
    str, Meta(min_length=2, max_length=11, pattern="^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$")
]


class Wishes(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a person may change about themself."""

    language: Language | None


class Me(Struct, frozen=True, gc=False):
    user: str
    admin: bool
    language: str | None


@endpoint("GET", "/v1/me", "user", answers={200: Me})
def show(call: Call) -> Answer:
    """Who you are here."""
    person = call.person
    return Answer(200, Me(person.user, person.admin, call.services.read(people.language_of, person.user_id)))


@endpoint("PATCH", "/v1/me", "user", body=Wishes, answers={200: Me}, problems=(404,), example={"language": "de"})
def change(call: Call) -> Answer:
    """Choose the language you are told things in, where types have translations."""
    wishes: Wishes = call.body
    person = call.person
    language = None if wishes.language is None else canonical(wishes.language)
    if wishes.language is not None and language is None:  # a pattern's $ lets one line break through
        raise Invalid("A language is named as in de, pt-BR or zh-Hant.", field="language")
    call.services.errand(lambda c: people.set_language(c, person.user_id, language))
    return Answer(200, Me(person.user, person.admin, language))

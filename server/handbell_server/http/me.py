"""The person who asks: who they are here, in which language they want to be told things, and where they get e-mail."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy.engine import Connection

from handbell_server.actions import mailboxes, people
from handbell_server.auth import SignedIn
from handbell_server.channels.mail import address
from handbell_server.channels.mail.office import CODE_DIGITS, Office
from handbell_server.errors import Invalid, NotFound, Unavailable
from handbell_server.guessing import pay
from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_shared.codes import Code
from handbell_shared.languages import canonical

Language = Annotated[
    str, Meta(min_length=2, max_length=11, pattern="^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?$")
]
Email = Annotated[str, Meta(min_length=3, max_length=address.LONGEST)]


class Wishes(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a person may change about themself; what is not given stays."""

    language: Language | UnsetType | None = UNSET
    email: Email | UnsetType | None = UNSET


class EmailCode(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What stood in the e-mail."""

    code: Annotated[str, Meta(min_length=CODE_DIGITS, max_length=16)]


class Me(Struct, frozen=True, gc=False):
    """`email_offered`: whether this server sends e-mail at all. `email_trouble`: why nothing goes to the address any more."""

    user: str
    admin: bool
    language: str | None
    email: str | None
    email_confirmed: bool
    email_trouble: str | None
    email_offered: bool


@endpoint("GET", "/v1/me", "user", answers={200: Me})
def show(call: Call) -> Answer:
    """Who you are here."""
    return _me(call)


@endpoint("PATCH", "/v1/me", "user", body=Wishes, answers={200: Me}, problems=(404,), example={"language": "de"})
def change(call: Call) -> Answer:
    """Choose the language you are told things in, and the address you get e-mail at. A new address is asked first."""
    wishes: Wishes = call.body
    person = call.person
    language = wishes.language if wishes.language is None or wishes.language is UNSET else canonical(wishes.language)
    if wishes.language is not None and language is None:  # a pattern's $ lets one line break through
        raise Invalid("A language is named as in de, pt-BR or zh-Hant.", field="language")
    email = _address(call, wishes.email)

    def write(connection: Connection) -> None:
        if language is not UNSET:
            people.set_language(connection, person.user_id, language)
        if email is None:
            mailboxes.give_up(connection, person.user_id, _by(person))
        elif email is not UNSET:
            mailboxes.name_address(connection, person.user_id, email, _by(person))

    if language is not UNSET or email is not UNSET:
        call.services.errand(write)
    return _me(call)


@endpoint(
    "POST",
    "/v1/me/confirm-email",
    "user",
    body=EmailCode,
    answers={200: Me},
    problems=(404,),
    example={"code": "042137"},
)
def confirm_email(call: Call) -> Answer:
    """Say the code that was sent to your address: from then on you get e-mail there."""
    sent: EmailCode = call.body
    person, office = call.person, _office(call)
    pay(call.services.rates.sign_in, f"{call.address} {person.user}", "Too many codes were tried.")
    code = "".join(sign for sign in sent.code if sign not in " -")
    if not call.services.errand(lambda c: mailboxes.confirm_by_code(c, person.user_id, code, office.code_of)):
        raise NotFound(
            "This is not the code, or not any more. Name the address again for a new one.",
            code=Code.CODE_EXPIRED,
            field="code",
        )
    return _me(call)


def _me(call: Call) -> Answer:
    person = call.person

    def look(connection: Connection) -> Me:
        box = mailboxes.mailbox_of(connection, person.user_id)
        return Me(
            person.user,
            person.admin,
            people.language_of(connection, person.user_id),
            None if box is None else box.address,
            box is not None and box.confirmed,
            None if box is None else box.trouble,
            call.services.office is not None,
        )

    return Answer(200, call.services.read(look))


def _address(call: Call, wanted: str | UnsetType | None) -> str | UnsetType | None:
    """The address as it is kept. Giving one up needs no mail server, naming one does."""
    if wanted is None or wanted is UNSET:
        return wanted
    _office(call)
    found = address.canonical(wanted)
    if found is None:
        raise Invalid("This is no address that e-mail can be sent to.", field="email")
    return found


def _office(call: Call) -> Office:
    if call.services.office is None:
        raise Unavailable("E-mail is not set up on this server; the operator can do that.", retry_after=3_600)
    return call.services.office


def _by(person: SignedIn) -> str:
    return f"user:{person.user_id}"

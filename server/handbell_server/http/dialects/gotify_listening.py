"""Gotify's other side: a person's apps list their inbox and follow it (docs/dialects/listening.md).

Applications are the sources of what is in the inbox, and deleting a message archives the notification: another system's idea
of tidying up should destroy nothing. An app signs in with the person's password, once, and gets a token of its own; or it is
given a token in the place of the password, for people who have none.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec
from msgspec import Struct
from sqlalchemy.engine import Connection

from handbell_server import __version__, news
from handbell_server.actions import people
from handbell_server.auth import SignedIn
from handbell_server.errors import Forbidden, Invalid, NotFound, Problem
from handbell_server.following import Follower
from handbell_server.guessing import pay
from handbell_server.http import sessions
from handbell_server.http.bodies import DeviceName
from handbell_server.http.dialects import gotify_shapes as shapes
from handbell_server.http.dialects.gotify import GOTIFY
from handbell_server.http.endpoint import Answer, Asked, Call, endpoint
from handbell_server.identity.tokens import MAX_CREDENTIAL_CHARS, new_listening_token, parse_token
from handbell_server.parsing import decode
from handbell_server.reads import reading
from handbell_server.services import Services
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Notification, Target

_EARS = replace(GOTIFY, statuses={422: 400})  # what senders hear as a mistake of theirs, apps hear as it is
_SPOKEN = "2.6.0"  # the version of Gotify whose interface this is
_USUAL_PAGE, _LARGEST_PAGE = 100, 200
_ARCHIVED_AT_ONCE = 500
_encode = msgspec.json.Encoder().encode


class NewClient(Struct, frozen=True, gc=False):
    name: DeviceName


_new_client = msgspec.json.Decoder(NewClient)


def _also(method: str, path: str) -> tuple[tuple[str, str], ...]:
    return ((method, f"/gotify{path}"),)


# ---- before signing in


@endpoint("GET", "/version", "anyone", answers={200: shapes.GotifyVersion}, speaks=_EARS, also=_also("GET", "/version"))
def version(_call: Call) -> Answer:
    """Gotify: the version of its interface that is spoken here."""
    return Answer(200, shapes.GotifyVersion(_SPOKEN, f"handbell-{__version__}", ""))


@endpoint(
    "GET",
    "/health",
    "anyone",
    answers={200: shapes.GotifyHealth, 500: shapes.GotifyHealth},
    speaks=_EARS,
    also=_also("GET", "/health"),
)
def health(call: Call) -> Answer:
    """Gotify: whether the server and its database answer."""
    try:
        call.services.read(reading.epoch)
    except Problem:
        return Answer(500, shapes.GotifyHealth("orange", "red"))
    return Answer(200, shapes.GotifyHealth("green", "green"))


# ---- signing in and out


def _by_password(services: Services, asked: Asked, address: str) -> SignedIn | None:
    """Somebody who signs in: Basic, with a password that is no token."""
    kind, _, packed = (asked.header("Authorization") or "")[:MAX_CREDENTIAL_CHARS].partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, _, password = base64.b64decode(packed.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    if not user or parse_token(password or user) is not None:
        return None
    person = sessions.by_password(services, address, user, password)
    return SignedIn(person.id, person.name, person.admin, None, only=GOTIFY.name)


@endpoint(
    "GET",
    "/current/user",
    "user",
    answers={200: shapes.GotifyUser},
    speaks=_EARS,
    knock=_by_password,
    also=_also("GET", "/current/user"),
)
def current_user(call: Call) -> Answer:
    """Gotify: who you are; its apps ask with your password, or with a token in its place."""
    return Answer(200, shapes.GotifyUser(shapes.number_of_source(call.person.user), call.person.user, False))


@endpoint(
    "POST",
    "/client",
    "user",
    body=bytes,
    answers={200: shapes.GotifyClient},
    problems=(400, 403, 429),
    example={"name": "Ana's phone"},
    speaks=_EARS,
    knock=_by_password,
    also=_also("POST", "/client"),
)
def sign_in(call: Call) -> Answer:
    """Gotify: make this app a device of yours, with a token of its own."""
    name = decode(call.raw, _new_client).name.replace("\x00", "")
    person = call.person
    if person.device is not None and person.only is not None:  # it was given a token, and that is its own
        token = GOTIFY.token(call) or ""
        return Answer(200, shapes.GotifyClient(shapes.number_of_device(person.device), name, token))
    if person.device is None and person.only is None:
        raise Forbidden("This token is the issuer's, and a device would outlive it. Ask the operator for a token.")
    if person.device is not None:  # with a password it is paid for
        pay(call.services.rates.sign_in, f"token {person.user_id}", "Too many tokens were made.")
    token, digest = new_listening_token(GOTIFY.name)

    def add(connection: Connection) -> str:
        found = people.signed_in(connection, person.user_id, person.device)
        return people.add_device(connection, found, name, GOTIFY.name, digest.hex(), GOTIFY.name)

    device = call.services.errand(add)
    return Answer(200, shapes.GotifyClient(shapes.number_of_device(device), name, token))


@endpoint(
    "GET", "/client", "user", answers={200: list[shapes.GotifyClient]}, speaks=_EARS, also=_also("GET", "/client")
)
def clients(call: Call) -> Answer:
    """Gotify: your apps that listen by its interface, this one first. Their tokens are shown to nobody."""
    return Answer(200, [shapes.GotifyClient(shapes.number_of_device(one.id), one.name) for one in _clients(call)])


@endpoint(
    "DELETE",
    "/client/{id}",
    "user",
    answers={200: None},
    problems=(404,),
    speaks=_EARS,
    also=_also("DELETE", "/client/{id}"),
)
def sign_out(call: Call) -> Answer:
    """Gotify: sign an app of yours out."""
    number, person = _number(call), call.person
    device = next((one.id for one in _clients(call) if shapes.number_of_device(one.id) == number), None)
    if device is None:
        raise NotFound("There is no such client.")
    call.services.errand(lambda c: people.revoke_device(c, person.user_id, device, by=person.user))
    call.services.auth.forget()
    return Answer(200)


def _clients(call: Call) -> list[people.SignedInDevice]:
    mine = call.services.read(people.devices, call.person.user_id, call.person.device)
    return sorted((one for one in mine if one.dialect == GOTIFY.name), key=lambda one: not one.current)


# ---- the list


@endpoint(
    "GET",
    "/application",
    "user",
    answers={200: list[shapes.GotifyApplication]},
    speaks=_EARS,
    also=_also("GET", "/application"),
)
def applications(call: Call) -> Answer:
    """Gotify: who has sent what is in your inbox."""
    return Answer(200, [shapes.GotifyApplication(shapes.number_of_source(one), one) for one in _sources(call)])


@endpoint(
    "GET",
    "/message",
    "user",
    answers={200: shapes.GotifyPage},
    problems=(400,),
    speaks=_EARS,
    also=_also("GET", "/message"),
)
def messages(call: Call) -> Answer:
    """Gotify: your inbox, newest first."""
    return Answer(200, _page(call, "/message", None))


@endpoint(
    "GET",
    "/application/{id}/message",
    "user",
    answers={200: shapes.GotifyPage},
    problems=(400, 404),
    speaks=_EARS,
    also=_also("GET", "/application/{id}/message"),
)
def messages_of(call: Call) -> Answer:
    """Gotify: what one source has sent you, newest first."""
    return Answer(200, _page(call, f"/application/{call.path['id']}/message", _source(call)))


def _page(call: Call, path: str, source: str | None) -> shapes.GotifyPage:
    limit = _parameter(call, "limit", _USUAL_PAGE)
    if not 1 <= limit <= _LARGEST_PAGE:
        raise Invalid(f"1 to {_LARGEST_PAGE}.", field="limit")
    since = _parameter(call, "since", 0)
    found = call.services.read(_listed, call.person.user_id, since or shapes.LARGEST + 1, limit + 1, source)
    page = [shapes.message_of(one) for one in found[:limit]]
    last = page[-1].id if page else 0
    following = f"{path}?limit={limit}&since={last}" if len(found) > limit else None
    return shapes.GotifyPage(shapes.GotifyPaging(len(page), limit, last if following else 0, following), page)


def _listed(connection: Connection, user_id: int, below: int, wanted: int, source: str | None) -> list[Notification]:
    """The next so many below a number, by number."""
    found: list[Notification] = []
    upto = shapes.revision_in(below)
    while len(found) < wanted:
        stretch = news.stretch(connection, user_id, upto, wanted, source)
        if not stretch:
            break
        fitting = [one for one in stretch if news.is_listed(one) and shapes.number_of(one) < below]
        found += sorted(fitting, key=shapes.number_of, reverse=True)
        upto = stretch[-1].news - 1
    return found[:wanted]


# ---- tidying up


@endpoint(
    "DELETE",
    "/message/{id}",
    "user",
    answers={200: None},
    problems=(404,),
    speaks=_EARS,
    also=_also("DELETE", "/message/{id}"),
)
def archive(call: Call) -> Answer:
    """Gotify: archive the notification of a message."""
    number = max(_number(call), 0)
    told = call.services.read(news.told_at, call.person.user_id, shapes.revision_in(number))
    found = [one for one in told if news.is_listed(one) and shapes.number_of(one) == number]
    if not found:
        raise NotFound("There is no such message.")
    _archive(call, found)
    return Answer(200)


@endpoint("DELETE", "/message", "user", answers={200: None}, speaks=_EARS, also=_also("DELETE", "/message"))
def archive_all(call: Call) -> Answer:
    """Gotify: archive everything that is listed."""
    return _archive_all(call, None)


@endpoint(
    "DELETE",
    "/application/{id}/message",
    "user",
    answers={200: None},
    problems=(404,),
    speaks=_EARS,
    also=_also("DELETE", "/application/{id}/message"),
)
def archive_all_of(call: Call) -> Answer:
    """Gotify: archive everything that one source has sent you."""
    return _archive_all(call, _source(call))


def _archive_all(call: Call, source: str | None) -> Answer:
    below = shapes.LARGEST + 1  # what comes meanwhile is above, and stays
    while found := call.services.read(_listed, call.person.user_id, below, _ARCHIVED_AT_ONCE, source):
        _archive(call, found)
        below = shapes.number_of(found[-1])
    return Answer(200)


def _archive(call: Call, found: Sequence[Notification]) -> None:
    targets = tuple(Target(one.id, one.agen) for one in found)
    call.services.act(call.person.user_id, (Action(id=new_id(), kind="archive", ids=targets, at=now_ms()),))


# ---- following


@endpoint(
    "GET",
    "/stream",
    "user",
    answers={101: None},
    problems=(400, 403, 429, 503),
    speaks=_EARS,
    also=_also("GET", "/stream"),
)
def stream(call: Call) -> Answer:
    """Gotify: what comes from now on, over a WebSocket."""

    def say(record: Notification) -> bytes:
        return _encode(shapes.message_of(record))

    place = call.services.read(news.here, call.person.user_id)
    follower = Follower(call.services, call.person, say, place)
    return Answer(101, stream=lambda environ: follower.open(environ, None))


# ---- what is asked for


def _number(call: Call) -> int:
    """The number in the path; none that anything has, when it is no number."""
    text = call.path["id"]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else -1


def _parameter(call: Call, name: str, otherwise: int) -> int:
    text = call.query.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise Invalid("A number.", field=name)
    return int(text)


def _sources(call: Call) -> Iterable[str]:
    return call.services.read(news.sources, call.person.user_id)


def _source(call: Call) -> str:
    source = shapes.source_with(_number(call), _sources(call))
    if source is None:
        raise NotFound("There is no such application.")
    return source

"""What a producer's key carries for senders that speak another system's language (docs/dialects).

Such a sender cannot say all that `POST /v1/notifications` asks for: it has no word for a recipient, and its own words
for urgency. What it leaves unsaid stands here, once for each producer. Nothing here allows anything: scopes, limits and
types judge what comes of it as if the producer had said it itself.

Settings are read together with the key, so they cost no statement, and every process follows a change within the second
that a key is remembered.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.installation import audit
from handbell_server.actions.people import check_name
from handbell_server.actions.topics import check_topic
from handbell_server.addressing import To, UserName, Whom, Word
from handbell_server.errors import Invalid, NotFound
from handbell_server.limits import InputLimits
from handbell_server.models import Producer, User
from handbell_shared.links import why_refused
from handbell_shared.records import Priority

DIALECTS: Final = (
    "gotify", "ntfy", "slack", "apprise", "json", "alertmanager", "grafana", "github", "gitea", "gitlab", "cloudevents",
    "uptime-kuma",
)  # fmt: skip
SETTINGS_BYTES: Final = 16 * 1_024
# For JSON of anybody's making: our field → where it usually stands. What a mapping may name is the same and a little more.
USUAL_NAMES: Final = {
    "title": "title|subject|summary|name",
    "body": "message|body|text|description|content|details",
    "link": "link|url|href|click",
    "image": "image|image_url",
    "type": "type",
    "priority": "priority|severity|urgency|level",
}
MAPPED: Final = (*USUAL_NAMES, "to", "group", "key", "resolved", "actor", "ttl", "deliver_at", "idempotency_key")
_L = InputLimits()
_ENTRIES: Final = 200

Short = Annotated[str, Meta(min_length=1, max_length=_L.key_chars)]
Path = Annotated[str, Meta(min_length=1, max_length=256)]
Routes = Annotated[dict[Short, Whom], Meta(max_length=_ENTRIES)]
Priorities = Annotated[dict[Short, Annotated[dict[Short, Priority], Meta(max_length=50)]], Meta(max_length=20)]
Mapping = Annotated[dict[Short, Path], Meta(max_length=30)]
People = Annotated[dict[Short, UserName], Meta(max_length=_ENTRIES)]
Names = Annotated[tuple[Short, ...], Meta(max_length=20)]


class Defaults(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What holds where the sender says nothing."""

    title: Annotated[str, Meta(min_length=1, max_length=_L.title_chars)] | None = None
    type: Word | None = None
    priority: Priority | None = None
    group: Word | None = None
    link: Annotated[str, Meta(max_length=_L.link_chars)] | None = None
    image: Annotated[str, Meta(max_length=_L.link_chars)] | None = None
    ttl: Annotated[int, Meta(ge=1, le=10 * 366 * 86_400)] | None = None


class DialectSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """As the database holds them; `secret` is sealed for its producer."""

    to: Whom | None = None
    routes: Routes = {}
    priorities: Priorities = {}
    defaults: Defaults = Defaults()
    mapping: Mapping = {}
    people: People = {}
    speaks: Names | None = None
    secret: str | None = None


class DialectChange(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What to change; what is not given stays, and null is as if it had never been set."""

    to: Whom | UnsetType | None = UNSET
    routes: Routes | UnsetType | None = UNSET
    priorities: Priorities | UnsetType | None = UNSET
    defaults: Defaults | UnsetType | None = UNSET
    mapping: Mapping | UnsetType | None = UNSET
    people: People | UnsetType | None = UNSET
    speaks: Names | UnsetType | None = UNSET
    secret: Annotated[str, Meta(min_length=1, max_length=256)] | UnsetType | None = UNSET


NOTHING_SET: Final = DialectSettings()
_decode = msgspec.json.Decoder(DialectSettings).decode
_encode = msgspec.json.Encoder().encode


def settings_of(stored: str) -> DialectSettings:
    return NOTHING_SET if stored == "{}" else _decode(stored)


def whom_of(text: str) -> Whom:
    """Recipients as an operator types them: `ana`, `ana,ben`, `topic:deploys` or `everyone`."""
    if text == "everyone":
        return To(everyone=True)
    if text.startswith("topic:"):
        return To(topic=text.removeprefix("topic:"))
    names = [name.strip() for name in text.split(",")]
    return names if len(names) > 1 else names[0]


def read(connection: Connection, producer_id: int) -> DialectSettings:
    stored = connection.execute(select(Producer.dialects).where(Producer.id == producer_id)).scalar_one_or_none()
    if stored is None:
        raise NotFound("This producer is gone.")
    return settings_of(stored)


def change(connection: Connection, producer_id: int, wanted: DialectChange, by: str = "operator") -> DialectSettings:
    """Set what is given. A secret must have been sealed before."""
    before = read(connection, producer_id)
    given = {
        field: getattr(NOTHING_SET, field) if value is None else value
        for field in wanted.__struct_fields__
        if (value := getattr(wanted, field)) is not UNSET
    }
    after = msgspec.structs.replace(before, **given)
    _check(connection, after)
    stored = _encode(after).decode()
    if len(stored.encode()) > SETTINGS_BYTES:
        raise Invalid(f"The settings may have {SETTINGS_BYTES} bytes in all.")
    changed = update(Producer).where(Producer.id == producer_id).values(dialects=stored).returning(Producer.name)
    name = connection.execute(changed).scalar_one()
    audit(connection, by, "producer.dialects", name, {"changed": sorted(given)})
    return after


def _check(connection: Connection, settings: DialectSettings) -> None:
    if settings.to is not None:
        _check_whom(connection, settings.to, "to")
    for name, whom in settings.routes.items():
        _check_whom(connection, whom, f"routes.{name}")
    for place, name in enumerate(settings.speaks or ()):
        _check_dialect(name, f"speaks[{place}]")
    for name in settings.priorities:
        _check_dialect(name, f"priorities.{name}")
    for field in ("link", "image"):
        link = getattr(settings.defaults, field)
        if link is not None and (refusal := why_refused(link)) is not None:
            raise Invalid(refusal, field=f"defaults.{field}")
    for field in ("title", "type", "group"):
        text = getattr(settings.defaults, field)
        if text is not None and not (text.isprintable() and text.strip()):
            raise Invalid("Only printable characters here.", field=f"defaults.{field}")
    for name in settings.mapping:
        if name not in MAPPED:
            raise Invalid(f"{name!r} is not a field; there are {', '.join(MAPPED)}.", field=f"mapping.{name}")
    for name, user in settings.people.items():
        check_name(user, f"people.{name}")


def _check_dialect(name: str, field: str) -> None:
    if name not in DIALECTS:
        raise Invalid(f"{name!r} is not a dialect; there are {', '.join(DIALECTS)}.", field=field)


def _check_whom(connection: Connection, whom: Whom, field: str) -> None:
    """A typing mistake is found now, and not with the first alarm."""
    if isinstance(whom, To):
        if whom.everyone == (whom.topic is not None):
            raise Invalid('Say either {"topic": …} or {"everyone": true}.', field=field)
        if whom.topic is not None:
            check_topic(whom.topic, field)
        return
    names = [whom] if isinstance(whom, str) else whom
    if not 0 < len(names) <= _L.recipients:
        raise Invalid(f"1 to {_L.recipients} people.", field=field)
    for name in names:
        check_name(name, field)
        if connection.execute(select(User.id).where(User.name == name)).one_or_none() is None:
            raise Invalid(f"There is no user {name!r}.", field=field)

"""A notification as Gotify's apps are told of it.

Gotify's ids are numbers that rise. Ours say where a message stands in the feed: its revision, and behind that 24 bits of the
notification's id, for those that share one. So they rise as the feed does, mean nothing in anybody else's inbox, and fit what
JavaScript keeps exact. Two messages that one person gets by one commit could be given the same number; with ten in a commit
that is one commit in four hundred thousand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

from msgspec import Struct

from handbell_server.http.dialects.gotify import GotifyMessage
from handbell_shared.records import Notification

_BITS: Final = 24
_WEIGHTS: Final = {"low": 2, "normal": 5, "high": 8, "urgent": 10}
_SILENT: Final = 0
_NO_SOUND: Final = 2
LARGEST: Final = (1 << 53) - 1


class GotifyApplication(Struct, frozen=True, rename="camel", gc=False):
    """A source of notifications. Its token is nobody's to see."""

    id: int
    name: str
    token: str = ""
    description: str = ""
    internal: bool = False
    image: str = ""
    default_priority: int = 0


class GotifyPaging(Struct, frozen=True, omit_defaults=True, gc=False):
    size: int
    limit: int
    since: int
    next: str | None = None


class GotifyPage(Struct, frozen=True, gc=False):
    paging: GotifyPaging
    messages: list[GotifyMessage]


class GotifyUser(Struct, frozen=True, gc=False):
    id: int
    name: str
    admin: bool


class GotifyClient(Struct, frozen=True, omit_defaults=True, gc=False):
    id: int
    name: str
    token: str = ""


class GotifyVersion(Struct, frozen=True, rename="camel", gc=False):
    version: str
    commit: str
    build_date: str


class GotifyHealth(Struct, frozen=True, gc=False):
    health: str
    database: str


def message_of(record: Notification) -> GotifyMessage:
    moment = datetime.fromtimestamp((record.updated_at or record.created_at) / 1000, UTC)
    extras: dict[str, Any] = {}
    if record.link:
        extras["client::notification"] = {"click": {"url": record.link}}
    return GotifyMessage(
        id=number_of(record),
        appid=number_of_source(record.source),
        message=record.body or record.title,
        title=record.title,
        date=moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        priority=_weight(record),
        extras=extras or None,
    )


def number_of(record: Notification) -> int:
    return min(record.news << _BITS | _number(record.id, _BITS), LARGEST)


def revision_in(number: int) -> int:
    return number >> _BITS


def number_of_source(source: str) -> int:
    return _number(source, 31)


def number_of_device(device: str) -> int:
    return _number(device, 31)


def source_with(number: int, sources: Iterable[str]) -> str | None:
    return next((one for one in sources if number_of_source(one) == number), None)


def _number(text: str, bits: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> (64 - bits)


def _weight(record: Notification) -> int:
    """What the person wants to see but not to hear makes no sound there either."""
    weight = _WEIGHTS[record.priority]
    if record.silent or not record.may("toast"):
        return _SILENT
    return weight if record.may("sound") else min(weight, _NO_SOUND)

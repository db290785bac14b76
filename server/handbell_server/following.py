"""Following by another protocol: what a person is told, said to one stream, each message once and none left out.

    room ──hear(push)──► Follower ──offer──► Stream (edge)         as long as the client keeps up
                             └─ catch up: read behind our place, send, and wait for the client

A follower keeps its own place in the feed and trusts nothing else. It enters the room *before* it reads where it stands, so
nothing falls between; a push that does not begin at its place, that comes while it reads, or that the client has no room
for, makes it read on from there. The place moves when the bytes are on their way; what the client never got it asks for with
the last id it knows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy.engine import Connection

from handbell_server import news
from handbell_server.auth import SignedIn
from handbell_server.errors import Problem, RateLimited, Unavailable
from handbell_server.news import Place
from handbell_server.services import Services
from handbell_server.socket.edge import StreamEnded, StreamRefused
from handbell_shared.codes import Code
from handbell_shared.ids import new_id
from handbell_shared.records import Notification, Push

log = logging.getLogger(__name__)

_AT_ONCE = 100
_SAID_AT_ONCE = 32 * 1024

Say = Callable[[Notification], bytes]
"""A record as one message of the protocol; nothing where this client does not want it."""


class Follower:
    """One client. `begin` and everything after it run on the loop."""

    def __init__(
        self,
        services: Services,
        person: SignedIn,
        say: Say,
        place: Place,
        *,
        opening: bytes = b"",
        keep_alive: Callable[[], bytes] = bytes,
    ) -> None:
        self.sid = new_id()
        self.device = person.device
        self.expires_at = person.expires_at
        self._services = services
        self._user_id = person.user_id
        self._say = say
        self._place = place
        self._epoch = ""
        self._opening = opening
        self._keep_alive = keep_alive
        self._stream: Any = None
        self._reading = False
        self._again = False

    def open(self, environ: Any, content_type: str | None) -> None:
        """Answer the request by a stream, and follow."""
        services = self._services
        if services.streams is None or services.leaving:
            raise Unavailable("This server is about to end; ask again.", retry_after=1)
        self._make_room()
        try:
            self._stream = services.streams.open_stream(environ, self, content_type)
        except StreamRefused as refused:
            raise _problem(refused.status) from None
        if self._opening:
            self._stream.offer([self._opening])
        if not self._stream.closed:
            services.delivery.follow(self._user_id, self)
            self.missing()

    def _make_room(self) -> None:
        """The newest wins: the oldest are most likely streams whose clients are gone."""
        room = self._services.delivery.rooms.get(self._user_id)
        there = [] if room is None else list(room.followers.values())
        for oldest in there[: max(0, len(there) - self._services.config.sockets_per_user + 1)]:
            oldest.end("limit")

    # ---- what the room says

    def hear(self, push: Push) -> None:
        place = self._place
        if self._reading or push.epoch != self._epoch or push.prev > place.rev:
            self.missing()
        elif push.rev > place.rev:
            said = self._words(news.in_order(push.changes, place))
            if not said or self._stream.offer(said):
                self._place = Place(push.rev)
            else:
                self.missing()

    def missing(self) -> None:
        self._again = True
        if not self._reading:
            self._reading = True
            self._services.runtime.spawn(self._catch_up)

    def end(self, reason: str) -> None:
        self._stream.close(reason)

    # ---- what the stream says

    def keep_alive(self) -> bytes:
        return self._keep_alive()

    def ended(self) -> None:
        self._services.delivery.leave(self._user_id, self.sid)

    # ----

    def _catch_up(self) -> None:
        try:
            while self._again and not self._stream.closed:
                self._again = False
                self._read_on()
        except StreamEnded:
            pass
        except Problem as problem:
            log.info("a follower is sent away: %s", problem.detail)
            self.end("busy")
        except Exception:
            log.exception("a follower could not go on")
            self.end("busy")
        finally:
            self._reading = False

    def _read_on(self) -> None:
        more = True
        while more:
            found = self._services.read(_look, self._user_id, self._place, self._epoch)
            for said in _portions(self._words(found.records)):
                self._stream.send(said)
            self._place, self._epoch, more = found.place, found.epoch, found.more
        room = self._services.delivery.rooms.get(self._user_id)
        if room is not None:
            self._services.delivery.standing(room, self._place.rev)

    def _words(self, records: Iterable[Notification]) -> list[bytes]:
        return [said for record in records if news.is_news(record) and (said := self._say(record))]


def _portions(words: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Messages in what may wait for a client at once."""
    portion: list[bytes] = []
    for said in words:
        portion.append(said)
        if sum(map(len, portion)) >= _SAID_AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _look(connection: Connection, user_id: int, place: Place, epoch: str) -> news.News:
    """What is behind the place; of another history nothing is told again."""
    found = news.after(connection, user_id, place, _AT_ONCE)
    if epoch and found.epoch != epoch:
        return news.News(found.epoch, (), news.here(connection, user_id), False)
    return found


def _problem(status: int) -> Problem:
    sentences = {
        400: "This is for WebSockets.",
        403: "Pages of other origins may not listen here.",
        421: "This server does not go by that name.",
        429: "Too many streams from this address.",
    }
    if status == 429:
        return RateLimited(sentences[status], retry_after=10)
    if status in sentences:
        return Problem(sentences[status], status=status, code=Code.FORBIDDEN if status == 403 else Code.MALFORMED)
    return Unavailable("There is no room for another stream.", retry_after=10)

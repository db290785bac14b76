"""The connection of a device: stands as long as anything lets it, and keeps a replica in step with the server.

    threads                                      one queue               one thread
    the library's (a message, an answer) ──┐
    a connection's own (its end)  ─────────┼──►  reports, wishes  ──►  the supervisor: applies, asks, waits, reconnects
    the program's (act, wake, close) ──────┘

Everything that happens is put into one queue and handled by one thread, so no two steps of the replica ever run at the
same time and their order is one order. That thread never waits for anything but its queue: calls are answered by
reports (`conversation.py`), connecting is done by a thread that each connection has of its own (`connection.py`), and
a delay is the time until which the queue is listened to. So `close` is heard at once, in every state.

The program's threads touch the replica in two ways, both under the one lock: `act` writes to the durable outbox before
it returns, and `reading` looks at a consistent state. The supervisor holds the lock for single local steps only.

WebSocket comes first. Polling is tried for one attempt after something answered that it knows no WebSocket, and is
upgraded if it can be. A refusal that only a person can heal (the token, the version) ends the attempts: the link says
so and keeps the outbox; a new token is a new `Link`.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from handbell_shared.activity import Activity
from handbell_shared.backoff import Backoff
from handbell_shared.connection import Answered, Connection, Gone, Heard, Opened, Rejected, Report
from handbell_shared.conversation import Conversation, GivenUp
from handbell_shared.link_state import Connecting, Incompatible, LinkState, Offline, Online, SignedOut
from handbell_shared.marks import Marks
from handbell_shared.protocol import BYE, PROTOCOL
from handbell_shared.records import Action, Mark
from handbell_shared.replica import Applied, Replica

CLOSE_WITHIN: Final = 1.5
LONGEST_ASKED_DELAY: Final = 300.0
_GOODBYES: Final = {"restart": "the server is starting anew", "slow": "the connection was too slow"}

log = logging.getLogger(__name__)


class _Wake(Struct, frozen=True):
    pass


class _Poke(Struct, frozen=True):
    """There is something to say."""


class _Close(Struct, frozen=True):
    pass


class Link:
    """`on_state`, `on_applied` and `on_elsewhere` are called from the supervisor's thread, without the lock; they must not wait."""

    def __init__(
        self,
        url: str,
        token: str,
        replica: Replica,
        *,
        on_state: Callable[[LinkState], None],
        on_applied: Callable[[Applied], None],
        on_elsewhere: Callable[[bool], None] = lambda elsewhere: None,
        ca_file: str | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._url = url
        self._token = token
        self._replica = replica
        self._on_state = on_state
        self._on_applied = on_applied
        self._ca_file = ca_file
        self._backoff = backoff or Backoff()
        self._lock = threading.RLock()
        self._inbox: queue.SimpleQueue[Report | _Wake | _Poke | _Close] = queue.SimpleQueue()
        self._marks = Marks()
        self._activity = Activity(on_elsewhere)
        self._thread = threading.Thread(target=self._supervise, name="handbell-link", daemon=True)
        # The rest belongs to the supervisor's thread.
        self._state: LinkState | None = None
        self._connections = 0
        self._connection: Connection | None = None
        self._conversation: Conversation | None = None
        self._online_since: float | None = None
        self._attempt_at: float | None = None
        self._polling = False
        self._closing = False

    # ---- for the program, from any thread

    def start(self) -> None:
        self._thread.start()

    def act(self, action: Action) -> None:
        """On disk when this returns; at the server as soon as there is a connection."""
        with self._lock:
            self._replica.act(action)
        self._inbox.put(_Poke())

    @contextmanager
    def reading(self) -> Iterator[Replica]:
        """The replica between two steps. Look and leave: nothing is applied meanwhile."""
        with self._lock:
            yield self._replica

    def mark(self, mark: Mark) -> None:
        """Something for whoever sent a notification; said when there is a connection, in time and with others."""
        self._marks.add(mark)
        self._inbox.put(_Poke())

    def use(self, used: bool) -> None:
        """The person begins to use this device, or has left it; said now and on each new connection."""
        self._activity.say(used)
        self._inbox.put(_Poke())

    def wake(self) -> None:
        """The network changed or the machine woke: try now, and doubt a connection that seems to stand."""
        self._inbox.put(_Wake())

    def close(self) -> None:
        """End within two seconds, whatever the network does."""
        self._inbox.put(_Close())
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(CLOSE_WITHIN + 0.4)

    # ---- the supervisor

    def _supervise(self) -> None:
        self._attempt_at = time.monotonic()
        while not self._closing:
            now = time.monotonic()
            try:
                self._pass_time(now)
                message = self._next_message(now)
                if message is not None:
                    self._handle(message, time.monotonic())
            except GivenUp as error:
                self._lose(str(error))
            except Exception:
                # A full disk, say. The connection is the unit that is tried again, after a delay like any other.
                log.exception("The link failed, and starts afresh")
                self._lose("an error on this device; see the log")
        goodbye = self._let_go()
        if goodbye is not None:
            goodbye.join(CLOSE_WITHIN)

    def _next_message(self, now: float) -> Report | _Wake | _Poke | _Close | None:
        until = self._conversation.next_tick(now) if self._conversation is not None else self._attempt_at
        try:
            return self._inbox.get(timeout=None if until is None else max(0.0, until - now))
        except queue.Empty:
            return None

    def _pass_time(self, now: float) -> None:
        if self._attempt_at is not None and now >= self._attempt_at:
            self._connect()
        if self._conversation is not None:
            self._conversation.tick(now)

    def _handle(self, message: Report | _Wake | _Poke | _Close, now: float) -> None:
        match message:
            case _Close():
                self._closing = True
            case _Wake():
                self._woken(now)
            case _Poke():
                pass  # the time that passes next asks the replica what it wants
            case Gone() | Rejected() | Opened() | Heard() | Answered():
                if message.connection == self._connections:
                    self._reported(message, now)

    def _reported(self, report: Report, now: float) -> None:
        talk = self._conversation
        match report:
            case Opened() if talk is not None:
                talk.opened()
            case Heard(_, event, data) if event == BYE:
                self._dismissed(data)
            case Heard(_, event, data) if talk is not None:
                talk.heard(event, data, now)
            case Answered(_, call, data) if talk is not None:
                talk.answered(call, data, now)
            case Rejected(_, code, retry_ms):
                self._refused(code, retry_ms)
            case Gone(_, reason, try_polling) if self._connection is not None:
                self._polling = try_polling and not self._polling
                self._lose(reason)
        if talk is not None and talk is self._conversation and talk.caught_up and self._online_since is None:
            self._online_since = now
            self._enter(Online())

    def _woken(self, now: float) -> None:
        if self._conversation is not None:
            self._conversation.doubt()
        elif self._attempt_at is not None:
            self._attempt_at = now

    # ---- coming and going

    def _connect(self) -> None:
        self._attempt_at = None
        self._connections += 1
        self._enter(Connecting())
        connection = Connection(
            self._connections,
            self._url,
            self._credentials(),
            self._inbox.put,
            ca_file=self._ca_file,
            polling=self._polling,
        )
        self._connection = connection
        # From the start, not from `Opened`: the library tells each event in a thread, and hello may overtake.
        self._conversation = Conversation(
            connection, self._replica, self._lock, self._tell_applied, time.monotonic(), self._marks, self._activity
        )
        connection.start()

    def _credentials(self) -> dict[str, object]:
        with self._lock:
            position = self._replica.store.position
        auth: dict[str, object] = {"token": self._token, "protocol": PROTOCOL}
        if position.epoch:
            auth |= {"epoch": position.epoch, "rev": position.rev, "after": position.after}
        return auth

    def _dismissed(self, data: object) -> None:
        """The server says why it will close, and when to come back."""
        told = data if isinstance(data, dict) else {}
        match told.get("reason"):
            case "revoked" | "expired" as reason:
                self._give_up(SignedOut(reason))
            case reason:
                said = _GOODBYES.get(str(reason), "the server closed the connection")
                self._lose(said, retry_ms=told.get("retry_ms"))

    def _refused(self, code: str, retry_ms: int) -> None:
        match code:
            case "auth" | "revoked" | "expired":
                self._give_up(SignedOut(code))
            case "version":
                self._give_up(Incompatible())
            case _:
                self._lose(
                    "the server is busy" if code == "busy" else f"the server refused ({code})", retry_ms=retry_ms
                )

    def _lose(self, reason: str, *, retry_ms: object = None) -> None:
        """Without a connection until the delay is over."""
        now = time.monotonic()
        self._let_go()
        if self._over:
            return
        if self._online_since is not None:
            self._backoff.was_healthy(now - self._online_since)
            self._online_since = None
        asked = retry_ms / 1000 if isinstance(retry_ms, int | float) else 0.0
        delay = self._backoff.next_delay(at_least=min(max(asked, 0.0), LONGEST_ASKED_DELAY))
        self._attempt_at = now + delay
        self._enter(Offline(delay, reason))

    def _give_up(self, state: SignedOut | Incompatible) -> None:
        self._let_go()
        self._attempt_at = None
        self._enter(state)

    def _let_go(self) -> threading.Thread | None:
        connection, self._connection, self._conversation = self._connection, None, None
        if connection is None:
            return None
        with self._lock:
            self._replica.on_disconnect()
        self._activity.lost()
        return connection.close()

    @property
    def _over(self) -> bool:
        return isinstance(self._state, SignedOut | Incompatible)

    # ---- telling

    def _enter(self, state: LinkState) -> None:
        if state != self._state:
            self._state = state
            try:
                self._on_state(state)
            except Exception:
                log.exception("Whoever listens to the link's state failed")

    def _tell_applied(self, applied: Applied) -> None:
        try:
            self._on_applied(applied)
        except Exception:
            log.exception("Whoever listens to the link's changes failed")

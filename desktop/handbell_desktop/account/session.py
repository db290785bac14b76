"""One account: its store, its link, and the hands that may wait for them.

    owner's thread                    hands                                    link's thread
    act ── pencil, hand over ──►  link.act or replica.act (durable) ──post──►  (says it to the server)
    sight ◄── reader (read-only)         open, connect, close                   states, what was applied ──post──► owner

The owner never waits: neither for the disk nor for the link's lock. What comes from the link is gathered and posted
once, however much there is, so a burst costs one turn. The order of what comes is kept, because whether news arrived
live or while catching up is told by the state around it.

A link ends for good when a person must act (signed out, versions that do not match). The session stays: what it knows
can be read, what is done goes into the outbox, and a new token makes a new link on the same store.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Final

from handbell_desktop.account.acting import Acting
from handbell_desktop.account.hands import Hands
from handbell_desktop.account.linking import AnyLink, LinkFactory, TimedReplica, real_link
from handbell_desktop.account.sight import Sight
from handbell_desktop.account.telling import Listener, why_not_open
from handbell_desktop.kept.settings import Account
from handbell_desktop.kept.shown import Reader
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.kept.store_file import StoreInUse, StoreTooNew
from handbell_desktop.phrases import Phrases
from handbell_desktop.ring.receipts import Moment
from handbell_desktop.timers import Timer, Turns
from handbell_shared.clock import now_ms
from handbell_shared.link_state import Connecting, LinkState, Offline, Online, SignedOut
from handbell_shared.preferences import Preferences
from handbell_shared.records import Action, ActionKind, AnswerGiven, HeldFor, Mark, Notification
from handbell_shared.replica import Applied

OPEN_AGAIN_AFTER: Final = 30.0

log = logging.getLogger(__name__)


class Session:
    def __init__(
        self,
        account: Account,
        folder: Path,
        *,
        turns: Turns,
        listener: Listener,
        phrases: Phrases,
        link_factory: LinkFactory = real_link,
        now: Callable[[], int] = now_ms,
        badge: int = 0,
    ) -> None:
        self.account = account
        self.state: LinkState | None = None
        self.failure = ""
        """Why the store cannot be used, or an act could not be kept, for people."""
        self.no_key = ""
        """Why there is no token to connect with, for people."""
        self.elsewhere = False
        """The person uses another of their devices now."""
        self.sight = Sight(badge)
        self.folder = folder
        self._turns = turns
        self._listener = listener
        self._phrases = phrases
        self._link_factory = link_factory
        self._now = now
        self._hands = Hands(f"handbell-hands-{account.user}")
        self._offline: Offline | None = None
        self._acting = Acting(self.now)
        self._held: set[str] = set()  # the actions that the store holds back for us
        self.started = False
        self.token_refused = False
        self._links = 0
        self._retry: Timer | None = None
        self._closed = False
        # What came from the link and is not in the owner's thread yet.
        self._heard: deque[tuple[int, LinkState | Applied]] = deque()
        self._heard_lock = threading.Lock()
        # These belong to the hands.
        self._store: SqliteStore | None = None
        self._replica: TimedReplica | None = None
        self._link: AnyLink | None = None
        self._token: tuple[str, int] | None = None
        self._unkept: list[tuple[list[Action], Callable[[], None]]] = []

    # ---- for the owner

    @property
    def reader(self) -> Reader | None:
        """None until the store is open."""
        return self.sight.reader

    @property
    def trouble(self) -> str:
        """What keeps it from working that is not the link's doing; empty when nothing does."""
        return self.failure or self.no_key

    @property
    def connecting(self) -> bool:
        """On the way for the first time since it was online."""
        return self.state is None or isinstance(self.standing, Connecting)

    @property
    def standing(self) -> LinkState | None:
        """The state as a person sees it: a link that tries and fails, again and again, is offline all the while."""
        return self._offline if isinstance(self.state, Connecting) and self._offline is not None else self.state

    @property
    def preferences(self) -> Preferences:
        """What the person chose, with what the server has not heard of yet."""
        return self.sight.preferences

    def now(self) -> int:
        """By the server's clock, as far as it is known."""
        return self._now() + (self._replica.ahead if self._replica is not None else 0)

    def open(self) -> None:
        """Open the store, and go on trying if it cannot be opened."""
        self._hands.do(self._open)

    def start(self, token: str) -> None:
        """Connect with this token, in the place of any before."""
        self.state, self._offline, self.no_key = None, None, ""
        self.started, self.token_refused, self.elsewhere = True, False, False
        self._links += 1
        number = self._links
        self._hands.do(lambda: self._connect(token, number))

    def cannot_start(self, why: str, *, signed_out: bool) -> None:
        """There is no token for it, or none that can be had now."""
        self.no_key = why
        self.state = SignedOut("auth") if signed_out else None
        self._tell_stood()

    def wake(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._open_again()
        self._hands.do(lambda: self._to_link(lambda link: link.wake()))

    def act(
        self,
        kind: ActionKind,
        records: Sequence[Notification],
        *,
        until: int = 0,
        answer: AnswerGiven | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """Shows at once; is on disk when `done` is called, and said when there is a connection."""
        self._write(self.pencil(kind, records, until=until, answer=answer), done)

    def pencil(
        self, kind: ActionKind, records: Sequence[Notification], *, until: int = 0, answer: AnswerGiven | None = None
    ) -> list[Action]:
        """Acts that show, and that nobody is told of: to `say` or to `rub_out` later."""
        actions = self._acting.on(kind, records, until, answer)
        for action in actions:
            self.sight.pencil(action)
        return actions

    def choose(self, name: str, value: Any, *, at: int | None = None, done: Callable[[], None] = lambda: None) -> None:
        """A choice of the person, for all their devices; None is the default again. Like an act: it holds at once.

        `at` is for what must not win over anything the person ever chose.
        """
        action = self._acting.choice(name, value, self.sight.choices.get(name), at)
        self.sight.pencil(action)
        self._tell_chose()
        self._write([action], done)

    def hold(
        self, kind: ActionKind, records: Sequence[Notification], *, until: int = 0, done: Callable[[], None]
    ) -> list[Action]:
        """Like `pencil`, and kept in the store when `done` is called: for more than can be folded over what is read."""
        actions = self.pencil(kind, records, until=until)
        self._held |= {action.id for action in actions}
        self._hands.do(lambda: self._keep_held(actions, done))
        return actions

    def say(self, action: Action) -> None:
        self._held.discard(action.id)
        self._write([action], lambda: None)

    def mark(self, moment: Moment, an_id: str, why: HeldFor | None = None) -> None:
        """Something for whoever sent it. Best effort: without a link it is not kept."""
        said: dict[str, Any] = {moment: self.now(), "held_for": why}
        mark = Mark(an_id, **said)
        self._hands.do(lambda: self._to_link(lambda link: link.mark(mark)))

    def use(self, used: bool) -> None:
        """The person begins to use this device, or has left it. Best effort, too."""
        self._hands.do(lambda: self._to_link(lambda link: link.use(used)))

    def rub_out(self, action: Action) -> None:
        self.sight.rub_out(action)
        if action.id in self._held:
            self._held.discard(action.id)
            self._hands.do(lambda: self._let_go(action))

    def close(self) -> None:
        """What was done is written before the link and the store are closed; `join` waits for that."""
        if self._closed:
            return
        self._closed = True
        if self._retry is not None:
            self._retry.cancel()
        if self.sight.reader is not None:
            self.sight.reader.close()
            self.sight.reader = None
        self._hands.do(self._close)
        self._hands.close()

    def join(self, within: float) -> bool:
        return self._hands.join(within)

    def _write(self, actions: list[Action], done: Callable[[], None]) -> None:
        self._hands.do(lambda: self._keep(actions, done))

    def _kept(self, actions: list[Action], why_not: str, done: Callable[[], None]) -> None:
        for action in actions:
            self.sight.rub_out(action)
        if why_not != self.failure:
            self.failure = why_not
            self._tell_stood()
        self._tell_changed([target.id for action in actions for target in action.ids])
        if any(action.kind == "choose" for action in actions):
            self._tell_chose()  # it may not have been kept
        done()

    # ---- the hands

    def _open(self) -> None:
        if self._store is not None:
            return  # asked twice; our own lock would be in our way
        path = self.folder / "inbox.db"
        try:
            self._store = SqliteStore.open(path)
        except (StoreInUse, StoreTooNew, sqlite3.Error, OSError) as error:
            log.warning("The store of %s could not be opened: %s", self.account.user, error)
            why = why_not_open(error, self._phrases)
            self._turns.post(lambda: self._not_opened(why))
            return
        self._replica = TimedReplica(self._store, self._now)
        unkept, self._unkept = self._unkept, []
        for actions, done in unkept:
            self._keep(actions, done)
        self._turns.post(lambda: self._opened(path))
        if self._token is not None:
            self._connect(*self._token)

    def _connect(self, token: str, number: int) -> None:
        self._token = token, number
        if self._replica is None:
            return  # when the store can be opened
        self._to_link(lambda link: link.close())
        hear = partial(self._hear, number)
        self._link = self._link_factory(
            self.account,
            token,
            self._replica,
            on_state=hear,
            on_applied=hear,
            on_elsewhere=lambda elsewhere: self._turns.post(lambda: self._is_elsewhere(number, elsewhere)),
        )
        self._link.start()

    def _to_link(self, say: Callable[[AnyLink], object]) -> None:
        """Best effort: if there is one."""
        if self._link is not None:
            say(self._link)

    def _keep(self, actions: list[Action], done: Callable[[], None]) -> None:
        why_not = ""
        keeper = self._link or self._replica
        if keeper is None:
            # When the store can be opened; there is nothing to act on before but choices.
            self._unkept.append((actions, done))
            return
        try:
            for action in actions:
                keeper.act(action)
        except (sqlite3.Error, OSError) as error:
            log.error("An act could not be kept: %s", error)
            why_not = self._phrases.not_saved(str(error))
        self._turns.post(lambda: self._kept(actions, why_not, done))

    def _keep_held(self, actions: list[Action], done: Callable[[], None]) -> None:
        def hold(store: SqliteStore) -> None:
            for action in actions:
                store.hold(action)

        why_not = self._in_store(hold)
        self._turns.post(lambda: self._kept(actions, why_not, done))

    def _let_go(self, action: Action) -> None:
        why_not = self._in_store(lambda store: store.forget(action.id))
        self._turns.post(lambda: self._kept([action], why_not, lambda: None))

    def _in_store(self, task: Callable[[SqliteStore], object]) -> str:
        """Answers why it could not be done, or nothing."""
        if self._store is None:
            return ""
        try:
            with self._link.reading() if self._link is not None else nullcontext():
                task(self._store)
        except (sqlite3.Error, OSError) as error:
            log.error("An act could not be kept: %s", error)
            return self._phrases.not_saved(str(error))
        return ""

    def _close(self) -> None:
        self._to_link(lambda link: link.close())
        if self._store is not None:
            self._store.close()

    # ---- from the hands and the link, into the owner's thread

    def _opened(self, path: Path) -> None:
        if self._closed:
            return
        self.sight.reader = Reader(path, self.account.id)
        self.failure = ""
        self._tell_chose()
        self._tell_stood()
        self._tell_changed(None)

    def _not_opened(self, why: str) -> None:
        if self._closed:
            return
        self.failure = why
        if self._retry is not None:
            self._retry.cancel()
        self._retry = self._turns.later(OPEN_AGAIN_AFTER, self._open_again)
        self._tell_stood()

    def _open_again(self) -> None:
        self._retry = None
        self.open()

    def _is_elsewhere(self, link: int, elsewhere: bool) -> None:
        if link == self._links:
            self.elsewhere = elsewhere

    def _hear(self, link: int, what: LinkState | Applied) -> None:
        with self._heard_lock:
            self._heard.append((link, what))
            if len(self._heard) > 1:
                return  # it goes with those before it
        self._turns.post(self._take_in)

    def _take_in(self) -> None:
        with self._heard_lock:
            heard = list(self._heard)
            self._heard.clear()
        for link, what in heard if not self._closed else ():
            try:
                self._take(link, what)
            except Exception:  # a store that cannot be read, say; what follows may be that the link went offline
                log.exception("What the link told could not be taken in")

    def _take(self, link: int, what: LinkState | Applied) -> None:
        if isinstance(what, Applied):
            if what.chosen:
                self._tell_chose()
            self._tell_changed(None if what.replaced_all else what.changed)
            if what.news:
                self._listener.news(self, what.news)
        elif link == self._links:
            self._enter(what)

    def _enter(self, state: LinkState) -> None:
        self.state = state
        self.token_refused = isinstance(state, SignedOut)
        if isinstance(state, Offline | Online):
            self._offline = state if isinstance(state, Offline) else None
        self._tell_stood()

    def _tell_changed(self, ids: Sequence[str] | None) -> None:
        if not self._closed:
            self._listener.changed(self, ids)

    def _tell_chose(self) -> None:
        if not self._closed:
            self._listener.chose(self)

    def _tell_stood(self) -> None:
        if not self._closed:
            self._listener.stood(self)

"""Which accounts still need their token, and when the keyring is asked for it.

First everybody's token is looked for without a dialogue, so that no account waits for a password that another one's
keyring wants. What is locked is then asked for, once in this run; after that only looked for again, less and less often:
the person may unlock the keyring for something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from handbell_desktop.account.keys import Keys
from handbell_desktop.account.session import Session
from handbell_desktop.alarm import Alarm
from handbell_desktop.phrases import Phrases
from handbell_desktop.timers import Turns
from handbell_shared.link_state import SignedOut

LOOK_AGAIN: Final = 30_000
LONGEST_PAUSE: Final = 3_600_000


class Tokens:
    def __init__(
        self, keys: Keys, sessions: Mapping[str, Session], *, turns: Turns, now: Callable[[], int], phrases: Phrases
    ) -> None:
        self._keys = keys
        self._sessions = sessions
        self._now = now
        self._phrases = phrases
        self._alarm = Alarm(turns, now, self.look)
        self._pause = LOOK_AGAIN
        self._looked_up: set[str] = set()

    def look(self) -> None:
        """For every account that has not started."""
        for account_id, session in self._sessions.items():
            if not session.started and account_id not in self._looked_up:
                self._looked_up.add(account_id)
                self._keys.look_up(account_id, partial(self._found, account_id), partial(self._not_found, account_id))

    def unlock(self, done: Callable[[], None] = lambda: None) -> None:
        """The person wants their keyring to be used after all."""

        def asked() -> None:
            self.look()
            done()

        self._keys.ask_again(tuple(self._sessions), asked)

    @property
    def locked(self) -> bool:
        """Some account waits for the keyring."""
        return any(one.no_key and not isinstance(one.state, SignedOut) for one in self._sessions.values())

    def close(self) -> None:
        self._alarm.set(None)

    def _found(self, account_id: str, token: str | None) -> None:
        self._looked_up.discard(account_id)
        self._pause = LOOK_AGAIN
        session = self._sessions.get(account_id)
        if session is None or session.started:
            return
        if token is None:
            session.cannot_start(self._phrases.no_token(), signed_out=True)
        else:
            session.start(token)

    def _not_found(self, account_id: str, why: str) -> None:
        """`why` is empty when it is only locked."""
        self._looked_up.discard(account_id)
        session = self._sessions.get(account_id)
        if session is not None and not session.started:
            said = self._phrases.no_keyring(why) if why else self._phrases.keyring_locked()
            session.cannot_start(said, signed_out=False)
            self._alarm.set(self._now() + self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

"""A notification to oneself, sent by the server and awaited here: the one check that tries the whole way at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from handbell_desktop.account import devices
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.changes import Change
from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Account
from handbell_desktop.sentences import Sentence, sentence
from handbell_desktop.timers import Turns

WITHIN: Final = 10.0


class Trial:
    """`on_end(good, what)` is called once, in the owner's thread, unless it was cancelled before."""

    def __init__(self, desk: Desk, turns: Turns, account: Account, on_end: Callable[[bool, Sentence], None]) -> None:
        self._desk, self._account, self._on_end = desk, account, on_end
        self._id = ""
        self._over = False
        self._began = time.monotonic()
        self._stop_listening = desk.listen(self._look)
        self._timer = turns.later(WITHIN, self._too_late)
        turns.work(partial(_send, desk, account), self._sent)

    def cancel(self) -> None:
        self._over = True
        self._stop_listening()
        self._timer.cancel()

    def _sent(self, result: object) -> None:
        if isinstance(result, str):
            self._id = result
            self._look(None)  # it may have been faster than the answer
        elif isinstance(result, Trouble):
            self._end(False, result.sentence)
        else:
            self._end(False, sentence("Trial", "The test could not be sent, for a reason nobody foresaw."))

    def _look(self, _change: Change | None) -> None:
        if self._id and self._desk.entry(self._account.id, self._id) is not None:
            took = round((time.monotonic() - self._began) * 1000)
            self._end(True, sentence("Trial", "It went to the server and came back in {took} ms.").of(took=took))

    def _too_late(self) -> None:
        if self._id:
            self._end(False, sentence("Trial", "The server took the test notification, but it did not arrive here."))
        else:
            self._end(False, sentence("Trial", "The server did not answer."))

    def _end(self, good: bool, what: Sentence) -> None:
        if not self._over:
            self.cancel()
            self._on_end(good, what)


def _send(desk: Desk, account: Account) -> str:
    token = desk.secrets.get(account.id)
    if token is None:
        raise devices.no_token()
    return devices.send_test(account, token)

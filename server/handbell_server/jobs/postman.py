"""Sending e-mail. Every process that serves or works takes part, where a mail server is configured.

    outbox ──claim──► render ──► everything but the last dot ──► `handing` on disk ──► the dot ──► what the server said
       ▲                              │ failed: not sent                                  │ no answer: unknown
       └───── one transaction: write down what came of it, claim the next ◄───────────────┘

One connection carries the e-mails of a round, one after the other; a process needs no more, and mail servers like it so. The
blocking halves run in native threads, each for a bounded time: a timer on the loop breaks the connection off. While the
mail server cannot be reached, it is asked once in a while for one e-mail, and the others keep their attempts.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, TypeVar

from handbell_server.actions import mail_news, mails
from handbell_server.actions.mails import Claimed, Result, Tally
from handbell_server.channels.mail import rendering
from handbell_server.channels.mail.letters import Letter, bytes_of
from handbell_server.channels.mail.line import BRINK_S, OVER_S, Line, NoAnswerError, RefusedError, UnreachableError
from handbell_server.channels.mail.office import Office
from handbell_server.errors import Problem
from handbell_server.jobs.newsletters import letter_of
from handbell_server.services import Services
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id

log = logging.getLogger(__name__)
_ADDRESS = re.compile(r"[^\s<>]+@[^\s<>]+")  # whose it is says the outbox, not the log
T = TypeVar("T")

_LOOK_EVERY_S = 0.5
_PAUSE_S = (2.0, 60.0)  # while the mail server is away: at first, at most
_GATHER_PAUSE_S = 0.05
_WATCH_S = 5.0  # what the timer gives beyond the line's own bounds
_END_S = 1.0


class Postman:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._name = new_id()
        self._line: Line | None = None
        self._results: list[Result] = []  # made, and not yet written down: that must not be forgotten
        self._busy = False
        self._saying_over = False
        self._stopped = False
        self._rest_until = 0.0
        self._pause = _PAUSE_S[0]
        self.tally = Tally()

    def run(self) -> None:
        """The greenlet of the rounds."""
        office = self._services.office
        if office is None:
            return
        if self._services.config.embedded:
            # The lock of the data folder says that there is nobody else: what is claimed, a killed process had.
            self._quietly(lambda: self._count_unknown(self._services.errand(lambda c: mails.release(c, None))))
        while not self._stopped:
            self._quietly(lambda: self._round(office))
            self._services.runtime.sleep(_LOOK_EVERY_S)

    def stop(self) -> None:
        """Break off what is under way, and let another process take over at once. A dot that was said may be answered."""
        self._stopped = True
        self._wait(lambda: not self._saying_over)
        if self._line is not None:
            self._line.abort()
        self._wait(lambda: not self._busy)
        if self._services.office is not None:
            self._quietly(self._hand_back)

    def _wait(self, done: Callable[[], bool]) -> None:
        end = monotonic() + _END_S
        while not done() and monotonic() < end:
            self._services.runtime.sleep(0.02)

    def _hand_back(self) -> None:
        results, self._results = self._results, []
        self._services.errand(lambda c: (mails.turn(c, self._name, results, more=False), mails.release(c, self._name)))

    # ---- a round

    def _round(self, office: Office) -> None:
        due = self._services.read(mail_news.due)
        if due.lost:
            self._count_unknown(self._services.errand(mails.set_aside))
        if due.news:
            self._gather()
        if monotonic() < self._rest_until or not (due.news or due.mails or self._results):
            return
        self._busy = True
        try:
            while (one := self._next()) is not None:
                result = self._send(office, one)
                if result is not None:
                    self.tally.count(result.state)
                    self._results.append(result)
        finally:
            self._busy = False
            self._hang_up(politely=True)

    def _gather(self) -> None:
        """All that is due, some people at a time: whoever posts comes in between."""
        while not self._stopped and self._services.errand(mail_news.gather):
            self._services.runtime.sleep(_GATHER_PAUSE_S)

    def _next(self) -> Claimed | None:
        results = list(self._results)
        more = not self._stopped and monotonic() >= self._rest_until
        one = self._services.errand(lambda c: mails.turn(c, self._name, results, more=more))
        del self._results[: len(results)]
        return one

    def _send(self, office: Office, one: Claimed) -> Result | None:
        """What came of it; None when there is nothing to write down: it is not ours any more, or this process ends."""
        letter = self._letter(office, one)
        if letter is None:
            return Result(one.id, "dropped")
        message = bytes_of(letter, one.id, office.sender, one.address, now_ms())
        try:
            line = self._ready_line(office)
            self._in_thread(line, BRINK_S, lambda: line.to_the_brink(office.sender.addr_spec, one.address, message))
        except UnreachableError as error:
            return None if self._stopped else self._unreachable(one, str(error))
        except RefusedError as error:
            return self._refused(one, error)
        self._saying_over = True  # from here on nobody breaks it off who can wait a moment
        try:
            if not self._may_say_over(one, letter.names):
                self._hang_up()
                return None
            return self._say_over(line, one)
        finally:
            self._saying_over = False

    def _letter(self, office: Office, one: Claimed) -> Letter | None:
        """What is to be said; None when by now there is nothing."""
        if one.kind != "confirm":
            news = self._services.read(mail_news.news_of, one)
            return None if news is None else self._services.runtime.offload(letter_of, office, one, news)
        link = office.confirm_url(one.user_id, one.address, one.created_at)
        return rendering.confirmation(one.language, one.user, office.code_of(one.id), link)

    def _may_say_over(self, one: Claimed, names: Sequence[str]) -> bool:
        try:
            return self._services.errand(lambda c: mails.to_the_brink(c, self._name, one.id, names))
        except Problem:
            self._hang_up()
            raise  # not known whether it is written: nothing is sent, and the row is set aside or tried again

    def _say_over(self, line: Line, one: Claimed) -> Result:
        try:
            self._in_thread(line, OVER_S, line.over)
        except NoAnswerError:
            self._hang_up()
            log.warning("e-mail %s: no answer to its end, so it is not known whether it was sent", one.id)
            return Result(one.id, "unknown", said="The connection broke before the mail server's answer came.")
        except RefusedError as error:
            return self._refused(one, error)
        return Result(one.id, "sent")

    def _unreachable(self, one: Claimed, said: str) -> Result:
        self._hang_up()
        log.warning("the mail server cannot be used: %s", _ADDRESS.sub("…@…", said))
        self._rest_until = monotonic() + self._pause
        self._pause = min(self._pause * 2, _PAUSE_S[1])
        return Result(one.id, "waiting", one.attempts, said)

    def _refused(self, one: Claimed, error: RefusedError) -> Result:
        log.info("e-mail %s: the mail server said %d", one.id, error.code)  # the words may hold the address
        line = self._line
        if line is None or not self._in_thread(line, BRINK_S, line.forget):
            self._hang_up()
        if not error.for_good:
            return Result(one.id, "waiting", one.attempts, error.said)
        return Result(one.id, "failed", one.attempts, error.said, nobody_there=error.nobody_there)

    # ---- the line

    def _ready_line(self, office: Office) -> Line:
        if self._line is None:
            self._line = office.line()
            self._in_thread(self._line, BRINK_S, self._line.open)
            self._pause = _PAUSE_S[0]
        return self._line

    def _hang_up(self, *, politely: bool = False) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if not politely:
            line.abort()  # or the goodbye would be taken for a part of the e-mail
        self._in_thread(line, BRINK_S, line.close)

    def _in_thread(self, line: Line, seconds: float, step: Callable[[], T]) -> T:
        watch = self._services.runtime.call_later(seconds + _WATCH_S, line.abort)
        try:
            return self._services.runtime.offload(step, pool="mail")
        finally:
            watch.cancel()

    def _count_unknown(self, found: int) -> None:
        self.tally.unknown += found
        if found:
            log.warning("%d e-mails were being sent by a process that is gone; they are not sent again", found)

    def _quietly(self, step: Callable[[], Any]) -> None:
        try:
            step()
        except Problem as problem:
            log.warning("e-mail waits: %s", problem.detail)
        except Exception:
            log.exception("a round of the e-mail failed")

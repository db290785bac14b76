"""The tokens of the accounts, asked for and kept where asking may take as long as a person needs for a dialogue.

One thread of their own, so that what was said last about an account holds: a token forgotten slowly must not take the
new one with it. No token is kept here, logged, or part of any `repr`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial

from handbell_desktop.account.hands import Hands
from handbell_desktop.kept.settings import Account
from handbell_desktop.machine.secrets.base import Locked, Secrets
from handbell_desktop.timers import Turns

log = logging.getLogger(__name__)


class Keys:
    def __init__(self, secrets: Secrets, turns: Turns) -> None:
        self.hands = Hands("handbell-keys")
        self._secrets = secrets
        self._turns = turns

    def look_up(self, account_id: str, found: Callable[[str | None], None], failed: Callable[[str], None]) -> None:
        """Answers in the owner's thread; `failed` with nothing to say means that the keyring stays locked.

        The person is asked only after all that was wanted before has been looked for.
        """
        self.hands.do(partial(self._look_up, account_id, found, failed, ask=False))

    def ask_again(self, account_ids: Iterable[str], done: Callable[[], None]) -> None:
        """The person wants the keyring to be used; `done` in the owner's thread, however that went."""
        self.hands.do(partial(self._ask_again, account_ids, done))

    def keep(self, account_id: str, token: str) -> None:
        self.hands.do(partial(self._keep, account_id, token))

    def forget(self, account_id: str) -> None:
        self.hands.do(partial(self._secrets.forget, account_id))

    def drop(self, account: Account, *, sign_out: bool) -> None:
        """Forget it; `sign_out` also makes it worthless at the server, if that can be reached."""
        self.hands.do(partial(self._drop, account, sign_out))

    def _keep(self, account_id: str, token: str) -> None:
        try:
            self._secrets.set(account_id, token)
        except OSError as error:
            log.error("A key can be kept nowhere, so the next start asks to sign in again: %s", error)

    def _look_up(
        self, account_id: str, found: Callable[[str | None], None], failed: Callable[[str], None], *, ask: bool
    ) -> None:
        try:
            token = self._secrets.get(account_id, ask=ask)
        except Locked:
            if ask:
                self._turns.post(lambda: failed(""))
            else:
                self.hands.do(partial(self._look_up, account_id, found, failed, ask=True))
        except Exception as error:
            log.exception("The keyring could not be read")
            why = str(error)
            self._turns.post(lambda: failed(why))
        else:
            self._turns.post(lambda: found(token))

    def _ask_again(self, account_ids: Iterable[str], done: Callable[[], None]) -> None:
        try:
            self._secrets.ask_again(account_ids)
        except Locked:
            log.info("The keyring stays locked")
        except Exception:
            log.exception("The keyring could not be asked")
        self._turns.post(done)

    def _drop(self, account: Account, sign_out: bool) -> None:
        token = self._secrets.get(account.id)
        self._secrets.forget(account.id)
        if sign_out and token is not None:
            job = partial(_sign_out, account, token)
            self._turns.post(lambda: self._turns.work(job, lambda result: None))


def _sign_out(account: Account, token: str) -> None:
    from handbell_shared import rest  # loads what asks servers, which the start need not wait for

    try:
        rest.sign_out(account.server, token, ca_file=account.ca_file)
    except (rest.Refused, rest.Unreachable) as error:
        log.info("The server could not be told of the sign-out: %s", error)

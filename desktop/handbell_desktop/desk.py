"""The one brain of the desktop: all accounts as one inbox, how the bell stands, and whether it may ring.

    sessions (one per account) ──► Desk ──► whoever listens (tray, panel, windows) looks again
                                    └─────► ringing ──► toasts

Everything here runs in the owner's thread and waits for nothing: files are written by hands, keyrings are asked by
other hands (a keyring may open a dialogue), servers by workers. All collaborators are arguments.

Four moments are waited for, and each has an alarm: a snooze that ends, an offer to undo that ends, a pause that ends and
quiet hours that begin or end. So the bell is right at that moment, also without a network.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from handbell_desktop.account.hands import Hands
from handbell_desktop.account.keys import Keys
from handbell_desktop.account.linking import LinkFactory, real_link
from handbell_desktop.account.session import Session
from handbell_desktop.account.tokens import Tokens
from handbell_desktop.alarm import Alarm
from handbell_desktop.changes import Change, Changes
from handbell_desktop.choosing import Choosing
from handbell_desktop.condition import Condition
from handbell_desktop.deeds import Opened, Opener
from handbell_desktop.kept.settings import Account, Chosen, Settings
from handbell_desktop.kept.shown import Entry
from handbell_desktop.kept.state import Remembered, State
from handbell_desktop.machine.idle.base import IdleTime, Unknown
from handbell_desktop.machine.secrets.base import Secrets
from handbell_desktop.machine.toasts.base import OnEvent, Toaster
from handbell_desktop.phrases import Phrases
from handbell_desktop.ring.quiet import Quiet
from handbell_desktop.ring.ringing import Ringing
from handbell_desktop.timers import Turns
from handbell_shared.clock import now_ms
from handbell_shared.link_state import Incompatible, Online, SignedOut
from handbell_shared.records import Notification

if TYPE_CHECKING:
    from handbell_desktop.account.whys import Whys

CLOSE_WITHIN: Final = 3.0
KEYRING_WITHIN: Final = 1.0
REMEMBER_AFTER: Final = 10_000

log = logging.getLogger(__name__)


_WORST: Final = (Condition.SIGNED_OUT, Condition.INCOMPATIBLE, Condition.OFFLINE, Condition.CONNECTING)


class OtherPerson(Exception):
    """Whoever signed in is not the one whose notifications are kept here."""


class Desk(Choosing):
    def __init__(
        self,
        *,
        chosen: Chosen,
        remembered: Remembered,
        secrets: Secrets,
        make_toaster: Callable[[OnEvent], Toaster],
        turns: Turns,
        phrases: Phrases,
        data: Path,
        opener: Opener,
        link_factory: LinkFactory = real_link,
        now: Callable[[], int] = now_ms,
        zone: tzinfo | None = None,
        zone_name: Callable[[], str | None] = lambda: None,
        make_idle: Callable[[], IdleTime] = Unknown,
    ) -> None:
        """`zone` is where no other is chosen, None for the machine's own; `zone_name` finds out what that is called."""
        super().__init__(
            chosen=chosen,
            remembered=remembered,
            turns=turns,
            phrases=phrases,
            opener=opener,
            now=now,
            changes=Changes(turns, self._complete),
            zone_name=zone_name,
            make_idle=make_idle,
        )
        self.on_show: Callable[[Entry | None, Opened], None] = lambda entry, opened: None
        """The person clicked a summary, or a toast whose link is not there or was not opened."""
        self.secrets = secrets
        self._settings = chosen.settings
        self._data = data
        self._link_factory = link_factory
        self._files = Hands("handbell-files")
        self._keys = Keys(secrets, turns)
        self._not_saved = ""
        self._told_badge = 0
        self._told_condition: tuple[Condition, str] | None = None
        self._snooze_alarm = Alarm(turns, now, lambda: self._changes.mark(entries=None))
        self._write_alarm = Alarm(turns, now, self._write_state)
        self.tokens = Tokens(self._keys, self._sessions, turns=turns, now=now, phrases=phrases)
        self._ringing = Ringing(self, make_toaster, receipts=self._receipts, turns=turns, phrases=phrases, now=now)
        self._quiet = Quiet(
            turns,
            now,
            zone,
            was=self._state.quiet_since,
            preferences=self._known_preferences,
            began=self._quiet_began,
            over=self._quiet_over,
            turned=lambda: self._changes.mark(condition=True),
        )

    # ---- life

    def start(self) -> None:
        for account in self._settings.accounts:
            self._take_on(account)
        self.tokens.look()
        self._quiet.look()
        self._told_badge, self._told_condition = self.badge, (self.condition, self.trouble)

    def wake(self) -> None:
        """The machine woke up or the network changed: look at the clock, and try at once."""
        self._quiet.look()
        self._end_undo()
        self._changes.mark(entries=None)
        for session in self._sessions.values():
            session.wake()
        self.tokens.look()

    def close(self) -> None:
        """What was done is kept and deletions that were held back are said. Waits for that, though not for ever."""
        self._say_held(self._undo.take_all())
        for alarm in (self._undo_alarm, self._snooze_alarm, self._write_alarm):
            alarm.set(None)
        self.tokens.close()
        self._quiet.close()
        self._usage.close()
        self._write_state()
        self._changes.close()
        self._ringing.close()
        closing: list[Session | Hands] = [*self._sessions.values(), self._files, self._keys.hands]
        for one in closing:
            one.close()
        until = time.monotonic() + CLOSE_WITHIN  # for all together: a slow disk may need it for one
        late = [one for one in closing if not one.join(_left(until, one is self._keys.hands))]
        if late:
            log.warning("%d jobs were not done in time and are left", len(late))

    # ---- what is chosen and remembered

    @property
    def settings(self) -> Settings:
        return self._settings

    def choose(self, settings: Settings) -> None:
        """Everything but the accounts, which have verbs of their own."""
        self._choose(replace(settings, accounts=self._settings.accounts))

    @property
    def state(self) -> State:
        """What is remembered; `remember` replaces it."""
        return self._state

    def remember(self, state: State) -> None:
        self._state = state
        self._write_alarm.set(self._now() + REMEMBER_AFTER)

    # ---- how it stands

    @property
    def sessions(self) -> tuple[Session, ...]:
        return tuple(self._sessions.values())

    @property
    def condition(self) -> Condition:
        if not self._sessions:
            return Condition.NO_ACCOUNT
        conditions = {self.condition_of(session) for session in self._sessions.values()}
        worst = next((condition for condition in _WORST if condition in conditions), None)
        return worst or (Condition.ONLINE if self.quiet_until is None else Condition.PAUSED)

    def condition_of(self, session: Session) -> Condition:
        """One account by itself."""
        match session.state:
            case SignedOut():
                return Condition.SIGNED_OUT
            case Incompatible():
                return Condition.INCOMPATIBLE
            case Online() if not session.trouble:
                return Condition.ONLINE
            case _ if session.connecting and not session.trouble:
                return Condition.CONNECTING
            case _:
                return Condition.OFFLINE

    @property
    def trouble(self) -> str:
        """Why it does not stand well, for people; empty when it does."""
        several = len(self._sessions) > 1
        for session in self._sessions.values():
            why = session.trouble or self._phrases.trouble(session.standing)
            if why:
                return f"{session.account.name}: {why}" if several else why
        return self._not_saved

    def listen(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Be told in the owner's thread what to look at again; answers what stops it."""
        return self._changes.listen(listener)

    def show(self, entry: Entry | None, opened: Opened) -> None:
        self.on_show(entry, opened)

    @cached_property
    def whys(self) -> Whys:
        from handbell_desktop.account.whys import Whys  # brings what asks servers, which the bell need not wait for

        return Whys(self, self.secrets, self._turns)

    # ---- accounts

    def add_account(self, account: Account, token: str) -> str:
        """Answers the account's id: that of the one that is here already, if it is the same person at the same server."""
        for known in self._settings.accounts:
            if (known.server, known.user) == (account.server, account.user):
                self.sign_in_again(known.id, token, device=account.device)
                return known.id
        self._keys.keep(account.id, token)
        self._choose(replace(self._settings, accounts=(*self._settings.accounts, account)))
        self._take_on(account).start(token)
        self._changes.mark(condition=True, entries=None)
        return account.id

    def sign_in_again(self, account_id: str, token: str, *, user: str | None = None, device: str | None = None) -> None:
        """A new token for what is kept here. `user` is who signed in: another than before is refused."""
        session = self._sessions[account_id]
        if user is not None and user != session.account.user:
            raise OtherPerson(self._phrases.other_person(session.account.user, user))
        if device is not None:
            session.account = replace(session.account, device=device)
            accounts = (session.account if one.id == account_id else one for one in self._settings.accounts)
            self._choose(replace(self._settings, accounts=tuple(accounts)))
        self._keys.keep(account_id, token)
        session.start(token)
        self._changes.mark(condition=True)

    def remove_account(self, account_id: str, *, sign_out: bool = True) -> None:
        """Forget all that is kept of it here; `sign_out` also ends the device at the server, if that can be reached."""
        session = self._sessions.pop(account_id)
        session.close()
        self._ringing.forget(session.account)
        others = tuple(one for one in self._settings.accounts if one.id != account_id)
        self._choose(replace(self._settings, accounts=others))
        self._forget_choices(account_id)
        badges = {name: number for name, number in self._state.badges.items() if name != account_id}
        self.remember(replace(self._state, badges=badges))
        self._turns.work(partial(_wipe, session), lambda result: None)
        self._keys.drop(session.account, sign_out=sign_out)
        self._changes.mark(condition=True, entries=None)

    # ---- what sessions tell

    def changed(self, session: Session, ids: Sequence[str] | None) -> None:
        account = session.account.id
        self._changes.mark(entries=None if ids is None else [(account, an_id) for an_id in ids])

    def stood(self, session: Session) -> None:
        if session.token_refused:
            session.token_refused = False
            self._keys.forget(session.account.id)
        self._ringing.stands(session.account, isinstance(session.state, Online))
        self._changes.mark(condition=True)

    def news(self, session: Session, records: Sequence[Notification]) -> None:
        self._ringing.news(session.account, session.sight.as_seen(records))

    # ---- within: accounts

    def _take_on(self, account: Account) -> Session:
        session = Session(
            account,
            self._data / "accounts" / account.id,
            turns=self._turns,
            listener=self,
            phrases=self._phrases,
            link_factory=self._link_factory,
            now=self._now,
            badge=self._state.badges.get(account.id, 0),
        )
        self._sessions[account.id] = session
        session.open()
        return session

    # ---- within: the rest

    def _choose(self, settings: Settings) -> None:
        self._settings = settings
        self._save_settings()
        self._changes.mark(settings=True)

    def _save_settings(self) -> None:
        self._files.do(partial(self._save, self._settings))

    def _save(self, settings: Settings) -> None:
        why = ""
        try:
            self._chosen.save(settings)
        except OSError as error:
            log.error("The settings could not be saved: %s", error)
            why = self._phrases.not_saved(str(error))
        self._turns.post(lambda: self._saved(why))

    def _saved(self, why_not: str) -> None:
        if why_not != self._not_saved:
            self._not_saved = why_not
            self._changes.mark(condition=True)

    def _complete(self, change: Change) -> Change:
        """What only a comparison can tell; and what has to be looked at after any change."""
        self._ringing.look_again(change.entries)
        self._arm_snooze()
        badge, condition = self.badge, (self.condition, self.trouble)
        touched = change.entries != frozenset()  # somebody may have read a number in between that was told to nobody
        change = replace(
            change, badge=touched or badge != self._told_badge, condition=condition != self._told_condition
        )
        if badge != self._told_badge:
            self._write_alarm.set(self._now() + REMEMBER_AFTER)
        self._told_badge, self._told_condition = badge, condition
        return change

    def _arm_snooze(self) -> None:
        ends: Iterable[int] = (
            end - session.now() + self._now()
            for session in self._sessions.values()
            if (end := session.sight.next_snooze_end(session.now())) is not None
        )
        self._snooze_alarm.set(min(ends, default=None))

    def _write_state(self) -> None:
        badges = {session.account.id: session.sight.badge(session.now()) for session in self._sessions.values()}
        self._state = replace(self._state, badges=badges)
        self._files.do(partial(self._remembered.write, self._state))


def _left(until: float, is_keyring: bool) -> float:
    """How long to wait for one. A keyring asks the person, and nothing that they did depends on the answer."""
    left = max(0.0, until - time.monotonic())
    return min(left, KEYRING_WITHIN) if is_keyring else left


def _wipe(session: Session) -> None:
    session.join(CLOSE_WITHIN)
    shutil.rmtree(session.folder, ignore_errors=True)

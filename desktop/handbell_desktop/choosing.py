"""What a person chooses about being disturbed: pauses, hours, rules. It holds on all their devices, so it is said to the server
like anything else they do, and holds here at once.

Choices belong to an account, because that is a person at a server: each account is quiet by its own, and "pause" in the tray
means all of them. What this device alone decides (sounds, bubbles at all) is in `settings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from handbell_desktop.account.session import Session
from handbell_desktop.changes import Changes
from handbell_desktop.deeds import Opener
from handbell_desktop.kept.carrying_over import LONG_AGO, former_choices
from handbell_desktop.kept.settings import Chosen
from handbell_desktop.kept.shown import Entry
from handbell_desktop.kept.state import Remembered
from handbell_desktop.long_deeds import LongDeeds
from handbell_desktop.machine.idle.base import IdleTime
from handbell_desktop.phrases import Phrases
from handbell_desktop.ring.quiet import Quiet
from handbell_desktop.ring.ringing import Ringing
from handbell_desktop.ring.usage import Usage
from handbell_desktop.rule_changes import muting, said_of, trusting, unmuting
from handbell_desktop.timers import Turns
from handbell_desktop.undo import OFFERED_FOR, Before, Deed, DeedKind
from handbell_shared.preferences import DEFAULT, Preferences, name_of_rule, zone_of
from handbell_shared.records import Channel, Notification, Scope

HELD_AT_MOST: Final = 1_000
"""Of what came in a quiet time before the program started."""


class Choosing(LongDeeds):
    """Whoever derives from it makes what rings, and what knows when it may."""

    _quiet: Quiet
    _ringing: Ringing

    def __init__(
        self,
        *,
        chosen: Chosen,
        remembered: Remembered,
        turns: Turns,
        phrases: Phrases,
        opener: Opener,
        now: Callable[[], int],
        changes: Changes,
        zone_name: Callable[[], str | None],
        make_idle: Callable[[], IdleTime],
    ) -> None:
        super().__init__(turns=turns, phrases=phrases, opener=opener, now=now, changes=changes)
        self._chosen = chosen
        self._remembered = remembered
        self._state = remembered.state
        self._zone_name = zone_name
        self._known: set[str] = set()  # accounts whose choices could be read
        self._wants_use: set[str] = set()  # accounts that want toasts only where the person is
        self._usage = Usage(turns, make_idle, self._is_used)
        self._carried: set[str] = set()  # accounts that have what an older version kept

    def preferences(self, account: str) -> Preferences:
        session = self._sessions.get(account)
        return DEFAULT if session is None else session.preferences

    def elsewhere(self, account: str) -> bool:
        """The person uses another device, and wants toasts there alone."""
        session = self._sessions.get(account)
        return session is not None and session.elsewhere and session.preferences.devices == "in_use"

    # ---- pauses

    @property
    def paused_until(self) -> int | None:
        """Nothing rings until then, because somebody said so of all accounts; None when something may."""
        return self._quiet.paused_until

    @property
    def quiet_until(self) -> int | None:
        """The same, of pauses and quiet hours."""
        return self._quiet.until

    @property
    def paused(self) -> list[str]:
        """The accounts that are paused; perhaps not all."""
        return self._quiet.paused

    def quiet_of(self, account: str) -> int | None:
        return self._quiet.of(account)

    def pause_of(self, account: str) -> int | None:
        return self._quiet.pause_of(account)

    def pause(self, until: int, account: str | None = None) -> None:
        for session in self._sessions.values():
            if account in (None, session.account.id):
                session.choose("pause", until)

    def resume(self, account: str | None = None) -> None:
        for session in self._sessions.values():
            if account in (None, session.account.id) and session.preferences.paused_until is not None:
                session.choose("pause", None)

    # ---- choices by name

    def prefer(self, account: str, name: str, value: Any) -> None:
        """Choose something for one account; None is the default again."""
        session = self._sessions.get(account)
        if session is not None:
            session.choose(name, None if value is None else msgspec.to_builtins(value))

    def rule(self, account: str, scope: Scope, says: Mapping[Channel, bool | str | None]) -> None:
        """Say something of channels, in the place of what was said of them before; None says nothing any more."""
        said = said_of(self.preferences(account), scope) | dict(says)
        self.prefer(account, name_of_rule(scope), {name: one for name, one in said.items() if one is not None} or None)

    def critical(self, account: str) -> tuple[str, ...]:
        """The categories that cannot be muted, as far as the server was ever asked."""
        return self._state.critical.get(account, ())

    def remember_critical(self, account: str, categories: tuple[str, ...]) -> None:
        if account in self._sessions and categories != self.critical(account):
            self._state = replace(self._state, critical=self._state.critical | {account: categories})
            self._write_state()
            self._changes.mark(settings=True)

    # ---- rules, from a notification

    def mute(self, entries: Iterable[Entry], *, of_type: bool = False) -> None:
        """What comes from their sources, or only what is of their types from there."""
        self._ask_of_sources("mute", entries, lambda record: record.may("toast"), partial(muting, of_type))

    def unmute(self, entries: Iterable[Entry]) -> None:
        self._ask_of_sources("unmute", entries, lambda record: not record.may("toast"), unmuting)

    def trust(self, entries: Iterable[Entry], trusted: bool = True) -> None:
        """Whether urgent ones from their sources ring although it is quiet."""
        kind: DeedKind = "trust" if trusted else "distrust"
        self._ask_of_sources(kind, entries, lambda record: True, partial(trusting, trusted))

    def _ask_of_sources(
        self,
        kind: DeedKind,
        entries: Iterable[Entry],
        concerns: Callable[[Notification], bool],
        choices: Callable[[Preferences, Notification], dict[str, Any]],
    ) -> None:
        before: list[Before] = []
        sources: dict[str, None] = {}
        for session, records in self._by_session(entries):
            for record in filter(concerns, records):
                for name, value in choices(session.preferences, record).items():
                    was = session.sight.choices.get(name)
                    before.append(Before(session.account.id, name, None if was is None else was.value))
                    session.choose(name, value)
                    sources[record.source] = None
        if before:
            about = next(iter(sources)) if len(sources) == 1 else ""
            until = self._now() + OFFERED_FOR
            self._offer(Deed(kind, len(sources), until, chosen=tuple(reversed(before)), about=about))

    # ---- what sessions tell

    def chose(self, session: Session) -> None:
        """What the person chose is another, here or elsewhere, or can be read from now on."""
        if session.reader is not None and session.account.id not in self._known:
            self._known.add(session.account.id)
            self._begin(session)
        self._quiet.look()
        self._look_at_use()
        self._changes.mark(entries=None)

    def _look_at_use(self) -> None:
        """Whether anybody wants to know if the person is here. Who does not any more is told that they are not."""
        wants = {name for name, one in self._known_preferences().items() if one.devices == "in_use"}
        for name in (self._wants_use - wants) & self._sessions.keys():
            self._sessions[name].use(False)
        if self._usage.used is not None:
            for name in wants - self._wants_use:
                self._sessions[name].use(self._usage.used)
        self._wants_use = wants
        self._usage.want(bool(wants))

    def _is_used(self, used: bool) -> None:
        for name in self._wants_use & self._sessions.keys():
            self._sessions[name].use(used)

    def _begin(self, session: Session) -> None:
        account = session.account.id
        since = self._state.quiet_since.get(account)
        if since is not None:
            held = session.sight.came_since(since, session.now(), HELD_AT_MOST)
            self._ringing.held_back(session.account, [entry.record for entry in reversed(held)])
        self._carry_over(session)
        if "zone" not in session.sight.choices:
            self._turns.work(self._zone_name, partial(self._found_zone, session))

    def _carry_over(self, session: Session) -> None:
        """What an older version kept for this device alone; dropped here when every account has it on disk."""
        found = former_choices(self._chosen.former, self._remembered.former_pause, self._now())
        account = session.account.id
        left = len(found)

        def kept() -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                self._carried.add(account)
                self._let_former_go()

        for name, value in found.items():
            session.choose(name, value, at=LONG_AGO, done=kept)
        if not found:
            kept()

    def _let_former_go(self) -> None:
        if not self._carried >= self._sessions.keys() or not (
            self._chosen.former or self._remembered.former_pause is not None
        ):
            return
        self._chosen.former, self._remembered.former_pause = {}, None
        self._save_settings()
        self._write_state()

    def _found_zone(self, session: Session, name: object) -> None:
        """Said for the person who never said one; nothing they say anywhere, ever, loses to it."""
        if isinstance(name, str) and "zone" not in session.sight.choices and zone_of(name) is not None:
            session.choose("zone", name, at=LONG_AGO)

    def _forget_choices(self, account: str) -> None:
        """The account has left this device."""
        self._known.discard(account)
        self._look_at_use()
        self._carried.discard(account)
        self._quiet.forget(account)
        critical = {name: known for name, known in self._state.critical.items() if name != account}
        self._state = replace(self._state, critical=critical)
        self._remember_quiet({name: at for name, at in self._state.quiet_since.items() if name != account})

    def _known_preferences(self) -> dict[str, Preferences]:
        """By account, of those whose store is open: before that nothing rings, and nobody knows."""
        return {name: one.preferences for name, one in self._sessions.items() if one.reader is not None}

    # ---- what time tells

    def _quiet_began(self, accounts: Collection[str]) -> None:
        since = {name: self._sessions[name].now() for name in accounts if name in self._sessions}
        self._remember_quiet(self._state.quiet_since | since)

    def _quiet_over(self, accounts: Collection[str]) -> None:
        self._remember_quiet({name: at for name, at in self._state.quiet_since.items() if name not in accounts})
        self._ringing.quiet_is_over(accounts)

    def _remember_quiet(self, since: dict[str, int]) -> None:
        """On disk at once: what is not summed up today is to be summed up after the next start."""
        self._state = replace(self._state, quiet_since=since)
        self._write_state()

    # ---- for whoever keeps the files

    def _save_settings(self) -> None:
        raise NotImplementedError

    def _write_state(self) -> None:
        raise NotImplementedError

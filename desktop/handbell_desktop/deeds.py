"""What a person does to notifications: each verb once, for lists, toasts and keys alike.

An act names the record as the person saw it. If the producer has told it anew since, the act is about the old telling
and changes nothing of the new one; if only its marks have changed (this device's other acts, another device), the act
builds on those. What an act would not change it does not name.

Whatever can be taken back is offered for ten seconds. What is held back that long (see `undo.py`) is only pencilled in: if
the program is killed meanwhile, nothing was deleted and nothing put to sleep.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import groupby

from msgspec import Struct

from handbell_desktop.account.session import Session
from handbell_desktop.alarm import Alarm
from handbell_desktop.changes import Changes
from handbell_desktop.inbox import Inbox
from handbell_desktop.kept.settings import Settings
from handbell_desktop.kept.shown import Entry
from handbell_desktop.phrases import Phrases
from handbell_desktop.ring.receipts import Moment, Receipts
from handbell_desktop.timers import Turns
from handbell_desktop.undo import FURTHEST, OFFERED_FOR, OPPOSITES, Back, Deed, Undo, UndoOffer
from handbell_shared.links import why_refused
from handbell_shared.protocol import TARGETS_PER_ACTION
from handbell_shared.records import Action, ActionKind, AnswerGiven, HeldFor, Notification

log = logging.getLogger(__name__)


# Shows an act as done that is said later, and answers its actions with their account.
Hold = Callable[[Session, ActionKind, Sequence[Notification], int], list[tuple[str, Action]]]
# A link and, where the desktop gives one, the token by which a window may come to the front. False: it was not opened.
Opener = Callable[[str, str | None], object]


class Opened(Struct, frozen=True):
    """What became of a link. `refused` is the sentence to show beside a link that was not opened."""

    link: str | None = None
    refused: str | None = None


class Deeds(Inbox):
    def __init__(
        self,
        *,
        turns: Turns,
        phrases: Phrases,
        opener: Opener,
        now: Callable[[], int],
        changes: Changes,
    ) -> None:
        super().__init__(turns)
        self._phrases = phrases
        self._opener = opener
        self._now = now
        self._changes = changes
        self._undo = Undo()
        self._undo_alarm = Alarm(turns, now, self._end_undo, furthest=FURTHEST)
        self._taken_back: set[int] = set()
        self._receipts = Receipts(wanted=lambda: self.settings.receipts, send=self._mark)

    @property
    def settings(self) -> Settings:
        raise NotImplementedError

    @property
    def undo(self) -> UndoOffer | None:
        return self._undo.offer

    # ---- the verbs

    def read(self, entries: Iterable[Entry]) -> None:
        self._do("read", entries, lambda record: not record.read)

    def unread(self, entries: Iterable[Entry]) -> None:
        self._do("unread", entries, lambda record: record.read)

    def archive(self, entries: Iterable[Entry]) -> None:
        self._do("archive", entries, lambda record: not record.archived)

    def unarchive(self, entries: Iterable[Entry]) -> None:
        self._do("unarchive", entries, lambda record: record.archived)

    def pin(self, entries: Iterable[Entry]) -> None:
        self._do("pin", entries, lambda record: not record.pinned)

    def unpin(self, entries: Iterable[Entry]) -> None:
        self._do("unpin", entries, lambda record: record.pinned)

    def snooze(self, entries: Iterable[Entry], until: int) -> None:
        """Let them sleep until then, or wake them with `NOT_SNOOZED`."""
        self._done("snooze", *self._put_to_sleep(self._by_session(entries), until, self._hold))

    def delete(self, entries: Iterable[Entry]) -> None:
        held = [one for session, records in self._by_session(entries) for one in self._hold(session, "delete", records)]
        self._done("delete", [], held)

    def seen(self, entries: Iterable[Entry]) -> None:
        """They were on the screen. Nothing to take back."""
        for session, records in self._by_session(entries):
            self._act(session, "seen", [record for record in records if not record.seen])

    def open(self, entry: Entry, *, token: str | None = None) -> Opened:
        """Read, everywhere, and its link opened if it has one that may be opened. `token` lets the browser come forward."""
        self.read([entry])
        self._receipts.clicked(entry.account, entry.record.id)
        link = entry.record.link
        return Opened() if link is None else self._open_link(link, token)

    def answer(self, entry: Entry, button: str, text: str | None = None, *, token: str | None = None) -> Opened:
        """Press a button of the notification. An answer cannot be taken back, so neither is the reading."""
        pressed = next((one for one in entry.record.actions if one.id == button), None)
        session = self._sessions.get(entry.account)
        if pressed is None or session is None:
            return Opened()
        self._receipts.clicked(entry.account, entry.record.id)
        record = session.sight.fold(entry.record)
        if pressed.kind == "link":
            self.read([entry])
            return Opened() if pressed.link is None else self._open_link(pressed.link, token)
        if record.open_to_answers(session.now()):
            self._act(session, "answer", [record], answer=AnswerGiven(button, text))
        self._act(session, "read", [] if record.read else [record])
        return Opened()

    def _mark(self, account: str, moment: Moment, an_id: str, why: HeldFor | None) -> None:
        session = self._sessions.get(account)
        if session is not None:
            session.mark(moment, an_id, why)

    def take_back(self) -> None:
        """The last act that is still offered."""
        taken = self._undo.take_last()
        if taken is None:
            return
        number, deed = taken
        self._taken_back.add(number)
        for account, action in deed.held:
            session = self._sessions.get(account)
            if session is not None:
                session.rub_out(action)
                self._changes.mark(entries=[(account, target.id) for target in action.ids])
        self._go_back(list(deed.backs))
        for before in deed.chosen:
            if before.account in self._sessions:
                self._sessions[before.account].choose(before.name, before.value)
        self._arm_undo()

    # ---- within

    def _go_back(self, backs: list[Back]) -> None:
        """As much as one action may name; the rest of a long act in steps, each after the one before is on disk."""
        named = 0
        while backs:
            back = backs.pop(0)
            session = self._sessions.get(back.account)
            if session is None:
                continue
            named += len(back.records)
            if backs and named >= TARGETS_PER_ACTION:
                self._act(session, back.kind, back.records, until=back.until, done=partial(self._go_back, backs))
                return
            self._act(session, back.kind, back.records, until=back.until)

    def _do(self, kind: ActionKind, entries: Iterable[Entry], changes: Callable[[Notification], bool]) -> None:
        backs: list[Back] = []
        for session, records in self._by_session(entries):
            records = [record for record in records if changes(record)]
            self._act(session, kind, records)
            backs += self._backs(session, kind, records)
        self._done(kind, backs, [])

    def _done(self, kind: ActionKind, backs: Sequence[Back], held: Sequence[tuple[str, Action]]) -> None:
        count = sum(len(back.records) for back in backs) + sum(len(action.ids) for _, action in held)
        if count:
            self._offer(Deed(kind, count, self._now() + OFFERED_FOR, tuple(backs), tuple(held)))

    def _put_to_sleep(
        self, sessions: Iterable[tuple[Session, list[Notification]]], until: int, hold: Hold
    ) -> tuple[list[Back], list[tuple[str, Action]]]:
        """What sleeps already sleeps until then; what is awake is held back."""
        held_already = self._undo.holds()
        backs: list[Back] = []
        held: list[tuple[str, Action]] = []
        for session, records in sessions:
            account, now = session.account.id, session.now()
            records = [record for record in records if max(record.snoozed_until, now) != max(until, now)]
            asleep = [r for r in records if r.snoozed_until > now and (account, r.id) not in held_already]
            self._act(session, "snooze", asleep, until=until)
            for former, some in groupby(sorted(asleep, key=_end), key=_end):
                backs.append(Back(account, "snooze", tuple(map(session.sight.fold, some)), former))
            held += hold(session, "snooze", [record for record in records if record not in asleep], until)
        return backs, held

    def _hold(
        self, session: Session, kind: ActionKind, records: Sequence[Notification], until: int = 0
    ) -> list[tuple[str, Action]]:
        """Show it as done, and say it when it can be taken back no longer."""
        self._changes.mark(entries=[(session.account.id, record.id) for record in records])
        return [(session.account.id, action) for action in session.pencil(kind, records, until=until)]

    def _act(
        self,
        session: Session,
        kind: ActionKind,
        records: Sequence[Notification],
        *,
        until: int = 0,
        answer: AnswerGiven | None = None,
        done: Callable[[], None] = lambda: None,
    ) -> None:
        session.act(kind, records, until=until, answer=answer, done=done)
        self._changes.mark(entries=[(session.account.id, record.id) for record in records])

    def _backs(self, session: Session, kind: ActionKind, records: Sequence[Notification]) -> list[Back]:
        """What takes an act back that has just been pencilled in."""
        after = tuple(map(session.sight.fold, records))
        return [Back(session.account.id, OPPOSITES[kind], after)] if after else []

    def _by_session(self, entries: Iterable[Entry]) -> list[tuple[Session, list[Notification]]]:
        accounts: dict[str, list[Entry]] = {}
        for entry in entries:
            accounts.setdefault(entry.account, []).append(entry)
        return [
            (self._sessions[account], self._as_seen(self._sessions[account], mine))
            for account, mine in accounts.items()
            if account in self._sessions
        ]

    def _as_seen(self, session: Session, entries: Sequence[Entry]) -> list[Notification]:
        """The records as they are now, unless their content is another than the person saw."""
        now = {entry.record.id: entry.record for entry in session.sight.entries([e.record.id for e in entries])}
        seen = (session.sight.fold(entry.record) for entry in entries)
        return [now[r.id] if r.id in now and now[r.id].cver == r.cver else r for r in seen if r.live]

    def _open_link(self, link: str, token: str | None) -> Opened:
        refused = why_refused(link)
        if refused is None and link.startswith("mailto:") and not self.settings.open_mailto:
            refused = self._phrases.mailto_is_off()
        if refused is None:
            try:
                if self._opener(link, token) is False:
                    refused = self._phrases.not_opened()
            except Exception:
                log.exception("A link could not be opened")
                refused = self._phrases.not_opened()
        return Opened(link, refused)

    # ---- undo

    def _offer(self, deed: Deed) -> int:
        number = self._undo.add(deed)
        self._arm_undo()
        return number

    def _arm_undo(self) -> None:
        self._undo_alarm.set(self._undo.next_end)
        self._changes.mark(undo=True)

    def _end_undo(self) -> None:
        self._say_held(self._undo.take_ended(self._now()))
        self._arm_undo()

    def _say_held(self, deeds: Iterable[Deed]) -> None:
        for deed in deeds:
            for account, action in deed.held:
                if account in self._sessions:
                    self._sessions[account].say(action)


def _end(record: Notification) -> int:
    return record.snoozed_until

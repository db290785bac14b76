"""What keys, clicks and icons do to the rows of a list: the same in panel and window.

A verb acts on the selected rows, else on the row of the keyboard; on a group it acts on all its members. Toggles look at
what they act on: "archive" on archived rows moves them back. Of many rows (`chosen.py`) only the names are known, and the desk walks them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from handbell_desktop.deeds import Opened
from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.keys import Verb
from handbell_desktop.ui.list.chosen import Chosen
from handbell_desktop.ui.list.geometry import Spot
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.row_menu import MuteMenu, RowMenu
from handbell_desktop.ui.snooze_menu import SnoozeMenu
from handbell_shared.records import Button, Notification

Toggle = Literal["read", "unread", "archive", "unarchive", "pin", "unpin"]


class Triage(QObject):
    opened = Signal()  # a link was opened: the person is elsewhere now
    refused = Signal(str, str)  # a link that was not, and why
    nothing_to_open = Signal(object)  # the entry: all there is to see of it is here
    reply_wanted = Signal(object, object)  # the entry and its Button
    toggled = Signal(object)  # the key of a group
    date_wanted = Signal(object)  # who is to be told the moment until which something sleeps
    why_wanted = Signal(object)  # the entry that somebody wonders about

    def __init__(self, desk: Desk, view: RowsView, now: Callable[[], int]) -> None:
        super().__init__(view)
        self._desk = desk
        self._view = view
        self._now = now
        self._menu: QMenu | None = None
        view.opened.connect(self.open)
        view.pressed_spot.connect(self.press)
        view.asked.connect(self.show_menu)

    def verbs(self) -> dict[Verb, Callable[[], None]]:
        view = self._view
        return {
            Verb.NEXT: lambda: view.step(1),
            Verb.PREVIOUS: lambda: view.step(-1),
            Verb.FIRST: lambda: view.go(0),
            Verb.LAST: lambda: view.go(view.model().rowCount() - 1),
            Verb.INTO: lambda: view.step_spot(1),
            Verb.OUT_OF: lambda: view.step_spot(-1),
            Verb.OPEN: view.press,
            Verb.TOGGLE_READ: lambda: self.toggle_read(view.chosen()),
            Verb.ARCHIVE: lambda: self.archive(view.chosen()),
            Verb.SNOOZE: lambda: self.snooze(view.chosen()),
            Verb.PIN: lambda: self.pin(view.chosen()),
            Verb.DELETE: lambda: self.delete(view.chosen()),
            Verb.MUTE: lambda: self.mute(view.chosen()),
            Verb.EXPAND: self.expand,
            Verb.SELECT: view.toggle_selected,
            Verb.SELECT_ALL: view.select_all,
            Verb.WHY: lambda: self.why(view.chosen()),
            Verb.UNDO: self._desk.take_back,
        }

    # ---- the verbs

    def toggle_read(self, chosen: Chosen) -> None:
        self._toggle(chosen, "read", "unread", lambda record: record.read)

    def archive(self, chosen: Chosen) -> None:
        self._toggle(chosen, "archive", "unarchive", lambda record: record.archived)
        self._view.clear_selected()

    def pin(self, chosen: Chosen) -> None:
        self._toggle(chosen, "pin", "unpin", lambda record: record.pinned)

    def delete(self, chosen: Chosen) -> None:
        if chosen.rows:
            if chosen.many:
                self._desk.do_all("delete", chosen.many)
            else:
                self._desk.delete(chosen.entries)
            self._view.clear_selected()

    def _toggle(self, chosen: Chosen, kind: Toggle, back: Toggle, is_so: Callable[[Notification], bool]) -> None:
        """Done, unless it is so with all of them: then taken back. Of many, the first ones tell."""
        entries = self._desk.some(chosen.many) if chosen.many else chosen.entries
        wanting = [one for one in entries if not is_so(one.record)]
        if chosen.many:
            self._desk.do_all(kind if wanting else back, chosen.many)
        elif entries:
            getattr(self._desk, kind if wanting else back)(wanting or entries)

    def mute(self, chosen: Chosen) -> None:
        """Where their sources still show themselves: no more."""
        entries = self._entries(chosen)
        loud = [one for one in entries if one.record.may("toast") and not one.record.critical]
        if loud:
            self._desk.mute(loud)
        elif entries:
            self._desk.unmute(entries)

    def mute_menu(self, chosen: Chosen, at: QPoint) -> None:
        self._popup(MuteMenu(self._desk, self._entries(chosen), self._view), at)

    def _entries(self, chosen: Chosen) -> list[Entry]:
        """Of many the first ones."""
        return self._desk.some(chosen.many) if chosen.many else chosen.entries

    def show_menu(self, row: Row, at: QPoint) -> None:
        """All there is to do, with the selected rows if this is one of them."""
        chosen = self._view.chosen()
        among = row.entry.account, row.entry.record.id
        if among not in chosen.many and all(one.key != row.key for one in chosen.rows):
            chosen = Chosen([row])
        deeds: dict[str, Callable[[], object]] = {
            "open": lambda: self.open(row),
            "read": lambda: self.toggle_read(chosen),
            "archive": lambda: self.archive(chosen),
            "snooze": lambda: self.snooze(chosen, at),
            "pin": lambda: self.pin(chosen),
            "delete": lambda: self.delete(chosen),
            "why": lambda: self.why(chosen),
        }
        if len(chosen.rows) > 1 or chosen.many:
            del deeds["open"], deeds["why"]
        self._popup(RowMenu(self._desk, self._entries(chosen), deeds, self._view), at)

    def _popup(self, menu: QMenu, at: QPoint) -> None:
        self._menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._view.viewport().mapToGlobal(at))

    def snooze(self, chosen: Chosen, at: QPoint | None = None) -> None:
        """Ask until when; `at` is where the mouse asked."""
        entries = self._entries(chosen)
        if not entries:
            return
        asleep = any(one.record.snoozed_until > self._now() for one in entries)

        def sleep(until: int) -> None:
            if chosen.many:
                self._desk.do_all("snooze", chosen.many, until)
                self._view.clear_selected()
            else:
                self._desk.snooze(entries, until)

        menu = SnoozeMenu(self._now(), sleep, self.date_wanted.emit, asleep=asleep, parent=self._view)
        place = self._view.place_of(chosen.rows[0].key)
        self._popup(menu, at or (place.center() if place is not None else self._view.rect().center()))

    def why(self, chosen: Chosen) -> None:
        """Of the first one; of a group, of its newest."""
        if chosen.rows:
            self.why_wanted.emit(chosen.rows[0].entry)

    def expand(self) -> None:
        row = self._view.current()
        if row is not None and row.group is not None:
            self.toggled.emit(row.key)

    def open(self, row: Row) -> None:
        """A group whose members all lead to the same place is opened as one; another opens in the list."""
        if row.group is None:
            self._go(self._desk.open(row.entry), row.entry)
            return
        links = {one.record.link for one in row.members}
        if len(links) > 1 or None in links:
            self.toggled.emit(row.key)
            return
        self._desk.read([one for one in row.members if not one.record.read])
        self._go(self._desk.open(row.entry), row.entry)

    def press(self, row: Row, spot: Spot) -> None:
        match spot.kind, spot.name:
            case "expand", _:
                self.toggled.emit(row.key)
            case "button", name:
                button = next((one for one in row.entry.record.actions if one.id == name), None)
                if button is not None:
                    self.answer(row.entry, button)
            case _, "read":
                self.toggle_read(Chosen([row]))
            case _, "archive":
                self.archive(Chosen([row]))
            case _, "snooze":
                self.snooze(Chosen([row]), spot.rect.bottomLeft())
            case _, "delete":
                self.delete(Chosen([row]))

    def answer(self, entry: Entry, button: Button) -> None:
        if button.kind == "reply":
            self.reply_wanted.emit(entry, button)
            return
        opened = self._desk.answer(entry, button.id)
        if button.kind == "link":
            self._go(opened, entry)

    def reply(self, entry: Entry, button_id: str, text: str) -> None:
        self._desk.answer(entry, button_id, text)

    def _go(self, opened: Opened, entry: Entry) -> None:
        if opened.refused is not None:
            self.refused.emit(opened.link or "", opened.refused)
        elif opened.link is not None:
            self.opened.emit()
        else:
            self.nothing_to_open.emit(entry)

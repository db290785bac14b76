"""What keys, clicks and icons do to the rows of a list: the same in panel and window.

A verb acts on the selected rows, else on the row of the keyboard; on a group it acts on all its members. Toggles look at
what they act on: "archive" on archived rows moves them back. Nothing here knows how the desk does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from handbell_desktop.deeds import Opened
from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.keys import Verb
from handbell_desktop.ui.list.geometry import Spot
from handbell_desktop.ui.list.rows import Row
from handbell_desktop.ui.list.view import RowsView
from handbell_desktop.ui.row_menu import MuteMenu, RowMenu
from handbell_desktop.ui.snooze_menu import SnoozeMenu
from handbell_shared.records import Button


class Triage(QObject):
    opened = Signal()  # a link was opened: the person is elsewhere now
    refused = Signal(str, str)  # a link that was not, and why
    nothing_to_open = Signal(object)  # the entry: all there is to see of it is here
    reply_wanted = Signal(object, object)  # the entry and its Button
    toggled = Signal(object)  # the key of a group
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
            Verb.LAST: view.go_last,
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
            Verb.WHY: lambda: self.why(view.chosen()),
            Verb.UNDO: self._desk.take_back,
        }

    # ---- the verbs

    def toggle_read(self, rows: Sequence[Row]) -> None:
        entries = _entries(rows)
        unread = [one for one in entries if not one.record.read]
        if unread:
            self._desk.read(unread)
        elif entries:
            self._desk.unread(entries)

    def archive(self, rows: Sequence[Row]) -> None:
        entries = _entries(rows)
        open_ones = [one for one in entries if not one.record.archived]
        if open_ones:
            self._desk.archive(open_ones)
        elif entries:
            self._desk.unarchive(entries)
        self._view.clear_selected()

    def pin(self, rows: Sequence[Row]) -> None:
        entries = _entries(rows)
        loose = [one for one in entries if not one.record.pinned]
        if loose:
            self._desk.pin(loose)
        elif entries:
            self._desk.unpin(entries)

    def delete(self, rows: Sequence[Row]) -> None:
        entries = _entries(rows)
        if entries:
            self._desk.delete(entries)
            self._view.clear_selected()

    def mute(self, rows: Sequence[Row]) -> None:
        """Where their sources still show themselves: no more."""
        entries = _entries(rows)
        loud = [one for one in entries if one.record.may("toast") and not one.record.critical]
        if loud:
            self._desk.mute(loud)
        elif entries:
            self._desk.unmute(entries)

    def mute_menu(self, rows: Sequence[Row], at: QPoint) -> None:
        self._popup(MuteMenu(self._desk, _entries(rows), self._view), at)

    def show_menu(self, row: Row, at: QPoint) -> None:
        """All there is to do, with the selected rows if this is one of them."""
        chosen = self._view.chosen()
        rows = chosen if any(one.key == row.key for one in chosen) else [row]
        deeds: dict[str, Callable[[], object]] = {
            "open": lambda: self.open(row),
            "read": lambda: self.toggle_read(rows),
            "archive": lambda: self.archive(rows),
            "snooze": lambda: self.snooze(rows, at),
            "pin": lambda: self.pin(rows),
            "delete": lambda: self.delete(rows),
            "why": lambda: self.why(rows),
        }
        if len(rows) > 1:
            del deeds["open"], deeds["why"]
        self._popup(RowMenu(self._desk, _entries(rows), deeds, self._view), at)

    def _popup(self, menu: QMenu, at: QPoint) -> None:
        self._menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._view.viewport().mapToGlobal(at))

    def snooze(self, rows: Sequence[Row], at: QPoint | None = None) -> None:
        """Ask until when; `at` is where the mouse asked."""
        entries = _entries(rows)
        if not entries:
            return
        asleep = any(one.record.snoozed_until > self._now() for one in entries)
        menu = SnoozeMenu(
            self._now(), lambda until: self._desk.snooze(entries, until), asleep=asleep, parent=self._view
        )
        place = self._view.place_of(rows[0].key)
        self._popup(menu, at or (place.center() if place is not None else self._view.rect().center()))

    def why(self, rows: Sequence[Row]) -> None:
        """Of the first one; of a group, of its newest."""
        if rows:
            self.why_wanted.emit(rows[0].entry)

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
                self.toggle_read([row])
            case _, "archive":
                self.archive([row])
            case _, "snooze":
                self.snooze([row], spot.rect.bottomLeft())
            case _, "delete":
                self.delete([row])

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


def _entries(rows: Iterable[Row]) -> list[Entry]:
    """Each once, also when a group and one of its members are selected."""
    found = {(one.account, one.record.id): one for row in rows for one in row.entries}
    return list(found.values())

"""What can be done with rows, as a menu: by the right mouse button or the menu key; and the part about muting by itself.

Muting is about a source, because that is whom a person wants to hear less of. What is critical cannot be muted, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from handbell_desktop.desk import Desk
from handbell_desktop.kept.shown import Entry
from handbell_desktop.ui.type_names import TypeNames, one_line

NAME_SHOWN = 28  # letters


class MuteMenu(QMenu):
    def __init__(self, desk: Desk, entries: Sequence[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._entries = entries
        self.add_muting()

    def add_muting(self) -> None:
        desk, entries = self._desk, self._entries
        sources = list(dict.fromkeys(entry.record.source for entry in entries))
        free = [entry for entry in entries if not entry.record.critical]
        loud = [entry for entry in free if entry.record.may("toast")]
        muted = [entry for entry in free if not entry.record.may("toast")]
        if not free:
            self._add(self.tr("Critical: cannot be muted"), None)
        if loud:
            mute = self._add(self._mute(sources), partial(desk.mute, loud))
            mute.setText(f"{mute.text()}\tM")
            types = {entry.record.type for entry in loud}
            if len(types) == len(sources) == 1:
                named = TypeNames().one(types.pop())
                says = self.tr("Mute “{type}” from {source}").format(
                    type=self._name(named), source=self._name(sources[0])
                )
                self._add(says, partial(desk.mute, loud, of_type=True))
        if muted:
            unmute = self._add(self._unmute(sources), partial(desk.unmute, muted))
            if not loud:
                unmute.setText(f"{unmute.text()}\tM")
        if len(entries) and len(sources) == 1:
            self._add_trust(entries, sources[0])

    def _add_trust(self, entries: Sequence[Entry], source: str) -> None:
        """Where everybody's urgent ones break through there is nobody to trust."""
        urgent = self._desk.preferences(entries[0].account).urgent
        if urgent.breaks_through == "all":
            return
        self.addSeparator()
        trusted = urgent.breaks_through == "trusted" and source in urgent.trusted
        action = self._add(
            self.tr("Trust {source} with urgent").format(source=self._name(source)),
            lambda: self._desk.trust(entries[:1], not trusted),
        )
        action.setCheckable(True)
        action.setChecked(trusted)
        action.setToolTip(self.tr("Urgent ones from there ring although it is quiet."))
        self.setToolTipsVisible(True)

    def _mute(self, sources: Sequence[str]) -> str:
        if len(sources) > 1:
            return self.tr("Mute %n sources", "", len(sources))
        return self.tr("Mute {source}").format(source=self._name(sources[0]))

    def _unmute(self, sources: Sequence[str]) -> str:
        if len(sources) > 1:
            return self.tr("Unmute %n sources", "", len(sources))
        return self.tr("Unmute {source}").format(source=self._name(sources[0]))

    def _name(self, name: str) -> str:
        room = NAME_SHOWN * self.fontMetrics().averageCharWidth()
        return self.fontMetrics().elidedText(one_line(name), Qt.TextElideMode.ElideRight, room).replace("&", "&&")

    def _add(self, text: str, task: Callable[[], object] | None) -> QAction:
        action = self.addAction(text)
        action.setEnabled(task is not None)
        if task is not None:
            action.triggered.connect(lambda: task())
        return action


class RowMenu(MuteMenu):
    """`deeds` are called by name: "open", "read", "archive", "snooze", "pin", "delete", "why"."""

    def __init__(
        self, desk: Desk, entries: Sequence[Entry], deeds: dict[str, Callable[[], object]], parent: QWidget
    ) -> None:
        self._deeds = deeds
        super().__init__(desk, entries, parent)

    def add_muting(self) -> None:
        unread = any(not entry.record.read for entry in self._entries)
        archived = all(entry.record.archived for entry in self._entries)
        pinned = all(entry.record.pinned for entry in self._entries)
        lines = (
            ("open", self.tr("Open"), self.tr("Return")),
            ("read", self.tr("Mark as read") if unread else self.tr("Mark as unread"), "U"),
            ("archive", self.tr("Move back to the list") if archived else self.tr("Archive"), "E"),
            ("snooze", self.tr("Snooze…"), "S"),
            ("pin", self.tr("Unpin") if pinned else self.tr("Pin"), "P"),
            ("delete", self.tr("Delete"), "#"),
        )
        for name, label, key in lines:
            if name in self._deeds:
                self._add(f"{label}\t{key}", self._deeds[name])
        self.addSeparator()
        super().add_muting()
        if "why" in self._deeds:
            self.addSeparator()
            why = self.tr("Why?")
            self._add(f"{why}\tY", self._deeds["why"])

"""Whose urgent notifications ring although it is quiet: everybody's, those of trusted sources, or nobody's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from handbell_desktop.ui import icons
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.parts import Card, button, clear, column, row, words
from handbell_desktop.ui.settings.page import Choice
from handbell_desktop.ui.theme import SPACE, ThemeSource
from handbell_desktop.ui.type_names import one_line
from handbell_shared.preferences import Urgent

NAME_SHOWN = 32  # letters


class UrgentCard(Card):
    """`say` is called with what the person chose."""

    def __init__(self, themes: ThemeSource, say: Callable[[Urgent], object]) -> None:
        super().__init__()
        self._themes = themes
        self._say = say
        self._urgent = Urgent()
        self._sources: Sequence[str] = ()
        self._who = Choice(
            (
                ("all", self.tr("Everybody's")),
                ("trusted", self.tr("Trusted sources only")),
                ("none", self.tr("Nobody's")),
            )
        )
        self._who.currentIndexChanged.connect(lambda _: self._choose(breaks_through=self._who.value))
        about = self.tr("Urgent notifications that ring even when it is quiet.")
        self.add(row(self.tr("Urgent ones break through"), about, self._who, themes))
        self._names = Flow(space=SPACE)
        self._nobody = words(self.tr("Nobody yet."), themes, "small", tone="soft")
        self._trusted = QWidget()
        inside = column(words(self.tr("You trust"), themes), self._names, self._nobody)
        inside.setContentsMargins(0, 0, 0, SPACE)
        self._trusted.setLayout(inside)
        self.add_below(self._trusted)

    def show_value(self, urgent: Urgent, sources: Sequence[str]) -> None:
        """`sources` are offered to be trusted."""
        self._who.show_value(urgent.breaks_through)
        self._trusted.setVisible(urgent.breaks_through == "trusted")
        if (urgent, sources) == (self._urgent, self._sources) and self._names.count():
            return
        self._urgent, self._sources = urgent, sources
        clear(self._names)
        for name in urgent.trusted:
            self._names.addWidget(self._chip(name))
        self._names.addWidget(self._offer([name for name in sources if name not in urgent.trusted]))
        self._nobody.setVisible(not urgent.trusted)
        self._trusted.updateGeometry()

    def _chip(self, name: str) -> QWidget:
        chip = button("", on_click=partial(self._forget, name))
        metrics = chip.fontMetrics()
        shown = metrics.elidedText(
            one_line(name), Qt.TextElideMode.ElideMiddle, NAME_SHOWN * metrics.averageCharWidth()
        )
        chip.setText(shown.replace("&", "&&"))
        chip.setIcon(icons.icon("close", self._themes.theme, "soft"))
        chip.setLayoutDirection(
            Qt.LayoutDirection.LeftToRight if chip.isRightToLeft() else Qt.LayoutDirection.RightToLeft
        )  # the cross stands behind the name
        says = self.tr("No longer trust {source}").format(source=one_line(name))
        chip.setToolTip(says)
        chip.setAccessibleName(says)
        return chip

    def _offer(self, sources: Sequence[str]) -> QWidget:
        box = QComboBox()
        box.setAccessibleName(self.tr("Trust a source"))
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        box.addItem(self.tr("Trust a source…"))
        room = NAME_SHOWN * box.fontMetrics().averageCharWidth()
        for name in sources:
            box.addItem(box.fontMetrics().elidedText(one_line(name), Qt.TextElideMode.ElideMiddle, room), name)
        box.setEnabled(bool(sources))
        box.activated.connect(lambda number: self._add(box.itemData(number)))
        return box

    def _add(self, name: str | None) -> None:
        if name is not None:
            self._choose(trusted=(*self._urgent.trusted, name))

    def _forget(self, name: str) -> None:
        self._choose(trusted=tuple(one for one in self._urgent.trusted if one != name))

    def _choose(self, **changes: object) -> None:
        self._say(replace(self._urgent, **changes))

"""What may disturb the person, and how: the table of rules, and what else they chose for all their devices.

Everything is written as it is chosen, without a network too. What cannot be muted is asked of the server when the page
shows, and remembered.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs
from PySide6.QtCore import QLocale, QRect, QTime
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit

from handbell_desktop import critical
from handbell_desktop.rule_table import Line, lines, turned
from handbell_desktop.ui.flow import Flow
from handbell_desktop.ui.parts import Card, Switch, column, row, words, work
from handbell_desktop.ui.settings.clocks import clock_edit
from handbell_desktop.ui.settings.page import AccountPage, Choice
from handbell_desktop.ui.settings.rule_grid import Row, RuleGrid
from handbell_desktop.ui.theme import SPACE
from handbell_shared.records import Channel, Scope

MANY: Final = 12  # sources; from here on a field finds one
SHOWN: Final = 100  # sources, and types, beside those that have rules; the others are found by their names


class RulesPage(AccountPage):
    def build(self) -> None:
        self._asked: set[str] = set()
        self.heading(self.tr("Rules"))
        self.add_account(
            self.tr(
                "What may disturb you, and how: on all your devices, and for e-mail and phone apps. What is pale comes from a "
                "more general line. Whatever is muted is in the inbox all the same."
            )
        )
        self._build_table()
        self._build_devices()
        self._build_summary()
        self._build_senders()

    def _build_table(self) -> None:
        self._find = QLineEdit()
        self._find.setProperty("look", "search")
        self._find.setPlaceholderText(self.tr("Find a source or type"))
        self._find.setAccessibleName(self._find.placeholderText())
        self._find.textChanged.connect(lambda _: self.refresh())
        self.body.addWidget(self._find)
        self.grid = RuleGrid(self.tools.themes)
        self.grid.said.connect(self._said)
        self.grid.reset_line.connect(self._reset)
        self.grid.moved.connect(self._follow)
        card = Card()
        card.narrow()
        card.add(self.grid)
        self._more = words("", self.tools.themes, "small", tone="soft")
        self._more.setContentsMargins(SPACE, 0, SPACE, SPACE)
        card.add_below(self._more)
        self.body.addWidget(card)

    def _build_devices(self) -> None:
        self.section(self.tr("Where"))
        self._devices = Choice((("all", self.tr("On all devices")), ("in_use", self.tr("Where I am"))))
        self._devices.currentIndexChanged.connect(lambda _: self.prefer("devices", self._devices.value))
        about = self.tr("Where you are is the device you used last. On the others only the number on the bell changes.")
        card = Card()
        card.add(row(self.tr("Show toasts"), about, self._devices, self.tools.themes))
        self.body.addWidget(card)

    def _build_summary(self) -> None:
        self.section(self.tr("Summary by e-mail"))
        themes = self.tools.themes
        self._every = Choice(
            (
                ("never", self.tr("Never")),
                ("hourly", self.tr("Every hour")),
                ("daily", self.tr("Every day")),
                ("weekly", self.tr("Every week")),
            )
        )
        self._every.currentIndexChanged.connect(lambda _: self._summary(every=self._every.value))
        self._at = clock_edit(self.tr("Time of the summary"))
        self._at.timeChanged.connect(lambda time: self._summary(at=time.toString("HH:mm")))
        first = QLocale().firstDayOfWeek().value - 1
        days = [(first + n) % 7 for n in range(7)]
        self._day = Choice([(day, QLocale().standaloneDayName(day + 1)) for day in days])
        self._day.setAccessibleName(self.tr("Day of the summary"))
        self._day.currentIndexChanged.connect(lambda _: self._summary(day=self._day.value))
        card = Card()
        about = self.tr("Of what is still unseen then, as far as the table says “Summary”.")
        card.add(row(self.tr("Send a summary"), about, self._every, themes))
        self._on, self._from = words(self.tr("on"), themes), words(self.tr("at"), themes)
        self._when = Flow(self._on, self._day, self._from, self._at)
        card.add(column(self._when))
        self.body.addWidget(card)

    def _build_senders(self) -> None:
        self.section(self.tr("What senders may know"))
        themes = self.tools.themes
        self._seen, self._read = Switch(themes), Switch(themes)
        self._seen.toggled.connect(lambda on: self._senders(seen=on))
        self._read.toggled.connect(lambda on: self._senders(read=on))
        card = Card()
        about = self.tr("That it was delivered, whoever sent it always knows.")
        card.add(row(self.tr("That you have seen it"), about, self._seen, themes))
        card.add(row(self.tr("That you have read it"), "", self._read, themes))
        self.body.addWidget(card)

    # ---- what is true now

    def refresh(self) -> None:
        super().refresh()
        preferences = self.preferences
        self._show_table()
        self._devices.show_value(preferences.devices)
        digest = preferences.digest
        self._every.show_value(digest.every)
        self._day.show_value(digest.day)
        self._at.blockSignals(True)
        self._at.setTime(QTime.fromString(digest.at, "HH:mm"))
        self._at.blockSignals(False)
        weekly, at_a_time = digest.every == "weekly", digest.every in ("daily", "weekly")
        self._on.setVisible(weekly)
        self._day.setVisible(weekly)
        self._from.setVisible(at_a_time)
        self._at.setVisible(at_a_time)
        self._seen.show_value(preferences.tell_senders.seen)
        self._read.show_value(preferences.tell_senders.read)

    def show_rule(self, account: str, scope: Scope) -> None:
        """What somebody came here for."""
        self.show_account(account)
        self._find.clear()
        self.grid.go_to(scope)

    def _show_table(self) -> None:
        desk, account = self.tools.desk, self.account
        session = next((one for one in desk.sessions if one.account.id == account), None)
        sources = session.sight.sources() if session is not None else []
        types = session.sight.types() if session is not None else []
        self._find.setVisible(len(sources) > MANY or bool(self._find.text()))
        wanted, names = self._find.text().strip().casefold(), self.grid.words
        sources = [one for one in sources if wanted in one.casefold()]
        types = [one for one in types if wanted in names.scope(Scope(type=one)).casefold()]
        found = lines(self.preferences, sources[:SHOWN], types[:SHOWN], desk.critical(account))
        if wanted:
            found = [line for line in found if wanted in names.scope(line.scope).casefold()]
        self.grid.show_rows(self._with_heads(found))
        more = max(0, len(sources) - SHOWN) + max(0, len(types) - SHOWN)
        self._more.setText(self.tr("%n more can be found by name.", "sources and types", more) if more else "")
        self._more.setVisible(bool(more))

    def _with_heads(self, found: list[Line]) -> list[Row]:
        heads = {
            "everything": "",
            "sources": self.tr("Sources"),
            "types": self.tr("Types"),
            "categories": self.tr("Categories"),
        }
        rows: list[Row] = []
        part = ""
        for line in found:
            if line.part != part and heads[line.part]:
                rows.append(heads[line.part])
            part = line.part
            rows.append(line)
        return rows

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 — the name is Qt's
        super().showEvent(event)
        self._ask_what_is_critical()

    # ---- what the person says

    def _said(self, line: Line, channel: Channel, what: Any) -> None:
        says = turned(self.preferences, line, channel) if what == "turn" else what
        self.tools.desk.rule(self.account, line.scope, {channel: says})

    def _reset(self, line: Line) -> None:
        channels: tuple[Channel, ...] = ("toast", "sound", "badge", "push", "email")
        self.tools.desk.rule(self.account, line.scope, dict.fromkeys(channels))

    def _summary(self, **changes: object) -> None:
        self.prefer("digest", structs.replace(self.preferences.digest, **changes))

    def _senders(self, **changes: object) -> None:
        self.prefer("tell_senders", structs.replace(self.preferences.tell_senders, **changes))

    # ---- within

    def _follow(self, where: QRect) -> None:
        """The keyboard is in a table that is higher than the page."""
        inside = self.widget()
        if inside is None:
            return
        at = self.grid.mapTo(inside, where.center())
        self.ensureVisible(at.x(), at.y(), 0, 4 * SPACE)

    def _ask_what_is_critical(self) -> None:
        desk, asked = self.tools.desk, self.account
        session = next((one for one in desk.sessions if one.account.id == asked), None)
        if session is None or asked in self._asked:
            return
        self._asked.add(asked)
        account, secrets = session.account, desk.secrets

        def ask() -> object:
            token = secrets.get(account.id)
            return None if token is None else critical.categories(account, token)

        def answered(result: object) -> None:
            if isinstance(result, tuple):
                desk.remember_critical(account.id, result)
            else:  # without a network: what was known before holds
                self._asked.discard(asked)

        work(self, self.tools.turns, ask, answered)

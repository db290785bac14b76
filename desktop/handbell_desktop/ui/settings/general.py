"""How the application starts, looks and speaks."""

from __future__ import annotations

from handbell_desktop.ui.parts import Card, Note, Switch, row, words
from handbell_desktop.ui.settings.page import Choice, Page


class GeneralPage(Page):
    def build(self) -> None:
        self.heading(self.tr("General"))
        themes = self.tools.themes
        card = Card()
        self._autostart = Switch(themes)
        self._autostart.toggled.connect(self._start_at_login)
        about = (
            self.tr("The bell is there as soon as you are.")
            if self.tools.here.autostart is not None
            else self.tr("This is not possible on this computer.")
        )
        card.add(row(self.tr("Start when I log in"), about, self._autostart, themes))
        self._failed = Note(themes)
        card.add_below(self._failed)
        self.body.addWidget(card)

        self.section(self.tr("Appearance"))
        card = Card()
        self._theme = Choice(
            [("system", self.tr("Like the system")), ("light", self.tr("Light")), ("dark", self.tr("Dark"))]
        )
        self._theme.currentIndexChanged.connect(lambda _: self.choose(theme=self._theme.value))
        card.add(row(self.tr("Theme"), "", self._theme, themes))
        self._bell = Choice(
            [
                ("colour", self.tr("In colour")),
                ("light", self.tr("Light, for a dark bar")),
                ("dark", self.tr("Dark, for a light bar")),
            ]
        )
        self._bell.currentIndexChanged.connect(lambda _: self.choose(bell=self._bell.value))
        card.add(row(self.tr("Bell"), self.tr("How it looks in the notification area."), self._bell, themes))
        self.body.addWidget(card)

        self.section(self.tr("Language"))
        card = Card()
        # Each language in its own words: whoever cannot read this one must find theirs.
        self._language = Choice([("system", self.tr("Like the system")), ("en", "English"), ("de", "Deutsch")])
        self._language.currentIndexChanged.connect(lambda _: self.choose(language=self._language.value))
        card.add(row(self.tr("Language"), "", self._language, themes))
        self.body.addWidget(card)
        version = self.tr("Handbell {version}").format(version=self.tools.here.version)
        self.body.addWidget(words(version, themes, "small", tone="faint"))

    def refresh(self) -> None:
        settings, autostart = self.tools.desk.settings, self.tools.here.autostart
        self._autostart.show_value(bool(autostart))
        self._autostart.setEnabled(autostart is not None)
        self._theme.show_value(settings.theme)
        self._bell.show_value(settings.bell)
        self._language.show_value(settings.language)

    def _start_at_login(self, on: bool) -> None:
        try:
            self.tools.here.set_autostart(on)
            self._failed.say("")
        except OSError as error:
            self._failed.say(self.tr("This could not be changed: {why}").format(why=error.strerror or str(error)))
        self._autostart.show_value(bool(self.tools.here.autostart))

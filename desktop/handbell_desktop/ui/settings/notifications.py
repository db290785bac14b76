"""What a notification may do to get attention: show itself, stay, and make a sound."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from msgspec import structs
from PySide6.QtWidgets import QPushButton

from handbell_desktop.kept.settings import Settings
from handbell_desktop.ui.parts import Card, Note, Switch, button, line, row
from handbell_desktop.ui.settings.page import Choice, Page
from handbell_shared.records import Priority

PRIORITIES: Final[tuple[Priority, ...]] = ("urgent", "high", "normal", "low")


class NotificationsPage(Page):
    def build(self) -> None:
        self.heading(self.tr("Notifications"))
        self._switches: dict[str, Switch] = {}
        self._build_toasts()
        self._build_sounds()
        self._build_links()
        self._build_privacy()

    def _build_toasts(self) -> None:
        card = Card()
        card.add(
            self._switch(
                "toasts", self.tr("Show notifications"), self.tr("As a bubble on the screen, beside the bell.")
            )
        )
        card.add(
            self._switch(
                "toast_bodies",
                self.tr("Show what they say"),
                self.tr("Off: only the title shows, for screens that others can see."),
            )
        )
        card.add(
            self._switch(
                "urgent_stays", self.tr("Urgent ones stay"), self.tr("Until you have done something with them.")
            )
        )
        self._cannot = Note(self.tools.themes, "warning")
        card.add_below(self._cannot)
        self.body.addWidget(card)

    def _build_sounds(self) -> None:
        self.section(self.tr("Sound"))
        card = Card()
        card.add(self._switch("sound", self.tr("Play sounds"), ""))
        names = {
            "urgent": self.tr("Urgent"),
            "high": self.tr("High priority"),
            "normal": self.tr("Normal priority"),
            "low": self.tr("Low priority"),
        }
        self._sounds: dict[str, Choice] = {}
        self._plays: dict[str, QPushButton] = {}
        for priority in PRIORITIES:
            choice = Choice(self._sound_names())
            choice.currentIndexChanged.connect(partial(self._sound_chosen, priority))
            says = self.tr("Play the sound of “{priority}”").format(priority=names[priority])
            play = button(self.tr("Play"), kind="quiet", on_click=partial(self._play, priority))
            play.setAccessibleName(says)
            control = row(names[priority], "", choice, self.tools.themes)
            card.add(line(control, play))
            self._sounds[priority], self._plays[priority] = choice, play
        self.body.addWidget(card)

    def _build_links(self) -> None:
        self.section(self.tr("Links"))
        card = Card()
        card.add(
            self._switch(
                "open_mailto",
                self.tr("Open e-mail links"),
                self.tr("A click on such a notification begins an e-mail. Links to the web always open."),
            )
        )
        self.body.addWidget(card)

    def _build_privacy(self) -> None:
        self.section(self.tr("Privacy"))
        card = Card()
        card.add(
            self._switch(
                "receipts",
                self.tr("Tell senders what happened here"),
                self.tr(
                    "That a notification was shown, clicked or waved away on this device, or why it was held back. Off: “Why?” "
                    "knows nothing of it either. Whether you have read it is known to the server, and senders may ask it."
                ),
            )
        )
        self.body.addWidget(card)

    def refresh(self) -> None:
        settings = self.tools.desk.settings
        for name, switch in self._switches.items():
            switch.show_value(getattr(settings, name))
        self._switches["toast_bodies"].setEnabled(settings.toasts)
        self._switches["urgent_stays"].setEnabled(settings.toasts and self.tools.here.toasts.stays)
        for priority in PRIORITIES:
            sound = getattr(settings.sounds, priority)
            self._sounds[priority].show_value(sound)
            self._sounds[priority].setEnabled(settings.sound)
            self._plays[priority].setEnabled(settings.sound and sound is not None)
        shows = self.tools.here.toasts.shows
        self._cannot.say(
            "" if shows else self.tr("This desktop shows no notifications: no service for them is running.")
        )

    def _switch(self, name: str, title: str, about: str) -> Any:
        switch = Switch(self.tools.themes)
        switch.toggled.connect(lambda on: self.choose(**{name: on}))
        self._switches[name] = switch
        return row(title, about, switch, self.tools.themes)

    def _sound_names(self) -> list[tuple[object, str]]:
        """Names of the freedesktop sound theme; the platform finds what comes nearest."""
        return [
            (None, self.tr("None")),
            ("message-new-instant", self.tr("Message")),
            ("bell", self.tr("Bell")),
            ("complete", self.tr("Complete")),
            ("dialog-information", self.tr("Information")),
            ("dialog-warning", self.tr("Warning")),
            ("phone-incoming-call", self.tr("Ringing")),
            ("alarm-clock-elapsed", self.tr("Alarm")),
        ]

    def _sound_chosen(self, priority: Priority, _index: int) -> None:
        self.choose(sounds=structs.replace(self._settings.sounds, **{priority: self._sounds[priority].value}))

    def _play(self, priority: Priority) -> None:
        sound = getattr(self._settings.sounds, priority)
        if sound is not None:
            self.tools.here.play(sound)

    @property
    def _settings(self) -> Settings:
        return self.tools.desk.settings

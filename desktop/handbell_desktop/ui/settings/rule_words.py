"""The words of the table of rules, and the sentence that each of its cells is to a screen reader and a tool tip."""

from __future__ import annotations

from PySide6.QtCore import QObject

from handbell_desktop.rule_table import EVERYTHING, Line
from handbell_desktop.ui.type_names import TypeNames, one_line
from handbell_shared.records import Channel, Scope


class RuleWords(QObject):
    def __init__(self) -> None:
        super().__init__()
        self._types = TypeNames()

    def channel(self, channel: Channel) -> str:
        return {
            "toast": self.tr("Toast"),
            "sound": self.tr("Sound"),
            "badge": self.tr("Badge"),
            "email": self.tr("E-mail"),
            "push": self.tr("Push"),
        }[channel]

    def about(self, channel: Channel) -> str:
        return {
            "toast": self.tr("Shown for a moment, beside the bell."),
            "sound": self.tr("The toast makes its sound."),
            "badge": self.tr("Counts for the number on the bell, and stands under “Unread”."),
            "email": self.tr("Mailed at once, in the next summary, or never."),
            "push": self.tr(
                "Sent to programs that follow by another protocol, such as the phone apps of ntfy or Gotify."
            ),
        }[channel]

    def email(self, what: object) -> str:
        names = {"now": self.tr("Now"), "digest": self.tr("Summary"), "never": self.tr("Never")}
        return names.get(str(what), str(what))

    def email_long(self, what: object) -> str:
        names = {
            "now": self.tr("At once"),
            "digest": self.tr("In the next summary"),
            "never": self.tr("Never"),
        }
        return names.get(str(what), str(what))

    def name(self, line: Line) -> str:
        """In its own place: below its source a type needs no more than its name."""
        scope = line.scope
        if line.part == "sources" and scope.type is None and scope.category is None:
            return one_line(scope.source or "")
        if scope.source is not None:
            return self.scope(Scope(None, scope.type, scope.category))
        return self.scope(scope)

    def scope(self, scope: Scope) -> str:
        parts = []
        if scope.type is not None:
            parts.append(self._types.one(scope.type))
        if scope.category is not None:
            parts.append(self._types.category(scope.category))
        what = " · ".join(parts)
        if scope.source is None:
            return what or self.tr("Everything")
        source = one_line(scope.source)
        return self.tr("{what} from {source}").format(what=what, source=source) if what else source

    def cell(self, line: Line, channel: Channel | None, *, reset: bool) -> str:
        name = self.scope(line.scope)
        if reset:
            return self.tr("Take back what was said of {name}").format(name=name) if line.says_something else ""
        if channel is None:
            return name
        holds = line.holds[channel]
        value = self.email_long(holds) if isinstance(holds, str) else self.tr("on") if holds else self.tr("off")
        says = self.tr("{channel} for {name}: {value}.").format(channel=self.channel(channel), name=name, value=value)
        return f"{says} {self._whose(line, channel)}"

    def _whose(self, line: Line, channel: Channel) -> str:
        if line.locked(channel):
            return self.tr("Critical, says whoever runs the server: it cannot be muted.")
        rule = line.comes_from.get(channel)
        if rule is None:
            return self.tr("Nobody said anything about it.")
        if rule == line.scope:
            return self.tr("That is your rule.")
        if rule == EVERYTHING:
            return self.tr("As for everything.")
        return self.tr("As for {name}.").format(name=self.scope(rule))

"""What has happened how often since it was last told, and when it may be told next. No thread and no clock of its own."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

from handbell.messages import Priority

_AT_MOST: Final = 500
_MINUTE: Final = 60.0


class Happening(NamedTuple):
    key: str
    title: str
    text: str
    priority: Priority


@dataclass
class Incident:
    """The same trouble, again and again."""

    key: str
    title: str
    text: str
    priority: Priority
    times: int = 0
    due: float = 0.0
    changed: bool = True


class Incidents:
    """Those that are untold or were told lately: bounded, also when every record is a trouble of its own."""

    def __init__(self, every: float, per_minute: int) -> None:
        self._every = every
        self._told_at: deque[float] = deque(maxlen=per_minute)
        self._known: dict[str, Incident] = {}

    def add(self, happening: Happening, now: float) -> None:
        incident = self._known.get(happening.key)
        if incident is None:
            if len(self._known) >= _AT_MOST:
                self._forget(now)
            incident = self._known[happening.key] = Incident(*happening, due=now)
        incident.title, incident.text, incident.priority = happening.title, happening.text, happening.priority
        incident.times += 1
        incident.changed = True

    def due(self, now: float, *, everything: bool = False) -> list[Incident]:
        room = len(self._known) if everything else self._room(now)
        waiting = [one for one in self._known.values() if one.changed and (everything or one.due <= now)]
        return sorted(waiting, key=lambda one: one.due)[:room]

    def next_due(self) -> float | None:
        waiting = [one.due for one in self._known.values() if one.changed]
        if not waiting:
            return None
        full = self._told_at.maxlen is not None and len(self._told_at) == self._told_at.maxlen
        return max(min(waiting), self._told_at[0] + _MINUTE if full else 0.0)

    def told(self, incident: Incident, now: float) -> None:
        incident.changed = False
        incident.due = now + self._every
        self._told_at.append(now)

    def _room(self, now: float) -> int:
        """How many may be told now."""
        lately = sum(at > now - _MINUTE for at in self._told_at)
        return max(0, (self._told_at.maxlen or 0) - lately)

    def _forget(self, now: float) -> None:
        """Those that were told and have kept quiet since; of none such, the one that has waited longest."""
        quiet = [key for key, one in self._known.items() if not one.changed and one.due <= now]
        for key in quiet or [next(iter(self._known))]:
            del self._known[key]

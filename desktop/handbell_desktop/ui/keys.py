"""Every key of panel and window, in one table: it binds them, and the help sheet is read from it.

`QShortcut` and not `keyPressEvent`, for two reasons. A text field keeps what it can type (it claims those keys before
shortcuts see them), and on a keyboard of another script Qt also tries the Latin letters of the same keys.

A key that also means something to a button or a field (Enter, Space, the arrows) belongs to the list alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


class Verb(Enum):
    """What a person can ask for by a key, in the order of the help sheet."""

    NEXT = auto()
    PREVIOUS = auto()
    FIRST = auto()
    LAST = auto()
    INTO = auto()
    OUT_OF = auto()
    OPEN = auto()
    TOGGLE_READ = auto()
    ARCHIVE = auto()
    SNOOZE = auto()
    PIN = auto()
    DELETE = auto()
    MUTE = auto()
    EXPAND = auto()
    SELECT = auto()
    SELECT_ALL = auto()
    WHY = auto()
    UNDO = auto()
    SEARCH = auto()
    TAB_1 = auto()
    TAB_2 = auto()
    TAB_3 = auto()
    ALL_READ = auto()
    HELP = auto()
    ESCAPE = auto()


class Binding(NamedTuple):
    verb: Verb
    keys: tuple[str, ...]  # as QKeySequence reads them
    in_list: tuple[str, ...] = ()  # these only while the list has the focus


BINDINGS = (
    Binding(Verb.NEXT, ("J",), ("Down",)),
    Binding(Verb.PREVIOUS, ("K",), ("Up",)),
    Binding(Verb.FIRST, (), ("Home",)),
    Binding(Verb.LAST, (), ("End",)),
    Binding(Verb.INTO, (), ("Right",)),
    Binding(Verb.OUT_OF, (), ("Left",)),
    Binding(Verb.OPEN, (), ("Return", "Enter")),
    Binding(Verb.TOGGLE_READ, ("U",)),
    Binding(Verb.ARCHIVE, ("E",)),
    Binding(Verb.SNOOZE, ("S",)),
    Binding(Verb.PIN, ("P",)),
    Binding(Verb.DELETE, ("#",), ("Del",)),
    Binding(Verb.MUTE, ("M",)),
    Binding(Verb.EXPAND, ("G",)),
    Binding(Verb.SELECT, ("X",), ("Space",)),
    Binding(Verb.SELECT_ALL, (), ("Ctrl+A",)),
    Binding(Verb.WHY, ("Y",)),
    Binding(Verb.UNDO, ("Ctrl+Z",)),
    Binding(Verb.SEARCH, ("/", "Ctrl+F")),
    Binding(Verb.TAB_1, ("1",)),
    Binding(Verb.TAB_2, ("2",)),
    Binding(Verb.TAB_3, ("3",)),
    Binding(Verb.ALL_READ, ("Shift+A",)),
    Binding(Verb.HELP, ("?", "F1")),
    Binding(Verb.ESCAPE, ("Esc",)),
)


def bind(whole: QWidget, rows: QWidget, actions: Mapping[Verb, Callable[[], None]]) -> None:
    """Bind every verb that has an action: its keys in `whole`, its list keys in `rows`."""
    for binding in BINDINGS:
        action = actions.get(binding.verb)
        if action is None:
            continue
        for text in binding.keys:
            _shortcut(whole, text, Qt.ShortcutContext.WidgetWithChildrenShortcut, action)
        for text in binding.in_list:
            _shortcut(rows, text, Qt.ShortcutContext.WidgetShortcut, action)


def _shortcut(owner: QWidget, text: str, context: Qt.ShortcutContext, action: Callable[[], None]) -> None:
    shortcut = QShortcut(QKeySequence(text), owner)
    shortcut.setContext(context)
    shortcut.activated.connect(action)


ARROWS = {"Down": "↓", "Up": "↑", "Left": "←", "Right": "→"}


def names(binding: Binding) -> list[str]:
    """The keys as this platform writes them."""
    return [
        ARROWS.get(text) or QKeySequence(text).toString(QKeySequence.SequenceFormat.NativeText)
        for text in binding.keys + binding.in_list
    ]

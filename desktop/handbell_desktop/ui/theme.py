"""Colours, type scale and spacing: the one place where the product's looks are decided.

A `Palette` names colours by what they are for, never by what they look like. Every pair of words and background that the
product uses keeps the contrast WCAG asks of it (4.5 for text, 3 for icons and for the edges of controls), in both themes
and on hovered and selected rows too; a test goes through all pairs.

Sizes follow the font the person chose for the desktop: the type scale is made of factors, so twice the font is twice
the text. Distances are multiples of `SPACE`.

`ThemeSource` says which theme holds now and when that changes, by the person's choice or by the desktop's.
"""

from __future__ import annotations

from typing import Literal
from zlib import crc32

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette

from handbell_desktop.kept import settings
from handbell_shared.records import Priority

Role = Literal["heading", "title", "body", "small", "label"]

SPACE = 8  # the grid: 4, 8, 12, 16, 24
RADIUS_SMALL = 6  # controls
RADIUS = 10  # rows and cards
RADIUS_LARGE = 14  # the panel itself

SCALE: dict[Role, float] = {"heading": 1.25, "title": 1.0, "body": 1.0, "small": 0.9, "label": 0.8}
STRONG_ROLES: frozenset[Role] = frozenset({"heading", "title"})


class Palette(Struct, frozen=True):
    """Colours by purpose, as "#rrggbb"."""

    window: str  # behind everything
    surface: str  # lists, cards, the panel
    raised: str  # what floats: menus, tool tips, hover buttons, fields
    line: str  # separates, says nothing: may be faint
    edge: str  # the border of a control, which has to be found
    text: str
    soft: str  # the second voice: bodies, captions
    faint: str  # the third: times, hints; still readable
    accent: str  # what can be done, and unread
    on_accent: str
    accent_soft: str  # a quiet background of the accent
    danger: str
    on_danger: str
    warning: str
    success: str
    info: str
    brand: str  # the bell's own gold; never for text
    hover: str
    selected: str
    # ---- only for types, as icons
    violet: str
    pink: str
    teal: str
    orange: str


LIGHT = Palette(
    window="#f3f4f7",
    surface="#ffffff",
    raised="#ffffff",
    line="#e2e5eb",
    edge="#868e9c",
    text="#1b1f27",
    soft="#474f5d",
    faint="#5d6675",
    accent="#2f54cc",
    on_accent="#ffffff",
    accent_soft="#e8edfc",
    danger="#b4232f",
    on_danger="#ffffff",
    warning="#865000",
    success="#17693f",
    info="#0d6489",
    brand="#e2a11b",
    hover="#f1f3f7",
    selected="#e4eafa",
    violet="#6d3fc0",
    pink="#b02a6f",
    teal="#0c6b68",
    orange="#9a4a0a",
)

DARK = Palette(
    window="#14161a",
    surface="#1b1e24",
    raised="#252931",
    line="#323741",
    edge="#7a8393",
    text="#eef0f4",
    soft="#bdc3ce",
    faint="#a0a8b6",
    accent="#93adff",
    on_accent="#0f1730",
    accent_soft="#27304d",
    danger="#ff9a94",
    on_danger="#3a0a0c",
    warning="#f2bf66",
    success="#74d6a0",
    info="#74c8ec",
    brand="#f4bd45",
    hover="#242830",
    selected="#2a3350",
    violet="#c0a4fb",
    pink="#f59ac4",
    teal="#6dd3cb",
    orange="#f5aa72",
)

PRIORITY_COLOURS: dict[Priority, str] = {"low": "faint", "normal": "soft", "high": "warning", "urgent": "danger"}

TYPE_COLOURS = {
    "info": "info",
    "success": "success",
    "warning": "warning",
    "error": "danger",
    "message": "accent",
    "friend_request": "violet",
    "follow": "violet",
    "like": "pink",
    "comment": "teal",
    "mention": "accent",
    "order_update": "orange",
    "system": "soft",
}
# A type that a producer registered gets one of these, always the same one.
OTHER_TYPES = ("accent", "violet", "teal", "orange", "pink", "info")


class Theme(Struct, frozen=True):
    """One look, ready to be asked for colours and fonts."""

    name: Literal["light", "dark"]
    palette: Palette

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    def hex(self, name: str) -> str:
        """The colour of this name in the palette, for style sheets and SVG; "#rrggbb" is let through."""
        if name.startswith("#"):
            return name
        colour: str = getattr(self.palette, name)
        return colour

    def colour(self, name: str) -> QColor:
        return QColor(self.hex(name))

    def font(self, role: Role = "body", *, strong: bool = False) -> QFont:
        """The application's font, scaled for its part in the type scale."""
        font = QFont(QGuiApplication.font())
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * SCALE[role])
        else:  # a desktop may have set its font in pixels
            font.setPixelSize(max(1, round(font.pixelSize() * SCALE[role])))
        if strong or role in STRONG_ROLES:
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def priority_colour(self, priority: Priority) -> QColor:
        return self.colour(PRIORITY_COLOURS[priority])

    def type_colour(self, a_type: str) -> QColor:
        name = TYPE_COLOURS.get(a_type) or OTHER_TYPES[crc32(a_type.encode()) % len(OTHER_TYPES)]
        return self.colour(name)


LIGHT_THEME = Theme(name="light", palette=LIGHT)
DARK_THEME = Theme(name="dark", palette=DARK)


class ThemeSource(QObject):
    """Which theme holds now. `changed` rings when the person chooses another one, or the desktop does."""

    changed = Signal()

    def __init__(self, choice: settings.Theme = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice: settings.Theme = "system"
        # Some desktops never say which scheme they are in, but hand us a palette; ours replaces it soon.
        self._dark_by_palette = QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128
        self._hints = QGuiApplication.styleHints()
        self._theme = self._of_desktop()
        self._hints.colorSchemeChanged.connect(self._look_again)
        self.choose(choice)

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def choice(self) -> settings.Theme:
        return self._choice

    def choose(self, choice: settings.Theme) -> None:
        """What the person wants; "system" follows the desktop. Qt is told too, so title bars follow."""
        self._choice = choice
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        self._hints.setColorScheme(schemes.get(choice, Qt.ColorScheme.Unknown))
        self._look_again()

    def _look_again(self) -> None:
        fixed = {"light": LIGHT_THEME, "dark": DARK_THEME}
        theme = fixed.get(self._choice) or self._of_desktop()
        if theme is not self._theme:
            self._theme = theme
            self.changed.emit()

    def _of_desktop(self) -> Theme:
        scheme = self._hints.colorScheme()
        if scheme == Qt.ColorScheme.Unknown:
            return DARK_THEME if self._dark_by_palette else LIGHT_THEME
        return DARK_THEME if scheme == Qt.ColorScheme.Dark else LIGHT_THEME

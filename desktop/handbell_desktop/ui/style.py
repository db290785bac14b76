"""How the application's widgets look: Fusion, a palette and one moderate style sheet.

Fusion draws the same everywhere and obeys the palette, so the sheet only says what the palette cannot: radii, padding,
the focus ring, and the few kinds of a control there are. Every rule in a sheet costs at each polish of a widget, so rules
name classes and plain properties, never descendants.

What a widget may ask for by a dynamic property:

    QPushButton   kind = "primary" | "danger" | "quiet"
    QToolButton   flat by nature; kind = "outlined"
    QLabel        tone = "soft" | "faint" | "accent" | "danger" | "warning" | "success"
    QFrame        look = "card" | "raised" | "line" | "banner"
    QLineEdit     look = "search"

Fonts are no matter of the sheet: a widget sets `theme.font(role)`, because a size in a sheet would not follow the
desktop's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QColor, QFontMetricsF, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from handbell_desktop.ui.theme import RADIUS, RADIUS_SMALL, Theme, ThemeSource

# A style sheet can only load a picture from a file; the colours of these four hold on both themes, or are one's own.
SVG = (Path(__file__).parent / "svg").as_posix()


def dress(themes: ThemeSource) -> Callable[[], None]:
    """Dress the whole application, now and whenever the theme changes. Answers what ends that and undresses it."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    bare = app.palette()

    def put_on() -> None:
        app.setPalette(qt_palette(themes.theme))
        app.setStyleSheet(style_sheet(themes.theme))

    def undress() -> None:
        themes.changed.disconnect(put_on)
        app.setStyleSheet("")
        app.setPalette(bare)

    themes.changed.connect(put_on)
    put_on()
    return undress


def qt_palette(theme: Theme) -> QPalette:
    """The same colours under the names that Qt's own widgets know."""
    role = QPalette.ColorRole
    names = {
        role.Window: "window",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "hover",
        role.Text: "text",
        role.PlaceholderText: "faint",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "danger",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Accent: "accent",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Light: "raised",
        role.Midlight: "hover",
        role.Mid: "line",
        role.Dark: "edge",
        role.Shadow: "line",
    }
    palette = QPalette()
    for name, colour in names.items():
        palette.setColor(name, theme.colour(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, _half(theme))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, theme.colour("line"))
    return palette


def _half(theme: Theme) -> QColor:
    colour = theme.colour("faint")
    colour.setAlphaF(0.6)
    return colour


def style_sheet(theme: Theme) -> str:
    """The sheet of the whole application."""
    c = theme.palette
    mark = max(14, round(QFontMetricsF(QGuiApplication.font()).height() * 0.5) * 2)  # even, or a ring is no circle
    ring = mark // 3
    shade = "rgba(255, 255, 255, 28)" if theme.dark else "rgba(20, 26, 40, 20)"
    return f"""
QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 4px 6px; }}

QPushButton {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.edge}; border-radius: {RADIUS_SMALL}px;
  padding: 5px 12px; outline: none; }}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:pressed {{ background: {c.selected}; }}
QPushButton:disabled {{ color: {c.edge}; border-color: {c.line}; }}
QPushButton:focus {{ border: 2px solid {c.accent}; padding: 4px 11px; }}
QPushButton[kind="primary"] {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
QPushButton[kind="danger"] {{ background: {c.danger}; color: {c.on_danger}; border-color: {c.danger}; }}
QPushButton[kind="primary"]:disabled, QPushButton[kind="danger"]:disabled {{ background: {c.line}; color: {c.faint};
  border-color: {c.line}; }}
QPushButton[kind="primary"]:focus, QPushButton[kind="danger"]:focus {{ border-color: {c.text}; }}
QPushButton[kind="quiet"] {{ background: transparent; border-color: transparent; color: {c.accent}; }}
QPushButton[kind="quiet"]:hover {{ background: {c.accent_soft}; }}
QPushButton[kind="quiet"]:focus {{ border-color: {c.accent}; }}

QToolButton {{ background: transparent; color: {c.soft}; border: 2px solid transparent;
  border-radius: {RADIUS_SMALL}px; padding: 4px; }}
QToolButton:hover, QToolButton:checked {{ background: {shade}; color: {c.text}; }}
QToolButton:pressed {{ background: {c.selected}; }}
QToolButton:focus {{ border-color: {c.accent}; }}
QToolButton:disabled {{ color: {c.edge}; }}
QToolButton[kind="outlined"] {{ border: 1px solid {c.edge}; padding: 5px; }}
QToolButton::menu-indicator {{ image: none; }}

QLineEdit, QPlainTextEdit, QSpinBox, QTimeEdit, QDateEdit, QComboBox {{ background: {c.raised}; color: {c.text};
  border: 1px solid {c.edge}; border-radius: {RADIUS_SMALL}px; padding: 5px 8px;
  selection-background-color: {c.accent}; selection-color: {c.on_accent}; placeholder-text-color: {c.faint}; }}
QLineEdit:focus, QPlainTextEdit:focus, QSpinBox:focus, QTimeEdit:focus, QDateEdit:focus, QComboBox:focus {{
  border: 2px solid {c.accent}; padding: 4px 7px; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QSpinBox:disabled, QTimeEdit:disabled, QComboBox:disabled {{
  color: {c.edge}; border-color: {c.line}; background: {c.window}; }}
QLineEdit[look="search"] {{ background: {c.window}; border-color: {c.line}; }}
QLineEdit[look="search"]:focus {{ background: {c.raised}; border-color: {c.accent}; }}
QComboBox::drop-down {{ border: none; width: 26px; }}
QComboBox::down-arrow {{ image: url("{SVG}/down.svg"); width: 12px; height: 12px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; background: transparent; width: 22px; }}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {shade}; }}
QAbstractSpinBox::up-arrow {{ image: url("{SVG}/up.svg"); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url("{SVG}/down.svg"); width: 10px; height: 10px; }}

QCalendarWidget QWidget#qt_calendar_navigationbar {{ background: {c.raised}; }}
QCalendarWidget QToolButton {{ color: {c.text}; padding: 4px 8px; }}
QCalendarWidget QTableView {{ background: {c.raised}; color: {c.text}; alternate-background-color: {c.raised};
  selection-background-color: {c.accent}; selection-color: {c.on_accent}; border: 2px solid transparent;
  border-radius: {RADIUS_SMALL}px; }}
QCalendarWidget QTableView:focus {{ border-color: {c.accent}; }}
QCalendarWidget QTableView:disabled {{ color: {c.edge}; }}

QTabBar {{ background: transparent; qproperty-drawBase: 0; }}
QTabBar::tab {{ background: transparent; color: {c.soft}; padding: 7px 12px; border: none;
  border-bottom: 2px solid transparent; }}
QTabBar::tab:hover {{ color: {c.text}; }}
QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; }}
QTabBar::tab:focus {{ background: {c.accent_soft}; color: {c.text}; }}

QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 5px; }}
QMenu::item {{ padding: 6px 20px 6px 12px; border-radius: {RADIUS_SMALL}px; }}
QMenu::item:selected {{ background: {c.selected}; color: {c.text}; }}
QMenu::item:disabled {{ color: {c.faint}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {c.line}; margin: 5px 8px; }}
QMenu::icon {{ padding-left: 8px; }}

QAbstractItemView {{ background: {c.surface}; border: none; outline: none;
  selection-background-color: {c.selected}; selection-color: {c.text}; }}
QComboBox QAbstractItemView {{ background: {c.raised}; border: 1px solid {c.line}; padding: 4px; }}
QHeaderView::section {{ background: {c.window}; color: {c.soft}; border: none; padding: 6px 8px; }}
QScrollArea {{ border: none; background: transparent; }}

QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {c.edge}; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: {c.faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QCheckBox, QRadioButton {{ spacing: 8px; padding: 3px; border: 2px solid transparent;
  border-radius: {RADIUS_SMALL}px; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {c.accent}; }}
QCheckBox::indicator, QRadioButton::indicator, QMenu::indicator {{ background: {c.raised};
  border: 1px solid {c.edge}; width: {mark}px; height: {mark}px; }}
QCheckBox::indicator, QMenu::indicator {{ border-radius: 4px; }}
QRadioButton::indicator {{ border-radius: {mark // 2 + 1}px; }}
QCheckBox::indicator:checked, QMenu::indicator:checked {{ background: {c.accent}; border-color: {c.accent};
  image: url("{SVG}/check-{theme.name}.svg"); }}
QRadioButton::indicator:checked {{ border: {ring}px solid {c.accent}; width: {mark + 2 - 2 * ring}px;
  height: {mark + 2 - 2 * ring}px; background: {c.on_accent}; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {c.edge}; }}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {c.line}; background: {c.window}; }}

QLabel[tone="soft"] {{ color: {c.soft}; }}
QLabel[tone="faint"] {{ color: {c.faint}; }}
QLabel[tone="accent"] {{ color: {c.accent}; }}
QLabel[tone="danger"] {{ color: {c.danger}; }}
QLabel[tone="warning"] {{ color: {c.warning}; }}
QLabel[tone="success"] {{ color: {c.success}; }}

QFrame[look="card"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {RADIUS}px; }}
QFrame[look="raised"] {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: {RADIUS}px; }}
QFrame[look="banner"] {{ background: {c.accent_soft}; border: none; border-radius: {RADIUS}px; }}
QFrame[look="line"] {{ background: {c.line}; border: none; min-height: 1px; max-height: 1px; }}
"""

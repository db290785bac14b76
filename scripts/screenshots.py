"""`make screenshots`: the pictures of README and docs, taken from the running program.

A real server, a real tray program on a virtual screen at twice the scale, a real notification daemon. What a picture
shows is what a person sees; nothing is drawn for it but the bare desk around a window.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from handbell_shared import rest
from scripts import showcase
from scripts.hero_picture import composed
from tests.support.bell import Panel
from tests.support.bus import NOTIFICATIONS, NOTIFICATIONS_PATH, FakeDesktop, PrivateBus
from tests.support.handbell import HandbellServer
from tests.support.screen import Screen
from tests.support.waiting import until

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QLinearGradient, QPainter, QPainterPath

PICTURES: Final = Path(__file__).parents[1] / "docs" / "pictures"
SCALE: Final = 2
USER: Final = "demo"
PASSWORD: Final = "correct horse battery staple"  # noqa: S105 — of a server that lives for a minute
MARGIN: Final = 28 * SCALE
GRAB: Final = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
assert app.primaryScreen().grabWindow(int(sys.argv[1])).save(sys.argv[2])
"""
LONG: Final[list[dict[str, Any]]] = [
    {
        "title": "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihung wurde auf den nächsten Freitag verschoben",
        "body": "A very long body that goes on and on, past the second line and past everything that fits into a row, until "
        "it is cut where the row ends and not in the middle of a word, so that the list stays calm.",
        "type": "warning",
        "priority": "urgent",
        "link": "https://a-rather-long-host-name.of-some-department.example.org/with/a/path",
        "silent": True,
    },
    {
        "title": "اكتمل النسخ الاحتياطي",
        "body": "تم حفظ ٤١٢ غيغابايت في ٣٨ دقيقة.",
        "type": "success",
        "silent": True,
    },
]
TYPED: Final = """\
handbell send demo "Build 1017 failed on main" \\
  --body "1 failed, 2204 passed" --type error \\
  --link https://ci.example/builds/1017"""
RULES: Final[list[dict[str, Any]]] = [
    {"source": "ci", "email": "now"},
    {"source": "ci", "type": "success", "sound": False, "push": False},
    {"type": "like", "sound": False, "email": "never"},
    {"category": "social", "push": False},
]
TOAST_GAP: Final = 10
DUNST: Final = f"""[global]
scale = {SCALE}
font = DejaVu Sans 15
width = 420
min_icon_size = 32
max_icon_size = 40
show_indicators = no
offset = 16x40
corner_radius = 10
gap_size = {TOAST_GAP}
frame_width = 1
frame_color = "{{line}}"
padding = 12
horizontal_padding = 14
format = "<b>%s</b>\\n%b"
[urgency_normal]
background = "{{paper}}"
foreground = "{{ink}}"
timeout = 0
[urgency_critical]
background = "{{paper}}"
foreground = "{{ink}}"
frame_color = "#e5484d"
timeout = 0
"""
TOASTS: Final = {
    "light": {"paper": "#ffffff", "ink": "#1d212b", "line": "#c3c9d6"},
    "dark": {"paper": "#1d212b", "ink": "#e8eaf0", "line": "#3a4150"},
}
# Nobody answers there; it makes the settings offer e-mail.
MAIL: Final = {
    "HANDBELL_SMTP_URL": "smtp://127.0.0.1:9",
    "HANDBELL_MAIL_FROM": "bell@example.org",
    "HANDBELL_PUBLIC_URL": "https://bell.example",
}


class Studio:
    """One desk: a server, a screen, a bell that is signed in with a theme."""

    def __init__(self, stack: ExitStack, folder: Path, theme: str) -> None:
        self.folder = folder
        self.screen = stack.enter_context(Screen(folder, size="2560x1800"))
        self.bus = stack.enter_context(PrivateBus())
        self.desktop = stack.enter_context(FakeDesktop(self.bus.address, notifications=False, tray=True))
        environment = {"DBUS_SESSION_BUS_ADDRESS": self.bus.address, "QT_SCALE_FACTOR": str(SCALE)}
        (folder / "dunstrc").write_text(DUNST.format(**TOASTS[theme]))
        self.screen.start("openbox", "openbox", environment=environment)
        self.screen.start("dunst", "dunst", "-config", folder / "dunstrc", environment=environment)
        self.server = stack.enter_context(HandbellServer(folder, environment=MAIL)).start()
        self.server.add_user(USER, PASSWORD)
        self.server.cli("user", "email", USER, f"{USER}@home.example")
        self.key = self.server.add_producer("ci")
        self.panel = Panel(self.bus, self.desktop)
        self.data = folder / "desk"
        self.data.mkdir()
        (self.data / "settings.json").write_text(json.dumps({"theme": theme, "language": "en"}))
        self.screen.start(
            "bell",
            *(
                sys.executable,
                "-m",
                "handbell_desktop",
                "--data",
                self.data,
                "--server",
                self.server.url,
                "--user",
                USER,
            ),
            environment=environment | {"HANDBELL_PASSWORD": PASSWORD},
        )
        self.shows("nothing unread")

    def post(self, *notifications: dict[str, Any]) -> None:
        items = [item | {"to": USER} for item in notifications]
        rest.request(self.server.url, "POST", "/v1/notifications/batch", token=self.key, json={"notifications": items})

    def send(self, typed: str) -> str:
        """What a person types into a shell, and what it answers."""
        said = {"HANDBELL_KEY": self.key, "HANDBELL_SERVER": self.server.url}
        folder = str(Path(sys.executable).parent)
        environment = self.screen.environment | said | {"PATH": os.pathsep.join([folder, os.environ["PATH"]])}
        done = subprocess.run(
            ["sh", "-c", typed], env=environment, check=True, capture_output=True, text=True, timeout=30
        )
        return f"$ {typed}\n{done.stdout}"

    @property
    def icon(self) -> QImage:
        """The bell as the tray gets it, at its largest."""
        width, height, pixels = max(self.panel.fact("IconPixmap"))
        words = sys.byteorder == "little"  # the bus carries them in network order
        ordered = b"".join(pixels[at : at + 4][::-1] for at in range(0, len(pixels), 4)) if words else pixels
        return QImage(ordered, width, height, QImage.Format.Format_ARGB32).copy()

    def choose_rules(self) -> None:
        """On another device: some of everything, and nothing that another picture would show."""
        phone = rest.sign_in(self.server.url, USER, PASSWORD, "phone", "test").token
        rest.request(self.server.url, "PATCH", "/v1/preferences", token=phone, json={"rules": RULES})

    def shows(self, words: str) -> None:
        until(lambda: words in self.panel.tooltip, 30, f"the bell to say {words!r}")

    def open_panel(self) -> None:
        self.do("mousemove", "2540", "20")
        if not self._find("Notifications"):
            self.panel.click()
        until(lambda: self._find("Notifications"), 15, "the panel")

    def leave(self, title: str, key: str = "Escape") -> None:
        self.key_press(key)
        until(lambda: not self._find(title), 15, f"{title!r} to be gone")
        time.sleep(0.5)  # a click right after the panel closed is the one that closed it

    def picture_of(self, title: str) -> QImage:
        """What is in the window with this title, once it is there."""
        number = until(lambda: self._find(title), 15, f"a window called {title!r}")
        return self._grab(number)

    def clear_toasts(self) -> None:
        self.bus.call(NOTIFICATIONS, NOTIFICATIONS_PATH, "org.dunstproject.cmd0", "NotificationCloseAll")

    def do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.screen.environment, check=False, capture_output=True, text=True, timeout=30
        )
        return done.stdout

    def key_press(self, *names: str) -> None:
        for name in names:
            self.do("key", "--clearmodifiers", name)

    def _grab(self, window: str) -> QImage:
        time.sleep(0.8)  # what fades in has done so
        path = self.folder / "shot.png"
        subprocess.run([sys.executable, "-c", GRAB, window, path], env=self.screen.environment, check=True, timeout=30)
        return QImage(str(path))

    def _find(self, title: str) -> str:
        found = self.do("search", "--onlyvisible", "--name", f"^{title}$").split()
        return found[0] if found else ""


@contextmanager
def studio(theme: str) -> Iterator[Studio]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pictures-")))
        yield Studio(stack, folder, theme)


def framed(picture: QImage, *, radius: int = 12, dark: bool = False) -> QImage:
    """The window on a bare desk, with its shadow."""
    size = picture.size() + QSize(2 * MARGIN, 2 * MARGIN)
    desk = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(desk)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    slope = QLinearGradient(0, 0, size.width(), size.height())
    for at, colour in ((0.0, "#2b3044"), (1.0, "#1a1d29")) if dark else ((0.0, "#dfe6f5"), (1.0, "#efe6dc")):
        slope.setColorAt(at, QColor(colour))
    painter.fillRect(desk.rect(), slope)
    place = QRectF(QPoint(MARGIN, MARGIN), picture.size())
    for step in range(24, 0, -1):
        shadow = QPainterPath()
        shadow.addRoundedRect(
            place.adjusted(-step, -step + 12, step, step + 12), (radius + step / 2) * SCALE, (radius + step / 2) * SCALE
        )
        painter.fillPath(shadow, QColor(20, 24, 40, 2))
    shape = QPainterPath()
    shape.addRoundedRect(place, radius * SCALE, radius * SCALE)
    painter.setClipPath(shape)
    painter.drawImage(place.topLeft(), picture)
    painter.end()
    return desk


def keep(name: str, picture: QImage) -> None:
    path = PICTURES / f"{name}.png"
    picture.convertToFormat(QImage.Format.Format_RGB888).save(str(path), quality=0)  # quality 0: packed the hardest
    print(f"{path.name}: {picture.width()} × {picture.height()}, {path.stat().st_size // 1024} KiB", flush=True)


def bell_sizes() -> None:
    """Every size, state and style, each at its own pixels."""
    from handbell_desktop.condition import Condition
    from handbell_desktop.ui.bell import bell_icon

    conditions = [one for one in Condition if one is not Condition.NO_ACCOUNT]
    sizes = (16, 22, 24, 32, 48)
    rows = [(style, count) for style in ("colour", "light", "dark") for count in (0, 3, 42, 120)]
    cell = 60
    sheet = QImage(len(sizes) * cell + len(conditions) * cell + 40, len(rows) * cell + 16, QImage.Format.Format_RGB32)
    sheet.setDevicePixelRatio(1)
    painter = QPainter(sheet)
    for line, (style, count) in enumerate(rows):
        behind = "#20242c" if style == "light" else "#f4f5f8"
        painter.fillRect(0, line * cell + 8, sheet.width(), cell, QColor(behind))
        shown = [(size, Condition.ONLINE) for size in sizes] + [(32, condition) for condition in conditions]
        for column, (size, condition) in enumerate(shown):
            pixmap = bell_icon(count, condition, style).pixmap(QSize(size, size), 1.0)  # type: ignore[arg-type]
            x = 16 + column * cell + (cell - size) // 2
            painter.drawPixmap(x, line * cell + 8 + (cell - size) // 2, pixmap)
    painter.end()
    keep("bell", sheet.scaled(sheet.size() * SCALE, mode=Qt.TransformationMode.FastTransformation))


def inbox(theme: str) -> None:
    dark = theme == "dark"
    with studio(theme) as desk:
        desk.open_panel()
        keep(f"empty-{theme}", framed(desk.picture_of("Notifications"), dark=dark))
        desk.leave("Notifications")
        desk.post(*showcase.for_user(USER))
        desk.shows("10 unread")
        if dark:
            keep("toasts", framed(desk.picture_of("Dunst"), dark=True))
        desk.clear_toasts()
        desk.open_panel()
        keep(f"panel-{theme}", framed(desk.picture_of("Notifications"), dark=dark))
        if not dark:
            desk.key_press("j", "j", "j", "j", "j", "g")
            keep("group", framed(desk.picture_of("Notifications")))
            desk.key_press("question")
            keep("keys", framed(desk.picture_of("Notifications")))
            desk.key_press("Escape")
        desk.leave("Notifications")
        window(desk, theme)
        desk.choose_rules()
        settings(desk, theme)
        desk.server.stop()
        desk.shows("offline")
        desk.open_panel()
        keep(f"offline-{theme}", framed(desk.picture_of("Notifications"), dark=dark))


def window(desk: Studio, theme: str) -> None:
    desk.panel.choose("Keyboard and help")
    desk.picture_of("Handbell")
    desk.key_press("Escape", "slash")
    desk.do("type", "--delay", "30", "p")
    time.sleep(1)
    desk.key_press("Return", "j", "k")
    keep(f"window-{theme}", framed(desk.picture_of("Handbell"), dark=theme == "dark"))
    desk.leave("Handbell", "alt+F4")


def settings(desk: Studio, theme: str) -> None:
    desk.panel.choose("Settings…")
    for name in ("accounts", "notifications", "rules", "quiet", "general", "diagnosis"):
        picture = desk.picture_of("Handbell settings")
        if theme == "light" or name in ("notifications", "rules"):
            keep(f"settings-{name}-{theme}", framed(picture, dark=theme == "dark"))
        desk.key_press("Down")
    desk.leave("Handbell settings")


def long_texts() -> None:
    with studio("light") as desk:
        desk.post(*LONG)
        desk.shows("2 unread")
        desk.open_panel()
        keep("long", framed(desk.picture_of("Notifications")))


def one_by_one(toasts: QImage, count: int = 2) -> list[QImage]:
    """Toasts of the same height that the daemon shows in one window."""
    gap = TOAST_GAP * SCALE
    high = (toasts.height() + gap) // count - gap
    return [toasts.copy(0, number * (high + gap), toasts.width(), high) for number in range(count)]


def hero(theme: str) -> None:
    """A command, its toast, and the bell that has it; the question comes from elsewhere."""
    with studio(theme) as desk:
        *before, _, question = showcase.for_user(USER)
        desk.post(*before)
        desk.shows("8 unread")
        desk.clear_toasts()
        typed = desk.send(TYPED)
        desk.post(question)
        desk.shows("10 unread")
        toasts = desk.picture_of("Dunst")
        desk.clear_toasts()
        desk.open_panel()
        panel = desk.picture_of("Notifications")
        keep(f"hero-{theme}", composed(panel, one_by_one(toasts), desk.icon, typed, dark=theme == "dark"))


def heroes() -> None:
    for theme in TOASTS:
        hero(theme)


def main() -> int:
    app = QGuiApplication(sys.argv[:1])
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or ["hero", "bell", "light", "dark", "long"]
    jobs = {
        "bell": bell_sizes,
        "light": lambda: inbox("light"),
        "dark": lambda: inbox("dark"),
        "long": long_texts,
        "hero": heroes,
    }
    for name in wanted:
        jobs[name]()
    app.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())

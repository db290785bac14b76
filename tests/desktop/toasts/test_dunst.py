"""The same toasts on a real notification daemon: dunst, on a screen and a bus of the test's own."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from handbell_desktop.machine.toasts.base import Clicked, Closed, Toast, ToastButton
from tests.desktop.toasts.conftest import Heard
from tests.support.bus import NOTIFICATIONS, PrivateBus
from tests.support.processes import Process

TOAST = Toast(key="build", title="Build failed", body="<i>main</i> & more", buttons=(ToastButton("open", "Open"),))


class Dunst:
    def __init__(self, bus: PrivateBus, display: str, folder: Path) -> None:
        self._environment = os.environ | {"DBUS_SESSION_BUS_ADDRESS": bus.address, "DISPLAY": display}
        self._folder = folder
        self._bus = bus
        self.process = self._start()

    def ask(self, *words: str) -> str:
        command = ["dunstctl", *words]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout.strip()

    @property
    def displayed(self) -> int:
        return int(self.ask("count", "displayed"))

    @property
    def history(self) -> list[tuple[str, str]]:
        entries = json.loads(self.ask("history"))["data"][0]
        return [(entry["summary"]["data"], entry["body"]["data"]) for entry in entries]

    def kill9_and_restart(self) -> None:
        self.process.kill9()
        self.process = self._start()

    def _start(self) -> Process:
        # No file of settings but our own: what the machine's owner likes is no business of the tests. And no toast goes by
        # itself after some seconds: the tests may take as long.
        stays = "".join(f"[urgency_{name}]\ntimeout = 0\n" for name in ("low", "normal", "critical"))
        (self._folder / "dunstrc").write_text(f"[global]\nmonitor = 0\n{stays}")
        command = ["dunst", "-config", str(self._folder / "dunstrc")]
        return Process(command, name="dunst", directory=self._folder, environment=self._environment)


@pytest.fixture(scope="module")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    with Process(command, name="xvfb", directory=tmp_path_factory.mktemp("screen")) as screen:
        yield f":{screen.wait_for_line('^([0-9]+)$')[1]}"


@pytest.fixture
def dunst(bus: PrivateBus, display: str, tmp_path: Path, heard: Heard) -> Iterator[Dunst]:
    dunst = Dunst(bus, display, tmp_path)
    heard.until_ready()
    yield dunst
    dunst.process.kill9()


def test_a_toast_is_shown_replaced_in_place_and_taken_down(heard: Heard, dunst: Dunst) -> None:
    heard.toaster.show(TOAST)
    heard.owner.until(lambda: dunst.displayed == 1, "the toast")
    heard.toaster.show(Toast(key="other", title="Other"))
    heard.toaster.show(Toast(key="build", title="Build fixed", body="1 < 2"))
    heard.owner.until(lambda: dunst.displayed == 2, "the other toast")

    heard.toaster.withdraw("other")
    heard.owner.until(lambda: dunst.displayed == 1, "the other toast to be taken down")
    dunst.ask("close-all")

    heard.until_heard(Closed("build", by_person=True))
    assert dunst.history[0] == ("Build fixed", "1 < 2")


def test_a_click_on_the_body_opens_and_a_daemon_killed_is_a_daemon_found_again(
    heard: Heard, dunst: Dunst, bus: PrivateBus
) -> None:
    heard.toaster.show(TOAST)
    heard.owner.until(lambda: dunst.displayed == 1, "the toast")
    dunst.kill9_and_restart()
    heard.until_heard(Closed("build"))
    heard.owner.until(lambda: bus.has_owner(NOTIFICATIONS), "the new daemon")

    heard.toaster.show(TOAST)
    heard.owner.until(lambda: dunst.displayed == 1, "the toast on the new daemon")
    dunst.ask("action")
    heard.until_heard(Clicked("build"))
    dunst.ask("close-all")

    heard.until_heard(Closed("build"))  # it was used already, so nobody waved it away

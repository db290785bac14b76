"""Links that macOS opens with this program arrive as events, and none is lost."""

import subprocess
import sys

# A process of its own: Qt admits one application in each.
OPENS = """
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent
from handbell_desktop.ui.application import Application

app = Application(["bell"])
def opened(address):
    QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl(address)))
opened("handbell://pair?server=https%3A%2F%2Fbell.example&code=EARLY")
opened("https://elsewhere.example/")
app.listen(lambda link: print(link))
opened("handbell://pair?server=https%3A%2F%2Fbell.example&code=LATE")
"""


def test_a_link_waits_until_somebody_listens_and_others_are_not_ours() -> None:
    command = [sys.executable, "-c", OPENS, "-platform", "offscreen"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    link = "handbell://pair?server=https%3A%2F%2Fbell.example&code="
    assert done.stdout.splitlines() == [f"{link}EARLY", f"{link}LATE"]

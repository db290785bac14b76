"""Where the bell cannot keep anything it says so, in words, and ends or goes on as well as it can."""

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from handbell_desktop.build import Options
from handbell_desktop.machine.instance import NotAnswering, Untrusted
from handbell_desktop.ui import app, cannot_start


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(30, "Read-only file system"), "cannot keep anything in /home/ana/desk (Read-only file system)"),
        (OSError(28, "No space left on device"), "make room on the disk"),
        (NotAnswering("…"), "running already"),
        (Untrusted("…"), "belongs to somebody else"),
    ],
)
def test_why_is_said_to_a_person(error: OSError | NotAnswering | Untrusted, says: str, qtbot: QtBot) -> None:
    assert says in cannot_start.why(error, Path("/home/ana/desk"))


def test_a_folder_that_cannot_be_made_ends_the_start_with_a_window_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], qtbot: QtBot
) -> None:
    (tmp_path / "in the way").write_text("a file")
    shown: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box.text()))
    monkeypatch.setattr(app, "_application", QCoreApplication.instance)
    monkeypatch.setattr(app, "dress", lambda themes: None)  # it would stay on for the tests that follow

    status = app.run(Options(data=tmp_path / "in the way" / "desk"))
    QLocale.setDefault(QLocale.system())

    assert status == 1
    assert len(shown) == 1
    assert "cannot keep anything" in shown[0]
    assert shown[0] in capsys.readouterr().err


def test_a_picture_that_cannot_be_kept_keeps_nobody_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, qtbot: QtBot
) -> None:
    (tmp_path / "cache").write_text("a file")

    app._keep_picture(tmp_path / "cache" / "bell.png")

    assert "could not be kept" in caplog.text
    caplog.clear()

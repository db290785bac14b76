"""Nobody else on the computer reads what a person was told, however carelessly their session is set up."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from handbell_desktop.kept.settings import Chosen, Settings
from handbell_desktop.kept.state import Remembered, State
from handbell_desktop.kept.store import SqliteStore
from handbell_desktop.machine.instance import first_or_tell
from handbell_desktop.machine.secrets.file import FileSecrets
from handbell_shared.records import Action, Target


@pytest.fixture
def careless() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_files_and_the_folders_above_them_are_their_owners_alone(tmp_path: Path, careless: None) -> None:
    home = tmp_path / "home"
    instance = first_or_tell(home / "one" / "run", "show")
    assert instance is not None
    settings = home / "two" / "config" / "settings.json"
    Chosen(settings).save(Settings())
    settings.write_text("{ broken")
    assert Chosen(settings).trouble
    Remembered(home / "three" / "data" / "state.json").write(State())
    FileSecrets(home / "four" / "tokens").set("ana", "secret")
    with closing(SqliteStore.open(home / "five" / "accounts" / "ana" / "inbox.db")) as store:
        store.enqueue(Action(id="1", kind="read", ids=(Target("x", 0),), at=1))
        open_to_others = [path for path in home.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]
    instance.close()

    assert open_to_others == []

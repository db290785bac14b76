"""What the person chose and what the program remembers, over restarts, versions and damage."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from msgspec.structs import replace

from handbell_desktop.kept.settings import Account, Chosen, Settings, Sounds
from handbell_desktop.kept.state import Remembered, State

ANA = Account(id="a1", server="https://bell.example", user="ana", device="d1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def chosen_from(path: Path, text: str) -> Chosen:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return Chosen(path)


def test_without_a_file_everything_is_as_it_comes(path: Path) -> None:
    chosen = Chosen(path)

    assert chosen.settings == Settings()
    assert chosen.trouble is None
    assert not path.exists()


def test_what_was_chosen_is_there_after_a_restart(path: Path) -> None:
    settings = Settings(
        theme="dark",
        sounds=Sounds(low="bell"),
        accounts=(ANA, replace(ANA, id="a2", ca_file="/etc/ssl/our.pem")),
    )
    Chosen(path).save(settings)

    assert Chosen(path).settings == settings
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_what_a_newer_version_added_is_kept_when_this_one_saves(path: Path) -> None:
    raw = {
        "theme": "dark",
        "confetti": True,
        "sounds": {"low": "bell", "moon": "full"},
        "accounts": [
            {"id": "a1", "server": "https://bell.example", "user": "ana", "device": "d1", "colour": "red"},
            {"id": "a2", "server": "https://bell.example", "user": "ben", "device": "d2", "colour": "blue"},
        ],
    }
    chosen = chosen_from(path, json.dumps(raw))
    assert chosen.trouble is None

    chosen.save(replace(chosen.settings, theme="light", accounts=chosen.settings.accounts[1:]))
    chosen.save(replace(chosen.settings, sound=False))

    kept = json.loads(path.read_text())
    assert (kept["theme"], kept["confetti"], kept["sound"]) == ("light", True, False)
    assert kept["sounds"]["moon"] == "full"
    assert [(account["id"], account["colour"]) for account in kept["accounts"]] == [("a2", "blue")]


@pytest.mark.parametrize("text", ["", "{", "[]", '"settings"', "\0\0\0", '{"theme": "dark"'])
def test_a_file_that_cannot_be_read_is_kept_aside_and_the_bell_rings_with_defaults(path: Path, text: str) -> None:
    chosen = chosen_from(path, text)

    assert chosen.settings == Settings()
    assert chosen.trouble is not None and "settings.json.damaged" in chosen.trouble
    assert path.with_name("settings.json.damaged").read_text() == text
    chosen.save(Settings(theme="dark"))
    assert Chosen(path).settings.theme == "dark"


def test_one_typo_costs_one_setting_and_signs_nobody_out(path: Path) -> None:
    raw = {
        "theme": "dark",
        "sounds": {"low": 7},
        "accounts": [{"id": "a1", "server": "https://bell.example", "user": "ana", "device": "d1"}],
    }
    chosen = chosen_from(path, json.dumps(raw))

    assert chosen.settings == Settings(theme="dark", accounts=(ANA,))
    assert chosen.trouble is not None and "sounds" in chosen.trouble


def test_a_disk_that_will_not_have_it_is_told_and_the_old_file_stays(path: Path) -> None:
    Chosen(path).save(Settings(theme="dark"))
    path.with_name(path.name + ".not-a-file").mkdir()
    chosen = Chosen(path)
    chosen._path = path.with_name(path.name + ".not-a-file")

    with pytest.raises(OSError):
        chosen.save(Settings(theme="light"))

    assert chosen.settings.theme == "light"
    assert Chosen(path).settings.theme == "dark"


def test_an_account_is_named_by_who_and_where() -> None:
    assert replace(ANA, server="https://secret:word@bell.example:8443/base").name == "ana@bell.example:8443"


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    state = State(badges={"a1": 7}, quiet_since={"a1": 7}, windows={"panel": "AdnQywAD…"})
    Remembered(tmp_path / "state.json").write(state)

    assert Remembered(tmp_path / "state.json").state == state


@pytest.mark.parametrize("text", ["", "{", '{"badges": 7}'])
def test_a_memory_that_cannot_be_read_is_no_trouble(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)

    assert Remembered(tmp_path / "state.json").state == State()


def test_a_memory_that_cannot_be_written_is_a_line_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "state.json").mkdir()

    Remembered(tmp_path / "state.json").write(State())

    assert "could not be written" in caplog.text

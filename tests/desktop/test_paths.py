"""Where things are kept, on each platform and with every odd environment."""

from pathlib import Path

from handbell_desktop.machine.paths import folders

HOME = Path("/home/ana")


def test_linux_follows_the_desktops_specification() -> None:
    chosen = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "/h", "XDG_RUNTIME_DIR": "/run/user/1"}

    found = folders(chosen, "linux", HOME)

    assert [str(path.parent) for path in (found.config, found.data, found.cache, found.runtime)] == [
        "/c",
        "/d",
        "/h",
        "/run/user/1",
    ]


def test_relative_and_empty_variables_are_ignored() -> None:
    odd = {"XDG_CONFIG_HOME": "here", "XDG_DATA_HOME": "", "XDG_RUNTIME_DIR": "run"}

    found = folders(odd, "linux", HOME)

    assert found == folders({}, "linux", HOME)
    assert found.runtime == HOME / ".local/share/handbell-desktop/run"


def test_each_platform_has_its_own_place() -> None:
    windows, mac = folders({"LOCALAPPDATA": "/local"}, "win32", HOME), folders({}, "darwin", HOME)

    assert (windows.data, windows.cache) == (Path("/local/Handbell"), Path("/local/Handbell/Cache"))
    assert mac.data == HOME / "Library/Application Support/Handbell"
    assert mac.cache == HOME / "Library/Caches/Handbell"
    assert folders({}, "linux", HOME).data == HOME / ".local/share/handbell-desktop"

"""What a stranger's link can make this machine do, and what a person reads before it does."""

import os
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue

import pytest

from handbell_desktop.machine import outside
from handbell_desktop.machine.opener import FAILED, MAIL_REFUSED, NO_OPENER, open_link, shown_host
from tests.support.waiting import until


@pytest.fixture
def desktop(tmp_path: Path) -> Path:
    """A PATH with one program on it: an xdg-open that writes down its argument and its environment."""
    script = tmp_path / "xdg-open"
    script.write_text(f'#!/bin/sh\necho "$#" "$1" >"{tmp_path}/told"\n/usr/bin/env >"{tmp_path}/env"\nexit 0\n')
    script.chmod(0o755)
    return tmp_path


def told(desktop: Path) -> str:
    return until(lambda: (desktop / "env").exists() and (desktop / "told").read_text().strip(), 10, "xdg-open") or ""


def environment_of(desktop: Path) -> dict[str, str]:
    until(lambda: "PWD" in (desktop / "env").read_text(), 10, "the whole environment")
    return dict(line.partition("=")[::2] for line in (desktop / "env").read_text().splitlines())


def test_a_link_is_opened_as_one_argument(desktop: Path) -> None:
    link = "https://ci.example/run/1?a=$(reboot)&b=';x'"

    assert open_link(link, mailto_allowed=False, environment={"PATH": str(desktop)}) is None

    assert told(desktop) == f"1 {link}"


@pytest.mark.parametrize(
    "link", ["file:///etc/passwd", "javascript:alert(1)", "--help", "https://a:b@h.example/", "https://", "ssh://x/"]
)
def test_everything_else_is_refused_with_a_sentence(link: str, desktop: Path) -> None:
    refused = open_link(link, mailto_allowed=True, environment={"PATH": str(desktop)})

    assert refused is not None
    assert refused.endswith(".")
    assert not (desktop / "told").exists()


def test_mail_is_opened_only_if_the_person_chose_so(desktop: Path) -> None:
    mail = "mailto:ops@example.org?subject=Hi"

    assert open_link(mail, mailto_allowed=False, environment={"PATH": str(desktop)}) == MAIL_REFUSED
    assert open_link(mail, mailto_allowed=True, environment={"PATH": str(desktop)}) is None
    assert told(desktop) == f"1 {mail}"


def test_a_desktop_without_a_way_to_open_links_says_so(tmp_path: Path) -> None:
    assert open_link("https://h.example", mailto_allowed=False, environment={"PATH": str(tmp_path)}) == NO_OPENER


def test_an_opener_that_fails_later_is_reported_later(desktop: Path) -> None:
    failures: SimpleQueue[str] = SimpleQueue()
    (desktop / "xdg-open").write_text("#!/bin/sh\nexit 3\n")

    started = open_link(
        "https://h.example", mailto_allowed=False, failed=failures.put, environment={"PATH": str(desktop)}
    )

    assert started is None
    assert failures.get(timeout=60) == FAILED


def test_the_browser_may_come_to_the_front_with_the_leave_of_this_click_only(desktop: Path) -> None:
    stale = {"PATH": str(desktop), "XDG_ACTIVATION_TOKEN": "ours, spent", "DESKTOP_STARTUP_ID": "ours, spent"}

    open_link("https://h.example", mailto_allowed=False, token="leave-1", environment=stale)

    told(desktop)
    found = environment_of(desktop)
    assert (found["XDG_ACTIVATION_TOKEN"], found["DESKTOP_STARTUP_ID"]) == ("leave-1", "leave-1")


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "bundle"), raising=False)
    return tmp_path / "bundle"


def test_the_frozen_programs_environment_does_not_leak_into_the_browser(desktop: Path, frozen: Path) -> None:
    leaking = {
        "PATH": f"{frozen}:{desktop}",
        "LD_LIBRARY_PATH": str(frozen),
        "LD_LIBRARY_PATH_ORIG": "/opt/persons/own",
        "QT_PLUGIN_PATH": f"{frozen}/PySide6/plugins:/usr/lib/qt",
        "QML2_IMPORT_PATH": f"{frozen}/qml",
        "PYTHONHOME": str(frozen),
        "_MEIPASS2": str(frozen),
        "_PYI_ARCHIVE_FILE": "/opt/handbell/handbell",
        "QT_XCB_GL_INTEGRATION": "none",
        "QT_SCALE_FACTOR": "2",
        "LANG": "de_DE.UTF-8",
    }

    open_link("https://h.example", mailto_allowed=False, environment=leaking)

    told(desktop)
    found = environment_of(desktop)
    assert str(frozen) not in str(found)
    assert found["LD_LIBRARY_PATH"] == "/opt/persons/own"
    assert found["QT_PLUGIN_PATH"] == "/usr/lib/qt"
    assert (found["QT_SCALE_FACTOR"], found["LANG"]) == ("2", "de_DE.UTF-8")
    assert not {"_MEIPASS2", "_PYI_ARCHIVE_FILE", "PYTHONHOME", "QT_XCB_GL_INTEGRATION"} & set(found)


def test_without_an_original_the_frozen_programs_libraries_are_simply_gone() -> None:
    clean = outside.clean_environment({"LD_LIBRARY_PATH": "/b", "A": "/bundle:x", "B": "/b:/c"}, "/b")

    assert clean == {"A": "/bundle:x", "B": "/c"}


def test_what_signs_us_in_is_not_told_to_the_browser() -> None:
    environment = {"HANDBELL_PASSWORD": "secret", "HANDBELL_SERVER": "https://bell.example", "HOME": "/home/ana"}

    assert outside.clean_environment(environment) == {"HANDBELL_SERVER": "https://bell.example", "HOME": "/home/ana"}


def test_other_platforms_use_their_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(os, "startfile", asked.append, raising=False)
    monkeypatch.setattr(outside, "start", lambda command, *_: asked.append(command))

    open_link("https://h.example", mailto_allowed=False, platform="win32")
    open_link("https://h.example", mailto_allowed=False, platform="darwin")

    assert asked == ["https://h.example", ["/usr/bin/open", "https://h.example"]]


def test_a_failure_to_start_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise subprocess.SubprocessError

    monkeypatch.setattr(outside, "start", refuse)

    assert open_link("https://h.example", mailto_allowed=False) == FAILED


@pytest.mark.parametrize(
    ("link", "host"),
    [
        ("https://Build.Example.org/x", "build.example.org"),
        ("http://h.example:8080/", "h.example:8080"),
        ("http://[::1]:80/", "[::1]:80"),
        ("mailto:ops@example.org?subject=x", "ops@example.org"),
        ("https://bücher.example/", "bücher.example"),
        ("https://xn--bcher-kva.example/", "bücher.example"),
        ("https://пример.рф/", "пример.рф"),
        ("https://例え.jp/", "例え.jp"),
        ("https://straße.de/", "xn--strae-oqa.de"),  # for a browser it is not strasse.de
        ("https://аррӏе.com/", "xn--80ak6aa92e.com"),  # all Cyrillic
        ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://pаypal.com/", "xn--pypal-4ve.com"),  # one Cyrillic letter
        ("https://paypaı.com/", "xn--paypa-r4a.com"),  # a dotless i for an l
        ("https://example.comノpath.jp/", "example.xn--compath-v04f.jp"),  # a kana for a slash
        ("https://ｅxample.com/", "example.com"),  # full width, which browsers map too
        ("https://xn--a-ecp.example/", "xn--a-ecp.example"),
        ("not a link", ""),
        ("https://h:99999/", ""),
    ],
)
def test_the_host_is_shown_as_what_it_is(link: str, host: str) -> None:
    assert shown_host(link) == host

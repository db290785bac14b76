"""A program that was replaced on the disk while it ran."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from handbell_desktop.machine import renewal
from handbell_desktop.machine.renewal import Renewal
from tests.support.processes import Process


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program"
    file.write_text("one")
    return file


def replace(program: Path, text: str) -> None:
    """As package managers do."""
    draft = program.with_name("draft")
    draft.write_text(text)
    draft.replace(program)


def test_what_was_not_replaced_is_never_due(program: Path) -> None:
    looks = Renewal(program)

    assert [looks.due() for _ in range(3)] == [False] * 3


def test_it_is_due_when_two_looks_have_found_the_same_other_program(program: Path) -> None:
    looks = Renewal(program)
    replace(program, "two")
    assert not looks.due()
    replace(program, "three")
    assert not looks.due(), "the upgrade goes on"
    assert looks.due()


def test_what_was_removed_is_not_due_until_it_is_there_again(program: Path) -> None:
    looks = Renewal(program)
    kept = program.with_name("kept")
    program.rename(kept)
    assert [looks.due() for _ in range(3)] == [False] * 3
    replace(program, "two")
    assert not looks.due()
    assert looks.due()


def test_it_becomes_the_new_program_with_nothing_of_the_old_bundle_around_it(tmp_path: Path) -> None:
    asks = (
        "import os, sys; sys.frozen = True; sys._MEIPASS = '/old/bundle'\n"
        "from handbell_desktop.machine.renewal import start_anew\n"
        "start_anew(['/bin/sh', '-c', 'echo pid $$; echo \"$PLUGINS|$_PYI_HOME|$KEPT\"'], os.environ)"
    )
    around = {
        "PLUGINS": "/old/bundle/plugins",
        "_PYI_HOME": "/old/bundle",
        "KEPT": "1",
        "PYTHONPATH": ":".join(sys.path),
    }
    with Process([sys.executable, "-c", asks], name="anew", directory=tmp_path, environment=around) as anew:
        assert anew.wait() == 0
        assert anew.lines() == [f"pid {anew.pid}", "||1"]


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_from_source_nobody_looks(platform: str) -> None:
    assert renewal.renewal(platform) is None

"""The desktop's core, put together for this computer and this person: everything but Qt.

One folder may hold everything (`--data`), so that several bells can stand on one desk without knowing of each other;
otherwise each thing goes to the platform's own place for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from handbell_desktop.desk import Desk
from handbell_desktop.kept.settings import Chosen
from handbell_desktop.kept.state import Remembered
from handbell_desktop.machine.idle.base import IdleTime, Unknown
from handbell_desktop.machine.instance import Wish
from handbell_desktop.machine.opener import open_link
from handbell_desktop.machine.paths import Folders, folders
from handbell_desktop.machine.secrets.choose import choose as choose_secrets
from handbell_desktop.machine.toasts.base import OnEvent, Toaster
from handbell_desktop.phrases import Phrases
from handbell_desktop.timers import Turns


class Options(Struct, frozen=True, kw_only=True):
    """What was asked for on the command line."""

    link: str = ""
    wish: Wish = "show"
    server: str = ""
    user: str = ""
    ca_file: str | None = None
    data: Path | None = None
    keyring: bool = True


def places(data: Path | None) -> Folders:
    if data is None:
        return folders(os.environ, sys.platform, Path.home())
    return Folders(config=data, data=data, cache=data / "cache", runtime=data / "run")


def build_desk(
    where: Folders,
    chosen: Chosen,
    *,
    turns: Turns,
    phrases: Phrases,
    make_toaster: Callable[[OnEvent], Toaster],
    make_idle: Callable[[], IdleTime] = Unknown,
    zone_name: Callable[[], str | None],
    keyring: bool = True,
) -> Desk:
    def opened(link: str, token: str | None) -> bool:
        return open_link(link, mailto_allowed=True, token=token) is None  # the desk has asked the settings

    return Desk(
        chosen=chosen,
        remembered=Remembered(where.data / "state.json"),
        secrets=choose_secrets(os.environ, sys.platform, where.data / "tokens", keyring=keyring),
        make_toaster=make_toaster,
        turns=turns,
        phrases=phrases,
        data=where.data,
        opener=opened,
        zone_name=zone_name,
        make_idle=make_idle,
    )

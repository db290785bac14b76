"""What the person chose, in one frozen object and one file. What the program merely remembers is in `state.py`.

A file that cannot be read is moved aside and the defaults are used, because a bell with default settings still rings;
`Chosen.trouble` then says so. Members a newer version added are kept when an older one saves.
"""

from __future__ import annotations

import logging
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct, field

from handbell_desktop.kept.whole_file import write_whole

log = logging.getLogger(__name__)

Theme = Literal["system", "light", "dark"]
BellStyle = Literal["colour", "light", "dark"]
Language = Literal["system", "en", "de"]


class Account(Struct, frozen=True, kw_only=True):
    """Somebody on some server; the token is in the keyring, under `id`."""

    id: str
    server: str
    user: str
    device: str
    ca_file: str | None = None

    @property
    def name(self) -> str:
        """For people: where there are several accounts, this tells them apart."""
        return f"{self.user}@{urlsplit(self.server).netloc.rpartition('@')[2]}"


class Sounds(Struct, frozen=True, kw_only=True):
    """Which sound a priority makes; None is silence."""

    low: str | None = None
    normal: str | None = None
    high: str | None = "message-new-instant"
    urgent: str | None = "alarm-clock-elapsed"


class Settings(Struct, frozen=True, kw_only=True):
    theme: Theme = "system"
    bell: BellStyle = "colour"
    language: Language = "system"
    toasts: bool = True
    toast_bodies: bool = True
    urgent_stays: bool = True
    sound: bool = True
    sounds: Sounds = field(default_factory=Sounds)
    receipts: bool = True
    open_mailto: bool = False
    accounts: tuple[Account, ...] = ()


class Chosen:
    """The settings and their file. Reading is done once, at the start; `save` is for the thread that may wait.

    `former` is what an older version kept here and is the person's now, on all devices (`carrying_over.py`). It stays in the
    file until it has been carried over.
    """

    def __init__(self, path: Path) -> None:
        self.former: dict[str, Any] = {}
        self.trouble: str | None = None
        self._path = path
        self._raw: dict[str, Any] = {}
        self.settings = self._load()

    def save(self, settings: Settings) -> None:
        """The whole file or none of it. Raises `OSError` when the disk will not have it; what was chosen holds anyway."""
        self.settings = settings
        self._raw = _over(self._raw, msgspec.to_builtins(settings))
        write_whole(self._path, msgspec.json.format(msgspec.json.encode(self._raw | self.former)) + b"\n")

    def _load(self) -> Settings:
        try:
            raw = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return Settings()
        except (OSError, msgspec.DecodeError) as error:
            self._doubt(f"The settings could not be read ({error})")
            return Settings()
        self.former = {name: raw.pop(name) for name in FORMER if name in raw}
        self._raw = raw
        understood = {name: value for name, value in raw.items() if name in _TYPES and self._understands(name, value)}
        return msgspec.convert(understood, Settings)

    def _understands(self, name: str, value: object) -> bool:
        """One member at a time: a typo in the quiet hours must not sign anybody out."""
        try:
            msgspec.convert(value, _TYPES[name])
        except msgspec.ValidationError as error:
            self._doubt(f"The setting {name!r} could not be understood ({error})")
            return False
        return True

    def _doubt(self, why: str) -> None:
        aside = self._path.with_name(f"{self._path.name}.damaged")
        with suppress(OSError):
            shutil.copy(self._path, aside)  # with its permissions
        self.trouble = f"{why}. The default is used, and the file is kept as {aside}."
        log.warning("%s", self.trouble)


FORMER: Final = ("quiet_hours", "urgent_breaks_through")
_TYPES: Final = {known.name: known.type for known in msgspec.structs.fields(Settings)}


def _over(old: Any, new: Any) -> Any:
    """The new value, with the members of the old that this version does not know."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {name: _over(old.get(name), value) for name, value in new.items()}
    if isinstance(old, list) and isinstance(new, list | tuple):
        before = {one["id"]: one for one in old if isinstance(one, dict) and isinstance(one.get("id"), str)}
        return [_over(before.get(one["id"]), one) if isinstance(one, dict) and "id" in one else one for one in new]
    return new

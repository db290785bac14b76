"""What a producer was promised, written down outside the product, and the question whether the product kept it.

A producer writes a line before it asks (`offer`) and one after the yes (`accept`), each on disk before the call
returns. The product never sees the file. Afterwards every device's list, and the server's own, is held against it:

    lost      accepted for this user, and not there
    doubled   one id twice in a list, or one offer under two ids
    foreign   offered to somebody else, or to nobody, or not with these words

An offer without a yes may have arrived or not: its answer may be what was lost. It must still not be there twice.
Offers are recognised by their body, so every offer needs words of its own.
"""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Entry:
    """One offer. `id` is None as long as nobody has said yes."""

    key: str
    user: str
    body: str
    at: float
    id: str | None = None


@dataclass(frozen=True)
class Seen:
    """One notification as a device or the server shows it."""

    id: str
    body: str


@dataclass(frozen=True)
class View:
    """Everything that one device of one user shows, or the server shows for that user."""

    name: str
    user: str
    seen: tuple[Seen, ...]


@dataclass(frozen=True)
class Verdict:
    """Sentences about what is wrong; three empty tuples are an acquittal."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.foreign)

    def __str__(self) -> str:
        counts = f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.foreign)} foreign"
        return "\n  ".join([counts, *(self.lost + self.doubled + self.foreign)[:20]])


class Ledger:
    """An append-only file. Threads may share one Ledger, and processes may share one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def offer(self, key: str, user: str, body: str) -> None:
        """About to ask: `key` is the idempotency key, under which every retry of this offer goes too."""
        self._append({"key": key, "user": user, "body": body, "at": time.time()})

    def accept(self, key: str, id: str) -> None:  # noqa: A002 - the name it has on the wire
        """The product said yes."""
        self._append({"key": key, "id": id})

    def entries(self) -> list[Entry]:
        """All offers in their order, each with the id it was accepted under."""
        entries: dict[str, Entry] = {}
        for line in self._lines():
            if "id" not in line:
                entries[line["key"]] = Entry(line["key"], line["user"], line["body"], line["at"])
                continue
            known = entries[line["key"]]
            # A retry that answers another id is a double by itself, and must not overwrite the first yes.
            key = known.key if known.id in (None, line["id"]) else f"{known.key} (again, as {line['id']})"
            entries[key] = Entry(key, known.user, known.body, known.at, line["id"])
        return list(entries.values())

    def check(self, views: Iterable[View]) -> Verdict:
        """Hold every view against what was promised. A user without a view is not asked about."""
        entries = self.entries()
        lost: list[str] = []
        doubled: list[str] = []
        foreign: list[str] = []
        for view in views:
            mine = [entry for entry in entries if entry.user == view.user]
            ids = Counter(seen.id for seen in view.seen)
            bodies = Counter(body for _, body in {(seen.id, seen.body) for seen in view.seen})
            lost += [
                f"{view.name}: {entry.id} ({entry.body!r}) was accepted for {view.user} and is not there"
                for entry in mine
                if entry.id is not None and entry.id not in ids
            ]
            doubled += [f"{view.name}: {id_} is there {n} times" for id_, n in ids.items() if n > 1]
            doubled += [f"{view.name}: {body!r} is there under {n} ids" for body, n in bodies.items() if n > 1]
            foreign += _foreign(view, mine)
        return Verdict(tuple(lost), tuple(doubled), tuple(foreign))

    def close(self) -> None:
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, line: dict[str, object]) -> None:
        words = (json.dumps(line) + "\n").encode()
        with self._lock:
            os.write(self._file, words)  # one write, so that lines of several processes do not mix
            os.fsync(self._file)

    def _lines(self) -> Iterator[dict[str, Any]]:
        whole, _, _torn = self.path.read_bytes().rpartition(b"\n")  # a killed writer may leave half a line
        for line in whole.splitlines():
            yield json.loads(line)


def _foreign(view: View, mine: list[Entry]) -> list[str]:
    offered = {entry.body for entry in mine}
    promised = {entry.id: entry.body for entry in mine if entry.id is not None}
    return [
        f"{view.name}: {seen.id} ({seen.body!r}) was not offered to {view.user} like this"
        for seen in view.seen
        if seen.body not in offered or promised.get(seen.id, seen.body) != seen.body
    ]

"""Where the contract is played: one running server, and people and producers made for a scene.

They are made by the server's own functions, in its database, beside the running server, as the command line does it:
a process for each would take half a second, and signing in would be a test of patience with the rate limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import delete, text

from handbell_server import database
from handbell_server.actions import people, producers
from handbell_server.config import Config
from handbell_server.identity.passwords import hash_password
from handbell_server.identity.tokens import new_device_token, new_producer_key
from handbell_server.models import Pairing
from handbell_shared.clock import now_ms
from handbell_shared.connection import Answered, Connection, Gone, Heard, Opened, Rejected, Report
from handbell_shared.ids import new_id
from tests.support.databases import ready_database, ready_file
from tests.support.handbell import HandbellServer
from tests.support.postgres import PostgresServer
from tests.support.rest import Answer, Rest
from tests.support.waiting import LEAST

PASSWORD = "correct horse battery"
SENDS_ALL = ("send:user", "send:topic", "send:all", "recall", "receipts")
GENEROUS = {
    "HANDBELL_USER_RATE": "100000",
    "HANDBELL_USER_BURST": "100000",
    "HANDBELL_PRODUCER_RATE": "1000000",
    "HANDBELL_PRODUCER_BURST": "1000000",
    "HANDBELL_SIGN_IN_RATE": "1000",
    "HANDBELL_SIGN_IN_BURST": "1000",
    "HANDBELL_SOCKETS_PER_ADDRESS": "1000",
    "HANDBELL_SWEEP_SECONDS": "0.2",
    "HANDBELL_SECRET_KEY": "a key of this stage, which is long enough",
    "HANDBELL_WEBHOOK_ALLOW": "127.0.0.1",
    "HANDBELL_SMTP_URL": "smtp://127.0.0.1:9",  # nobody is there: what is written to people waits
    "HANDBELL_MAIL_FROM": "Handbell <bell@handbell.example>",
    "HANDBELL_PUBLIC_URL": "https://bell.example",
}

T = TypeVar("T")


@cache
def _hashed(password: str) -> str:
    return hash_password(password)


@dataclass(frozen=True)
class Person:
    """Somebody with an inbox, and one signed-in device of theirs."""

    name: str
    rest: Rest
    device: str

    @property
    def token(self) -> str:
        assert self.rest.token is not None
        return self.rest.token

    def inbox(self, **asked: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page(**asked)["notifications"]
        return found

    def titles(self, **asked: object) -> list[str]:
        return [one["title"] for one in self.inbox(**asked)]

    def page(self, **asked: object) -> dict[str, Any]:
        answer = self.rest.get(f"/v1/inbox?{urlencode(asked)}")
        assert answer.status == 200, answer
        page: dict[str, Any] = answer.body
        return page

    def does(self, kind: str, *seen: dict[str, Any], register: str = "gen", **more: object) -> dict[str, Any]:
        """Act on notifications as this person sees them; the acknowledgement."""
        targets = [[one["id"], one.get(register, 0)] for one in seen]
        action = {"id": new_id(), "kind": kind, "ids": targets, "at": now_ms(), **more}
        answer = self.rest.post("/v1/actions", {"actions": [action]})
        assert answer.status == 200, answer
        ack: dict[str, Any] = answer.body["acks"][0]
        assert ack["id"] == action["id"]
        return ack


class Socket:
    """One Socket.IO connection, as a client would have it."""

    def __init__(self, url: str, auth: Mapping[str, object]) -> None:
        self._reports: Queue[Report] = Queue()
        self._calls = count(1)
        self._connection = Connection(1, url, auth, self._reports.put)
        self._connection.start()

    def refusal(self) -> str | None:
        """The code of a refused CONNECT; None when it was accepted."""
        rejected = self.rejection()
        return rejected.code if rejected is not None else None

    def rejection(self) -> Rejected | None:
        first = self._next(Opened, Rejected, Gone)
        assert not isinstance(first, Gone), first
        return first if isinstance(first, Rejected) else None

    def hears(self, event: str, timeout: float = LEAST) -> Any:
        while True:
            heard = self._next(Heard, timeout=timeout)
            if heard.event == event:
                return heard.data

    def call(self, event: str, data: object) -> Any:
        number = next(self._calls)
        self._connection.call(number, event, data)
        while True:
            answered = self._next(Answered)
            if answered.call == number:
                return answered.data

    def tell(self, event: str, data: object) -> None:
        self._connection.tell(event, data)

    def ends(self, timeout: float = LEAST) -> None:
        self._next(Gone, timeout=timeout)

    @property
    def over(self) -> bool:
        """Whether the end of the connection has been reported, and not yet asked for."""
        with self._reports.mutex:
            return any(isinstance(report, Gone) for report in self._reports.queue)

    def close(self) -> None:
        self._connection.close().join(60)
        self.ends()

    def _next(self, *kinds: type[T], timeout: float = LEAST) -> T:
        over = monotonic() + timeout  # for all of it: a server tells of its tip now and then
        while True:
            try:
                report = self._reports.get(timeout=max(0.0, over - monotonic()))
            except Empty:
                raise AssertionError(f"nothing of {kinds} was heard in {timeout} s") from None
            if isinstance(report, kinds):
                return report


def comes_now(stage: Stage, dispatch_id: str) -> None:
    """What was scheduled for later."""
    with stage.engine.execution_options(immediate=True).begin() as connection:
        connection.execute(text("UPDATE dispatches SET due_at = 1 WHERE id = :i"), {"i": dispatch_id})


class Stage:
    """A running server and its cast."""

    def __init__(self, directory: Path, database_url: str = "", **environment: str) -> None:
        chosen = GENEROUS | environment
        if database_url:
            chosen["HANDBELL_DATABASE_URL"] = database_url
        self.server = HandbellServer(directory, environment=chosen)
        if not database_url:
            self.server.data.mkdir(mode=0o700)
            ready_file(self.server.data / "handbell.db")
        self.server.start()
        self.engine = database.attach(Flask("stage"), Config(data_dir=self.server.data, database_url=database_url))
        self._numbers = count(1)

    @property
    def url(self) -> str:
        return self.server.url

    def rest(self, token: str | None = None) -> Rest:
        return self.server.rest(token)

    def person(self, word: str = "ana", *, admin: bool = False, name: str | None = None) -> Person:
        """Somebody new, signed in."""
        name = name or f"{word}-{next(self._numbers)}"
        with self.engine.execution_options(immediate=True).begin() as connection:
            people.add_user(connection, name, password_hash=_hashed(PASSWORD), admin=admin)
        return self.device_of(name)

    def device_of(self, name: str, device: str = "laptop") -> Person:
        """The same person on one more device."""
        token, digest = new_device_token()
        with self.engine.execution_options(immediate=True).begin() as connection:
            person = people.find_user(connection, name)
            assert person is not None
            device_id = people.add_device(connection, person, device, "test", digest.hex())
        return Person(name, self.rest(token), device_id)

    def disable(self, person: Person, disabled: bool = True) -> None:
        with self.engine.execution_options(immediate=True).begin() as connection:
            people.set_disabled(connection, person.name, disabled)

    def remove(self, person: Person) -> None:
        with self.engine.execution_options(immediate=True).begin() as connection:
            people.remove_user(connection, person.name)

    def nobody_waits(self) -> None:
        """Forget the open pairing codes: all tests ask from one address, and an address may have only so many."""
        with self.engine.execution_options(immediate=True).begin() as connection:
            connection.execute(delete(Pairing))

    def producer(self, scopes: Iterable[str] = SENDS_ALL, name: str | None = None) -> Rest:
        """A new producer with a key of these scopes."""
        key_id, key, digest = new_producer_key()
        name = name or f"producer-{next(self._numbers)}"
        with self.engine.execution_options(immediate=True).begin() as connection:
            producers.add_producer(connection, name, scopes, key_id=key_id, secret_hash=digest.hex())
        return self.rest(key)

    def log(self) -> str:
        return self.server.process.err.read_text(errors="replace")

    def close(self) -> None:
        self.engine.dispose()
        self.server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        print(self.server.process.tail())


def new_database(kind: str, request: pytest.FixtureRequest) -> str:
    """The address of an empty database; none for the embedded one."""
    if kind == "sqlite":
        return ""
    server = request.getfixturevalue("postgres_server")
    assert isinstance(server, PostgresServer)
    return ready_database(server)


def created(answer: Answer) -> dict[str, Any]:
    """The body of a 201."""
    assert answer.status == 201, answer
    body: dict[str, Any] = answer.body
    return body

"""The whole product: the real server, and the real program in the tray of people's machines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pytest

from handbell_desktop.account.whys import trace_of
from handbell_desktop.kept.settings import Account
from handbell_desktop.why_sentences import About, tell
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from tests.desktop.test_why_sentences import Plain
from tests.faults.storm import ROOMY
from tests.journey.seeding import PASSWORD, settle
from tests.support.bell import Bell
from tests.support.handbell import HandbellServer
from tests.support.rest import Rest
from tests.support.screen import Screen

PEOPLE = tuple(f"person-{number:02}" for number in range(60))


@pytest.fixture(scope="package")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    with Screen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


class Place:
    """One server for all tests of this folder; every test has a person of its own on it."""

    def __init__(self, folder: Path) -> None:
        self.server = HandbellServer(folder, environment=ROOMY)
        self.key = settle(ROOMY, PEOPLE, data=self.server.data)
        self.next = count()


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("place"))
    with place.server:
        yield place


@pytest.fixture
def server(place: Place) -> Iterator[HandbellServer]:
    """It runs, whatever the test before did to it; what it wrote is shown when the test fails."""
    if not place.server.started or not place.server.process.alive:
        place.server.start()
    yield place.server
    place.server.thaw()
    print(place.server.process.tail())


class Person:
    """Somebody with machines; `rest` is one more device of theirs, and `producer` tells them things."""

    def __init__(self, name: str, server: HandbellServer, key: str) -> None:
        self.name = name
        self.producer = Rest(server.url, key, timeout=30)
        with Rest(server.url) as door:
            self.rest = door.sign_in(name, PASSWORD, "phone")

    def reconnect(self) -> None:
        """The server was another one meanwhile."""
        self.close()

    def told(self, title: str, **more: Any) -> str:
        """Tell them; answers the notification's id."""
        answer = self.producer.notify(self.name, title, **more)
        assert answer.status == 201, answer
        an_id: str = answer.body["id"]
        return an_id

    def told_many(self, titles: list[str]) -> None:
        many = [{"to": self.name, "title": title} for title in titles]
        answer = self.producer.post("/v1/notifications/batch", {"notifications": many})
        assert (answer.status, answer.body["accepted"]) == (200, len(titles)), answer

    def inbox(self) -> dict[str, dict[str, Any]]:
        """What the server holds of them, by title."""
        return {one["title"]: one for one in self.rest.get("/v1/inbox?limit=200").body["notifications"]}

    def why(self, title: str) -> list[str]:
        """What the desktop's “Why?” says, on the phone, of how devices showed it or held it back."""
        assert self.rest.token is not None
        steps = trace_of(
            Account(id="", server=self.rest.url, user=self.name, device=""), self.rest.token, self.inbox()[title]["id"]
        )
        about = About(user=self.name, source="", naming=Plain())
        return [str(one.says) for one in tell(steps, about) if one.step in ("delivered", "held", "shown")]

    def reads(self, *titles: str) -> None:
        """On the phone."""
        inbox = self.inbox()
        targets = [[inbox[title]["id"], inbox[title].get("gen", 0)] for title in titles]
        action = {"id": new_id(), "kind": "read", "ids": targets, "at": now_ms()}
        answer = self.rest.post("/v1/actions", {"actions": [action]})
        assert answer.status == 200, answer

    def unread(self) -> int:
        number: int = self.rest.get("/v1/stats").body["unread"]
        return number

    def close(self) -> None:
        self.producer.close()
        self.rest.close()


@pytest.fixture
def ana(place: Place, server: HandbellServer) -> Iterator[Person]:
    """Somebody new, whatever the name says."""
    person = Person(PEOPLE[next(place.next)], server, place.key)
    yield person
    person.close()


class Machines(Protocol):
    def __call__(
        self, name: str = "laptop", *, user: str | None = None, url: str | None = None, tray: bool = True
    ) -> Bell: ...


@pytest.fixture
def machine(screen: Screen, tmp_path: Path, server: HandbellServer, ana: Person) -> Iterator[Machines]:
    """Gives ana machines, on which nothing runs yet. What ran there must have kept its secrets."""
    bells: list[Bell] = []

    def one(name: str = "laptop", *, user: str | None = None, url: str | None = None, tray: bool = True) -> Bell:
        who = {"server": url or server.url, "user": ana.name, "password": PASSWORD} if user is None else {}
        bells.append(Bell(screen, tmp_path / name, tray=tray, **who))
        return bells[-1]

    yield one
    for bell in bells:
        bell.close()
        print(bell.output)
    assert [(bell.folder.name, leak) for bell in bells for leak in bell.leaks()] == []


@pytest.fixture
def laptop(machine: Machines) -> Bell:
    """Online, with nothing unread."""
    laptop = machine()
    laptop.start()
    laptop.shows("nothing unread")
    return laptop

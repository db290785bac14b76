"""What the runner must know about a server under test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

BODY = "A body of the usual length: who did what, where, and why this person may want to look at it now. " * 2


@dataclass(frozen=True)
class Route:
    """Where a kind of load is posted, and how its body is put together."""

    path: str
    item: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Launch:
    """How to start a server whose users exist."""

    command: list[str]
    env: dict[str, str]


def notification(**to: object) -> str:
    """One notification as JSON, with the generator's placeholder for its number; about 300 bytes."""
    content = {"type": "info", "title": "@title@", "body": BODY[:150], "link": "https://example.org/x"}
    return json.dumps({**to, **content}, separators=(",", ":"))


class Target:
    """A server under test."""

    ready = "40"
    header = ""
    health = "/healthz"
    single: Route
    batch: Route
    broadcast: Route

    def __init__(self, name: str, database: str) -> None:
        self.name = name
        self.database = database

    def install(self, build: Path) -> None:
        """Get what the server needs and does not have yet; runs once, before everything else."""

    def prepare(self, folder: Path, url: str | None, users: list[str], port: int) -> tuple[Launch, list[str]]:
        """Make the users; answers how to start the server and each device's Socket.IO CONNECT packet."""
        raise NotImplementedError


class Baseline(Target):
    """What both baselines have in common: three routes, and devices that just say who they are."""

    single = Route("/notifications", notification(to="@user@"))
    batch = Route("/notifications/batch", notification(to="@user@"), '{"notifications":[', "]}")
    broadcast = Route("/notifications/broadcast", notification())

    @staticmethod
    def connect_packets(users: list[str]) -> list[str]:
        """The CONNECT packet of each user's device."""
        return ["40" + json.dumps({"user": user}) for user in users]

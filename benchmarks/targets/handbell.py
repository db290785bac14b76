"""Handbell itself, started as anybody starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.processes import BenchmarkError
from benchmarks.targets.base import Launch, Route, Target, notification

PROGRAM = Path(sys.executable).parent / "handbell"
# One producer and one address stand for a whole company here; what guards against either must not be what is measured.
LIMITS = {
    "HANDBELL_SOCKETS_PER_ADDRESS": "100000",
    "HANDBELL_PRODUCER_RATE": "1000000000",
    "HANDBELL_PRODUCER_BURST": "1000000000",
}
SCOPES = ("send:user", "send:all")


class Handbell(Target):
    """The server with its defaults: SQLite with synchronous=FULL, or PostgreSQL."""

    ready = '42["hello"'
    single = Route("/v1/notifications", notification(to="@user@"))
    batch = Route("/v1/notifications/batch", notification(to="@user@"), '{"notifications":[', "]}")
    broadcast = Route("/v1/notifications", notification(to={"everyone": True}))

    def prepare(self, folder: Path, url: str | None, users: list[str], port: int) -> tuple[Launch, list[str]]:
        env = {**LIMITS, "HANDBELL_DATABASE_URL": url or ""}
        _handbell("migrate", "--data", str(folder), env=env)
        scopes = [word for scope in SCOPES for word in ("--scope", scope)]
        key = _handbell("producer", "add", "benchmark", *scopes, "--data", str(folder), env=env)
        tokens = sign_in(url or f"sqlite:///{folder / 'handbell.db'}", users)
        self.header = f"Authorization: Bearer {key}"
        packets = ["40" + json.dumps({"token": token, "protocol": 1}) for token in tokens]
        return Launch([str(PROGRAM), "serve", "--port", str(port), "--data", str(folder)], env), packets


def _handbell(*words: str, env: dict[str, str]) -> str:
    """Run a command of Handbell; answers what it printed."""
    done = subprocess.run([str(PROGRAM), *words], env={**os.environ, **env}, capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise BenchmarkError(f"handbell {words[0]}: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.strip()


def sign_in(url: str, users: list[str]) -> list[str]:
    """Add the users, each with a signed-in device; answers the devices' tokens.

    By the server's own actions but not over its API, where each sign-in would cost a deliberately slow password hash.
    """
    from sqlalchemy import create_engine

    from handbell_server.actions.people import Person, add_device, add_user
    from handbell_server.identity.tokens import new_device_token

    tokens = []
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for user in users:
            token, digest = new_device_token()
            person = Person(add_user(connection, user, password_hash=None), user, admin=False)
            add_device(connection, person, "benchmark", "linux", digest.hex())
            tokens.append(token)
    engine.dispose()
    return tokens

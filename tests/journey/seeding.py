"""People and a producer in a database, in this process: a command line for each would be most of a test's time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from handbell_server.actions import people, producers
from handbell_server.cli.common import open_engine
from handbell_server.config import from_environment
from handbell_server.identity.passwords import hash_password
from handbell_server.identity.tokens import new_producer_key

PASSWORD = "correct-horse-battery"
SCOPES = ("send:user", "send:all", "send:topic", "recall", "receipts")


@cache
def _hashed() -> str:
    return hash_password(PASSWORD)


def settle(environment: Mapping[str, str], names: Iterable[str], *, data: Path | None = None) -> str:
    """Add these people, with one password for all, and a producer; answers its key."""
    ours = {name: value for name, value in environment.items() if name.startswith("HANDBELL_")}
    config = from_environment(ours, {"data_dir": data})
    key_id, key, digest = new_producer_key()
    with open_engine(config) as engine, engine.execution_options(immediate=True).begin() as connection:
        for name in names:
            people.add_user(connection, name, password_hash=_hashed(), admin=False)
        producers.add_producer(connection, "ci", SCOPES, key_id=key_id, secret_hash=digest.hex())
    return key

"""The key that secrets are sealed with: there, the one they were sealed with, and nobody else's to read.

Webhooks sign with such secrets, senders of other systems prove themselves with them, and links in e-mail are signed by the
key itself. The doctor opens what the database holds and says nothing of what is in it.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import select
from sqlalchemy.engine import Connection

from handbell_server.config import Config, ConfigError
from handbell_server.doctor.findings import Finding, hint, ok, wrong
from handbell_server.exclusive import database_file
from handbell_server.models import Producer
from handbell_server.models.webhooks import Webhook
from handbell_server.sealing import FILE_NAME, BrokenSealError, Seal, seal_of, seal_row

_CHOOSE = "Set HANDBELL_SECRET_KEY to at least 32 characters, the same in every process, and keep a copy of it."
_RESTORE = (
    "Put the key back that they were sealed with. If it is lost, every producer asks for a new secret "
    "(POST /v1/webhooks/{id}/secret), and what senders sign with is set anew (handbell producer set)."
)


def sealed(config: Config, connection: Connection) -> Iterator[Finding]:
    """Whether what is sealed can be opened."""
    found = list(_all(connection))
    file = database_file(config).parent / FILE_NAME if config.embedded else None
    if not config.secret_key and file is None:
        if found:
            yield wrong("secrets", f"{_count(found)} in the database, and there is no key to open them", _CHOOSE)
        else:
            yield hint("secrets", "no key is chosen: webhooks and secrets of senders are refused", _CHOOSE)
        return
    if not config.secret_key and file is not None and not file.exists():
        if found:  # the next start would make a new one, and make the loss harder to see
            yield wrong("secrets", f"{_count(found)} in the database, and {file} is gone", _RESTORE)
        return
    if not config.secret_key and file is not None and file.stat().st_mode & 0o077:
        yield wrong("secrets", f"other users of this machine may read {file}", f"Close it: chmod 600 {file}")
    yield _opened(config, found)


def _opened(config: Config, found: list[tuple[str, str]]) -> Finding:
    try:
        seal = seal_of(config)
    except ConfigError as error:
        return wrong("secrets", str(error).rstrip("."), _RESTORE)
    assert seal is not None
    broken = sum(not _opens(seal, text, row) for text, row in found)
    if broken:
        return wrong("secrets", f"{broken} of {_count(found)} cannot be opened with this key", _RESTORE)
    return ok(
        "secrets", f"{_count(found)}, and the key opens them" if found else "there is a key, and nothing sealed yet"
    )


def _opens(seal: Seal, text: str, row: str) -> bool:
    try:
        seal.open(text, row)
    except BrokenSealError:
        return False
    return True


def _all(connection: Connection) -> Iterator[tuple[str, str]]:
    """Each sealed text, and the row it is bound to."""
    for webhook in connection.execute(select(Webhook.id, Webhook.secret)):
        yield webhook.secret, webhook.id
    for producer in connection.execute(select(Producer.id, Producer.dialects)):
        told = msgspec.json.decode(producer.dialects)
        if told.get("secret"):
            yield told["secret"], seal_row(producer.id)


def _count(found: list[tuple[str, str]]) -> str:
    return "1 secret is sealed" if len(found) == 1 else f"{len(found)} secrets are sealed"

"""Applications that may send, and the keys they do it with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from msgspec import Struct
from sqlalchemy import exists, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.dialects import DIALECTS, NOTHING_SET, DialectSettings, settings_of
from handbell_server.actions.installation import audit
from handbell_server.actions.people import check_name
from handbell_server.errors import Conflict, Forbidden, Invalid, NotFound
from handbell_server.models import Expectation, Installation, Producer, ProducerKey
from handbell_shared.clock import now_ms

SCOPES = {
    "send:user": "tell any person",
    "send:user:NAME": "tell this person",
    "send:topic": "tell the subscribers of any topic",
    "send:topic:NAME": "tell the subscribers of this topic",
    "send:all": "tell everybody",
    "recall": "take back what it told",
    "receipts": "see what became of what it told",
    "presence": "see who is online",
}
DEFAULT_SCOPES = ("send:user", "recall", "receipts")
_SCOPE = re.compile(r"(send:(user|topic)(:[^\W_][\w.@+-]{0,127})?|send:all|recall|receipts|presence)\Z")


class KnownProducer(Struct, frozen=True, gc=False):
    """A producer as its key identifies it."""

    id: int
    name: str
    scopes: frozenset[str]
    types: int = 0  # how often anybody's types had changed when this was read
    dialects: DialectSettings = NOTHING_SET
    only: str | None = None  # the dialect that the token it came with is good for, and nothing else
    expected: bool = False  # whether anything it sends is a sign of life that somebody waits for

    def must(self, scope: str, name: str | None = None, *, field: str = "to") -> None:
        """Refuse unless the key allows it, for all or for this one."""
        if scope in self.scopes or (name is not None and f"{scope}:{name}" in self.scopes):
            return
        raise Forbidden(
            f"This key does not have the scope {scope if name is None else f'{scope}:{name}'}.",
            field=field if scope.startswith("send") else None,
        )


def add_producer(
    connection: Connection, name: str, scopes: Iterable[str], *, key_id: str, secret_hash: str, by: str = "operator"
) -> int:
    check_name(name)
    wanted = check_scopes(scopes)
    if connection.execute(select(Producer.id).where(Producer.name == name)).one_or_none() is not None:
        raise Conflict(f"There is a producer {name!r} already.", field="name")
    values = {"name": name, "scopes": json.dumps(wanted), "created_at": now_ms()}
    producer_id = connection.execute(insert(Producer).values(values).returning(Producer.id)).scalar_one()
    _add_key(connection, producer_id, key_id, secret_hash)
    audit(connection, by, "producer.add", name, {"scopes": wanted})
    return producer_id


def check_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = sorted(set(scopes)) or sorted(DEFAULT_SCOPES)
    for scope in wanted:
        if not _SCOPE.match(scope):
            raise Invalid(f"{scope!r} is not a scope; there are {', '.join(SCOPES)}.", field="scope")
    return wanted


def rotate_key(
    connection: Connection, name: str, *, key_id: str, secret_hash: str, grace_ms: int, by: str = "operator"
) -> None:
    """A new key; the old ones go on for a while, so that no deployment has to hit the same second."""
    producer_id = id_of(connection, name)
    ends = now_ms() + grace_ms
    connection.execute(
        update(ProducerKey)
        .where(ProducerKey.producer_id == producer_id, ProducerKey.revoked_at.is_(None))
        .where(ProducerKey.dialect.is_(None))  # those of dialects are typed into other systems by hand
        .where((ProducerKey.expires_at.is_(None)) | (ProducerKey.expires_at > ends))
        .values(expires_at=ends)
    )
    _add_key(connection, producer_id, key_id, secret_hash)
    audit(connection, by, "producer.rotate", name)


def add_token(
    connection: Connection, name: str, dialect: str, *, key_id: str, secret_hash: str, by: str = "operator"
) -> None:
    """A token that opens this dialect and nothing else, for senders that check its shape or put it into a URL."""
    if dialect not in DIALECTS:
        raise Invalid(f"{dialect!r} is not a dialect; there are {', '.join(DIALECTS)}.", field="dialect")
    producer_id = id_of(connection, name)
    if connection.execute(select(ProducerKey.id).where(ProducerKey.id == key_id)).one_or_none() is not None:
        raise Conflict("This token is in use already.", field="token")
    _add_key(connection, producer_id, key_id, secret_hash, dialect)
    audit(connection, by, "producer.token", name, {"dialect": dialect})


def revoke_keys(connection: Connection, name: str, dialect: str | None = None, by: str = "operator") -> None:
    """End all keys, or only the tokens of one dialect."""
    producer_id = id_of(connection, name)
    ended = update(ProducerKey).where(ProducerKey.producer_id == producer_id, ProducerKey.revoked_at.is_(None))
    if dialect is not None:
        ended = ended.where(ProducerKey.dialect == dialect)
    connection.execute(ended.values(revoked_at=now_ms()))
    audit(connection, by, "producer.revoke", name, {} if dialect is None else {"dialect": dialect})


def by_key(connection: Connection, key_id: str) -> tuple[KnownProducer, str] | None:
    """The producer a key id belongs to, and the hash its secret must have; None when the key is not valid now."""
    row = connection.execute(
        select(
            Producer.id,
            Producer.name,
            Producer.scopes,
            Producer.dialects,
            ProducerKey.dialect.label("only"),
            ProducerKey.secret_hash,
            select(Installation.types_rev).scalar_subquery().label("types"),
            exists().where(Expectation.producer_id == Producer.id, Expectation.what == "anything").label("expected"),
        )
        .join(Producer, Producer.id == ProducerKey.producer_id)
        .where(
            ProducerKey.id == key_id,
            ProducerKey.revoked_at.is_(None),
            (ProducerKey.expires_at.is_(None)) | (ProducerKey.expires_at > now_ms()),
            Producer.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    scopes = frozenset(json.loads(row.scopes))
    dialects = settings_of(row.dialects)
    known = KnownProducer(row.id, row.name, scopes, row.types, dialects, row.only, bool(row.expected))
    return known, row.secret_hash


def _add_key(
    connection: Connection, producer_id: int, key_id: str, secret_hash: str, dialect: str | None = None
) -> None:
    values = {
        "id": key_id,
        "producer_id": producer_id,
        "secret_hash": secret_hash,
        "created_at": now_ms(),
        "dialect": dialect,
    }
    connection.execute(insert(ProducerKey).values(values))


def hold(connection: Connection, producer_id: int) -> None:
    """Let nobody else count what the producer has, and add to it, before the commit."""
    connection.execute(
        select(Producer.id).where(Producer.id == producer_id).with_for_update(key_share=True)
    ).one_or_none()


def id_of(connection: Connection, name: str) -> int:
    producer_id = connection.execute(select(Producer.id).where(Producer.name == name)).scalar_one_or_none()
    if producer_id is None:
        raise NotFound(f"There is no producer {name!r}.")
    return producer_id

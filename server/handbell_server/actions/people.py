"""People, and the devices they sign in on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from handbell_server.actions.installation import audit
from handbell_server.errors import Conflict, Invalid, NotFound, Unauthenticated
from handbell_server.models import Device, Inbox, Pairing, User
from handbell_server.reads import search
from handbell_server.reads.presence import in_use
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from handbell_shared.ids import new_id

_NAME = re.compile(r"[^\W_][\w.@+-]{0,63}\Z")


class Person(Struct, frozen=True, gc=False):
    id: int
    name: str
    admin: bool
    password_hash: str | None = None
    disabled: bool = False


class SignedInDevice(Struct, frozen=True, omit_defaults=True, gc=False):
    id: str
    name: str
    platform: str
    created_at: int
    online: bool = False
    in_use: bool = False
    current: bool = False
    dialect: str | None = None


def add_user(
    connection: Connection,
    name: str,
    *,
    password_hash: str | None,
    admin: bool = False,
    subject: str | None = None,
    by: str = "operator",
) -> int:
    """A new person with an empty inbox."""
    check_name(name)
    if find_user(connection, name) is not None:
        raise Conflict(f"There is a user {name!r} already.", field="name")
    now = now_ms()
    values = {"name": name, "password_hash": password_hash, "admin": admin, "subject": subject, "created_at": now}
    user_id = connection.execute(insert(User).values(values).returning(User.id)).scalar_one()
    connection.execute(insert(Inbox).values(user_id=user_id))
    audit(connection, by, "user.add", name)
    return user_id


def check_name(name: str, field: str = "name") -> None:
    if not _NAME.match(name):
        raise Invalid(
            "A name begins with a letter or digit and goes on with letters, digits or . _ @ + - (at most 64).",
            field=field,
        )


def find_user(connection: Connection, name: str) -> Person | None:
    query = select(User.id, User.name, User.admin, User.password_hash, User.disabled_at).where(User.name == name)
    row = connection.execute(query).one_or_none()
    return row and Person(row.id, row.name, bool(row.admin), row.password_hash, row.disabled_at is not None)


def user_of_subject(connection: Connection, subject: str, *, admin: bool) -> Person:
    """The person the organisation's issuer names; met for the first time, they get an inbox.

    A local account of the same name is somebody else until an operator says otherwise, so it is not handed over.
    """
    met = _met_before(connection, subject)
    if met is not None:
        return met
    try:
        user_id = add_user(connection, subject, password_hash=None, admin=admin, subject=subject, by="issuer")
    except Conflict:
        met = _met_before(connection, subject)  # another process has met them since we looked
        if met is None:
            raise
        return met
    return Person(user_id, subject, admin)


def _met_before(connection: Connection, subject: str) -> Person | None:
    query = select(User.id, User.name, User.admin, User.disabled_at).where(User.subject == subject)
    row = connection.execute(query).one_or_none()
    return row and Person(row.id, row.name, bool(row.admin), disabled=row.disabled_at is not None)


def set_password(connection: Connection, name: str, password_hash: str, by: str = "operator") -> None:
    """A new password signs out every device: whoever knew the old one is out."""
    person = find_user(connection, name)
    if person is None:
        raise NotFound(f"There is no user {name!r}.")
    connection.execute(update(User).where(User.id == person.id).values(password_hash=password_hash))
    revoke_all_devices(connection, person.id)
    audit(connection, by, "user.password", name)


def renew_password_hash(connection: Connection, person: Person, password_hash: str) -> None:
    """The same password, hashed anew; nobody is signed out for it. One that was set meanwhile stays."""
    same = update(User).where(User.id == person.id, User.password_hash == person.password_hash)
    connection.execute(same.values(password_hash=password_hash))


def is_still(connection: Connection, person: Person) -> bool:
    """Whether the person is as they were a moment ago: not removed, nor disabled, nor with another password; and stays so."""
    query = select(User.password_hash, User.disabled_at).where(User.id == person.id).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    return row is not None and row.disabled_at is None and row.password_hash == person.password_hash


def language_of(connection: Connection, user_id: int) -> str | None:
    return connection.execute(select(User.language).where(User.id == user_id)).scalar_one_or_none()


def set_language(connection: Connection, user_id: int, language: str | None) -> None:
    """How the person is told things from now on, where the type of a notification has their language."""
    query = update(User).where(User.id == user_id).values(language=language).returning(User.id)
    if connection.execute(query).one_or_none() is None:
        raise NotFound("This inbox is gone.")  # removed a moment ago, while their token was still remembered


def set_disabled(connection: Connection, name: str, disabled: bool, by: str = "operator") -> None:
    person = find_user(connection, name)
    if person is None:
        raise NotFound(f"There is no user {name!r}.")
    value = now_ms() if disabled else None
    connection.execute(update(User).where(User.id == person.id).values(disabled_at=value))
    if disabled:
        revoke_all_devices(connection, person.id)
    audit(connection, by, "user.disable" if disabled else "user.enable", name)


def held(connection: Connection, user_id: int) -> Person | None:
    """The person, if they may come in; nobody disables them, or signs their devices out, before the commit."""
    query = select(User.id, User.name, User.admin).where(User.id == user_id, User.disabled_at.is_(None))
    row = connection.execute(query.with_for_update(key_share=True)).one_or_none()
    return row and Person(row.id, row.name, bool(row.admin))


def signed_in(connection: Connection, user_id: int, device: str | None) -> Person:
    """The person on a device that is still theirs, for what outlives it: a token is trusted for a second after it was revoked."""
    person = held(connection, user_id)
    query = select(Device.id).where(Device.id == device, Device.user_id == user_id, Device.revoked_at.is_(None))
    here = device is None or connection.execute(query.with_for_update(key_share=True)).one_or_none() is not None
    if person is None or not here:
        raise Unauthenticated("This token or key is not valid.")
    return person


# ---- devices


def add_device(
    connection: Connection, person: Person, name: str, platform: str, token_hash: str, dialect: str | None = None
) -> str:
    """A new device of the person; its token is known to nobody but its hash. With a dialect it opens nothing else."""
    device_id = new_id()
    values = {"id": device_id, "user_id": person.id, "name": name, "platform": platform, "token_hash": token_hash}
    connection.execute(insert(Device).values(values | {"dialect": dialect, "created_at": now_ms()}))
    audit(connection, person.name, "device.sign_in", device_id, {"name": name, "platform": platform})
    return device_id


def devices(connection: Connection, user_id: int, current: str | None) -> Sequence[SignedInDevice]:
    query = (
        select(Device.id, Device.name, Device.platform, Device.created_at, Device.online_until, Device.dialect)
        .where(Device.user_id == user_id, Device.revoked_at.is_(None))
        .order_by(Device.id)
    )
    now = now_ms()
    used = in_use(connection, [user_id], now).get(user_id)
    return [
        SignedInDevice(
            row.id,
            row.name,
            row.platform,
            row.created_at,
            row.online_until > now,
            used is not None and row.id == used.device,
            row.id == current,
            row.dialect,
        )
        for row in connection.execute(query)
    ]


def revoke_device(connection: Connection, user_id: int, device_id: str, by: str) -> None:
    done = connection.execute(
        update(Device)
        .where(Device.id == device_id, Device.user_id == user_id, Device.revoked_at.is_(None))
        .values(revoked_at=now_ms(), online_until=0, active_since=None, activity_at=now_ms())
        .returning(Device.id)
    ).one_or_none()
    if done is None:
        raise NotFound("There is no such device.", code=Code.NOT_FOUND)
    # Nor may a device that is lost leave a door open behind it.
    connection.execute(delete(Pairing).where(Pairing.granted_by == device_id))
    audit(connection, by, "device.revoke", device_id)


def revoke_all_devices(connection: Connection, user_id: int) -> None:
    """Sign every device out, and let none in that was about to come."""
    connection.execute(
        update(Device)
        .where(Device.user_id == user_id, Device.revoked_at.is_(None))
        .values(revoked_at=now_ms(), online_until=0)
    )
    connection.execute(delete(Pairing).where(Pairing.user_id == user_id))


def remove_user(connection: Connection, name: str, by: str = "operator") -> None:
    """The person and everything of theirs; foreign keys take the rest along."""
    person = find_user(connection, name)
    if person is None:
        raise NotFound(f"There is no user {name!r}.")
    search.forget(connection, person.id)
    connection.execute(delete(User).where(User.id == person.id))
    audit(connection, by, "user.remove", name)

"""Once a second: where do the inboxes of the connected users really stand, and who was signed out?

This is what makes hints and pushes expendable. It also ends the sockets of revoked devices and expired tokens, renews
who is online, and says a tip to whoever has heard nothing for a while.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import TypeVar

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection

from handbell_server.delivery import Follower, Member, Room
from handbell_server.engine.among import among
from handbell_server.errors import Problem
from handbell_server.models import AuditEntry, Device
from handbell_server.reads import presence, reading
from handbell_server.services import Services
from handbell_shared.clock import now_ms

log = logging.getLogger(__name__)

T = TypeVar("T")

_AT_ONCE = 500
_OVERLAP_MS = 30_000  # how far the clocks of several machines may be apart
_ONLINE_EVERY = 30.0
ONLINE_MS = 90_000

_ONLINE = (
    update(Device)
    .where(among(Device.id, "devices"), Device.revoked_at.is_(None))
    .values(online_until=bindparam("until"))
)
_REVOKED = select(Device.id).where(among(Device.id, "devices"), Device.revoked_at.is_not(None))


class Sweep:
    """`close(sid, reason)` ends a socket."""

    def __init__(self, services: Services, close: Callable[[str, str], None]) -> None:
        self._services = services
        self._close = close
        self._renew_at = monotonic() + 2.0
        self._revoked_from = now_ms() - _OVERLAP_MS
        self._heard: set[str] = set()  # changes to people that were taken in already
        self._stopped = False

    def run(self) -> None:
        """The greenlet of the sweep."""
        seconds = self._services.config.sweep_seconds
        while not self._stopped:
            self._services.runtime.sleep(seconds)
            try:
                self.once()
            except Problem as problem:
                log.warning("the sweep could not look: %s", problem.detail)
            except Exception:
                log.exception("the sweep failed")

    def stop(self) -> None:
        self._stopped = True

    def once(self) -> None:
        services, delivery = self._services, self._services.delivery
        before = delivery.standings()
        users = list(before)
        # Also without a socket: the epoch must be known before the first tip.
        for start in range(0, max(len(users), 1), _AT_ONCE):
            asked = users[start : start + _AT_ONCE]
            epoch, revisions = services.read(_stands, asked)
            delivery.swept(epoch, before, revisions)
            self._end_removed(set(asked) - {user_id for user_id, _ in revisions})
        self._hear_of_people()
        self._end_signed_out()
        self._tell_presence()
        delivery.tip_due(monotonic())
        if monotonic() >= self._renew_at:
            self._renew_at = monotonic() + _ONLINE_EVERY
            self._renew_online()

    def _tell_presence(self) -> None:
        """Of whom another device is in use now."""
        delivery, now = self._services.delivery, now_ms()
        if not delivery.rooms:
            return
        changed = self._services.read(presence.changed_since, now - presence.OVERLAP_MS) & delivery.rooms.keys()
        for asked in _portions(sorted(changed | delivery.not_renewed(now))):
            found = self._services.read(presence.in_use, asked, now)
            for user_id in asked:
                delivery.used(user_id, found.get(user_id))

    def _hear_of_people(self) -> None:
        """Somebody was added, removed, disabled or given a new password, here or elsewhere: remember nobody."""
        changes = set(self._services.read(_changes_to_people, now_ms() - 4 * _OVERLAP_MS))
        if not changes <= self._heard:
            self._services.directory.forget()
            self._services.auth.forget()
        self._heard = changes

    def _members(self) -> Iterable[Member | Follower]:
        for room in list(self._services.delivery.rooms.values()):
            yield from _there(room)

    def _end(self, one: Member | Follower, reason: str) -> None:
        if isinstance(one, Member):
            self._close(one.sid, reason)
        else:
            one.end(reason)

    def _end_removed(self, users: set[int]) -> None:
        for user_id in users:
            room = self._services.delivery.rooms.get(user_id)
            for one in _there(room) if room else ():
                self._end(one, "revoked")

    def _end_signed_out(self) -> None:
        now = now_ms()
        revoked = set(self._services.read(_revoked_since, self._revoked_from))
        self._revoked_from = now - _OVERLAP_MS  # only now: a sweep that could not look must look further back
        for member in self._members():
            if member.device in revoked:
                self._end(member, "revoked")
            elif member.expires_at is not None and member.expires_at <= now:
                self._end(member, "expired")

    def _renew_online(self) -> None:
        devices = sorted({member.device for member in self._members() if member.device is not None})
        # Also whether one of them was signed out by a machine whose clock is not ours.
        revoked = {device for part in _portions(devices) for device in self._services.read(_revoked_among, part)}
        for member in list(self._members()):
            if member.device in revoked:
                self._end(member, "revoked")
        for part in _portions(devices):
            self._services.errand(lambda c, part=part: set_online(c, part, now_ms() + ONLINE_MS))  # type: ignore[misc]


def _there(room: Room) -> list[Member | Follower]:
    there: list[Member | Follower] = list(room.members.values())
    there.extend(room.followers.values())
    return there


def set_online(connection: Connection, devices: Sequence[str], until: int) -> None:
    connection.execute(_ONLINE, {"devices": devices, "until": until})


def _stands(connection: Connection, users: Sequence[int]) -> tuple[str, list[tuple[int, int]]]:
    return reading.epoch(connection), list(reading.revisions(connection, users)) if users else []


def _portions(all_of_them: Sequence[T]) -> Iterable[Sequence[T]]:
    return (all_of_them[start : start + _AT_ONCE] for start in range(0, len(all_of_them), _AT_ONCE))


def _changes_to_people(connection: Connection, since: int) -> list[str]:
    """Ids of audit entries; they begin with their time, so the primary key finds the recent ones."""
    moment = f"{since:012x}"
    recent = AuditEntry.id > f"{moment[:8]}-{moment[8:]}"
    return list(connection.execute(select(AuditEntry.id).where(recent, AuditEntry.action.like("user.%"))).scalars())


def _revoked_among(connection: Connection, devices: Sequence[str]) -> list[str]:
    return list(connection.execute(_REVOKED, {"devices": devices}).scalars())


def _revoked_since(connection: Connection, moment: int) -> list[str]:
    query = select(Device.id).where(Device.revoked_at > moment, Device.revoked_at.is_not(None))
    return list(connection.execute(query).scalars())

"""What concerns the whole installation: its epoch, its audit log, and who does a duty."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.engine import Connection

from handbell_server.models import AuditEntry, Installation, Lease
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id


def found(connection: Connection) -> None:
    """Write the one row of the installation, if this is its first start."""
    if connection.execute(select(Installation.id)).one_or_none() is None:
        connection.execute(insert(Installation).values(id=1, epoch=new_id(), created_at=now_ms()))


def begin_new_epoch(connection: Connection, by: str, why: str) -> str:
    """History was rewritten: every device must start from a snapshot."""
    epoch = new_id()
    connection.execute(update(Installation).values(epoch=epoch))
    audit(connection, by, "installation.epoch", epoch, {"why": why})
    return epoch


def take_turns(connection: Connection) -> None:
    """What several processes do at once, they do one after the other from here to the commit. For what is rare and short."""
    connection.execute(select(Installation.id).with_for_update()).one()


def audit(connection: Connection, actor: str, action: str, subject: str, detail: dict[str, Any] | None = None) -> None:
    """Remember who changed what, in the transaction that changes it."""
    values = {"id": new_id(), "at": now_ms(), "actor": actor, "action": action, "subject": subject}
    connection.execute(insert(AuditEntry).values(values | {"detail": json.dumps(detail) if detail else None}))


def take_duty(connection: Connection, duty: str, holder: str, for_ms: int) -> bool:
    """Whether `holder` has the duty now: it was free, or its holder's lease ran out, or it is theirs already."""
    now = now_ms()
    mine = connection.execute(
        update(Lease)
        .where(Lease.duty == duty, or_(Lease.holder == holder, Lease.until < now))
        .values(holder=holder, until=now + for_ms)
        .returning(Lease.duty)
    ).one_or_none()
    if mine is not None:
        return True
    if connection.execute(select(Lease.duty).where(Lease.duty == duty)).one_or_none() is not None:
        return False
    connection.execute(insert(Lease).values(duty=duty, holder=holder, until=now + for_ms))
    return True


def drop_duties(connection: Connection, holder: str) -> None:
    """Let others take over at once."""
    connection.execute(update(Lease).where(Lease.holder == holder).values(until=0))

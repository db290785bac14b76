"""Dropping what is too old, in portions: after a week in which nobody did, or a busy hour, there may be millions of it.

One statement for all of it would hold the writer for seconds, and PostgreSQL's patience would end it before it is done,
each time anew.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.engine import Connection

AT_ONCE: Final = 5_000


def forget_some(connection: Connection, kind: Any, *old: Any) -> int:
    """As many of these rows as one transaction should drop; how many that were."""
    key = kind.__table__.primary_key.columns
    some = select(*key).where(*old).limit(AT_ONCE)
    return connection.execute(delete(kind).where(tuple_(*key).in_(some))).rowcount

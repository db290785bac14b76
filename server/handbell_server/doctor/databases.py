"""The database: reachable, of this schema, whole, in time, and with people in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from flask import Flask
from sqlalchemy import Engine, exc, func, select, text
from sqlalchemy.engine import Connection, make_url

from handbell_server import database, exclusive, migrations
from handbell_server.config import Config
from handbell_server.doctor import searching, secrets, truth
from handbell_server.doctor.findings import Finding, hint, ok, wrong
from handbell_server.models import AuditEntry, NotificationRow, Producer, User
from handbell_server.reads import reading
from handbell_shared.clock import now_ms

_LOG_BYTES = 256 * 1024 * 1024
_CLOCK_MS = 5_000
_CONNECTIONS_NEEDED = 16  # one process: its pool of 10 and 4, and two for the operator


def examine(config: Config, *, full: bool) -> Iterator[Finding]:
    """Stops at the first thing that makes the rest pointless."""
    if config.embedded:
        file = exclusive.database_file(config)
        if not file.exists():
            yield hint("database", f"there is none at {file} yet", "`handbell serve` or `handbell migrate` makes it.")
            return
        findings = list(_whole(config))
        yield from findings
        if any(finding.level == "wrong" and finding.check == "database" for finding in findings):
            return
    engine = database.attach(Flask("handbell_server"), config)
    try:
        with reading.view(engine) as connection:
            yield from _look(config, connection, engine, full=full)
    except (exc.OperationalError, exc.InterfaceError) as error:
        yield _unreachable(config, error)
    finally:
        engine.dispose()


def _whole(config: Config) -> Iterator[Finding]:
    file = exclusive.database_file(config)
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            problems = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.Error as error:
        problems = [str(error)]
    if problems != ["ok"]:
        todo = "Stop the server, keep a copy of the folder, and restore the last backup: handbell restore FILE"
        yield wrong("database", f"{file} is damaged: {'; '.join(problems)}", todo)
        return
    yield ok("database", f"{file} is whole")
    log = file.with_name(f"{file.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > _LOG_BYTES:
        todo = "Something holds an old view open: end other programs that read the database, then restart the server."
        yield wrong("log", f"{log} has grown to {size / 1024**2:,.0f} MiB", todo)


def _unreachable(config: Config, error: exc.DBAPIError) -> Finding:
    url = make_url(config.database)
    lines = str(error.orig).strip().splitlines()
    why = lines[0] if lines else type(error.orig).__name__
    if config.embedded:
        todo = "Look at what is said of the data folder and the disk; run the doctor as the user who runs the server."
        return wrong("database", f"{url.database} cannot be opened: {why}", todo)
    if "too many" in why or "remaining connection slots" in why:
        return wrong(
            "database", f"PostgreSQL has no connection left: {why}", "Raise max_connections, or end idle ones."
        )
    todo = "Start it, or correct HANDBELL_DATABASE_URL. Until then producers hear 503 and devices keep what they have."
    return wrong("database", f"{url.host}:{url.port or 5432}/{url.database} cannot be used: {why}", todo)


def _look(config: Config, connection: Connection, engine: Engine, *, full: bool) -> Iterator[Finding]:
    if engine.dialect.name == "postgresql":
        yield from _postgres(connection)
    at = migrations.current(connection)
    if at != migrations.HEAD:
        yield _other_schema(at)
        return
    yield ok("schema", at)
    yield from _clock(connection)
    yield from truth.inboxes(connection, full=full)
    yield from searching.index(connection, full=full)
    yield from secrets.sealed(config, connection)
    yield from _empty(connection)


def _other_schema(at: str | None) -> Finding:
    if at is None:
        return hint("schema", "the database is empty", "`handbell serve` or `handbell migrate` fills it.")
    if at > migrations.HEAD:
        says = f"the database is at {at}, made by a newer Handbell; this one knows up to {migrations.HEAD}"
        return wrong("schema", says, "Install the newer Handbell, or restore a backup from before the upgrade.")
    says = f"the database is at {at}, this Handbell wants {migrations.HEAD}"
    return wrong("schema", says, "Make a backup, then: handbell migrate (or start the server, which does the same).")


def _clock(connection: Connection) -> Iterator[Finding]:
    """Against the database's clock, or against the newest moment anybody has written."""
    if connection.dialect.name == "postgresql":
        theirs = text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        off = now_ms() - connection.execute(theirs).scalar_one()
        if abs(off) > _CLOCK_MS:
            says = f"this machine's clock is {off / 1000:+.0f} s off the database's"
            yield wrong("clock", says, "Let both machines follow a time server (chrony, systemd-timesyncd).")
            return
    newest_id = select(NotificationRow.created_at).order_by(NotificationRow.seq.desc()).limit(1)
    written = [
        connection.execute(newest_id).scalar_one_or_none() or 0,
        connection.execute(select(func.max(AuditEntry.at))).scalar_one() or 0,
    ]
    ahead = max(written) - now_ms()
    if ahead > _CLOCK_MS:
        says = f"the clock was set back: something was written {ahead / 1000:,.0f} s in the future"
        yield wrong("clock", says, "Correct this machine's clock; let it follow a time server.")
    else:
        yield ok("clock", "agrees with the database")


def _empty(connection: Connection) -> Iterator[Finding]:
    if not connection.execute(select(User.id).limit(1)).all():
        yield hint("people", "there are no users yet", "Add one: handbell user add NAME")
    if not connection.execute(select(Producer.id).limit(1)).all():
        yield hint("people", "there are no producers yet", "Add one and keep its key: handbell producer add NAME")


def _postgres(connection: Connection) -> Iterator[Finding]:
    yield ok("database", f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()} answers")
    for setting, means in (
        ("fsync", "what was acknowledged can be lost when the machine fails"),
        ("full_page_writes", "a power failure can destroy the database"),
        ("synchronous_commit", "the last acknowledged notifications can be lost when the machine fails"),
    ):
        if connection.execute(text(f"SHOW {setting}")).scalar_one() == "off":
            yield wrong(
                "durability", f"{setting} is off: {means}", f"Set {setting} = on in postgresql.conf and reload."
            )
    room = connection.execute(
        text(
            "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int "
            "- (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
        )
    ).scalar_one()
    if room < _CONNECTIONS_NEEDED:
        says = f"{room} connections are left, and one more server needs up to {_CONNECTIONS_NEEDED}"
        yield wrong("connections", says, "Raise max_connections in postgresql.conf, or end what is idle.")

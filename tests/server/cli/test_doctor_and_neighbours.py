"""Faults of what a server stands on beside its own machine: PostgreSQL, Redis, mail; and of what it keeps to find things."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from handbell_server.actions import people
from handbell_server.doctor import databases
from handbell_server.reads import search
from handbell_shared.clock import now_ms
from handbell_shared.digest import fingerprint
from handbell_shared.ids import new_id
from handbell_shared.records import Notification
from tests.server.cli.practice import Practice
from tests.server.mail.conftest import mail_settings
from tests.shared.link_server import certificate
from tests.support.mail_server import MailServer
from tests.support.ports import free_port
from tests.support.proxy import Proxy
from tests.support.redis import RedisServer


@pytest.mark.parametrize("kind", ["embedded", "postgres"])
def test_a_search_index_that_lacks_what_it_should_have(kind: str, request: pytest.FixtureRequest) -> None:
    practice: Practice = request.getfixturevalue("practice" if kind == "embedded" else "on_postgres")
    table = "search_index" if kind == "embedded" else "search_documents"
    with practice.database() as engine, engine.begin() as connection:
        if kind == "postgres":
            people.add_user(connection, "ana", password_hash=None, admin=False)
        notify(connection, "Build failed")
        notify(connection, "…")  # nothing in it that could be looked for
        search.follow(connection, 1)
    assert practice.examine()[0] == 0
    with practice.database() as engine, engine.begin() as connection:
        connection.execute(text(f"DELETE FROM {table}"))
    found = practice.finds("search", "ana: 1 are not indexed and cannot be found")
    assert "handbell migrate --search" in found["todo"]
    practice.server.cli("migrate", "--search")
    assert practice.examine()[0] == 0
    with practice.database() as engine, engine.begin() as connection:
        search.follow(connection, 1)
        connection.execute(text("UPDATE search_progress SET rev = 50"))
    practice.finds("search", "indexed up to revision 50, and the inbox is at 2")


def notify(connection: Connection, title: str) -> None:
    """As the feed writes it, for person 1."""
    [rev] = connection.execute(
        text("UPDATE inboxes SET rev = rev + 1, unread = unread + 1 WHERE user_id = 1 RETURNING rev")
    ).one()
    an_id = new_id()
    connection.execute(
        text(
            "INSERT INTO notifications (id, user_id, producer_id, ver, crev, source, type, title, body, priority, created_at) "
            "VALUES (:id, 1, 1, :rev, :rev, '', 'info', :title, '', 'normal', 1)"
        ),
        {"id": an_id, "rev": rev, "title": title},
    )
    [digest] = connection.execute(text("SELECT digest FROM inboxes WHERE user_id = 1")).one()
    mixed = (digest & (1 << 64) - 1) ^ fingerprint(Notification(id=an_id, ver=rev))
    signed = mixed - (1 << 64) if mixed >= 1 << 63 else mixed
    connection.execute(text("UPDATE inboxes SET digest = :digest WHERE user_id = 1"), {"digest": signed})


def test_what_a_killed_server_left_is_no_fault(practice: Practice) -> None:
    practice.file.with_name("handbell.db.lock").touch()
    practice.sql("INSERT INTO leases (duty, holder, until) VALUES ('upkeep', 'somebody who is gone', 1)")
    assert practice.examine()[0] == 0


def test_a_clock_that_disagrees_with_the_databases(on_postgres: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "now_ms", lambda: now_ms() - 3_600_000)
    assert "time server" in on_postgres.finds("clock", "-3600 s off the database's")["todo"]


def test_a_redis_that_is_slow(practice: Practice, redis_server: RedisServer) -> None:
    with Proxy(redis_server.port) as proxy:
        proxy.set(delay=0.08)
        practice.env["HANDBELL_REDIS_URL"] = f"redis://127.0.0.1:{proxy.port}"
        practice.finds("redis", "it answers after")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"HANDBELL_SMTP_PASSWORD": "wrong"}, "did not let us in"),
        ({"HANDBELL_SMTP_CA_FILE": ""}, "certificate is not valid"),
    ],
)
def test_a_mail_server_that_lets_nobody_in_or_is_somebody_else(
    practice: Practice, tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    ca_file, key = certificate(tmp_path)
    with MailServer((ca_file, key), sign_in=True) as server:
        practice.env |= mail_settings(server, ca_file)
        assert practice.examine()[0] == 0
        practice.env |= changed
        assert "HANDBELL_SMTP_URL" in practice.finds("mail", says)["todo"]


def test_a_postgres_that_is_away(practice: Practice) -> None:
    port = free_port()
    practice.env["HANDBELL_DATABASE_URL"] = f"postgresql://handbell:secret-canary@127.0.0.1:{port}/none"
    practice.env["HANDBELL_REDIS_URL"] = ""
    found = practice.finds("database", f"127.0.0.1:{port}/none")
    assert "secret-canary" not in str(found)


def test_a_healthy_postgres_is_called_so(on_postgres: Practice, redis_server: RedisServer) -> None:
    on_postgres.env["HANDBELL_REDIS_URL"] = redis_server.url
    status, findings = on_postgres.examine()
    assert status == 0
    assert any("PostgreSQL 1" in finding["says"] for finding in findings)


def test_a_postgres_that_may_lose_what_it_acknowledged(on_postgres: Practice) -> None:
    address = on_postgres.env["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
    name = address.rsplit("/", 1)[1]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    on_postgres.finds("durability", "synchronous_commit is off")


def test_a_postgres_with_its_fsync_switched_off(on_postgres: Practice) -> None:
    address = on_postgres.env["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        try:
            connection.execute("SELECT pg_reload_conf()")
            on_postgres.finds("durability", "full_page_writes is off")
        finally:
            connection.execute("ALTER SYSTEM RESET full_page_writes")
            connection.execute("SELECT pg_reload_conf()")


def test_a_postgres_with_too_few_connections_left(on_postgres: Practice) -> None:
    address = on_postgres.env["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
    held: list[psycopg.Connection] = []
    try:
        with psycopg.connect(address) as connection:
            [[most]] = connection.execute("SHOW max_connections").fetchall()
        held.extend(psycopg.connect(address) for _ in range(int(most) - 14))
        on_postgres.finds("connections", "connections are left")
    finally:
        for one in held:
            one.close()

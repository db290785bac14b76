"""Every fault the doctor promises to find is caused here for real; he names it, says what to do, and ends with 1."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from handbell_server import doctor
from handbell_server.doctor import machine
from handbell_server.sealing import Seal, seal_row
from tests.server.cli.practice import Practice, only_fault
from tests.support.handbell import COMMAND
from tests.support.ports import free_port
from tests.support.redis import RedisServer


def test_a_healthy_installation_is_called_so(practice: Practice) -> None:
    status, findings = practice.examine_by_command()
    assert status == 0
    assert {finding["level"] for finding in findings} == {"ok"}, findings


def test_people_read_sentences_and_what_to_do(practice: Practice) -> None:
    practice.data.chmod(0o755)
    done = subprocess.run(
        [*COMMAND, "doctor", "--data", str(practice.data)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"chmod -R go-rwx {practice.data}" in done.stdout


def test_an_installation_that_nobody_uses_yet_gets_hints_and_no_alarm(tmp_path: Path) -> None:
    practice = Practice(tmp_path)
    practice.server.cli("migrate")
    status, findings = practice.examine()
    hints = [finding["says"] for finding in findings if finding["level"] == "hint"]
    assert (status, hints) == (0, ["there are no users yet", "there are no producers yet"])


def test_every_bad_setting_is_named_not_only_the_first(practice: Practice) -> None:
    practice.env |= {"HANDBELL_REDIS_ULR": "redis://x", "HANDBELL_QUEUE_LIMIT": "many", "HANDBELL_MOOD": "good"}
    status, findings = practice.examine()
    bad = {finding["says"]: finding["todo"] for finding in findings if finding["level"] == "wrong"}
    assert status == 1
    assert len(bad) == 3
    [todo] = [todo for says, todo in bad.items() if "ULR" in says]
    assert "HANDBELL_REDIS_URL" in todo


def test_a_setting_that_is_missing_beside_another_is_named_and_the_doctor_goes_on(practice: Practice) -> None:
    practice.env["HANDBELL_SMTP_URL"] = "smtp://mail.example"
    practice.finds("settings", "HANDBELL_MAIL_FROM")


def test_a_setting_for_the_clients_is_no_fault(practice: Practice) -> None:
    practice.env |= {"HANDBELL_SERVER": "http://x", "HANDBELL_KEY": "k", "HANDBELL_PASSWORD": "p"}
    assert practice.examine()[0] == 0


def test_a_missing_data_folder(tmp_path: Path) -> None:
    Practice(tmp_path).finds("data folder", "does not exist")


@pytest.mark.skipif(os.geteuid() != 0, reason="a file system has to be mounted")
def test_a_data_folder_that_cannot_be_written(practice: Practice) -> None:
    # Read-only for everybody: root, as which some run the tests, may write everywhere else.
    if subprocess.run(["mount", "--bind", practice.data, practice.data], check=False).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", practice.data], check=True)
        status, findings = practice.examine()
    finally:
        subprocess.run(["umount", practice.data], check=True)
    says = [finding["says"] for finding in findings if finding["level"] == "wrong"]
    assert status == 1
    assert f"{practice.data} cannot be written by this user" in says
    assert not any("None" in sentence for sentence in says)


def test_a_data_folder_that_is_open_to_others(practice: Practice) -> None:
    practice.data.chmod(0o750)
    assert "chmod" in practice.finds("data folder", "750")["todo"]


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk has to be mounted")
def test_a_disk_that_is_nearly_full(practice: Practice, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir(0o700)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", disk], check=False).returncode:
        pytest.skip("this machine does not let us mount")
    try:
        practice.data = practice.server.data = disk
        practice.server.cli("migrate")
        (disk / "filler").write_bytes(b"x" * 3_400_000)
        practice.finds("disk", "nearly full")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_schema_that_is_older_or_newer(practice: Practice) -> None:
    practice.sql("UPDATE alembic_version SET version_num = '0000'")
    assert "handbell migrate" in practice.finds("schema", "0000")["todo"]
    practice.sql("UPDATE alembic_version SET version_num = '9999'")
    assert "newer" in practice.finds("schema", "9999")["todo"]


def test_a_damaged_database(practice: Practice) -> None:
    content = bytearray(practice.file.read_bytes())
    content[4_096:40_960] = b"\xff" * 36_864
    practice.file.write_bytes(content)
    assert "handbell restore" in practice.finds("database", "damaged")["todo"]


def test_a_file_that_is_no_database(practice: Practice) -> None:
    practice.file.write_bytes(b"something else entirely" * 1_000)
    practice.finds("database", "damaged")


def test_a_log_that_only_grows(practice: Practice) -> None:
    with closing(sqlite3.connect(practice.file)) as holder:
        holder.execute("SELECT count(*) FROM users").fetchone()
        log = practice.file.with_name("handbell.db-wal")
        with log.open("ab") as file:
            file.truncate(300 * 1024 * 1024)
        practice.finds("log", "300 MiB")
        log.unlink()


def test_a_digest_or_a_count_that_does_not_fit(served: Practice) -> None:
    key = served.server.add_producer("tester")
    assert served.server.rest(key).notify("ana", "hello").status == 201
    served.server.stop()
    served.sql("UPDATE inboxes SET unread = 7")
    served.finds("inboxes", "ana: 7 are counted as unread and 1 are")
    served.sql("UPDATE inboxes SET unread = 1, digest = digest + 1")
    served.finds("inboxes", "ana: the digest is", full=True)


def test_a_clock_that_was_set_back(practice: Practice) -> None:
    practice.sql("UPDATE audit_log SET at = at + 3600000")
    practice.finds("clock", "set back")


def test_a_port_that_another_program_has(practice: Practice) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", practice.server.port))
        other.listen()
        other.settimeout(5)
        practice.finds("port", f"127.0.0.1:{practice.server.port}")


def test_our_own_server_on_the_port_is_no_fault(served: Practice) -> None:
    status, findings = served.examine()
    assert status == 0
    assert any("a Handbell server" in finding["says"] for finding in findings)


def test_too_few_open_files(practice: Practice) -> None:
    assert "LimitNOFILE" in only_fault(practice.examine_by_command(256), "open files", "256")["todo"]
    status, findings = practice.examine_by_command(1_024)
    assert (status, [finding["check"] for finding in findings if finding["level"] == "hint"]) == (0, ["open files"])


def test_a_redis_that_is_away_or_frozen(practice: Practice, redis_server: RedisServer) -> None:
    practice.env["HANDBELL_REDIS_URL"] = redis_server.url
    assert practice.examine()[0] == 0
    redis_server.freeze()
    practice.finds("redis", "does not answer")
    redis_server.thaw()
    redis_server.kill9()
    practice.finds("redis", "does not answer")
    practice.env["HANDBELL_REDIS_URL"] = "redis://localhost:door"
    practice.finds("redis", "no address")


def test_an_issuer_that_is_misconfigured(practice: Practice) -> None:
    practice.env |= {"HANDBELL_JWT_KEY": "x" * 40, "HANDBELL_JWT_ALGORITHM": "HS256"}
    status, findings = practice.examine()
    named = {finding["says"].split(":")[0] for finding in findings if finding["level"] == "wrong"}
    assert (status, named) == (1, {"HANDBELL_JWT_KEY", "HANDBELL_JWT_ALGORITHM"})
    practice.env |= {"HANDBELL_JWT_ISSUER": "https://issuer.example"}
    assert practice.examine()[0] == 0
    practice.env |= {"HANDBELL_JWT_ALGORITHM": "none"}
    practice.finds("issuer", "algorithm")


def test_keys_of_the_issuer_that_cannot_be_fetched(practice: Practice) -> None:
    practice.env |= {
        "HANDBELL_JWT_ISSUER": "https://issuer.example",
        "HANDBELL_JWT_ALGORITHM": "RS256",
        "HANDBELL_JWT_JWKS_URL": f"https://127.0.0.1:{free_port()}/keys",
    }
    practice.finds("issuer", "cannot be had")


@pytest.mark.parametrize("origin", ["https://bell.example/", "bell.example", "*", "https://Bell.example"])
def test_an_allowed_origin_that_no_browser_ever_sends(practice: Practice, origin: str) -> None:
    practice.env["HANDBELL_ALLOWED_ORIGINS"] = f"https://fine.example:8443,{origin}"
    practice.finds("origins", origin)


def _with_a_sealed_secret(practice: Practice, key: str) -> None:
    """What `handbell producer set` leaves: a secret of a sender, sealed for its producer."""
    sealed = Seal(key).close("whsec_canary", seal_row(1))
    practice.sql(f"UPDATE producers SET dialects = json_object('secret', '{sealed}') WHERE id = 1")


def test_a_key_that_secrets_were_not_sealed_with(practice: Practice) -> None:
    _with_a_sealed_secret(practice, "k" * 40)
    practice.env["HANDBELL_SECRET_KEY"] = "k" * 40
    status, findings = practice.examine()
    assert status == 0
    assert any("1 secret is sealed, and the key opens them" in finding["says"] for finding in findings)
    practice.env["HANDBELL_SECRET_KEY"] = "another key of forty characters, or more"
    found = practice.finds("secrets", "cannot be opened")
    assert "handbell producer set" in found["todo"]
    assert "canary" not in str(found)


def test_a_key_file_that_is_gone_empty_or_open_to_others(practice: Practice) -> None:
    file = practice.data / "secret.key"
    file.write_text("k" * 40)
    file.chmod(0o600)
    _with_a_sealed_secret(practice, "k" * 40)
    assert practice.examine()[0] == 0
    file.chmod(0o640)
    practice.finds("secrets", "may read")
    file.chmod(0o600)
    file.write_text("")
    practice.finds("secrets", "holds no key")
    file.unlink()
    practice.finds("secrets", "is gone")
    assert not file.exists(), "the doctor changes nothing"


def test_sealed_secrets_on_postgres_without_any_key(on_postgres: Practice) -> None:
    status, findings = on_postgres.examine()
    assert (status, [finding["level"] for finding in findings if finding["check"] == "secrets"]) == (0, ["hint"])
    address = on_postgres.env["HANDBELL_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute(
            "INSERT INTO producers (name, scopes, created_at, dialects) VALUES ('ci', '[]', 1, '{\"secret\": \"1.x\"}')"
        )
    on_postgres.finds("secrets", "no key to open")


def test_looking_for_the_mail_server_makes_no_key(practice: Practice) -> None:
    practice.env |= {
        "HANDBELL_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "HANDBELL_MAIL_FROM": "bell@example.org",
        "HANDBELL_PUBLIC_URL": "https://bell.example",
    }
    practice.finds("mail", "")
    assert not (practice.data / "secret.key").exists()


def test_a_sound_doctor_survives_a_check_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def faint(_config: object) -> Iterator[object]:
        raise ZeroDivisionError("nobody foresaw this")

    monkeypatch.setattr(machine, "disk", faint)
    findings = doctor.examine(tmp_path, full=False, environ={})
    assert any("the check itself failed" in finding.says for finding in findings)
    assert any(finding.check == "open files" for finding in findings) or sys.platform == "win32"

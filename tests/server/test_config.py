"""Settings are checked when they are read, and a wrong one is named; no command answers with a traceback."""

import os
import subprocess

import pytest

from handbell_server.config import ConfigError, from_environment
from tests.support.handbell import COMMAND
from tests.support.ports import free_port


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "70000", "65535"),
        ("PORT", "eighty", "a whole number"),
        ("PRODUCER_RATE", "0", "above 0"),
        ("PRODUCER_RATE", "fast", "is not a number"),
        ("USER_RATE", "nan", "above 0"),
        ("USER_RATE", "inf", "above 0"),
        ("USER_BURST", "0", "at least 1"),
        ("QUEUE_LIMIT", "-5", "at least 1"),
        ("RETAIN_DAYS", "0", "at least 1"),
        ("SWEEP_SECONDS", "-1", "above 0"),
        ("TRUST_PROXY", "perhaps", "yes or no"),
        ("LOG_LEVEL", "loud", "debug, info, warning, error"),
        ("HOST", "", "an address"),
        ("DATABASE_URL", "mysql://ana:secret@db/handbell", "postgresql://"),
        ("DATABASE_URL", "/var/lib/handbell.db", "sqlite://"),
        ("REDIS_URL", "nonsense", "redis://"),
        ("REDIS_URL", "http://ana:secret@redis", "rediss://"),
        ("SMTP_URL", "http://ana:secret@mail.example", "smtps://"),
        ("PUBLIC_URL", "bell.example", "https://"),
        ("JWT_KEY", "secret" * 8, "HANDBELL_JWT_ISSUER"),
        ("JWT_ALGORITHM", "RS256", "HANDBELL_JWT_ISSUER"),
        ("JWT_JWKS_URL", "https://issuer.example/keys", "HANDBELL_JWT_ISSUER"),
        ("JWT_ADMIN_CLAIM", "admin", "HANDBELL_JWT_ISSUER"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_and_keeps_its_secret(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        from_environment({f"HANDBELL_{name}": value})

    assert str(caught.value).startswith(f"HANDBELL_{name}: ")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("SWEEP_SECONDS", "0.05"),
        ("LOG_LEVEL", "debug"),
        ("DATABASE_URL", "postgres://db/handbell"),
        ("DATABASE_URL", "postgresql+psycopg://db/handbell"),
        ("DATABASE_URL", "sqlite:////var/lib/handbell.db"),
        ("DATABASE_URL", ""),
        ("REDIS_URL", "rediss://redis:6380/1"),
        ("REDIS_URL", "unix:///run/redis.sock"),
    ],
)
def test_a_setting_that_makes_sense_is_taken(name: str, value: str) -> None:
    assert str(getattr(from_environment({f"HANDBELL_{name}": value}), name.lower())) == value


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["serve", "--data", "/proc/nope"], {}, "/proc/nope"),
        (["user", "list", "--data", "/proc/nope"], {}, "/proc/nope"),
        (["serve", "--host", "192.0.2.1"], {}, "192.0.2.1 is no address of this machine"),
        (["serve", "--host", "no.such.host.invalid"], {}, "no.such.host.invalid is no address of this machine"),
        (["serve"], {"HANDBELL_PRODUCER_RATE": "0"}, "HANDBELL_PRODUCER_RATE"),
        (["user", "list"], {"HANDBELL_DATABASE_URL": "mysql://db/handbell"}, "HANDBELL_DATABASE_URL"),
        (["user", "list"], {"HANDBELL_DATABASE_URL": "sqlite://handbell.db"}, "HANDBELL_DATABASE_URL"),
        (["user", "list"], {"HANDBELL_DATABASE_URL": "sqlite:////proc/nope/x.db"}, "The database cannot be used"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDBELL_")}
    fallback = {"HANDBELL_DATA_DIR": str(tmp_path_factory.mktemp("data")), "HANDBELL_PORT": str(free_port())}

    done = subprocess.run(
        [*COMMAND, *arguments],
        env=inherited | fallback | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 1, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("{")]) == 1, done.stderr


MAIL = {
    "HANDBELL_SMTP_URL": "smtps://bell:secret@mail.example",
    "HANDBELL_MAIL_FROM": "Handbell <bell@example.org>",
    "HANDBELL_PUBLIC_URL": "https://bell.example",
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"HANDBELL_MAIL_FROM": ""}, "HANDBELL_MAIL_FROM"),
        ({"HANDBELL_MAIL_FROM": "somebody"}, "HANDBELL_MAIL_FROM"),
        ({"HANDBELL_PUBLIC_URL": ""}, "HANDBELL_PUBLIC_URL"),
        ({"HANDBELL_SMTP_URL": "smtp://bell:secret@mail.example"}, "HANDBELL_SMTP_URL.* without TLS"),
        (
            {"HANDBELL_SMTP_URL": "smtp://mail.example", "HANDBELL_SMTP_PASSWORD": "secret"},
            "HANDBELL_SMTP_URL.* no user",
        ),
        ({"HANDBELL_SMTP_URL": "smtps://mail.example/path"}, "HANDBELL_SMTP_URL"),
        ({"HANDBELL_SMTP_CA_FILE": "/no/such/file"}, "HANDBELL_SMTP_URL.*HANDBELL_SMTP_CA_FILE"),
        ({"HANDBELL_DATABASE_URL": "postgresql://db/handbell"}, "HANDBELL_SECRET_KEY"),
    ],
)
def test_sending_e_mail_takes_all_that_it_takes(change: dict[str, str], named: str) -> None:
    assert from_environment(MAIL).smtp_url

    with pytest.raises(ConfigError, match=named) as caught:
        from_environment(MAIL | change)
    assert "secret" not in str(caught.value)

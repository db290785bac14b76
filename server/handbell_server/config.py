"""One frozen `Config`, made once. This is the only module that reads the environment.

Every setting is `HANDBELL_<NAME>`; a secret may instead stand in a file named by `HANDBELL_<NAME>_FILE`. A `HANDBELL_`
variable nobody knows is an error, for a misspelt setting is worse than none.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from handbell_server.channels.egress import Egress
from handbell_server.channels.mail.address import sender_of
from handbell_server.channels.mail.relay import SCHEMES as SMTP_SCHEMES
from handbell_server.channels.mail.relay import relay_of
from handbell_shared.pairing import is_server

# Read by the command line, not by the server.
_NOT_OURS = {"HANDBELL_KEY", "HANDBELL_PASSWORD", "HANDBELL_SERVER", "HANDBELL_TOKEN"}
_SCHEMES: Final = {
    "database_url": ("postgresql", "postgres", "postgresql+psycopg", "sqlite"),
    "redis_url": ("redis", "rediss", "unix"),
    "smtp_url": SMTP_SCHEMES,
}
_LEVELS: Final = ("debug", "info", "warning", "error")
_KINDS: Final = {"int": "a whole number", "float": "a number", "bool": "yes or no"}


class ConfigError(Exception):
    """A setting that cannot be used; the message names it."""


def default_data_dir() -> Path:
    """Where the embedded database lives when nobody says."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "Handbell" / "server"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Handbell" / "server"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "handbell"


@dataclass(frozen=True)
class Config:
    data_dir: Path = field(default_factory=default_data_dir)
    # ---- where things are kept
    database_url: str = ""
    redis_url: str = ""
    # ---- the edge
    host: str = "127.0.0.1"
    port: int = 8080
    allowed_origins: tuple[str, ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    trust_proxy: bool = False
    reuse_port: bool = False
    polling: bool = True
    sockets_per_user: int = 10
    sockets_per_address: int = 50
    ping_interval: int = 25
    ping_timeout: int = 20
    # ---- rates: per process
    producer_rate: float = 1000.0
    producer_burst: int = 2000
    user_rate: float = 50.0
    user_burst: int = 200
    sign_in_rate: float = 0.2
    sign_in_burst: int = 10
    # ---- how much may wait before a producer hears 503: changes for the writer, people for fan-outs
    queue_limit: int = 20_000
    fan_out_limit: int = 100_000
    # ---- how long things are kept
    retain_days: int = 90
    retain_count: int = 5000
    tombstone_days: int = 30
    idempotency_hours: int = 72
    # ---- categories whose notifications nobody can mute
    critical_categories: tuple[str, ...] = ()
    # ---- the organisation's own issuer
    jwt_issuer: str = ""
    jwt_audience: str = "handbell"
    jwt_algorithm: str = ""
    jwt_key: str = ""
    jwt_jwks_url: str = ""
    jwt_user_claim: str = "sub"
    jwt_admin_claim: str = ""
    # ---- webhooks
    secret_key: str = ""
    webhook_allow: tuple[str, ...] = ()
    # ---- e-mail
    smtp_url: str = ""
    smtp_password: str = ""
    smtp_ca_file: str = ""
    mail_from: str = ""
    public_url: str = ""
    # ---- the rest
    metrics_token: str = ""
    log_level: str = "info"
    sweep_seconds: float = 1.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "port":
                _demand(one.name, 0 <= value <= 65535, "must be 0 to 65535")
            elif one.type == "int":
                _demand(one.name, value >= 1, "must be at least 1")
            elif one.type == "float":
                _demand(one.name, value > 0 and math.isfinite(value), "must be above 0")
        for name, schemes in _SCHEMES.items():
            scheme, found, _ = getattr(self, name).partition("://")
            # Without the value, which may hold a password.
            fits = not (scheme or found) or (bool(found) and scheme in schemes)
            _demand(name, fits, f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        _demand("host", bool(self.host), "must be an address of this machine")
        _demand("log_level", self.log_level in _LEVELS, f"must be one of {', '.join(_LEVELS)}")
        _demand("secret_key", not self.secret_key or len(self.secret_key) >= 32, "must have at least 32 characters")
        try:
            Egress(self.webhook_allow)
        except ValueError as error:
            raise ConfigError(f"HANDBELL_WEBHOOK_ALLOW: {error}") from None
        _demand(
            "public_url", not self.public_url or is_server(self.public_url), "must be https://host, perhaps with a port"
        )
        if self.smtp_url:
            self._check_mail()
        if not self.jwt_issuer:
            for name in ("jwt_algorithm", "jwt_key", "jwt_jwks_url", "jwt_admin_claim"):
                _demand(name, not getattr(self, name), "needs HANDBELL_JWT_ISSUER, the `iss` of the tokens, beside it")

    def _check_mail(self) -> None:
        """All that sending e-mail takes, or none of it."""
        _demand("mail_from", bool(self.mail_from), "must say whom e-mail is from when HANDBELL_SMTP_URL is set")
        _demand(
            "public_url", bool(self.public_url), "must be set when HANDBELL_SMTP_URL is: e-mail links to the server"
        )
        signs = bool(self.secret_key) or self.embedded
        _demand("secret_key", signs, "must be set when HANDBELL_SMTP_URL is: links in e-mail are signed with it")
        for name, look in (
            ("smtp_url", lambda: relay_of(self.smtp_url, self.smtp_password, self.smtp_ca_file)),
            ("mail_from", lambda: sender_of(self.mail_from)),
        ):
            try:
                look()
            except ValueError as error:
                raise ConfigError(f"HANDBELL_{name.upper()}: it {error}") from None

    @property
    def database(self) -> str:
        """The database in SQLAlchemy's words; the embedded one when no other is named."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'handbell.db'}"
        scheme, _, rest = self.database_url.partition("://")
        if scheme in ("postgres", "postgresql"):
            return f"postgresql+psycopg://{rest}"
        return self.database_url

    @property
    def embedded(self) -> bool:
        return self.database.startswith("sqlite")


def _demand(setting: str, fits: bool, demand: str) -> None:
    if not fits:
        raise ConfigError(f"HANDBELL_{setting.upper()}: it {demand}")


_SECRETS = {"database_url", "redis_url", "jwt_key", "secret_key", "smtp_url", "smtp_password", "metrics_token"}


def from_environment(environ: Mapping[str, str] | None = None, chosen: Mapping[str, object] | None = None) -> Config:
    """The configuration of this process; what the command line chose wins over the environment."""
    env = os.environ if environ is None else environ
    known = {f"HANDBELL_{f.name.upper()}": f.name for f in fields(Config)}
    values: dict[str, object] = {}
    for name, text in env.items():
        if not name.startswith("HANDBELL_") or name in _NOT_OURS:
            continue
        if name in known:
            values[known[name]] = _read(name, known[name], text)
        elif name.removesuffix("_FILE") in known and known[name.removesuffix("_FILE")] in _SECRETS:
            setting = known[name.removesuffix("_FILE")]
            values[setting] = _read(name, setting, _contents(name, text))
        else:
            raise ConfigError(f"{name} is not a setting of Handbell")
    values.update((key, value) for key, value in (chosen or {}).items() if value is not None)
    return Config(**values)  # type: ignore[arg-type]  # each value was read by its field's type


def _contents(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigError(f"{name}: {path} cannot be read: {error.strerror}") from error


def _read(variable: str, setting: str, text: str) -> object:
    kind = next(f.type for f in fields(Config) if f.name == setting)
    try:
        match kind:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[text.lower()]
            case "Path":
                return Path(text)
            case "tuple[str, ...]":
                return tuple(part.strip() for part in text.split(",") if part.strip())
            case _:
                return text
    except (ValueError, KeyError) as error:
        raise ConfigError(f"{variable}: {text!r} is not {_KINDS[str(kind)]}") from error

"""Others the server relies on: Redis, the organisation's token issuer, and the mail server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from time import perf_counter
from urllib.parse import urlsplit

from handbell_server.config import Config
from handbell_server.doctor.findings import Finding, hint, ok, wrong

_REDIS_WITHIN = 2.0
_REDIS_SLOW = 0.1


def redis_answers(config: Config) -> Iterator[Finding]:
    if not config.redis_url:
        if not config.embedded:
            todo = "With several servers, set HANDBELL_REDIS_URL: then devices hear at once."
            yield hint("redis", "none is set; other servers notice a notification up to a second later", todo)
        return
    import redis

    todo = (
        "Start it or correct HANDBELL_REDIS_URL. Until then other servers notice up to a second later; nothing is lost."
    )
    try:
        client = redis.Redis.from_url(
            config.redis_url, socket_timeout=_REDIS_WITHIN, socket_connect_timeout=_REDIS_WITHIN
        )
    except ValueError:
        yield wrong("redis", "HANDBELL_REDIS_URL is no address of a Redis", "Write redis://host:port/number.")
        return
    try:
        client.ping()
        start = perf_counter()
        client.ping()
        seconds = perf_counter() - start
    except (redis.RedisError, OSError) as error:
        yield wrong("redis", f"it does not answer ({type(error).__name__})", todo)
        return
    finally:
        client.close()
    if seconds > _REDIS_SLOW:
        yield wrong("redis", f"it answers after {seconds * 1000:.0f} ms", "Look at its load and at the way to it.")
    else:
        yield ok("redis", f"it answers within {seconds * 1000:.1f} ms")


def issuer(config: Config) -> Iterator[Finding]:
    if not config.jwt_issuer:
        return
    from handbell_server.app import issuer_of
    from handbell_server.config import ConfigError

    try:
        issuer_of(config)
    except ConfigError as error:
        yield wrong("issuer", str(error), "Correct the setting; the server will not start with it.")
        return
    if config.jwt_jwks_url:
        yield _keys(config.jwt_jwks_url, config.jwt_algorithm)
    else:
        yield ok("issuer", f"tokens of {config.jwt_issuer} are taken")


def _keys(url: str, algorithm: str) -> Finding:
    from handbell_server.identity.jwks import parse_jwks
    from handbell_server.identity.jwks_fetch import KeysUnavailableError, fetch_jwks

    try:
        parse_jwks(fetch_jwks(url), "RS256" if algorithm == "RS256" else "EdDSA")
    except KeysUnavailableError as error:
        return wrong("issuer", f"its keys cannot be had from {url}: {error}", "Nobody can sign in by token until then.")
    return ok("issuer", f"its keys are at {url}")


def mail_server(config: Config) -> Iterator[Finding]:
    """As far as signing in; nothing is sent."""
    if not config.smtp_url:
        return
    from handbell_server.channels.mail.address import sender_of
    from handbell_server.channels.mail.line import BRINK_S, Line, UnreachableError, ended_after
    from handbell_server.channels.mail.relay import relay_of

    if not config.public_url.startswith("https://"):
        todo = "Set HANDBELL_PUBLIC_URL to the https address of your proxy: mail programs offer one-click unsubscribing for https only."
        yield hint("mail", "links in e-mail lead to an address without TLS", todo)
    # Not by way of the office: on the embedded database that one makes a key, and the doctor changes nothing.
    relay = relay_of(config.smtp_url, config.smtp_password, config.smtp_ca_file)
    line = Line(relay, urlsplit(config.public_url).hostname or "localhost")
    try:
        with ended_after(line, BRINK_S), closing(line):
            line.open()
    except UnreachableError as error:
        yield wrong(
            "mail", str(error), "Correct HANDBELL_SMTP_URL, or the mail server. Until then e-mail waits, for a day."
        )
        return
    yield ok("mail", f"the mail server takes e-mail from {sender_of(config.mail_from).addr_spec}")

"""Others the server relies on: Redis, and the organisation's token issuer."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

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

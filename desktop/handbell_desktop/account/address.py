"""From what a person types for a server to the address of a Handbell.

People type `bell.example`, `192.168.1.5:8080`, `https://bell.example/docs`. What is left out is tried in the order of
safety: https first; http only where the network is the person's own (loopback, private addresses, names without a
dot), and beyond loopback only after they have seen it: `find` then raises with the address to confirm, because the
next thing to be sent is a password. Each candidate is asked for `/healthz`, so a web site that is no Handbell is told
apart from a server that is away.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from handbell_desktop.account import trouble
from handbell_desktop.account.trouble import Trouble
from handbell_desktop.sentences import sentence
from handbell_shared import rest
from handbell_shared.rest import Refused, Unreachable

TIMEOUT: Final = 6.0
TIMEOUT_OF_SEVERAL: Final = 3.0
OUR_PORT: Final = 8080  # where `handbell serve` listens when nobody says otherwise
_HOME_ENDINGS: Final = (".local", ".localhost", ".lan", ".home", ".internal", ".home.arpa")


class Unencrypted(Trouble):
    """There is a Handbell, but the way to it can be overheard. Whoever wants that passes `address` on."""

    def __init__(self, address: str) -> None:
        super().__init__(
            sentence(
                "Trouble",
                "This server answers without encryption, so others in this network could read your password. "
                "Go on only if you trust the network.",
            ),
            field="server",
            code="unencrypted",
        )
        self.address = address


def find(typed: str, *, ca_file: str | None = None) -> str:
    """The address of the Handbell that is meant, as `scheme://host[:port]`. Asks the network."""
    first: Trouble | None = None
    meant = tuple(candidates(typed))
    # A server that speaks plain http may be silent for seconds when it is greeted in TLS.
    timeout = TIMEOUT if len(meant) == 1 else TIMEOUT_OF_SEVERAL
    for candidate in meant:
        try:
            check(candidate, ca_file=ca_file, timeout=timeout)
        except Trouble as failure:
            if failure.code == "certificate" and failure.wants_ca:
                raise  # it is there and speaks https: http would only hide that
            first = first or failure
            continue
        if candidate.startswith("http:") and "://" not in typed and not rest.is_loopback(candidate):
            raise Unencrypted(candidate)
        return candidate
    assert first is not None
    raise first


def check(server: str, *, ca_file: str | None = None, timeout: float = TIMEOUT) -> str:
    """The version of the Handbell at this address; raises `Trouble` when there is none."""
    try:
        health = rest.request(server, "GET", "/healthz", ca_file=ca_file, timeout=timeout)
    except (Refused, Unreachable) as error:
        raise trouble.explain(error, server) from error
    version = _version(health)
    if version is None:
        raise trouble.no_handbell(server)
    return version


def candidates(typed: str) -> Iterator[str]:
    """Every address that may be meant, the safest first."""
    scheme, separator, rest_of_it = typed.strip().partition("://")
    if not separator:
        scheme, rest_of_it = "", typed.strip()
    if scheme.lower() not in ("", "http", "https"):
        raise _no_address()
    place = _place(rest_of_it)
    if scheme:
        yield f"{scheme.lower()}://{place}"
        return
    parts = urlsplit(f"//{place}")
    at_home = _at_home(parts.hostname or "")
    if rest.is_loopback(f"http://{place}"):
        yield f"http://{place}"
        yield f"http://{place}:{OUR_PORT}" if parts.port is None else f"https://{place}"
        return
    yield f"https://{place}"
    if at_home:
        yield f"http://{place}"
        if parts.port is None:
            yield f"http://{place}:{OUR_PORT}"


def overheard(server: str) -> bool:
    """Whether what is sent to this address can be read on its way."""
    return server.lower().startswith("http://") and not rest.is_loopback(server)


def _place(text: str) -> str:
    """Host and port; a path, a query and a fragment are what somebody copied along."""
    try:
        parts = urlsplit(f"//{text}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_address() from None
    if not name or "@" in parts.netloc or any(c.isspace() or c in "\\<>\"'" or ord(c) < 32 for c in parts.netloc):
        raise _no_address()
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        raise _no_address() from None
    bracketed = f"[{name}]" if ":" in name else name
    return bracketed if port is None else f"{bracketed}:{port}"


def _at_home(name: str) -> bool:
    try:
        return ip_address(name).is_private
    except ValueError:
        return "." not in name or name.endswith(_HOME_ENDINGS)


def _version(health: Any) -> str | None:
    """What `/healthz` of a Handbell says; other servers have that path too, and say other things."""
    version = health.get("version") if isinstance(health, dict) and health.get("status") == "ok" else None
    return version if isinstance(version, str) else None


def _no_address() -> Trouble:
    why = sentence("Trouble", "This is not the address of a server. It looks like bell.example or 192.168.1.5:8080.")
    return Trouble(why, field="server", code="no_address")

"""Where this server may be sent: to public addresses, and to those that its operator has allowed.

A producer chooses the URL, so the URL is an attack until it is proven otherwise. The name is looked up once for each
attempt, every address that comes back is judged, and the connection goes to the very address that was judged: there is
no second look-up for a name server to answer differently. IPv6 is allowed by what is in use on the Internet (2000::/3)
less what is special in it; every form that carries an IPv4 address inside is refused, for somebody else would unpack it.

A name that has no address and one that has only private ones are answered alike, so that nobody learns the names of
the network behind this server.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

URL_CHARS: Final = 2_048
_LOOKUPS_AT_ONCE: Final = 64
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.IGNORECASE)
_WEB_PORTS: Final = {"https": 443, "http": 80}

_IPv4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_IPv6: Final = tuple(
    ipaddress.IPv6Network(text)
    # Teredo and other protocol assignments, documentation, 6to4, documentation again.
    for text in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20")
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Lookup = Callable[[str, int], list[tuple[socket.AddressFamily, Any]]]
_lookups = threading.BoundedSemaphore(_LOOKUPS_AT_ONCE)


class RefusedError(Exception):
    """The server does not go there; the message is for the producer and tells nothing about our network."""


class LookupFailedError(Exception):
    """The name servers did not answer in time; a later attempt may have more luck."""


@dataclass(frozen=True)
class Place:
    """A URL taken apart."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header wants it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _WEB_PORTS["https" if self.secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def is_public(address: Address) -> bool:
    """Whether an address is somebody's on the Internet, and can be nobody's in a network of ours."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _IPv4)
    return address.scope_id is None and address in _UNICAST and not any(address in network for network in _IPv6)


class Egress:
    """The judgement. `allowed` holds names, addresses and networks that may be called although they are private."""

    def __init__(self, allowed: Iterable[str] = (), lookup: Lookup | None = None) -> None:
        self._lookup = lookup or system_lookup
        self._names: set[str] = set()
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for entry in allowed:
            try:
                self._networks.append(ipaddress.ip_network(entry))
            except ValueError:
                if "/" in entry or not _NAME.fullmatch(entry):
                    raise ValueError(f"{entry!r} is neither a name, nor an address, nor a network") from None
                self._names.add(entry.lower())

    def place(self, url: str) -> Place:
        """The URL, as far as it can be judged without asking anybody."""
        if len(url) > URL_CHARS or not url.isascii() or not url.isprintable() or " " in url:
            raise RefusedError(f"A webhook's URL is at most {URL_CHARS} printable ASCII characters.")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise RefusedError("This is no URL.") from None
        host = (parts.hostname or "").lower()
        if parts.scheme not in self._schemes():
            raise RefusedError("A webhook's URL begins with https://.")
        if parts.username is not None or parts.password is not None:
            raise RefusedError("A webhook's URL holds no user and no password.")
        if "#" in url or not (_NAME.fullmatch(host) or _literal(host)):
            raise RefusedError("A webhook's URL names a host, and has no fragment.")
        if port is None:
            port = _WEB_PORTS[parts.scheme]
        if port != _WEB_PORTS[parts.scheme] and not 1_024 <= port <= 65_535:
            raise RefusedError("A webhook's port is the usual one, or 1024 and above.")
        place = Place(
            parts.scheme == "https", host, port, (parts.path or "/") + (f"?{parts.query}" * bool(parts.query))
        )
        literal = _literal(host)
        if literal is not None and not self._may_call(place, literal):
            raise _leads_nowhere()
        return place

    def why_refused(self, url: str) -> str | None:
        """Why this URL would never be called, as far as can be said without asking anybody."""
        try:
            self.place(url)
        except RefusedError as refused:
            return str(refused)
        return None

    def addresses(self, place: Place, timeout: float) -> list[tuple[socket.AddressFamily, Any]]:
        """Where to connect: what the name means now, without what may not be called. Waits for the name servers."""
        found = [
            (family, target)
            for family, target in in_time(self._lookup, place.host, place.port, timeout)
            if self._may_call(place, ipaddress.ip_address(target[0]))
        ]
        if not found:
            raise _leads_nowhere()
        return found

    def _schemes(self) -> tuple[str, ...]:
        # Without TLS only to what the operator has allowed by name or network: nothing of ours crosses the Internet bare.
        return ("https", "http") if self._names or self._networks else ("https",)

    def _may_call(self, place: Place, address: Address) -> bool:
        if place.host in self._names or any(address in network for network in self._networks):
            return True
        return place.secure and is_public(address)


def system_lookup(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys((family, target) for family, _kind, _protocol, _name, target in found))


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _leads_nowhere() -> RefusedError:
    return RefusedError("The URL leads to no address that may be called.")


def in_time(lookup: Lookup, host: str, port: int, timeout: float) -> list[tuple[socket.AddressFamily, Any]]:
    """The system's look-up has no bound of its own, so it runs in a thread that can be left behind."""
    answer: list[list[tuple[socket.AddressFamily, Any]]] = []

    def look() -> None:
        try:
            answer.append(lookup(host, port))
        except (OSError, UnicodeError):
            answer.append([])
        finally:
            _lookups.release()

    if not _lookups.acquire(timeout=timeout):
        raise LookupFailedError("Too many names are being looked up.")
    thread = threading.Thread(target=look, name="handbell-lookup", daemon=True)
    thread.start()
    thread.join(timeout)
    if not answer:
        raise LookupFailedError("The name could not be looked up in time.")
    return answer[0]

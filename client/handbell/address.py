"""The address of a server, and the way to it: what both transports have to know before they connect."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from handbell.errors import Unreachable, Untrusted

if TYPE_CHECKING:
    import ssl

DEFAULT_SERVER: Final = "http://127.0.0.1:8080"
LONGEST_ANSWER: Final = 32 * 1024 * 1024


@dataclass(frozen=True)
class Proxy:
    host: str
    port: int
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Address:
    """Where the server is. A proxy of the environment is used, except for this machine, where it could only be a mistake."""

    secure: bool
    host: str
    port: int
    path: str
    proxy: Proxy | None
    ca_file: str | None

    @classmethod
    def of(cls, url: str, ca_file: str | None = None) -> Address:
        """Raises ValueError for what is no address of a server."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not the address of a server: it starts with http:// or https://")
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        proxy = None if _is_loopback(parts.hostname) else _proxy(parts.scheme, parts.hostname)
        return cls(secure, parts.hostname, port, parts.path.rstrip("/"), proxy, ca_file)

    def __str__(self) -> str:
        return f"{'https' if self.secure else 'http'}://{self.authority}"

    @property
    def authority(self) -> str:
        """As it stands in a Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"

    @property
    def tunnelled(self) -> bool:
        return self.secure and self.proxy is not None

    @property
    def first_hop(self) -> tuple[str, int]:
        return (self.host, self.port) if self.proxy is None else (self.proxy.host, self.proxy.port)

    @property
    def own_headers(self) -> Mapping[str, str]:
        """What a proxy without a tunnel wants to hear with every request."""
        return {} if self.proxy is None or self.secure else self.proxy.headers

    def target(self, path: str) -> str:
        """As it stands in the first line of a request."""
        return f"{self}{self.path}{path}" if self.proxy is not None and not self.secure else f"{self.path}{path}"

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        if not self.secure:
            return None
        import ssl

        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:  # also what ssl raises for a file that holds no certificate
            raise Untrusted(f"the certificates in {self.ca_file} cannot be used: {why(error)}") from None

    def unreachable(self, error: BaseException) -> Unreachable:
        """No connection stood, so nothing was sent."""
        if self.secure:
            from ssl import SSLCertVerificationError

            if isinstance(error, SSLCertVerificationError):
                return Untrusted(f"{self} cannot be trusted: {error.verify_message}")
        return Unreachable(f"{self} cannot be reached: {why(error)}", may_have_arrived=False)

    def no_answer(self, error: BaseException) -> Unreachable:
        return Unreachable(f"{self} gave no whole answer: {why(error)}")


def why(error: object) -> str:
    return str(error) or type(error).__name__


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy(scheme: str, host: str) -> Proxy | None:
    named = any(name.lower().endswith("_proxy") for name in os.environ)
    if not named and sys.platform not in ("win32", "darwin"):  # those two keep one in their settings
        return None
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(scheme)
    if not url or proxy_bypass(host):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"the proxy of the environment, {parts.scheme}://{parts.hostname}, is not one of http")
    headers = {}
    if parts.username is not None:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Proxy-Authorization"] = f"Basic {b64encode(secret).decode()}"
    return Proxy(parts.hostname, parts.port or 80, headers)

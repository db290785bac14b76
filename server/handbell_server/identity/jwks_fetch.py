"""Fetching a key set: one configured address, and nothing that an answer or a token can change about it.

https (http only to this machine, and only when allowed), no redirect, no proxy, 256 KiB, three seconds to connect and
three more for the whole answer. Trust roots are the system's; SSL_CERT_FILE names others. The name look-up is the one
step the operating system bounds and not we.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

MAX_BYTES: Final = 256 * 1_024
FETCH_TIMEOUT_S: Final = 3.0


class KeysUnavailableError(Exception):
    """The keys could not be had: not fetched, not readable, not a key set, or none that fits."""


def check_jwks_url(url: str, *, allow_http_loopback: bool = False) -> None:
    """Raise ValueError unless this is an address we are willing to fetch keys from."""
    if not url.isprintable() or not url.isascii() or " " in url:  # urlsplit would silently drop line breaks
        raise ValueError("the JWKS address holds characters that do not belong in a URL")
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("the JWKS address must be a plain URL with a host, no user and no fragment")
    _ = parts.port  # raises ValueError when it is not a number
    if parts.scheme == "https" or (parts.scheme == "http" and allow_http_loopback and _is_loopback(parts.hostname)):
        return
    raise ValueError("the JWKS address must be https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_jwks(path: Path) -> bytes:
    """The document in a file, under the same size limit; raises KeysUnavailableError."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise KeysUnavailableError(f"the key set file cannot be read: {error.strerror}") from error
    return _small_enough(raw)


def fetch_jwks(url: str, *, allow_http_loopback: bool = False, timeout_s: float = FETCH_TIMEOUT_S) -> bytes:
    """The document at the address; raises KeysUnavailableError for whatever is not a plain, small 200."""
    check_jwks_url(url, allow_http_loopback=allow_http_loopback)
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.connect()
        with _deadline(connection.sock, timeout_s):
            return _read(connection, target)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise KeysUnavailableError(f"fetching the key set failed: {type(error).__name__}") from error
    finally:
        connection.close()


def _read(connection: http.client.HTTPConnection, target: str) -> bytes:
    headers = {"Accept": "application/jwk-set+json, application/json", "User-Agent": "handbell"}
    connection.request("GET", target, headers=headers)
    with connection.getresponse() as response:  # closing the connection does not close an HTTP/1.0 answer
        if response.status != http.client.OK:  # a redirect too: it would let the answer choose the address
            raise KeysUnavailableError(f"the issuer answered {response.status} to the request for its keys")
        return _small_enough(response.read(MAX_BYTES + 1))


def _small_enough(raw: bytes) -> bytes:
    if len(raw) > MAX_BYTES:
        raise KeysUnavailableError(f"the key set is larger than {MAX_BYTES} bytes")
    return raw


@contextmanager
def _deadline(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the connection after so many seconds; a socket's own timeout starts anew with every byte that drips in."""
    cut = threading.Event()

    def cut_it() -> None:
        cut.set()
        try:
            # Not SSLSocket's own shutdown: that one takes the TLS object away from under the thread that reads.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)
        except OSError:
            return  # closed in the same moment

    timer = threading.Timer(seconds, cut_it)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if cut.is_set():  # what was read until then may look like a whole answer
        raise TimeoutError

"""The few HTTP requests a device makes beside its socket: sign in, sign out, look. Only the standard library.

Two things can go wrong, and they are two exceptions: the server said no (`Refused`, with the stable code of its problem
document) or nothing that can be trusted was heard (`Unreachable`: no connection, no certificate, no end of the answer).

Redirects are not followed: a token must not travel to an address nobody chose. A proxy from the environment is used,
except for loopback, where it could only be a mistake.

How a request is made is in `rest_request.py`, which is loaded with the first one: the library of HTTP, with all that it
knows of e-mail, is two megabytes, and most starts of a bell never ask anything beside the socket.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

TIMEOUT: Final = 10.0


class Refused(Exception):
    """The server understood and said no; `detail` is its sentence for a human, `retry_after` seconds if it named any."""

    def __init__(self, code: str, detail: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after = retry_after


class Unreachable(Exception):
    """There was no whole answer. When anything may have been `sent`, what was asked may have happened or not."""

    def __init__(self, sentence: str, *, sent: bool = True) -> None:
        super().__init__(sentence)
        self.sent = sent


class SignedIn(msgspec.Struct, frozen=True):
    """A new device of a user. The token is a secret: `repr` leaves it out."""

    token: str
    device: str
    user: str

    def __repr__(self) -> str:
        return f"SignedIn(device={self.device!r}, user={self.user!r})"


def request(
    url: str,
    method: str,
    path: str,
    *,
    token: str | None = None,
    json: object = None,
    ca_file: str | None = None,
    timeout: float = TIMEOUT,
) -> Any:
    """One request, with a body of JSON; answers the parsed JSON, or None when the answer is empty."""
    from handbell_shared import rest_request

    return rest_request.request(url, method, path, token=token, json=json, ca_file=ca_file, timeout=timeout)


def sign_in(
    url: str, user: str, password: str, device_name: str, platform: str, *, ca_file: str | None = None
) -> SignedIn:
    """Become a new device of this user."""
    about = {"user": user, "password": password, "device": {"name": device_name, "platform": platform}}
    answer = request(url, "POST", "/v1/sessions", json=about, ca_file=ca_file)
    try:
        return msgspec.convert(answer, SignedIn)
    except msgspec.ValidationError as error:
        raise Unreachable(f"{server_of(url)} does not answer like a Handbell server") from error


def sign_out(url: str, token: str, *, ca_file: str | None = None, timeout: float = TIMEOUT) -> None:
    """The token is worth nothing from here on."""
    request(url, "DELETE", "/v1/sessions/current", token=token, ca_file=ca_file, timeout=timeout)


def is_loopback(url: str) -> bool:
    """Whether the address names this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def server_of(url: str) -> str:
    """The address for a sentence, without the password that somebody may have put into it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

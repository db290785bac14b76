"""The few HTTP requests a device makes beside its socket: sign in, sign out, look. Only the standard library.

Two things can go wrong, and they are two exceptions: the server said no (`Refused`, with the stable code of its problem
document) or nothing that can be trusted was heard (`Unreachable`: no connection, no certificate, no end of the answer).

Redirects are not followed: a token must not travel to an address nobody chose. A proxy from the environment is used,
except for loopback, where it could only be a mistake.
"""

from __future__ import annotations

import http.client
import json as jsonlib
import socket
import ssl
from ipaddress import ip_address
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

import msgspec

TIMEOUT: Final = 10.0
LONGEST_ANSWER: Final = 32 * 1024 * 1024


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
    sent = {"Accept": "application/json"}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    body = None
    if json is not None:
        body = jsonlib.dumps(json).encode()
        sent["Content-Type"] = "application/json"
    asked = Request(_address(url, path), data=body, headers=sent, method=method)  # noqa: S310 — `_address` looked
    try:
        with _opener(url, ca_file).open(asked, timeout=timeout) as answer:
            return _parsed(answer.read(LONGEST_ANSWER))
    except HTTPError as error:
        with error:
            raise _refused(error) from None
    except URLError as error:
        raise Unreachable(
            f"{_server(url)} cannot be reached: {_why(error.reason)}", sent=not _never_stood(error.reason)
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: what came is no JSON
        raise Unreachable(f"{_server(url)} gave no whole answer: {_why(error)}") from error


def sign_in(
    url: str, user: str, password: str, device_name: str, platform: str, *, ca_file: str | None = None
) -> SignedIn:
    """Become a new device of this user."""
    about = {"user": user, "password": password, "device": {"name": device_name, "platform": platform}}
    answer = request(url, "POST", "/v1/sessions", json=about, ca_file=ca_file)
    try:
        return msgspec.convert(answer, SignedIn)
    except msgspec.ValidationError as error:
        raise Unreachable(f"{_server(url)} does not answer like a Handbell server") from error


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


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> None:
        return None


def _opener(url: str, ca_file: str | None) -> OpenerDirector:
    handlers = [ProxyHandler({}) if is_loopback(url) else ProxyHandler(), _NoRedirects()]
    if url.startswith("https:"):
        try:
            handlers.append(HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)))
        except OSError as error:  # also what ssl raises for a file that holds no certificate
            raise Unreachable(f"the certificates in {ca_file} cannot be used: {_why(error)}", sent=False) from None
    return build_opener(*handlers)


def _address(url: str, path: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreachable(f"{url!r} is not the address of a server: it starts with http:// or https://", sent=False)
    return url.rstrip("/") + path


def _refused(error: HTTPError) -> Refused:
    try:
        problem = _parsed(error.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError):
        problem = None
    told = problem if isinstance(problem, dict) else {}
    code = told.get("code") or f"http_{error.code}"
    detail = told.get("detail") or told.get("title") or f"the server answered {error.code} {error.reason}"
    after = error.headers.get("Retry-After", "")
    return Refused(str(code), str(detail), error.code, float(after) if after.isdecimal() else None)


def _parsed(content: bytes) -> Any:
    return jsonlib.loads(content) if content else None


def _server(url: str) -> str:
    """The address for a sentence, without the password that somebody may have put into it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _never_stood(reason: object) -> bool:
    """Whether there was no connection to send on. The library tells a failed connect and a failed send alike, so only
    what cannot befall a connection that stands is proof."""
    return isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError)


def _why(error: object) -> str:
    return str(error) or type(error).__name__

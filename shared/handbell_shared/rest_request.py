"""How `rest` makes one request: loaded when the first is made, because the library of HTTP is large.

Which ways it can go wrong, and how, is said in `rest.py`.
"""

from __future__ import annotations

import http.client
import json as jsonlib
import socket
import ssl
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from handbell_shared.rest import Refused, Unreachable, is_loopback, server_of

LONGEST_ANSWER: Final = 32 * 1024 * 1024


def request(
    url: str, method: str, path: str, *, token: str | None, json: object, ca_file: str | None, timeout: float
) -> Any:
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
            f"{server_of(url)} cannot be reached: {_why(error.reason)}", sent=not _never_stood(error.reason)
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: what came is no JSON
        raise Unreachable(f"{server_of(url)} gave no whole answer: {_why(error)}") from error


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


def _never_stood(reason: object) -> bool:
    """Whether there was no connection to send on. The library tells a failed connect and a failed send alike, so only
    what cannot befall a connection that stands is proof."""
    return isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLCertVerificationError)


def _why(error: object) -> str:
    return str(error) or type(error).__name__

"""Why a request came to nothing, as a sentence for the person, with the field it concerns and what may help.

`rest` knows two ways to fail (`Refused`, `Unreachable`) and words them for a log. Here the same failures are told apart
as a person would: a wrong address, a server that is away, one that is no Handbell, a certificate nobody vouches for.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final, Literal
from urllib.error import URLError
from urllib.parse import urlsplit

from handbell_desktop.sentences import Sentence, sentence
from handbell_shared.codes import Code
from handbell_shared.rest import Refused, Unreachable

Field = Literal["server", "user", "password", "code", "ca_file", "email"]

# OpenSSL's X509_V_ERR_… numbers: which of the many faults a certificate has.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_NAME_MISMATCH: Final = frozenset({62, 64})
_NOBODY_VOUCHES: Final = frozenset({18, 19, 20, 21})


class Trouble(Exception):
    """`field` is where the person can mend it; `wants_ca` when a private CA file would."""

    def __init__(self, why: Sentence, *, field: Field | None = None, wants_ca: bool = False, code: str = "") -> None:
        super().__init__(str(why))
        self.sentence = why
        self.field: Field | None = field
        self.wants_ca = wants_ca
        self.code = code


def explain(error: Refused | Unreachable, server: str) -> Trouble:
    """The failure of a request to this server."""
    if isinstance(error, Refused):
        return _refused(error, server)
    cause = _cause(error)
    if isinstance(cause, ssl.SSLError):
        return _no_trust(cause, server)
    name = host(server)
    match cause:
        case socket.gaierror():
            why = sentence("Trouble", "There is no server called {host}. Is the address right, and the network up?")
        case ConnectionRefusedError():
            why = sentence("Trouble", "Nothing answers at {host}. Is the address right, and the server running?")
        case TimeoutError():
            why = sentence("Trouble", "{host} does not answer. Is the network up?")
        case None:  # `rest` refused before it asked: the certificates' file, say
            return Trouble(sentence("Trouble", "The CA file cannot be used."), field="ca_file", wants_ca=True)
        case ValueError():
            return no_handbell(server)
        case _:
            why = sentence("Trouble", "{host} cannot be reached ({why}).")
    return Trouble(why.of(host=name, why=_plain(cause)), field="server", code="unreachable")


def no_handbell(server: str) -> Trouble:
    why = sentence("Trouble", "Something answers at {host}, but it is no Handbell server.").of(host=host(server))
    return Trouble(why, field="server", code="no_handbell")


def host(server: str) -> str:
    """How a person calls this server: without scheme, and without what somebody may have put before an @."""
    return urlsplit(server).netloc.rpartition("@")[2] or server


def speaks_no_tls(error: Unreachable) -> bool:
    """Whether there is a server that answers https with something else: most likely with plain http."""
    cause = _cause(error)
    return isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLCertVerificationError)


def _refused(error: Refused, server: str) -> Trouble:
    field: Field | None = None
    match error.code:
        case Code.WRONG_PASSWORD:
            why, field = sentence("Trouble", "The user or the password is wrong."), "password"
        case Code.RATE_LIMITED if error.retry_after is not None:
            why = sentence("Trouble", "Too many attempts. Please wait {seconds} seconds.")
        case Code.RATE_LIMITED:
            why = sentence("Trouble", "Too many attempts. Please wait a moment.")
        case Code.UNAUTHENTICATED:
            why = sentence("Trouble", "The server does not know this device any more. Please sign in again.")
        case Code.FORBIDDEN:
            why = sentence("Trouble", "The server does not allow this.")
        case Code.UNAVAILABLE | Code.OVERLOADED | Code.DISK_FULL | Code.INTERNAL | "http_502" | "http_503" | "http_504":
            why = sentence("Trouble", "The server has trouble of its own. Please try again in a moment.")
        case code if code.startswith("http_3"):
            why, field = sentence("Trouble", "{host} sends visitors elsewhere. Please enter that address."), "server"
        case code if code.startswith("http_"):
            return no_handbell(server)
        case _:
            why = sentence("Trouble", "The server refused: {detail}")
    seconds = max(1, round(error.retry_after or 0))
    filled = why.of(host=host(server), detail=error.detail, seconds=seconds)
    return Trouble(filled, field=field, code=error.code)


def _no_trust(error: ssl.SSLError, server: str) -> Trouble:
    verdict = getattr(error, "verify_code", 0)
    wants_ca = verdict in _NOBODY_VOUCHES
    if not isinstance(error, ssl.SSLCertVerificationError):
        why = sentence("Trouble", "{host} does not answer with encryption. If it has none, write http:// before it.")
    elif wants_ca:
        why = sentence(
            "Trouble",
            "This computer does not trust the certificate of {host}. Does the server have an authority of its own? "
            "Then choose its CA file.",
        )
    elif verdict == _EXPIRED:
        why = sentence("Trouble", "The certificate of {host} has expired, or this computer's clock is wrong.")
    elif verdict == _NOT_YET_VALID:
        why = sentence("Trouble", "The certificate of {host} is not valid yet, or this computer's clock is wrong.")
    elif verdict in _NAME_MISMATCH:
        why = sentence("Trouble", "The certificate of this server belongs to another name than {host}.")
    else:
        why = sentence("Trouble", "The certificate of {host} is not good ({why}).")
    filled = why.of(host=host(server), why=getattr(error, "verify_message", ""))
    return Trouble(filled, field="ca_file" if wants_ca else "server", wants_ca=wants_ca, code="certificate")


def _cause(error: Unreachable) -> BaseException | None:
    """What the library met: `rest` chains it, and urllib wraps it once more."""
    cause = error.__cause__
    while isinstance(cause, URLError) and isinstance(cause.reason, BaseException):
        cause = cause.reason
    return cause


def _plain(error: BaseException | None) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__

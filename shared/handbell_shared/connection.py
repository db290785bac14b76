"""One attempt at a Socket.IO connection, from the first packet to the last. The only module that imports the library.

A `Connection` lives once: it is started, reports what happens to one function, and is closed. What it reports are the
structs below, each with the number of the connection, so that the words of an old one can be told from a new one's.
`Gone` is always the last and always comes, because it is said when the library's own read loop has ended, whichever of
its many ways it took: its events alone cannot be trusted for that (a namespace that is closed while `connect` still
runs reports nothing).

The library reports each message in a thread of its own, in no certain order. Nobody here minds: `report` puts it into
a queue. Its own reconnecting stays off (it gives up after a kick, and never succeeds against a slow server), and so
does its logging below errors: on "info" it writes whole packets, and the first one holds the token. Nor is it asked to wait for
the answer to CONNECT: it would not notice that the connection ends meanwhile.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from socket import SHUT_RDWR, gaierror
from typing import Any, Final
from urllib.parse import urlsplit

import socketio
from msgspec import Struct
from websocket import WebSocket, WebSocketAddressException, WebSocketBadStatusException, WebSocketException

from handbell_shared.protocol import BYE, HELLO, PRESENCE, PUSH, TIP
from handbell_shared.rest import is_loopback

try:
    import requests
except ImportError:  # the frozen desktop leaves it out; long-polling is all that needs it
    requests = None  # type: ignore[assignment]

HANDSHAKE_WITHIN: Final = 10.0
WELCOME_WITHIN: Final = 10.0
GOODBYE_WITHIN: Final = 1.0

_library_log = logging.getLogger(f"{__name__}.library")


class Opened(Struct, frozen=True):
    """The server has taken the token."""

    connection: int


class Heard(Struct, frozen=True):
    connection: int
    event: str
    data: Any


class Answered(Struct, frozen=True):
    """What the server answered to a call."""

    connection: int
    call: int
    data: Any


class Rejected(Struct, frozen=True):
    """CONNECT was refused, by a code of the protocol."""

    connection: int
    code: str
    retry_ms: int


class Gone(Struct, frozen=True):
    """The connection has ended, or never stood. `try_polling`: a server is there, but WebSocket does not get through."""

    connection: int
    reason: str
    try_polling: bool = False


Report = Opened | Heard | Answered | Rejected | Gone


class Connection:
    """A connection of its own; `report` is called from threads of the library."""

    def __init__(
        self,
        number: int,
        url: str,
        auth: Mapping[str, object],
        report: Callable[[Report], None],
        *,
        ca_file: str | None = None,
        polling: bool = False,
    ) -> None:
        self.number = number
        self._url = url
        self._auth = dict(auth)
        self._report = report
        # Polling may still become a WebSocket by the upgrade; it must, where several processes share a port.
        self._transports = ["polling", "websocket"] if polling and requests is not None else ["websocket"]
        self._session = _session(url, ca_file) if requests is not None else None
        self._ca_file = ca_file
        self._websockets: list[Any] = []
        self._client = self._make_client()
        self._closed = threading.Event()
        self._gave_up = threading.Event()
        self._patience = threading.Timer(WELCOME_WITHIN, self._give_up)
        self._patience.daemon = True

    # ---- used by one thread

    def start(self) -> None:
        threading.Thread(target=self._live, name=f"handbell-connection-{self.number}", daemon=True).start()

    def call(self, number: int, event: str, data: object) -> None:
        """Ask; the answer is reported as `Answered` with this number, if one ever comes."""
        self._emit(
            event, data, lambda *answer: self._report(Answered(self.number, number, answer[0] if answer else None))
        )

    def tell(self, event: str, data: object) -> None:
        self._emit(event, data, None)

    def close(self) -> threading.Thread:
        """Let go at once. The thread that says goodbye is handed back for those who have the time to join it."""
        self._closed.set()
        goodbye = threading.Thread(target=self._say_goodbye, name=f"handbell-goodbye-{self.number}", daemon=True)
        goodbye.start()
        return goodbye

    # ---- the library's side

    def _make_client(self) -> Any:
        client = socketio.Client(
            reconnection=False,
            handle_sigint=False,
            request_timeout=HANDSHAKE_WITHIN,
            logger=_quiet(_library_log),
            engineio_logger=_quiet(_library_log),
            http_session=self._session,
            websocket_extra_options=_websocket_options(self._url, self._ca_file) | {"class_": self._new_websocket},
        )
        client.on("connect", self._accepted)
        client.on("connect_error", self._refused)
        for event in (HELLO, PUSH, TIP, PRESENCE, BYE):
            client.on(
                event, lambda *data, event=event: self._report(Heard(self.number, event, data[0] if data else None))
            )
        return client

    def _live(self) -> None:
        reason, try_polling = "the connection was lost", False
        try:
            self._client.connect(
                self._url,
                headers={},  # the library's default is one dictionary for all, which it changes
                auth=lambda: self._auth,
                transports=self._transports,
                wait=False,
            )
            self._patience.start()
            if self._closed.is_set():
                self._say_goodbye()
            self._client.eio.wait()  # the client's own `wait` sleeps a second at the end
            if self._gave_up.is_set():
                reason = "the server does not answer in time"
        except Exception as error:
            # Beside its own errors the library lets out what it did not foresee in the bytes of a stranger.
            reason, try_polling = _explain(error)
        finally:
            self._patience.cancel()
            for websocket in self._websockets:
                with suppress(Exception):
                    websocket.shutdown()
            if self._session is not None:
                self._session.close()
            self._report(Gone(self.number, reason, try_polling))

    def _new_websocket(self, **options: Any) -> WebSocket:
        """Remembered, because the library drops one whose handshake ends badly, and leaves all to the collector."""
        websocket = WebSocket(**options)
        self._websockets.append(websocket)
        return websocket

    def _accepted(self) -> None:
        self._patience.cancel()
        self._report(Opened(self.number))

    def _give_up(self) -> None:
        self._gave_up.set()
        self._say_goodbye()

    def _refused(self, data: object = None) -> None:
        """`{"message", "data": {"code", …}}` for a refused CONNECT; text or nothing when the transport failed."""
        self._patience.cancel()
        told = data.get("data", data) if isinstance(data, dict) else None
        code = told.get("code") if isinstance(told, dict) else None
        if isinstance(told, dict) and isinstance(code, str):
            retry_ms = told.get("retry_ms")
            self._report(Rejected(self.number, code, retry_ms if isinstance(retry_ms, int) else 0))
        if self._client.eio.state == "connected":
            self._say_goodbye()

    def _emit(self, event: str, data: object, callback: Callable[..., None] | None) -> None:
        # On a connection that has just ended; `Gone` is on its way and says so.
        with suppress(socketio.exceptions.SocketIOError):
            self._client.emit(event, data, callback=callback)

    def _say_goodbye(self) -> None:
        """Not by the library's `disconnect`: that one waits three seconds for a frame its own read loop has eaten."""
        with suppress(Exception):  # it is over, and there are many ways to find fault with that
            websocket = self._client.eio.ws
            if websocket is None:
                self._client.disconnect()
            else:
                websocket.settimeout(GOODBYE_WITHIN)
                websocket.send_close()
                websocket.sock.shutdown(SHUT_RDWR)  # wakes the read loop, and `_live` tidies up


def _session(url: str, ca_file: str | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = not is_loopback(url)
    if ca_file is not None:
        session.verify = ca_file
    return session


def _websocket_options(url: str, ca_file: str | None) -> dict[str, Any]:
    """No Origin: that is for web pages, and a server behind a proxy would take us for one that it does not know.

    Loopback is never asked of a proxy. The library can only be told so by naming one that it may not use.
    """
    options: dict[str, Any] = {"suppress_origin": True}
    if ca_file is not None:
        options["sslopt"] = {"ca_certs": ca_file}
    if is_loopback(url):
        parts = urlsplit(url)
        options |= {"http_proxy_host": parts.hostname, "http_proxy_port": parts.port or 80, "http_no_proxy": ["*"]}
    return options


def _quiet(log: logging.Logger) -> logging.Logger:
    log.setLevel(logging.ERROR)
    return log


# Before the operating system's own words, which carry numbers and are in no language of the person's.
_WELL_KNOWN: Final = (
    (ConnectionRefusedError, "the server does not answer"),
    (ConnectionError, "the connection was lost"),
    (TimeoutError, "the server does not answer in time"),
    (gaierror, "the server's name is not known here"),
)


def _explain(error: BaseException) -> tuple[str, bool]:
    """Why it failed, in words, and whether polling may get through where the WebSocket did not.

    What a proxy answers that knows no WebSocket is a status below 500 (or nothing); 5xx is a server that is away.
    """
    cause: BaseException = error
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    if isinstance(cause, WebSocketBadStatusException):
        return f"the server answered {cause.status_code}", cause.status_code < 500 and cause.status_code != 429
    for kind, words in _WELL_KNOWN:
        if isinstance(cause, kind):
            return words, False
    polling = isinstance(cause, WebSocketException) and not isinstance(cause, WebSocketAddressException)
    return str(cause) or type(cause).__name__, polling

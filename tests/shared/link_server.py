"""A small server that speaks docs/protocol.md over real sockets, and misbehaves when it is told to.

It is no model of Handbell's server: one inbox, in memory, one lock. It is what a link needs at its other end to be
tested for everything a server or a network can do to it.
"""

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

import socketio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec import convert, to_builtins
from msgspec.structs import replace
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from handbell_shared.actions import join
from handbell_shared.digest import digest_of, to_hex
from handbell_shared.ids import new_id
from handbell_shared.records import Action, Notification
from tests.support.ports import free_port

TOKEN = "hbd_the-token-of-this-test"


class _Handler(WSGIRequestHandler):
    def setup(self) -> None:
        super().setup()
        self.server.open_sockets.append(self.connection)  # type: ignore[attr-defined]

    def log(self, *about: object) -> None:
        pass


class InboxServer:
    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.epoch, self.rev, self.floor = "epoch-1", 0, 0
        self.records: dict[str, Notification] = {}
        # What it is told to do wrong.
        self.refusal: dict[str, object] | None = None
        self.mute: set[str] = set()
        self.error_code = "internal"
        self.errors: dict[str, int] = {}
        self.websocket = True
        self.page = 500
        self.caps: tuple[str, ...] = ()
        self.ping: tuple[float, float] = (25, 20)
        self.tls: tuple[str, str] | None = None
        # What it has seen.
        self.connects: list[dict[str, Any]] = []
        self.calls: list[tuple[str, Any]] = []
        self.positions: list[tuple[str, int]] = []
        self.acted: list[Action] = []
        self.transports: list[str] = []
        self.origins: list[str | None] = []
        self._lock = threading.RLock()
        self._server: BaseWSGIServer | None = None

    # ---- its life

    def start(self) -> Self:
        transports = ["websocket", "polling"] if self.websocket else ["polling"]
        every, within = self.ping
        self.sio = socketio.Server(
            async_mode="threading", transports=transports, ping_interval=every, ping_timeout=within
        )
        self.sio.on("connect", self._connect)
        for event in ("delta", "snapshot", "act", "position", "receipts", "active"):
            self.sio.on(event, lambda sid, data, event=event: self._called(event, data))
        app = socketio.WSGIApp(self.sio)
        self._server = make_server(
            "127.0.0.1", self.port, app, threaded=True, request_handler=_Handler, ssl_context=self.tls
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._server.block_on_close = False  # type: ignore[attr-defined]
        self._server.open_sockets = []  # type: ignore[attr-defined]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def kill(self) -> None:
        """Gone from one packet to the next, as by kill -9."""
        server, self._server = self._server, None
        if server is None:
            return
        server.shutdown()
        self._thread.join()
        server.server_close()
        for connection in server.open_sockets:  # type: ignore[attr-defined]
            with suppress(OSError):
                connection.shutdown(2)
            connection.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.kill()

    # ---- its feed

    @property
    def digest(self) -> str:
        return to_hex(digest_of(self.records.values()))

    def change(self, record: Notification) -> dict[str, Any]:
        """Store it; answers the push that tells of it, for the test to send, lose, repeat or keep."""
        with self._lock:
            prev, self.rev = self.rev, self.rev + 1
            record = replace(record, ver=self.rev, crev=self.rev)
            self.records[record.id] = record
            return {
                "epoch": self.epoch,
                "prev": prev,
                "rev": self.rev,
                "digest": self.digest,
                "unread": 0,
                "changes": [to_builtins(record)],
            }

    def create(self, title: str) -> dict[str, Any]:
        return self.change(Notification(id=new_id(), title=title))

    def say(self, event: str, data: object) -> None:
        self.sio.emit(event, data)

    def notify(self, title: str) -> None:
        self.say("push", self.create(title))

    def tip(self) -> None:
        self.say("tip", {"epoch": self.epoch, "rev": self.rev})

    # ---- what it answers

    def _connect(self, sid: str, environ: dict[str, Any], auth: dict[str, Any] | None) -> None:
        self.connects.append(auth or {})
        self.origins.append(environ.get("HTTP_ORIGIN"))
        if self.refusal is not None:
            raise socketio.exceptions.ConnectionRefusedError("refused", self.refusal)
        if (auth or {}).get("token") != TOKEN:
            raise socketio.exceptions.ConnectionRefusedError("refused", {"code": "auth"})
        self.transports.append(self.sio.transport(sid))
        if "hello" not in self.mute:
            hello = {
                "epoch": self.epoch,
                "rev": self.rev,
                "now": 0,
                "unread": 0,
                "caps": list(self.caps),
                "device": "d",
                "tip_s": 25,
            }
            # Before the answer to CONNECT: the order the link must not depend on. `later` is a member of tomorrow.
            self.sio.emit("hello", {**hello, "later": True}, to=sid)

    def _called(self, event: str, data: Any) -> Any:
        with self._lock:
            self.calls.append((event, data))
            left = self.errors.get(event, 0)
            if left:
                self.errors[event] = left - 1
                return {"error": {"code": self.error_code, "detail": "not like this"}}
        if event in self.mute:
            self._never.wait()
        with self._lock:
            answer: Any = getattr(self, f"_{event}")(data)
        return answer

    _never = threading.Event()

    def _delta(self, data: dict[str, Any]) -> dict[str, Any]:
        if data["epoch"] != self.epoch:
            return {"snapshot": "epoch"}
        if data["rev"] < self.floor:
            return {"snapshot": "too_old"}
        if data["rev"] > self.rev:
            return {"snapshot": "ahead"}
        after = (data["rev"], data.get("after") or "~" * 40)
        rows = sorted((r for r in self.records.values() if (r.ver, r.id) > after), key=lambda r: (r.ver, r.id))
        page, more = rows[: self.page], len(rows) > self.page
        answer = {"epoch": self.epoch, "changes": [to_builtins(r) for r in page], "more": more}
        if more:
            return {**answer, "cursor": [page[-1].ver, page[-1].id]}
        return {**answer, "cursor": [self.rev, None], "digest": self.digest, "unread": 0}

    def _snapshot(self, data: dict[str, Any]) -> dict[str, Any]:
        rows = sorted((r for r in self.records.values() if r.id > data.get("after", "")), key=lambda r: r.id)
        page = [to_builtins(r) for r in rows[: self.page]]
        return {"epoch": self.epoch, "rev": self.rev, "changes": page, "more": len(rows) > self.page}

    def _act(self, data: dict[str, Any]) -> dict[str, Any]:
        acks = []
        for raw in data["actions"]:
            action = convert(raw, Action)
            self.acted.append(action)
            known = [target for target in action.ids if target.id in self.records]
            for target in known:
                self.say("push", self.change(join(self.records[target.id], action, target.generation)))
            acks.append({"id": action.id, "rev": self.rev, "status": "ok" if known else "bad"})
        return {"acks": acks}

    def _receipts(self, data: dict[str, Any]) -> None:
        pass

    def _active(self, data: dict[str, Any]) -> None:
        pass

    def _position(self, data: dict[str, Any]) -> None:
        self.positions.append((data["epoch"], data["rev"]))


def certificate(directory: Path) -> tuple[str, str]:
    """Certificate and key files for 127.0.0.1, vouched for by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a private authority")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (directory / "cert.pem").write_bytes(made.public_bytes(pem))
    (directory / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(directory / "cert.pem"), str(directory / "key.pem")


@contextmanager
def silent_listener() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


OPENING = b'0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":100000}'


@contextmanager
def fickle_listener(*, opens: bool = False, stays: bool = False) -> Iterator[str]:
    """The address of a server that agrees to a WebSocket, and resets it before the first packet.

    `opens`: it says that packet and takes CONNECT, and resets it then; or `stays`, and never answers.
    """
    kept: list[socket.socket] = []

    def greet_and_go(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                visitor, _ = listener.accept()
                kept.append(visitor)
                with nullcontext() if stays else visitor:
                    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    head = visitor.recv(4096).decode()
                    nonce = head.partition("Sec-WebSocket-Key: ")[2].partition("\r\n")[0]
                    seal = hashlib.sha1(f"{nonce}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False)
                    visitor.sendall(
                        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: " + base64.b64encode(seal.digest()) + b"\r\n\r\n"
                    )
                    if opens:
                        visitor.sendall(bytes((0x81, len(OPENING))) + OPENING)
                        visitor.recv(4096)

    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        thread = threading.Thread(target=greet_and_go, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for visitor in kept:
            visitor.close()

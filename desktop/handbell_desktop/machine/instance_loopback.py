"""How the second start reaches the first, on Windows: a port of loopback, and a secret in a file of the person's profile.

The named pipes of `multiprocessing` would do as well, but their names are open to all users of the machine, so they
need the same secret, and neither their handshake nor their `accept` can be given a time limit. Both sides prove that
they know the secret before a message is said, because a port that a crash left behind may be somebody else's by now;
the secret itself never travels.
"""

from __future__ import annotations

import hmac
import json
import secrets
import socket
from pathlib import Path

from handbell_desktop.kept.whole_file import write_whole
from handbell_desktop.machine.instance_doors import DONE, Deadline

BYTES = 32  # of nonces and proofs


class LoopbackDoor:
    def __init__(self) -> None:
        self._secret = b""

    def open(self, directory: Path) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        self._secret = secrets.token_bytes(BYTES)
        note = json.dumps({"port": listener.getsockname()[1], "secret": self._secret.hex()})
        write_whole(directory / "instance.json", note.encode("ascii"))
        return listener

    def hear(self, visitor: socket.socket, longest: int, seconds: float) -> bytes:
        deadline = Deadline(visitor, seconds)
        theirs, ours = deadline.read(BYTES), secrets.token_bytes(BYTES)
        deadline.write(_proof(self._secret, b"first", theirs) + ours)
        proof = deadline.read(BYTES)
        message = deadline.read_line(longest)
        if not hmac.compare_digest(proof, _proof(self._secret, b"second", ours + message)):
            raise PermissionError("a stranger knocked")
        deadline.write(DONE)
        return message

    def tell(self, directory: Path, message: bytes, seconds: float) -> bool:
        note = json.loads((directory / "instance.json").read_text("ascii"))
        if not isinstance(note, dict) or not isinstance(note.get("port"), int):
            raise ValueError("the note cannot be understood")
        secret = bytes.fromhex(str(note.get("secret")))
        with socket.create_connection(("127.0.0.1", note["port"]), timeout=seconds) as line:
            deadline = Deadline(line, seconds)
            ours = secrets.token_bytes(BYTES)
            deadline.write(ours)
            answer = deadline.read(2 * BYTES)
            if not hmac.compare_digest(answer[:BYTES], _proof(secret, b"first", ours)):
                raise PermissionError("a stranger has the port")
            deadline.write(_proof(secret, b"second", answer[BYTES:] + message) + message + b"\n")
            return deadline.read(len(DONE)) == DONE

    def shut(self, directory: Path) -> None:
        (directory / "instance.json").unlink(missing_ok=True)


def _proof(secret: bytes, role: bytes, of: bytes) -> bytes:
    return hmac.digest(secret, role + b":" + of, "sha256")

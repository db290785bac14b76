"""An issuer for the tests: what it signs, and what its address answers."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

ISSUER = "https://id.example.org"
AUDIENCE = "handbell"
SECRET = "correct horse battery staple, twice over"


def pem_of(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def private_pem_of(key: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def jwk_of(key: RSAPrivateKey | Ed25519PrivateKey, kid: str | None, **more: Any) -> dict[str, Any]:
    if isinstance(key, RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    jwk.pop("key_ops", None)
    return {**jwk, **({"kid": kid} if kid is not None else {}), **more}


def jwks_of(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def good_claims(**changes: Any) -> dict[str, Any]:
    """Claims that would pass; a change to None takes the claim away."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "exp": now + 600, "iat": now, **changes}
    return {name: value for name, value in claims.items() if value is not None}


def sign(key: Any, algorithm: str, claims: dict[str, Any] | None = None, **header: Any) -> str:
    return jwt.encode(claims or good_claims(), key, algorithm=algorithm, headers=header)


@dataclass
class KeyServer:
    """What the issuer's address answers next, and how often it was asked."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    drip: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)


def handler_for(state: KeyServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            state.asked.set()
            assert state.gate.wait(60)
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            try:
                self._send_body()
            except OSError:
                return  # the client had enough: that is what some tests want

        def _send_body(self) -> None:
            if not state.drip:
                self.wfile.write(state.body)
                return
            pace = threading.Event()
            for byte in state.body:
                self.wfile.write(bytes([byte]))
                pace.wait(0.05)

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests read `requests`."""

    return Handler

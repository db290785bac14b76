"""An issuer with real keys of every family, and a real address that serves its key set."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.server.identity.issuer import KeyServer, handler_for


@pytest.fixture(scope="session")
def rsa_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65_537, key_size=2_048)


@pytest.fixture(scope="session")
def ed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


@pytest.fixture
def key_server() -> Iterator[KeyServer]:
    state = KeyServer()
    state.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(state))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/keys?v=1"
    yield state
    state.gate.set()
    server.shutdown()
    server.server_close()
    thread.join()

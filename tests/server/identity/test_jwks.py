"""Key sets over a real connection: what is accepted, how often we ask, and what happens when nobody answers."""

import base64
import datetime
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from jwt.algorithms import OKPAlgorithm

from handbell_server.identity.issuer_config import IssuerConfig
from handbell_server.identity.jwks import JwksCache, UnknownKeyError, parse_jwks
from handbell_server.identity.jwks_fetch import KeysUnavailableError, fetch_jwks
from handbell_server.identity.jwt_issuer import IssuerVerifier, TokenRefusedError
from tests.server.identity.issuer import AUDIENCE, ISSUER, KeyServer, handler_for, jwk_of, jwks_of, private_pem_of, sign


class Clock:
    """A monotonic clock that moves when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(key_server: KeyServer, clock: Clock, ed_key: Ed25519PrivateKey) -> JwksCache:
    key_server.body = jwks_of(jwk_of(ed_key, "one"))
    return JwksCache(partial(fetch, key_server), "EdDSA", clock=clock)


def fetch(server: KeyServer, timeout_s: float = 60.0) -> bytes:
    return fetch_jwks(server.url, allow_http_loopback=True, timeout_s=timeout_s)


def unavailable(load: Callable[[], object]) -> str:
    with pytest.raises(KeysUnavailableError) as error:
        load()
    return str(error.value)


def test_a_token_is_verified_with_the_key_its_issuer_publishes(
    key_server: KeyServer, rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey
) -> None:
    stranger = Ed25519PrivateKey.generate()
    key_server.body = jwks_of(jwk_of(rsa_key, "r"), jwk_of(ed_key, "e"), jwk_of(stranger, "s"))
    for algorithm, key, kid in (("RS256", rsa_key, "r"), ("EdDSA", ed_key, "e")):
        verifier = IssuerVerifier(
            IssuerConfig(
                issuer=ISSUER,
                audience=AUDIENCE,
                algorithm=algorithm,  # type: ignore[arg-type]
                jwks_url=key_server.url,
                allow_http_loopback=True,
            )
        )
        assert verifier.verify(sign(key, algorithm, kid=kid)).subject == "ada"
        for wrong_kid, reason in (("x", "unknown_key"), ("s" if kid == "e" else "e", None)):
            with pytest.raises(TokenRefusedError) as refused:
                verifier.verify(sign(key, algorithm, kid=wrong_kid))
            # A key of the same family under that id fails the signature; one of another family is no key at all.
            assert refused.value.reason == (reason or ("signature" if kid == "e" else "unknown_key"))
    assert set(key_server.requests) == {"/keys?v=1"}


def test_a_token_that_is_refused_by_its_header_does_not_make_us_ask_the_issuer(
    key_server: KeyServer, rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey
) -> None:
    config = IssuerConfig(
        issuer=ISSUER, audience=AUDIENCE, algorithm="EdDSA", jwks_url=key_server.url, allow_http_loopback=True
    )
    odd_kid = base64.urlsafe_b64encode(b'{"alg":"EdDSA","kid":["one"]}').decode().rstrip("=")
    for token, reason in (
        (sign(rsa_key, "RS256", kid="one"), "algorithm"),
        (sign(ed_key, "EdDSA", kid="one", jku=key_server.url), "header"),
        (f"{odd_kid}.e30.e30", "malformed"),
    ):
        with pytest.raises(TokenRefusedError) as refused:
            IssuerVerifier(config).verify(token)
        assert refused.value.reason == reason
    assert key_server.requests == []


def test_a_token_without_a_key_id_is_only_clear_when_there_is_one_key(ed_key: Ed25519PrivateKey) -> None:
    other = Ed25519PrivateKey.generate()

    alone = parse_jwks(jwks_of(jwk_of(ed_key, None)), "EdDSA")
    several = parse_jwks(jwks_of(jwk_of(ed_key, "a"), jwk_of(other, "b")), "EdDSA")

    assert alone.get(None) == ed_key.public_key()
    assert several.get(None) is None


def test_keys_that_do_not_belong_are_passed_over(ed_key: Ed25519PrivateKey, rsa_key: RSAPrivateKey) -> None:
    unfit: list[Any] = [
        None,
        "key",
        {},
        {"kty": "oct", "k": "AAAA", "kid": "x"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!!", "kid": "x"},
        {"kty": "OKP", "crv": "Ed25519", "x": 5, "kid": "x"},
        {"kty": "OKP", "crv": "Ed448", "x": "AA", "kid": "x"},
        jwk_of(rsa_key, "x"),
        jwk_of(ed_key, "x", use="enc"),
        jwk_of(ed_key, "x", key_ops=["sign"]),
        jwk_of(ed_key, "x", key_ops="verify"),
        jwk_of(ed_key, "x", alg="ES256"),
        OKPAlgorithm.to_jwk(ed_key, as_dict=True) | {"kid": "x", "key_ops": ["verify"]},
    ]

    keys = parse_jwks(jwks_of(*unfit, jwk_of(ed_key, "one", use="sig", alg="EdDSA", key_ops=["verify"])), "EdDSA")

    assert keys.by_id == {"one": ed_key.public_key()}


@pytest.mark.parametrize(
    "raw", [b"", b"<html>", b"[]", b"{}", b'{"keys": {}}', b'{"keys": []}', b"[" * 5_000, b"\xff", b'{"keys": [1]}']
)
def test_what_is_no_key_set_is_no_key_set(raw: bytes) -> None:
    unavailable(lambda: parse_jwks(raw, "RS256"))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused_and_not_followed(key_server: KeyServer, status: int) -> None:
    key_server.status, key_server.headers = status, {"Location": "/elsewhere"}

    assert str(status) in unavailable(partial(fetch, key_server))
    assert key_server.requests == ["/keys?v=1"]


@pytest.mark.parametrize("status", [204, 401, 404, 500, 503])
def test_only_a_plain_yes_is_an_answer(key_server: KeyServer, status: int) -> None:
    key_server.status = status

    assert str(status) in unavailable(partial(fetch, key_server))


def test_a_key_set_that_is_too_large_is_refused(key_server: KeyServer) -> None:
    key_server.body = b" " * (256 * 1_024)
    assert len(fetch(key_server)) == 256 * 1_024

    key_server.body += b" "
    assert "larger" in unavailable(partial(fetch, key_server))


def test_an_issuer_that_drips_or_hangs_is_cut_off_in_time(key_server: KeyServer) -> None:
    key_server.body, key_server.drip = b" " * 200, True
    start = time.monotonic()
    unavailable(partial(fetch, key_server, timeout_s=0.2))

    key_server.gate.clear()
    unavailable(partial(fetch, key_server, timeout_s=0.2))

    assert time.monotonic() - start < 9  # who waited for the last drop would be there for ten


def test_an_issuer_that_is_not_there_is_unavailable() -> None:
    unavailable(lambda: fetch_jwks("http://127.0.0.1:1/keys", allow_http_loopback=True))


def test_the_certificate_is_checked(
    key_server: KeyServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tls_server: Callable[[bytes], str]
) -> None:
    url = tls_server(b'{"keys": []}')

    assert "SSLCertVerificationError" in unavailable(lambda: fetch_jwks(url))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    assert fetch_jwks(url) == b'{"keys": []}'


def test_fresh_keys_are_answered_from_memory(cache: JwksCache, clock: Clock, key_server: KeyServer) -> None:
    for _ in range(50):
        cache.find("one")
    clock.now += 299
    cache.find("one")
    assert len(key_server.requests) == 1

    clock.now += 2
    cache.find("one")
    assert len(key_server.requests) == 2


def test_an_unknown_key_asks_the_issuer_at_most_once_a_minute(
    cache: JwksCache, clock: Clock, key_server: KeyServer
) -> None:
    cache.find("one")
    for number in range(50):
        with pytest.raises(UnknownKeyError):
            cache.find(f"invented-{number}")
    assert len(key_server.requests) == 2

    clock.now += 59
    with pytest.raises(UnknownKeyError):
        cache.find("invented")
    assert len(key_server.requests) == 2

    clock.now += 2
    with pytest.raises(UnknownKeyError):
        cache.find("invented")
    assert len(key_server.requests) == 3


def test_a_key_the_issuer_changed_to_just_now_is_found_at_once(
    cache: JwksCache, key_server: KeyServer, ed_key: Ed25519PrivateKey
) -> None:
    cache.find("one")
    newer = Ed25519PrivateKey.generate()
    key_server.body = jwks_of(jwk_of(ed_key, "one"), jwk_of(newer, "two"))

    assert cache.find("two") == newer.public_key()


def test_a_key_the_issuer_withdrew_is_gone_after_five_minutes(
    cache: JwksCache, clock: Clock, key_server: KeyServer
) -> None:
    cache.find("one")
    key_server.body = jwks_of(jwk_of(Ed25519PrivateKey.generate(), "two"))
    clock.now += 301

    with pytest.raises(UnknownKeyError):
        cache.find("one")


def test_when_the_issuer_is_gone_the_old_keys_go_on_and_it_is_asked_once_a_minute(
    cache: JwksCache, clock: Clock, key_server: KeyServer, ed_key: Ed25519PrivateKey
) -> None:
    cache.find("one")
    key_server.status = 503
    clock.now += 301

    for _ in range(20):
        assert cache.find("one") == ed_key.public_key()
        with pytest.raises(UnknownKeyError):
            cache.find("invented")
    assert len(key_server.requests) == 2

    clock.now += 61
    key_server.status = 200
    assert cache.find("one") == ed_key.public_key()
    assert len(key_server.requests) == 3


def test_before_the_first_answer_nobody_is_known_and_the_issuer_is_not_hammered(
    cache: JwksCache, clock: Clock, key_server: KeyServer
) -> None:
    key_server.status = 503
    for _ in range(20):
        unavailable(lambda: cache.find("one"))
    assert len(key_server.requests) == 1

    clock.now += 6
    key_server.status = 200
    cache.find("one")


def test_many_threads_make_one_request(cache: JwksCache, key_server: KeyServer) -> None:
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(cache.find, ["one"] * 64))

    assert len(set(map(id, found))) == 1
    assert len(key_server.requests) == 1


def test_nobody_with_a_known_key_waits_for_the_one_who_fetches(
    cache: JwksCache, clock: Clock, key_server: KeyServer
) -> None:
    known = cache.find("one")
    clock.now += 301
    key_server.asked.clear()
    key_server.gate.clear()

    with ThreadPoolExecutor(1) as thread:
        fetching = thread.submit(cache.find, "one")
        assert key_server.asked.wait(60)
        assert cache.find("one") is known
        assert not fetching.done()
        key_server.gate.set()
        assert fetching.result(60) == known


@pytest.fixture
def tls_server(tmp_path: Path, rsa_key: RSAPrivateKey) -> Any:
    """A function that starts a TLS server with a certificate nobody knows, answering one body."""
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(rsa_key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(private_pem_of(rsa_key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    state = KeyServer()
    state.gate.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(state))
    # The handshake happens in the handler's thread, where a client that refuses us is an ordinary OSError.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def start(body: bytes) -> str:
        state.body = body
        return f"https://localhost:{server.server_port}/keys"

    yield start
    server.shutdown()
    server.server_close()
    thread.join()

"""An issuer's settings are refused as a whole when they are unsafe, before the first token is seen."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from handbell_server.identity.issuer_config import IssuerConfig, IssuerConfigError
from tests.server.identity.issuer import AUDIENCE, ISSUER, SECRET, jwk_of, jwks_of, pem_of, private_pem_of


def configure(**changes: Any) -> IssuerConfig:
    return IssuerConfig(**{"issuer": ISSUER, "audience": AUDIENCE, "algorithm": "HS256", **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"key": SECRET, "jwks_url": "https://id.example.org/keys"},
        {"key": SECRET, "issuer": ""},
        {"key": SECRET, "audience": ""},
        {"key": SECRET, "user_claim": ""},
        {"key": SECRET, "admin_claim": ""},
        {"key": SECRET, "leeway_s": 31},
        {"key": SECRET, "leeway_s": -1},
        {"key": SECRET, "algorithm": "none"},
        {"key": SECRET, "algorithm": "HS512"},
        {"key": SECRET, "algorithm": "RS256"},
        {"key": ""},
        {"key": "x" * 31},
        {"jwks_url": "https://id.example.org/keys"},
        {"jwks_file": Path("keys.json")},
    ],
)
def test_settings_that_contradict_each_other_or_are_weak_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(IssuerConfigError):
        configure(**changes)


def test_a_shared_secret_of_thirty_two_bytes_is_enough() -> None:
    assert configure(key="x" * 32).fixed_key() == b"x" * 32


def test_no_asymmetric_key_in_any_dress_becomes_an_hmac_secret(
    rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey
) -> None:
    for key in (rsa_key, ed_key):
        jwk = jwk_of(key, "one")
        for dressed in (pem_of(key), private_pem_of(key), json.dumps(jwk), jwks_of(jwk), b"\n " + pem_of(key)):
            with pytest.raises(IssuerConfigError, match="must not be used"):
                configure(key=dressed)


def test_a_public_key_must_fit_the_algorithm_and_be_public(rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey) -> None:
    assert configure(algorithm="RS256", key=pem_of(rsa_key).decode()).fixed_key() == rsa_key.public_key()
    for algorithm, key in (
        ("RS256", pem_of(ed_key)),
        ("EdDSA", pem_of(rsa_key)),
        ("RS256", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"),
        ("RS256", pem_of(generate_private_key(public_exponent=65_537, key_size=1_024))),  # noqa: S505 - weak on purpose
    ):
        with pytest.raises(IssuerConfigError):
            configure(algorithm=algorithm, key=key)
    for algorithm, key in (("RS256", private_pem_of(rsa_key)), ("EdDSA", private_pem_of(ed_key))):
        with pytest.raises(IssuerConfigError, match="private key"):
            configure(algorithm=algorithm, key=key)


@pytest.mark.parametrize(
    ("url", "allow_http_loopback"),
    [
        ("http://id.example.org/keys", False),
        ("http://id.example.org/keys", True),
        ("http://127.0.0.1/keys", False),
        ("http://127.0.0.1.example.org/keys", True),
        ("http://0.0.0.0/keys", True),
        ("ftp://id.example.org/keys", False),
        ("file:///etc/passwd", True),
        ("https:///keys", False),
        ("https://ada:pw@id.example.org/keys", False),
        ("https://id.example.org/keys#one", False),
        ("https://id.example.org:port/keys", False),
        ("https://id.example.org/keys\r\nHost: evil", False),
        ("https://id.exämple.org/keys", False),
        ("", False),
    ],
)
def test_keys_are_fetched_from_plain_https_addresses_only(url: str, allow_http_loopback: bool) -> None:
    with pytest.raises(IssuerConfigError):
        configure(algorithm="RS256", jwks_url=url, allow_http_loopback=allow_http_loopback)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "localhost"])
def test_this_machine_may_be_asked_by_http_when_that_is_said(host: str) -> None:
    configure(algorithm="RS256", jwks_url=f"http://{host}/keys", allow_http_loopback=True)
    configure(algorithm="RS256", jwks_url="https://id.example.org:8443/keys?v=1")

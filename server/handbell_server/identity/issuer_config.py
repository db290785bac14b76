"""The organisation's own token issuer, as configured: checked whole before the first token is seen.

One issuer has one algorithm and one source of keys, and the two must fit: that is what makes the classic confusions
(a public key taken as an HMAC secret, the token choosing its algorithm) impossible instead of merely checked for.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, get_args

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import HMACAlgorithm

from handbell_server.identity.jwks import PublicFamily, PublicKey, check_public_key
from handbell_server.identity.jwks_fetch import check_jwks_url

Algorithm = Literal["HS256", "RS256", "EdDSA"]

MIN_HMAC_BYTES: Final = 32  # RFC 7518, 3.2: as long as the hash
MAX_LEEWAY_S: Final = 30


class IssuerConfigError(ValueError):
    """The issuer's settings contradict each other or are unsafe; the text is for the administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerConfig:
    """Exactly one of `key` (HMAC secret or public key in PEM), `jwks_url` and `jwks_file` is set.

    `admin_claim` names a claim that makes an administrator when it is the JSON value `true`, and nothing else.
    `allow_http_loopback` lets `jwks_url` be http when its host is this machine.
    """

    issuer: str
    audience: str
    algorithm: Algorithm
    key: str | bytes | None = field(default=None, repr=False)
    jwks_url: str | None = None
    jwks_file: Path | None = None
    user_claim: str = "sub"
    admin_claim: str | None = None
    leeway_s: int = MAX_LEEWAY_S
    allow_http_loopback: bool = False

    def __post_init__(self) -> None:
        if self.algorithm not in get_args(Algorithm):
            raise IssuerConfigError(f"the algorithm must be one of {', '.join(get_args(Algorithm))}")
        if not self.issuer or not self.audience or not self.user_claim or self.admin_claim == "":
            raise IssuerConfigError("issuer, audience and the names of claims must not be empty")
        if not 0 <= self.leeway_s <= MAX_LEEWAY_S:
            raise IssuerConfigError(f"the leeway must be 0 to {MAX_LEEWAY_S} seconds")
        if sum(source is not None for source in (self.key, self.jwks_url, self.jwks_file)) != 1:
            raise IssuerConfigError("give exactly one of key, JWKS address and JWKS file")
        self._check_source()

    def _check_source(self) -> None:
        if self.key is not None:
            self.fixed_key()
        elif self.algorithm == "HS256":
            raise IssuerConfigError("HS256 has a shared secret; a JWKS is for public keys")
        if self.jwks_url is not None:
            try:
                check_jwks_url(self.jwks_url, allow_http_loopback=self.allow_http_loopback)
            except ValueError as error:
                raise IssuerConfigError(str(error)) from None

    def fixed_key(self) -> bytes | PublicKey:
        """The configured key in the form that verifies; only meaningful when `key` is set."""
        raw = self.key.encode() if isinstance(self.key, str) else self.key or b""
        return _hmac_secret(raw) if self.algorithm == "HS256" else _public_key(raw, self.algorithm)


def _hmac_secret(raw: bytes) -> bytes:
    try:
        HMACAlgorithm(HMACAlgorithm.SHA256).prepare_key(raw)  # knows what PEM, SSH, DER and JWK keys look like
    except jwt.InvalidKeyError:
        raise IssuerConfigError("a public or private key must not be used as the HS256 secret") from None
    if len(raw) < MIN_HMAC_BYTES:
        raise IssuerConfigError(f"the HS256 secret needs at least {MIN_HMAC_BYTES} bytes")
    return raw


def _public_key(raw: bytes, family: PublicFamily) -> PublicKey:
    if b"PRIVATE KEY" in raw:
        raise IssuerConfigError("this is a private key; the server only verifies and needs the public one")
    try:
        key = check_public_key(load_pem_public_key(raw), family)
    except (ValueError, UnsupportedAlgorithm):
        raise IssuerConfigError(f"the {family} key is not a public key in PEM") from None
    if key is None:
        raise IssuerConfigError(f"the key does not fit {family} (RSA of 2,048 to 8,192 bits, or Ed25519)")
    return key

"""Tokens of the organisation's own issuer: the good ones open the door, every known trick is refused by its name."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from handbell_server.identity.issuer_config import IssuerConfig
from handbell_server.identity.jwt_issuer import Claims, IssuerVerifier, TokenRefusedError
from tests.server.identity.issuer import (
    AUDIENCE,
    ISSUER,
    SECRET,
    good_claims,
    jwk_of,
    jwks_of,
    pem_of,
    sign,
)

SHARED = IssuerConfig(issuer=ISSUER, audience=AUDIENCE, algorithm="HS256", key=SECRET)


def reason_for(token: str, config: IssuerConfig = SHARED) -> str:
    with pytest.raises(TokenRefusedError) as refused:
        IssuerVerifier(config).verify(token)
    return refused.value.reason


def raw_token(header: Any, claims: Any = None, secret: bytes = SECRET.encode()) -> str:
    """A token that no honest library would sign."""
    parts = [json.dumps(part).encode() for part in (header, good_claims() if claims is None else claims)]
    body = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = base64.urlsafe_b64encode(hmac.digest(secret, body, hashlib.sha256)).rstrip(b"=")
    return (body + b"." + signature).decode()


@pytest.fixture
def rs256(rsa_key: RSAPrivateKey) -> IssuerConfig:
    return replace(SHARED, algorithm="RS256", key=pem_of(rsa_key))


@pytest.fixture
def eddsa(ed_key: Ed25519PrivateKey) -> IssuerConfig:
    return replace(SHARED, algorithm="EdDSA", key=pem_of(ed_key))


def test_a_good_token_of_each_family_names_its_user(
    rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey, rs256: IssuerConfig, eddsa: IssuerConfig
) -> None:
    claims = good_claims(exp=4_000_000_000)
    who = Claims(subject="ada", expires_at_ms=4_000_000_000_000, admin=False)

    assert IssuerVerifier(SHARED).verify(sign(SECRET, "HS256", claims)) == who
    assert IssuerVerifier(rs256).verify(sign(rsa_key, "RS256", claims)) == who
    assert IssuerVerifier(eddsa).verify(sign(ed_key, "EdDSA", claims)) == who


@pytest.mark.parametrize("changes", [{"iat": None}, {"aud": ["other", AUDIENCE]}, {"nbf": 1}, {"exp": 4_000_000_000.5}])
def test_what_the_standard_leaves_open_is_accepted(changes: dict[str, Any]) -> None:
    assert IssuerVerifier(SHARED).verify(sign(SECRET, "HS256", good_claims(**changes))).subject == "ada"


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/at+JWT", None])
def test_an_access_token_may_call_itself_so(typ: str | None) -> None:
    assert IssuerVerifier(SHARED).verify(sign(SECRET, "HS256", typ=typ)).subject == "ada"


NOW = int(time.time())
LATER = NOW + 86_400  # a day: the tests are put together long before the last of them runs


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": NOW - 3_600}, "expired"),
        ({"exp": NOW - 31}, "expired"),
        ({"iat": LATER}, "not_yet_valid"),
        ({"nbf": LATER}, "not_yet_valid"),
        ({"aud": "somebody-else"}, "audience"),
        ({"aud": ["a", "b"]}, "audience"),
        ({"aud": {"handbell": 1}}, "audience"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"exp": None}, "missing_claim"),
        ({"iss": None}, "missing_claim"),
        ({"aud": None}, "missing_claim"),
        ({"sub": None}, "missing_claim"),
        ({"sub": ""}, "claim"),
        ({"sub": 7}, "claim"),
        ({"sub": "ada\nadmin"}, "claim"),
        ({"sub": "\u202eada"}, "claim"),
        ({"sub": "a" * 256}, "claim"),
        ({"exp": str(LATER)}, "claim"),
        ({"exp": 1e18}, "claim"),
        ({"exp": [LATER]}, "malformed"),
        ({"exp": float("inf")}, "malformed"),
        ({"iat": "yesterday"}, "claim"),
        ({"iat": True}, "claim"),
        ({"jti": 5}, "claim"),
    ],
)
def test_a_claim_that_does_not_hold_is_refused_with_its_reason(changes: dict[str, Any], reason: str) -> None:
    claims = {name: value for name, value in {**good_claims(), **changes}.items() if value is not None}

    assert reason_for(raw_token({"alg": "HS256"}, claims)) == reason


def test_a_clock_that_is_a_little_off_is_forgiven_up_to_the_leeway() -> None:
    late = sign(SECRET, "HS256", good_claims(exp=int(time.time()) - 15))

    assert IssuerVerifier(SHARED).verify(late).subject == "ada"
    assert reason_for(late, replace(SHARED, leeway_s=0)) == "expired"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"alg": "HS256", "jku": "https://evil.example/keys"}, "header"),
        ({"alg": "HS256", "x5u": "https://evil.example/cert"}, "header"),
        ({"alg": "HS256", "jwk": {"kty": "oct", "k": "AAAA"}}, "header"),
        ({"alg": "HS256", "x5c": ["AAAA"]}, "header"),
        ({"alg": "HS256", "crit": ["exp"], "exp": 1}, "header"),
        ({"alg": "HS256", "crit": []}, "header"),
        ({"alg": "HS256", "b64": True}, "header"),
        ({"alg": "HS256", "typ": "logout+jwt"}, "header"),
        ({"alg": "HS256", "typ": 1}, "header"),
        ({"alg": "none"}, "algorithm"),
        ({"alg": "None"}, "algorithm"),
        ({"alg": "hs256"}, "algorithm"),
        ({"alg": "HS512"}, "algorithm"),
        ({"alg": ["HS256"]}, "algorithm"),
        ({"alg": None}, "algorithm"),
        ({}, "algorithm"),
        ({"alg": "HS256", "kid": 7}, "malformed"),
        ([], "malformed"),
        ("HS256", "malformed"),
    ],
)
def test_a_header_that_wants_to_decide_is_refused_though_the_signature_is_right(header: Any, reason: str) -> None:
    assert reason_for(raw_token(header)) == reason


def test_an_unsigned_token_is_refused_in_every_spelling() -> None:
    unsigned = sign(None, "none")

    assert reason_for(unsigned) == "algorithm"
    assert reason_for(sign(SECRET, "HS256").rpartition(".")[0] + ".") == "signature"


def test_a_token_of_another_family_is_refused_by_every_family(
    rsa_key: RSAPrivateKey, ed_key: Ed25519PrivateKey, rs256: IssuerConfig, eddsa: IssuerConfig
) -> None:
    ec_key = generate_ec_key(SECP256R1())
    for config in (SHARED, rs256, eddsa):
        for key, algorithm in (
            (SECRET, "HS256"),
            (rsa_key, "RS256"),
            (rsa_key, "PS256"),
            (rsa_key, "RS512"),
            (ec_key, "ES256"),
            (ed_key, "EdDSA"),
        ):
            if algorithm != config.algorithm:
                assert reason_for(sign(key, algorithm), config) == "algorithm"


def test_a_public_key_taken_as_an_hmac_secret_opens_nothing(rsa_key: RSAPrivateKey, rs256: IssuerConfig) -> None:
    confused = raw_token({"alg": "HS256", "typ": "JWT"}, secret=pem_of(rsa_key))

    assert reason_for(confused, rs256) == "algorithm"
    relabelled = raw_token({"alg": "RS256", "typ": "JWT"}, secret=pem_of(rsa_key))
    assert reason_for(relabelled, rs256) == "signature"


def test_the_right_family_with_a_stranger_s_key_is_refused(eddsa: IssuerConfig) -> None:
    assert reason_for(sign(Ed25519PrivateKey.generate(), "EdDSA"), eddsa) == "signature"
    assert reason_for(sign("x" * 40, "HS256")) == "signature"


def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = sign(SECRET, "HS256").split(".")
    forged = base64.urlsafe_b64encode(json.dumps(good_claims(sub="root")).encode()).rstrip(b"=").decode()

    assert reason_for(f"{head}.{forged}.{signature}") == "signature"


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c.d", "..", "e30.e30.e30=", "ä.b.c", "\ud800.b.c", "!.b.c", "W10.e30.e30"]
)
def test_what_is_no_jwt_at_all_is_malformed(token: str) -> None:
    assert reason_for(token) == "malformed"


def test_a_token_of_more_than_eight_kibibytes_is_refused_before_any_work() -> None:
    fits = sign(SECRET, "HS256", good_claims(more="x" * 5_000))
    large = sign(SECRET, "HS256", good_claims(more="x" * 6_200))

    assert len(fits) <= 8_192 < len(large)
    assert IssuerVerifier(SHARED).verify(fits).subject == "ada"
    assert reason_for(large) == "malformed"


def test_deep_nesting_is_refused_and_hurts_nobody() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 3_000).rstrip(b"=").decode()
    good_head, _, signature = sign(SECRET, "HS256").split(".")

    assert reason_for(f"{deep}.e30.e30") == "malformed"
    assert reason_for(f"{good_head}.{deep}.{signature}") == "signature"


def test_another_claim_can_name_the_user_and_one_can_make_an_administrator() -> None:
    config = replace(SHARED, user_claim="preferred_username", admin_claim="bell_admin")
    verify = IssuerVerifier(config).verify

    ada = verify(sign(SECRET, "HS256", good_claims(sub="1", preferred_username="ada", bell_admin=True)))

    assert (ada.subject, ada.admin) == ("ada", True)
    for not_true in ("true", 1, ["admin"], False):
        claims = good_claims(preferred_username="bob", bell_admin=not_true)
        assert not verify(sign(SECRET, "HS256", claims)).admin
    assert reason_for(sign(SECRET, "HS256"), config) == "missing_claim"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200)
@given(
    header=st.dictionaries(st.sampled_from(["typ", "kid", "jku", "crit", "b64"]), JSON, max_size=2),
    changes=st.dictionaries(st.sampled_from(["exp", "iss", "aud", "sub", "iat", "nbf", "jti"]), JSON, max_size=3),
)
def test_even_a_signed_token_is_either_good_or_refused_and_never_an_accident(
    header: dict[str, Any], changes: dict[str, Any]
) -> None:
    token = raw_token({"alg": "HS256", **header}, {**good_claims(), **changes})
    try:
        claims = IssuerVerifier(SHARED).verify(token)
    except TokenRefusedError:
        return
    assert claims.subject.isprintable()
    assert claims.expires_at_ms > 0


@given(st.text() | st.from_regex(r"[\w-]*\.[\w-]*\.[\w-]*", fullmatch=True))
def test_no_text_is_an_accident(token: str) -> None:
    with pytest.raises(TokenRefusedError):
        IssuerVerifier(SHARED).verify(token)


def test_a_key_set_in_a_file_is_read_and_a_missing_file_is_our_trouble(
    tmp_path: Any, ed_key: Ed25519PrivateKey
) -> None:
    path = tmp_path / "keys.json"
    config = replace(SHARED, algorithm="EdDSA", key=None, jwks_file=path)
    token = sign(ed_key, "EdDSA", kid="one")

    assert reason_for(token, config) == "keys_unavailable"
    path.write_bytes(jwks_of(jwk_of(ed_key, "one")))
    assert IssuerVerifier(config).verify(token).subject == "ada"
    assert reason_for(sign(ed_key, "EdDSA", kid="two"), config) == "unknown_key"


def test_no_refusal_and_no_setting_shows_the_secret() -> None:
    token = sign("x" * 40, "HS256")

    with pytest.raises(TokenRefusedError) as refused:
        IssuerVerifier(SHARED).verify(token)

    assert token not in str(refused.value)
    assert SECRET not in repr(SHARED)

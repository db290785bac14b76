"""What must never reach a log: the last net under every line that is written.

Callers should not log secrets at all; this is for the exception text, the foreign library and the mistake. Rather
too much than too little: a harmless word lost in a log line costs nothing. Every pattern runs in linear time (a
literal start, or a look-behind that lets a run of token characters be tried only once), because the text may be
chosen by an attacker.
"""

import re
from typing import Final

REDACTED: Final = "[redacted]"

DEVICE_TOKENS: Final = re.compile(r"hb([dc])_[A-Za-z0-9_-]{8,}")  # and the claims of devices that wait
PRODUCER_KEYS: Final = re.compile(r"hbp_(?:[0-9a-f]{16}_)?[A-Za-z0-9_-]{8,}")
# A dialect's tokens that look like nothing else. Gotify's old ones are fifteen letters; they are found where they are named.
DIALECT_TOKENS: Final = re.compile(r"\b(hbt_|gtfya\.|tk_)[A-Za-z0-9_-]{8,}")
TOKENS_IN_QUERIES: Final = re.compile(
    r"([?&](?:token|access_token|auth|key)=|\b(?:x-gotify-key|x-apprise-config-id|x-api-key)\b[\"']?[ \t]*[:=][ \t]*[\"']?)[^\s\"'&;,]+",
    re.IGNORECASE,
)
SIGNING_SECRETS: Final = re.compile(r"whsec_[A-Za-z0-9+/_=-]{8,}")
# Two or three dotted runs of base64url; whether the first one opens a JSON object is asked in _hide_jwt.
DOTTED_RUNS: Final = re.compile(
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?", re.ASCII
)
AUTHORIZATION: Final = re.compile(
    r"(\bauthorization\b[\"']?[ \t]*[:=][ \t]*[\"']?(?:[a-z]+[ \t]+)?|\bbearer(?:[ \t]+|%20|\+))"
    r"[^\s\"',;]+",
    re.IGNORECASE,
)
NAMED_SECRETS: Final = re.compile(
    r"((?:password|passwd|passphrase|secret|api_?key)(?:\\*[\"'])?[ \t]*[:=][ \t]*)"
    r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&}]+)",
    re.IGNORECASE,
)
URL_PASSWORDS: Final = re.compile(r"(://[^\s/:@]{0,128}:)[^\s/@]+@")

# `{"`, `{ ` and `{` with a line break, in base64url: how the header of a JWT begins.
_JWT_OPENINGS: Final = ("eyJ", "eyA", "ewo", "ew0")


def redact(text: str) -> str:
    """The text without tokens, producer keys, those of dialects, signing secrets, JWTs, Authorization values, named secrets and passwords in URLs."""
    text = DEVICE_TOKENS.sub(rf"hb\1_{REDACTED}", text)
    text = PRODUCER_KEYS.sub(f"hbp_{REDACTED}", text)
    text = DIALECT_TOKENS.sub(rf"\1{REDACTED}", text)
    text = TOKENS_IN_QUERIES.sub(rf"\1{REDACTED}", text)
    text = SIGNING_SECRETS.sub(f"whsec_{REDACTED}", text)
    text = DOTTED_RUNS.sub(_hide_jwt, text)
    text = AUTHORIZATION.sub(rf"\1{REDACTED}", text)
    text = NAMED_SECRETS.sub(rf"\1{REDACTED}", text)
    return URL_PASSWORDS.sub(rf"\1{REDACTED}@", text)


def _hide_jwt(runs: re.Match[str]) -> str:
    looks_like_one = any(opening in runs[0] for opening in _JWT_OPENINGS)
    return REDACTED if looks_like_one else runs[0]

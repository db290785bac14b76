"""The closed list of error codes. They are part of the contract: a code is added, never renamed.

REST carries them as the `code` of a problem document (RFC 9457), sockets as the `code` of a refusal.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    # ---- what was sent
    MALFORMED = "malformed"  # not JSON, not UTF-8, not an object
    INVALID = "invalid"  # a field is missing, unknown, of the wrong type or out of bounds
    TOO_LARGE = "too_large"
    LINK_REFUSED = "link_refused"
    UNSUPPORTED_MEDIA = "unsupported_media"
    # ---- who sent it
    UNAUTHENTICATED = "unauthenticated"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 — a code, not a secret
    FORBIDDEN = "forbidden"
    # ---- what it is about
    NOT_FOUND = "not_found"
    UNKNOWN_USER = "unknown_user"
    CODE_EXPIRED = "code_expired"  # a pairing code that is used, over, or never was one
    METHOD_NOT_ALLOWED = "method_not_allowed"
    GONE = "gone"  # a question that nobody can answer any more
    CONFLICT = "conflict"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    # ---- when it was sent
    RATE_LIMITED = "rate_limited"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    DISK_FULL = "disk_full"
    INTERNAL = "internal"
    # ---- sockets only
    VERSION = "version"

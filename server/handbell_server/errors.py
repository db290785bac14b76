"""Everything that can go wrong on purpose.

    Problem                     a sentence for a human, a stable code, an HTTP status
    ├── Invalid                 400/422  names the field
    ├── Unauthenticated         401
    ├── Forbidden               403
    ├── NotFound                404      also for what exists but is somebody else's
    ├── Conflict                409/422
    ├── Gone                    410
    ├── TooLarge                413
    ├── RateLimited             429      with Retry-After
    └── Unavailable             503/507  with Retry-After

`http/problems.py` makes a problem document of one, `socket/` a refusal. Any other exception is a bug: it is logged with
its traceback and answered as `internal` without a word about the inside.
"""

from __future__ import annotations

from handbell_shared.codes import Code


class Problem(Exception):
    status = 500
    code = Code.INTERNAL

    def __init__(
        self,
        detail: str,
        *,
        code: Code | None = None,
        status: int | None = None,
        field: str | None = None,
        retry_after: float | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.field = field
        self.retry_after = retry_after
        self.headers = headers or {}


class Invalid(Problem):
    status, code = 422, Code.INVALID


class Unauthenticated(Problem):
    status, code = 401, Code.UNAUTHENTICATED


class Forbidden(Problem):
    status, code = 403, Code.FORBIDDEN


class NotFound(Problem):
    status, code = 404, Code.NOT_FOUND


class Conflict(Problem):
    status, code = 409, Code.CONFLICT


class Gone(Problem):
    status, code = 410, Code.GONE


class TooLarge(Problem):
    status, code = 413, Code.TOO_LARGE


class RateLimited(Problem):
    status, code = 429, Code.RATE_LIMITED


class Unavailable(Problem):
    status, code = 503, Code.UNAVAILABLE

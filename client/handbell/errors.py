"""Everything that can go wrong between a program and its server.

    HandbellError
    ├── Refused              the server said no: status, code, field, request_id, retry_after
    │   ├── Invalid              400, 413, 415, 422
    │   ├── Unauthenticated      401
    │   ├── Forbidden            403
    │   ├── NotFound             404
    │   ├── Conflict             409
    │   ├── Gone                 410
    │   ├── RateLimited          429     still, after waiting as long as there was patience for
    │   └── Unavailable          5xx     likewise
    ├── Unreachable          there was no whole answer
    │   └── Untrusted            and will be none: the certificate is not one to trust
    └── Interrupted          a batch of several requests ended in the middle; `results` is what was answered before

`may_have_arrived` says of each whether the server may have done what was asked all the same; asking again with
`idempotency_key` does it once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from handbell.results import Failed, Told


_TEMPORARY: Final = frozenset({429, 502, 503, 504, 507})


class HandbellError(Exception):
    """What was asked for did not happen, or is not known to have happened."""

    may_have_arrived: bool = False
    idempotency_key: str | None = None

    @property
    def temporary(self) -> bool:
        """Whether the same may succeed later, as it is."""
        return True


class Refused(HandbellError):
    """The server understood and said no; `code` is stable, the text is for people."""

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        code: str,
        field: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.field = field
        self.request_id = request_id
        self.retry_after = retry_after

    @property
    def temporary(self) -> bool:
        return self.status in _TEMPORARY

    def __str__(self) -> str:
        about = f"{self.code}, field {self.field}" if self.field else self.code
        return f"{self.detail} ({about})"


class Invalid(Refused):
    pass


class Unauthenticated(Refused):
    pass


class Forbidden(Refused):
    pass


class NotFound(Refused):
    pass


class Conflict(Refused):
    pass


class Gone(Refused):
    pass


class RateLimited(Refused):
    pass


class Unavailable(Refused):
    pass


class Unreachable(HandbellError):
    """There was no connection, no certificate that can be trusted, or no end of the answer."""

    def __init__(self, sentence: str, *, may_have_arrived: bool = True) -> None:
        super().__init__(sentence)
        self.may_have_arrived = may_have_arrived


class Untrusted(Unreachable):
    """Whoever answers there cannot prove to be the server. Trying again does not help, so it is not tried."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, may_have_arrived=False)

    @property
    def temporary(self) -> bool:
        return False


class Interrupted(HandbellError):
    """A batch that went in several requests came to an end after some; its cause is in `__cause__`."""

    def __init__(self, cause: HandbellError, results: tuple[Told | Failed, ...]) -> None:
        super().__init__(f"{cause} ({len(results)} were answered before)")
        self.results = results
        self._temporary = cause.temporary
        self.may_have_arrived = cause.may_have_arrived
        self.idempotency_key = cause.idempotency_key

    @property
    def temporary(self) -> bool:
        return self._temporary


_BY_STATUS: dict[int, type[Refused]] = {
    401: Unauthenticated, 403: Forbidden, 404: NotFound, 409: Conflict, 410: Gone, 429: RateLimited,
}  # fmt: skip


def kind_of(status: int) -> type[Refused]:
    if status >= 500:
        return Unavailable
    return _BY_STATUS.get(status, Invalid if status >= 400 else Refused)

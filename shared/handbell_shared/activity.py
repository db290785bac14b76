"""Whether the person uses this device, and whether they use another one: said and heard over the link.

What is wanted outlives a connection and is said anew on each. What was heard ends with it: a device that hears nothing
does not keep quiet for another that may be long gone.
"""

from __future__ import annotations

from collections.abc import Callable


class Activity:
    """`on_elsewhere` is called from the link's thread, whenever it is another than before."""

    def __init__(self, on_elsewhere: Callable[[bool], None] = lambda elsewhere: None) -> None:
        self.used: tuple[int, bool] | None = None
        """What is to be said, and the how many-th time it is; None is nothing at all."""
        self.elsewhere = False
        self._on_elsewhere = on_elsewhere

    def say(self, used: bool) -> None:
        """Also when it is the same as before: the person has come back."""
        self.used = (self.used[0] + 1 if self.used else 1), used

    def heard(self, in_use: str | None, own: str) -> None:
        self._is(in_use is not None and in_use != own)

    def lost(self) -> None:
        """The connection is gone."""
        self._is(False)

    def _is(self, elsewhere: bool) -> None:
        if elsewhere != self.elsewhere:
            self.elsewhere = elsewhere
            self._on_elsewhere(elsewhere)

"""The last resort of every platform: it shows nothing and never fails."""

from __future__ import annotations

from handbell_desktop.machine.toasts.base import Capabilities, Toast


class SilentToaster:
    capabilities = Capabilities(name="none", shows=False)

    def show(self, toast: Toast) -> None:
        pass

    def withdraw(self, key: str) -> None:
        pass

    def close(self) -> None:
        pass

"""A desk that is online, on which notifications arrive, and what is up on its screen."""

from __future__ import annotations

from collections.abc import Callable

from handbell_desktop.machine.toasts.base import Toast
from handbell_shared.records import Mark, Notification
from tests.support.desks import MadeDesk

Makes = Callable[..., MadeDesk]


def arrive(made: MadeDesk, *records: Notification, user: str = "ana") -> None:
    made.link(user).brings(*records)
    made.turns.run()


def only(made: MadeDesk) -> Toast:
    (toast,) = made.toaster.up.values()
    return toast


def marked(made: MadeDesk, user: str = "ana") -> list[Mark]:
    made.settle()
    return made.link(user).marked

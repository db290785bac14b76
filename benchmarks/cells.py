"""The cells of the table: which load is put on a server, and what is measured under it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One kind of load.

    `batch` is the number of notifications per POST, `rate` the POSTs per second from a fixed schedule (None: closed
    loop, each producer posts again when it has its answer). With a schedule, latency counts from the moment a POST
    should have left, so that a server that stalls cannot hide the requests that had to wait.
    """

    name: str
    says: str
    producers: int = 32
    batch: int = 1
    broadcast: bool = False
    rate: float | None = None
    idle: bool = False


CELLS = (
    Cell("idle", "connected devices and no load: memory", idle=True),
    Cell("open300", "300 POSTs/s from a schedule, one notification each", rate=300),
    Cell("single", "32 keep-alive producers, closed loop, one notification per POST"),
    Cell("broadcast", "4 producers, closed loop, each POST for everyone", producers=4, broadcast=True),
    Cell("batch500", "4 producers, closed loop, 500 notifications per POST", producers=4, batch=500),
)

"""Numbers and names of the sync protocol (docs/protocol.md is the page about them)."""

from __future__ import annotations

from typing import Final

PROTOCOL: Final = 1

# ---- what the server says
HELLO: Final = "hello"
PUSH: Final = "push"
TIP: Final = "tip"
BYE: Final = "bye"
PRESENCE: Final = "presence"

# ---- what a device asks or tells
DELTA: Final = "delta"
SNAPSHOT: Final = "snapshot"
ACT: Final = "act"
POSITION: Final = "position"
RECEIPTS: Final = "receipts"
ACTIVE: Final = "active"

# ---- what a server of this protocol may or may not understand, as its hello says
CAN_RECEIPTS: Final = "receipts"
CAN_PRESENCE: Final = "presence"

# ---- limits
PAGE_LIMIT: Final = 500
ACTIONS_PER_CALL: Final = 200
TARGETS_PER_ACTION: Final = 500
ACT_BYTES: Final = 48 * 1024  # of actions in one call; the server hangs up on a message above 64 KiB
MARKS_PER_CALL: Final = 200
HELD_PUSHES: Final = 64
CHANGES_PER_PUSH: Final = 500  # of more than that, or more bytes, a tip tells, and the device asks page by page
PUSH_BYTES: Final = 256 * 1024

# ---- time, in seconds
GAP_PATIENCE: Final = 0.25
TIP_INTERVAL: Final = 25

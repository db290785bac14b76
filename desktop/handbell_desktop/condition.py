"""How the bell stands with the world, over all accounts: one word, for whoever shows it."""

from __future__ import annotations

from enum import Enum


class Condition(Enum):
    ONLINE = "online"
    CONNECTING = "connecting"
    OFFLINE = "offline"
    SIGNED_OUT = "signed out"
    INCOMPATIBLE = "incompatible"
    PAUSED = "paused"
    NO_ACCOUNT = "no account"

"""What an older version kept for one device alone, as the choices that it is today: quiet hours, a pause, who breaks through.

It becomes the person's own without winning over anything they ever chose: it is said as of the beginning of time, and the last
writer wins. So it can be said at once, without a network, and from every device; what was chosen elsewhere holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from handbell_shared.attention import QuietHours
from handbell_shared.preferences import FOR_EVER

LONG_AGO: Final = 1
"""When such a choice was made, as it is told (ms)."""
_ENDLESS: Final = 2**53
"""How a pause without an end was written."""


def former_choices(settings: Mapping[str, Any], pause: int | None, now: int) -> dict[str, Any]:
    """By name; nothing for what was as it comes, or cannot be understood."""
    found: dict[str, Any] = {}
    try:
        hours = msgspec.convert(settings.get("quiet_hours", {}), QuietHours)
    except msgspec.ValidationError:
        hours = QuietHours()
    if hours != QuietHours():
        found["quiet_hours"] = msgspec.to_builtins(hours)
    if settings.get("urgent_breaks_through") is False:
        found["urgent"] = {"breaks_through": "none"}
    if pause is not None and pause > now:
        found["pause"] = FOR_EVER if pause >= _ENDLESS else pause
    return found

"""What ntfy's priorities and tags mean here.

Its apps show a tag that is the short name of an emoji as that emoji, before the title, and list the others. Here stand
the names that scripts use most; every tag stays in `data.tags`.
"""

from __future__ import annotations

from typing import Final

from handbell_shared.records import Priority

PRIORITIES: Final[dict[str, int]] = {
    **{str(number): number for number in range(1, 6)},
    "min": 1, "low": 2, "default": 3, "normal": 3, "high": 4, "max": 5, "urgent": 5,
}  # fmt: skip
USUAL: Final[dict[int, Priority]] = {1: "low", 2: "low", 3: "normal", 4: "high", 5: "urgent"}

TYPES: Final[dict[str, str]] = {
    "warning": "warning", "construction": "warning",
    "rotating_light": "error", "x": "error", "skull": "error", "no_entry": "error", "no_entry_sign": "error", "boom": "error",
    "white_check_mark": "success", "heavy_check_mark": "success", "tada": "success", "partying_face": "success",
}  # fmt: skip

EMOJI: Final[dict[str, str]] = {
    "+1": "👍", "-1": "👎", "alarm_clock": "⏰", "arrow_down": "⬇️", "arrow_up": "⬆️", "arrows_counterclockwise": "🔄",
    "battery": "🔋", "bell": "🔔", "bomb": "💣", "boom": "💥", "bug": "🐛", "bulb": "💡", "calendar": "📆", "camera": "📷",
    "cd": "💿", "chart_with_downwards_trend": "📉", "chart_with_upwards_trend": "📈", "clapper": "🎬", "clipboard": "📋",
    "closed_lock_with_key": "🔐", "cloud": "☁️", "computer": "💻", "construction": "🚧", "credit_card": "💳", "door": "🚪",
    "droplet": "💧", "e-mail": "📧", "electric_plug": "🔌", "email": "📧", "exclamation": "❗", "eyes": "👀", "facepalm": "🤦",
    "fire": "🔥", "floppy_disk": "💾", "gear": "⚙️", "ghost": "👻", "gift": "🎁", "green_circle": "🟢", "hammer": "🔨",
    "heart": "❤️", "heavy_check_mark": "✔️", "heavy_exclamation_mark": "❗", "hourglass": "⌛", "house": "🏠",
    "inbox_tray": "📥", "information_source": "ℹ️", "key": "🔑", "link": "🔗", "lock": "🔒", "loudspeaker": "📢",
    "mag": "🔍", "mailbox": "📫", "mega": "📣", "memo": "📝", "money_with_wings": "💸", "moneybag": "💰", "movie_camera": "🎥",
    "musical_note": "🎵", "new": "🆕", "no_entry": "⛔", "no_entry_sign": "🚫", "ok": "🆗", "orange_circle": "🟠",
    "outbox_tray": "📤", "package": "📦", "partying_face": "🥳", "pushpin": "📌", "question": "❓", "recycle": "♻️",
    "red_circle": "🔴", "robot": "🤖", "rocket": "🚀", "rotating_light": "🚨", "satellite": "📡", "shield": "🛡️", "skull": "💀",
    "snowflake": "❄️", "sos": "🆘", "star": "⭐", "stopwatch": "⏱️", "sunny": "☀️", "tada": "🎉", "thermometer": "🌡️",
    "thinking": "🤔", "toilet": "🚽", "triangular_flag_on_post": "🚩", "tv": "📺", "umbrella": "☔", "unlock": "🔓", "warning": "⚠️",
    "wastebasket": "🗑️", "white_check_mark": "✅", "wrench": "🔧", "x": "❌", "yellow_circle": "🟡", "zap": "⚡", "zzz": "💤",
}  # fmt: skip

"""A bell rests all day: what it needs for a moment, or for some people, is loaded for the moment or for them."""

import os
import subprocess
import sys

FOR_A_MOMENT = {
    "asking beside the socket": {"urllib.request", "http.client", "email.message", "handbell_shared.rest_request"},
    "quiet hours in a zone": {"zoneinfo"},
    "sheets that few people open": {"handbell_desktop.ui.snooze_sheet", "handbell_desktop.ui.why_sheet"},
    "why something rang": {"handbell_desktop.account.whys", "handbell_desktop.why_sentences"},
    "two thousand names of characters": {"html", "html.entities"},
}
LOADED = """
import sys
import handbell_desktop.machine.toasts.freedesktop
import handbell_desktop.ui.app
import handbell_desktop.ui.panel
print(*sys.modules)
"""


def test_what_is_needed_for_a_moment_is_not_loaded_at_rest() -> None:
    asked = [sys.executable, "-c", LOADED]
    screenless = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    said = subprocess.run(asked, env=screenless, check=True, capture_output=True, text=True, timeout=60)
    loaded = set(said.stdout.split())

    assert "handbell_desktop.desk" in loaded
    assert {what: some & loaded for what, some in FOR_A_MOMENT.items() if some & loaded} == {}

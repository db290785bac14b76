"""Other systems' ways to send and to listen, so that what speaks to them can speak to us by changing its address.

One module for each dialect: it says where its senders put their token, reads what they say into a `Said`, and gives the
answer that they expect, byte for byte where they compare. Everything between goes one road, `saying.py`, which ends in the
same code as `POST /v1/notifications`. `settings.py` is where a producer says what its senders cannot.
`*_listening.py` are the other side: a person's apps, which follow by `following.py`.
"""

from __future__ import annotations

from handbell_server.http.dialects import (
    alerts,
    apprise,
    cloudevents,
    forges,
    gotify,
    gotify_listening,
    mapped,
    ntfy,
    ntfy_listening,
    settings,
    slack,
    uptime_kuma,
)

MODULES = (
    settings, gotify, gotify_listening, ntfy, ntfy_listening, slack, apprise, mapped, alerts, forges, cloudevents,
    uptime_kuma,
)  # fmt: skip

"""The REST half. An endpoint parses, calls one action and serialises; everything they share is in `pipeline.py`.

`ENDPOINTS` is the whole contract: the router, `/openapi.json` and the security matrix test are made from it.
"""

from __future__ import annotations

from handbell_server.http import (
    devices,
    inbox,
    ops,
    pairings,
    produce,
    recall,
    sessions,
    sync,
    topics,
    trying,
    webhooks,
)
from handbell_server.http.endpoint import Endpoint, endpoints_of

ENDPOINTS: tuple[Endpoint, ...] = endpoints_of(
    produce, recall, sessions, pairings, devices, inbox, trying, sync, topics, webhooks, ops
)

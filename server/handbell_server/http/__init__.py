"""The REST half. An endpoint parses, calls one action and serialises; everything they share is in `pipeline.py`.

`ENDPOINTS` is the whole contract: the router, `/openapi.json` and the security matrix test are made from it.
"""

from __future__ import annotations

from handbell_server.http import (
    analytics,
    answers,
    devices,
    dialects,
    expectations,
    inbox,
    mail_links,
    me,
    ops,
    pairings,
    preferences,
    produce,
    recall,
    receipts,
    sessions,
    sync,
    topics,
    tracing,
    trying,
    types,
    webhooks,
)
from handbell_server.http.endpoint import Endpoint, endpoints_of

ENDPOINTS: tuple[Endpoint, ...] = endpoints_of(
    produce,
    answers,
    recall,
    tracing,
    types,
    sessions,
    pairings,
    me,
    preferences,
    mail_links,
    devices,
    inbox,
    receipts,
    trying,
    sync,
    topics,
    webhooks,
    expectations,
    analytics,
    ops,
    *dialects.MODULES,
)

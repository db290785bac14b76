"""The sync calls over REST, for clients that poll."""

from __future__ import annotations

from handbell_server.http.endpoint import Answer, Call, endpoint
from handbell_server.parsing import AskedDelta, AskedSnapshot
from handbell_server.reads import reading
from handbell_shared.records import DeltaPage, Position, SnapshotPage


@endpoint("GET", "/v1/sync/delta", "user", query=AskedDelta, answers={200: DeltaPage}, problems=(422,))
def delta(call: Call) -> Answer:
    """What changed after your position, or why only a snapshot can help."""
    asked: AskedDelta = call.query
    after = None if asked.after is None else asked.after.replace("\x00", "")
    at = Position(asked.epoch, asked.rev, after)
    return Answer(200, call.services.read(reading.delta, call.person.user_id, at, asked.limit))


@endpoint("GET", "/v1/sync/snapshot", "user", query=AskedSnapshot, answers={200: SnapshotPage}, problems=(422,))
def snapshot(call: Call) -> Answer:
    """Everything you have, page by page; keep the revision of the first page, then ask for the delta."""
    asked: AskedSnapshot = call.query
    after = asked.after.replace("\x00", "")
    return Answer(200, call.services.read(reading.snapshot, call.person.user_id, after, asked.limit))

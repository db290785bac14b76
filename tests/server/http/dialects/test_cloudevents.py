"""CloudEvents in all three modes, from requests as the specification has them and from the Python SDK."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from handbell_server.errors import Problem
from handbell_server.http.dialects import cloudevents
from tests.server.http.dialects.speaking import Speaker, dumped
from tests.server.http.stage import Person, Stage
from tests.support.rest import Answer

HOOK = "/v1/hooks/cloudevents"
STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def event(**more: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "1", "source": "/shop", "type": "com.example.order"} | more


def of(**more: Any) -> cloudevents.Event:
    [found] = cloudevents.events(STRUCTURED, [], dumped(event(**more)))
    return found


def deliver(sender: Speaker, message: HTTPMessage) -> Answer:
    """As `requests.post(url, headers=message.headers, data=message.body)` does."""
    body = message.body if isinstance(message.body, bytes) else message.body.encode()
    return sender.own.call("POST", HOOK, body, headers=dict(message.headers))


def test_a_binary_event_is_told_by_its_headers_and_data(sender: Speaker, ana: Person) -> None:
    assert sender.replay("cloudevents-binary").status == 200

    [one] = ana.inbox()
    assert (one["title"], one["type"]) == ("Bestellung ü 7", "com.example.order.sent")
    assert one["body"] == "orderId: 7\ncarrier: Post"
    assert one["link"] == "https://shop.example/orders/7"
    assert one["data"]["orderId"] == 7


def test_a_structured_event_is_told_by_the_members_that_are_usual(sender: Speaker, ana: Person) -> None:
    assert sender.replay("cloudevents-structured").body == {"told": 1, "repeated": 0, "left_alone": 0}

    [one] = ana.inbox()
    assert (one["title"], one["body"], one["priority"]) == ("Order 8 is on its way", "It comes on Monday.", "high")


def test_a_batch_is_told_at_once_and_each_event_only_once(sender: Speaker, ana: Person) -> None:
    assert sender.replay("cloudevents-batch").body["told"] == 2
    assert sender.replay("cloudevents-batch").body == {"told": 0, "repeated": 2, "left_alone": 0}

    assert sorted(ana.titles()) == ["Note 1", "Note 2"]


def test_an_empty_batch_is_fine(sender: Speaker) -> None:
    assert sender.ask("POST", HOOK, b"[]", Content_Type=BATCH).status == 200


def test_an_event_is_known_by_its_source_and_id(sender: Speaker, ana: Person) -> None:
    for id_and_source in (("1", "/a"), ("1", "/b"), ("2", "/a"), ("1", "/a")):
        body = dumped(event(id=id_and_source[0], source=id_and_source[1]))
        assert sender.ask("POST", HOOK, body, Content_Type=STRUCTURED).status == 200

    assert len(ana.inbox()) == 3


def test_what_the_python_sdk_sends_arrives(sender: Speaker, ana: Person) -> None:
    attributes = {"type": "com.example.deploy", "source": "https://ci.example", "time": datetime.now(UTC)}
    data = {"title": "v2 läuft", "message": "Alles grün."}

    for number, message in enumerate((to_binary_event, to_structured_event)):
        sent = CloudEvent(attributes | {"id": f"sdk {number}", "subject": "shop ü 100%", "tenant": "shop"}, data)
        assert deliver(sender, message(sent)).status == 200

    assert [(one["title"], one["body"]) for one in ana.inbox()] == [("v2 läuft", "Alles grün.")] * 2
    assert len({one["group"] for one in ana.inbox()}) == 1


def test_bytes_from_the_sdk_are_opened_where_they_are_text(sender: Speaker, ana: Person) -> None:
    attributes = {"type": "com.example.log", "source": "/log", "subject": "Backup"}
    text = CloudEvent(attributes | {"id": "1", "datacontenttype": "text/plain"}, "3 Dateien übrig".encode())
    picture = CloudEvent(attributes | {"id": "2", "datacontenttype": "image/png"}, b"\x89PNG\x00")

    for sent in (text, picture):
        for message in (to_binary_event(sent), to_structured_event(sent)):
            assert deliver(sender, message).status == 200

    assert sorted(one.get("body", "") for one in ana.inbox()) == ["", "3 Dateien übrig"]


def test_a_type_of_the_producers_own_says_it_in_its_own_words(sender: Speaker, ana: Person) -> None:
    definition = {"title": "Order {{ data.orderId }} left by {{ data.carrier }}", "icon": "order"}
    assert sender.own.call("PUT", "/v1/types/com.example.order.sent", definition).status in (200, 201)

    sender.replay("cloudevents-binary")

    [one] = ana.inbox()
    assert (one["title"], one["icon"]) == ("Order 7 left by Post", "order")
    assert one["link"] == "https://shop.example/orders/7"


def test_a_producer_says_which_member_is_which(sender: Speaker, ana: Person) -> None:
    mapping = {"title": "data.order[0].what", "link": "data.page", "priority": "data.rank", "key": "/data/order/0/id"}
    sender.set(
        mapping=mapping | {"resolved": "data.done", "body": "tenant"}, priorities={"cloudevents": {"A1": "urgent"}}
    )
    data = {"order": [{"what": "Two books", "id": 7}], "page": "https://shop.example/7", "rank": "A1", "title": "no"}

    for an_id, done in (("1", False), ("2", True)):
        body = event(id=an_id, tenant="The shop", data=data | {"done": done})
        assert sender.ask("POST", HOOK, dumped(body), Content_Type=STRUCTURED).status == 200

    [one] = ana.inbox()
    assert (one["title"], one["body"], one["priority"]) == ("Two books", "The shop", "urgent")
    assert (one["link"], one["key"], one["resolved"]) == ("https://shop.example/7", "7", True)


def test_an_event_goes_where_its_type_is_routed(stage: Stage, ana: Person, ben: Person) -> None:
    sender = Speaker.of(stage, to=ana.name, routes={"com.example.order": ben.name})

    for kind in ("com.example.order", "com.example.other"):
        body = dumped(event(type=kind, id=kind))
        assert sender.ask("POST", HOOK, body, Content_Type=STRUCTURED).status == 200

    assert (ana.titles(), ben.titles()) == (["com.example.other"], ["com.example.order"])


def test_the_handshake_of_webhooks(sender: Speaker) -> None:
    for path in (f"{HOOK}/{sender.key}", f"{HOOK}?access_token={sender.key}"):
        agreed = sender.ask_bare("OPTIONS", path, WebHook_Request_Origin="events.example.com")
        assert agreed.status == 200
        assert agreed.headers["webhook-allowed-origin"] == "events.example.com"
        assert int(agreed.headers["webhook-allowed-rate"]) > 0
        assert agreed.headers["allow"] == "POST, OPTIONS"

    assert sender.ask("OPTIONS", HOOK).status == 422
    assert sender.ask_bare("OPTIONS", HOOK, WebHook_Request_Origin="events.example.com").status == 401


@pytest.mark.parametrize(
    ("media", "body", "status", "field"),
    [
        ("application/json", b"{}", 415, None),
        ("application/cloudevents+avro", b"", 415, None),
        ("application/cloudevents-batch+xml", b"", 415, None),
        (STRUCTURED, b"{", 400, None),
        (STRUCTURED, b"[]", 422, None),
        (STRUCTURED, dumped(event(specversion="0.3")), 422, "specversion"),
        (STRUCTURED, dumped(event(id="")), 422, "id"),
        (STRUCTURED, dumped(event(source=7)), 422, "source"),
        (STRUCTURED, dumped(event(subject=7)), 422, "subject"),
        (STRUCTURED, dumped(event(data_base64="~")), 422, "data_base64"),
        (STRUCTURED, dumped(event(data=1, data_base64="AP8=")), 422, "data_base64"),
        (BATCH, dumped([event(), event(type=None)]), 422, "[1].type"),
        (BATCH, dumped([event()] * 1_001), 422, None),
    ],
)
def test_what_is_no_event_is_refused_by_name(media: str, body: bytes, status: int, field: str | None) -> None:
    with pytest.raises(Problem) as refused:
        cloudevents.events(media, [], body)

    assert (refused.value.status, refused.value.field) == (status, field)


@pytest.mark.parametrize(
    ("header", "subject"),
    [("plain", "plain"), ("%E2%82%AC%20100%25", "€ 100%"), ('"quoted \\" one"', 'quoted " one'), ("\xc3\xbc", "ü")],
)
def test_headers_are_read_as_the_binding_says(header: str, subject: str) -> None:
    headers = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/"), ("ce-type", "t"), ("ce-subject", header)]

    [found] = cloudevents.events("text/plain", headers, b"")

    assert found.subject == subject


def test_a_header_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        cloudevents.events("", [("ce-specversion", "1.0"), ("ce-id", "%C0%A0")], b"")

    assert refused.value.status == 400


def test_extensions_are_kept_where_they_are_what_extensions_may_be() -> None:
    found = of(severitytext="error", Odd="x", tenant={"no": 1}, sampled=True, level=3)

    assert found.extensions == {"severitytext": "error", "sampled": True, "level": 3}
    assert cloudevents.report_of(found).severity == "error"


@pytest.mark.parametrize(
    ("more", "title", "text"),
    [
        ({}, "com.example.order", ""),
        ({"subject": "order 7"}, "order 7", ""),
        ({"data": "just text"}, "com.example.order", "just text"),
        ({"data": {"summary": "S", "description": "D", "n": 1}}, "S", "D"),
        ({"data": {"n": 1, "deep": {"x": 1}, "yes": True}}, "com.example.order", "n: 1\nyes: true"),
        ({"data": [1, 2]}, "com.example.order", ""),
        ({"data_base64": base64.b64encode(b'{"title": "T"}').decode()}, "T", ""),
        ({"data_base64": "AP8=", "datacontenttype": "application/octet-stream"}, "com.example.order", ""),
    ],
)
def test_what_an_event_says(more: dict[str, Any], title: str, text: str) -> None:
    report = cloudevents.report_of(of(**more))

    assert (report.said.title, report.said.text) == (title, text)

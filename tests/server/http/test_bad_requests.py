"""Whatever is sent, the answer is a problem document that says what is wrong, and never a 5xx."""

import gzip
import json
import socket

import pytest

from handbell_shared.ids import new_id
from tests.server.http.stage import Person, Stage
from tests.support.rest import Answer, Rest

SEND = "/v1/notifications"


def is_a_problem(answer: Answer, status: int, code: str) -> None:
    assert (answer.status, answer.code) == (status, code), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.body["status"] == status
    assert answer.body["type"] == f"urn:handbell:problem:{code}"
    assert answer.body["detail"]
    assert answer.body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'to': 'ana'}",
        b'{"to": "ana", "title": "x"} {}',
        b"\xff\xfe",
        b'{"to": "ana", "title": "\xff"}',
        b'{"to": "ana", "title": "\\ud800"}',
        b'{"to": "ana", "title": "\\u00"}',
        b'{"to": "ana", "title": NaN}',
    ],
    ids=lambda body: repr(body[:32]),
)
def test_what_is_not_json_is_malformed(ci: Rest, body: bytes) -> None:
    is_a_problem(ci.call("POST", SEND, body, headers={"Content-Type": "application/json"}), 400, "malformed")
    batch = ci.call("POST", f"{SEND}/batch", b'{"notifications": [%s]}' % body)
    # Broken as a whole, or one bad item in a sound batch.
    assert batch.status in (400, 422) or (batch.status, batch.body["accepted"]) == (200, 0), batch


@pytest.mark.parametrize(
    "body", [b"[" * 60_000, b'{"a":' * 10_000, b'{"to":' * 10_000], ids=lambda body: repr(body[:6])
)
@pytest.mark.parametrize("path", [SEND, f"{SEND}/batch"])
def test_endless_nesting_is_refused(ci: Rest, path: str, body: bytes) -> None:
    assert ci.call("POST", path, body).status in (400, 422)


def test_thousands_of_query_parameters_are_refused(ana: Person) -> None:
    many = "&".join("a" for _ in range(2_000))

    is_a_problem(ana.rest.get(f"/v1/me?{many}"), 422, "invalid")
    is_a_problem(ana.rest.get(f"/v1/inbox?{many}"), 400, "malformed")


def test_deep_nesting_where_anything_may_stand_is_refused(ci: Rest, ana: Person) -> None:
    deep = b'{"to": "%s", "title": "x", "data": %s1%s}' % (ana.name.encode(), b'{"x":' * 9_000, b"}" * 9_000)

    answer = ci.call("POST", SEND, deep)

    assert answer.status in (400, 422), answer


def test_a_body_has_a_size(ci: Rest, ana: Person) -> None:
    big = json.dumps({"to": ana.name, "title": "x", "data": {"x": "y" * 70_000}})
    huge = json.dumps({"notifications": [{"to": ana.name, "title": "x", "body": "y" * 4000}] * 300})

    is_a_problem(ci.call("POST", SEND, big), 413, "too_large")
    assert ci.call("POST", f"{SEND}/batch", huge).status == 413  # by the edge, which has no words for it
    assert ana.titles() == []


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("title", {"title": "a\0b"}),
        ("body", {"body": "a\0b"}),
        ("type", {"type": "a\0b"}),
        ("key", {"key": "a\0b"}),
        ("group", {"group": "a\0b"}),
        ("link", {"link": "https://a.example/\0"}),
        ("actor.name", {"actor": {"name": "a\0b"}}),
        ("actor.name", {"actor": {"name": "a", "user": "b\0"}}),
        ("actions[0].label", {"actions": [{"id": "a", "label": "a\0b"}]}),
        ("actions[0].id", {"actions": [{"id": "a\0", "label": "a"}]}),
    ],
)
def test_nul_is_refused_wherever_text_stands(ci: Rest, ana: Person, field: str, body: dict[str, object]) -> None:
    answer = ci.post(SEND, {"to": ana.name, "title": "x"} | body)

    assert (answer.status, answer.body["field"]) == (422, field)


def test_nul_inside_data_is_only_data(ci: Rest, ana: Person) -> None:
    assert ci.notify(ana.name, "x", data={"a\0b": "c\0d"}).status == 201

    assert ana.inbox()[0]["data"] == {"a\0b": "c\0d"}


def test_a_name_with_nul_is_nobodys(ci: Rest, ana: Person) -> None:
    is_a_problem(ci.notify("a\0b", "x"), 404, "unknown_user")
    is_a_problem(ci.notify([ana.name, "a\0b"], "x"), 404, "unknown_user")
    is_a_problem(ci.notify({"topic": "a\0b"}, "x"), 422, "invalid")
    is_a_problem(ci.delete(f"{SEND}?key=a%00b"), 404, "not_found")
    is_a_problem(ci.get(f"{SEND}/a%00b"), 404, "not_found")
    assert ana.titles() == []


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "1e-400", "-0", "1.5"])
def test_numbers_have_an_end(ci: Rest, ana: Person, number: str) -> None:
    for field in ("ttl", "expires_at", "deliver_at"):
        answer = ci.call("POST", SEND, f'{{"to": "{ana.name}", "title": "x", "{field}": {number}}}')
        assert answer.status in (201, 400, 422), answer
    answer = ci.call("POST", SEND, f'{{"to": "{ana.name}", "title": "x", "data": {{"n": {number}}}}}')
    assert answer.status in (201, 400, 422), answer
    assert ana.page()["notifications"] is not None


def test_unicode_of_every_kind_comes_back(ci: Rest, ana: Person) -> None:
    title = "e\u0301 \u202etrick\u202c 👩‍👩‍👧 \U0010ffff \u2028 \ufeff 𝔘"

    assert ci.notify(ana.name, title).status == 201
    assert ana.titles() == [title]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_compressed_body_is_not_taken(ci: Rest, coding: str) -> None:
    body = gzip.compress(b'{"to": "ana", "title": "x"}')

    answer = ci.call("POST", SEND, body, headers={"Content-Encoding": coding})

    is_a_problem(answer, 415, "unsupported_media")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"])
def test_another_method_is_told_which_there_are(ana: Person, method: str) -> None:
    answer = ana.rest.call(method, SEND)

    assert answer.status == 405
    assert answer.headers["allow"] == "DELETE, POST"
    if method != "HEAD":
        is_a_problem(answer, 405, "method_not_allowed")


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/nothing", "/v2/inbox", "/v1/inbox/", "/%00", "/.git/HEAD"])
def test_an_unknown_path_is_not_found(ana: Person, path: str) -> None:
    is_a_problem(ana.rest.get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/v1/stats?x=1", "/v1/topics?limit=1", "/healthz?verbose", "/v1/devices?user=ben"])
def test_a_query_where_there_is_none_is_refused(ana: Person, path: str) -> None:
    is_a_problem(ana.rest.get(path), 422, "invalid")


@pytest.mark.parametrize("query", ["q=%ff", "q=%ed%a0%80", "&".join(f"a{n}=1" for n in range(60))], ids=lambda q: q[:9])
def test_a_query_that_cannot_be_read_is_malformed(ana: Person, query: str) -> None:
    is_a_problem(ana.rest.get(f"/v1/inbox?{query}"), 400, "malformed")


def test_a_user_may_not_be_named_for_whom_one_asks(ana: Person, ben: Person) -> None:
    is_a_problem(ana.rest.get(f"/v1/inbox?user={ben.name}"), 422, "invalid")
    body = {"actions": [{"id": new_id(), "kind": "read", "ids": [], "at": 0}], "user": ben.name}
    is_a_problem(ana.rest.post("/v1/actions", body), 422, "invalid")


def test_a_body_that_never_comes_is_no_request(stage: Stage, ci: Rest, ana: Person) -> None:
    head = f"POST {SEND} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ci.token}\r\nContent-Length: 400\r\n\r\n"
    with socket.create_connection(("127.0.0.1", stage.server.port), timeout=60) as wire:
        wire.sendall(head.encode() + b'{"to": "' + ana.name.encode())

    assert ana.titles() == []
    assert ci.notify(ana.name, "The server goes on").status == 201


def test_answers_are_neither_kept_nor_sniffed(ci: Rest, ana: Person) -> None:
    for answer in (ci.notify(ana.name, "x"), ana.rest.get("/v1/inbox"), ana.rest.get("/nothing")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers

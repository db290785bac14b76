"""Every endpoint × every identity. What is expected is data; an endpoint without a row fails."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Any

import pytest

from handbell_server.http import ENDPOINTS
from handbell_server.http.dialects import gotify_shapes
from handbell_server.http.endpoint import Endpoint
from handbell_shared.clock import now_ms
from handbell_shared.ids import new_id
from handbell_shared.records import Notification
from tests.server.http.stage import PASSWORD
from tests.server.security.identities import EVERYBODY, NOBODY, PEOPLE, PRODUCERS, Scene, signed
from tests.support.rest import Answer

Row = dict[str, int]


def anyone(status: int) -> Row:
    return dict.fromkeys(EVERYBODY, status)


def people(status: int, **others: int) -> Row:
    row = dict.fromkeys(NOBODY, 401) | dict.fromkeys(PRODUCERS, 403) | dict.fromkeys(PEOPLE, status)
    return row | {name.replace("_", " "): other for name, other in others.items()}


def producers(status: int, **others: int) -> Row:
    row = dict.fromkeys(NOBODY, 401) | dict.fromkeys(PEOPLE, 403) | dict.fromkeys(PRODUCERS, status)
    return row | {"producer without scope": 403} | {name.replace("_", " "): other for name, other in others.items()}


EXPECTED: dict[str, Row] = {
    "produce.create": producers(201),
    "produce.create_batch": producers(200) | {"producer without scope": 200},  # its item is refused, see below
    "produce.look_at": producers(200, other_producer=404),
    "answers.wait_for": producers(204, other_producer=404),
    "recall.recall": producers(200, other_producer=404),
    "recall.recall_by_key": producers(200, other_producer=404),
    "types.show_all": dict.fromkeys(NOBODY, 401) | dict.fromkeys((*PEOPLE, *PRODUCERS), 200),
    "types.show": dict.fromkeys(NOBODY, 401) | dict.fromkeys((*PEOPLE, *PRODUCERS), 404) | {"producer": 200},
    "types.define": people(403, admin=200) | dict.fromkeys(PRODUCERS, 200),
    "types.remove": people(403, admin=404) | dict.fromkeys(PRODUCERS, 404) | {"producer": 204},
    "sessions.sign_in": anyone(201),
    "sessions.sign_out": people(204) | {"valid JWT": 403},
    "pairings.ask": anyone(201),
    "pairings.claim": anyone(201),
    "pairings.approve": people(200) | {"valid JWT": 403},
    "pairings.offer": people(201) | {"valid JWT": 403},
    "pairings.redeem": anyone(201),
    "me.show": people(200),
    "me.change": people(200),
    "preferences.show": people(200),
    "tracing.of_mine": producers(200, other_producer=404),
    "tracing.why": people(404, owner=200),
    "preferences.change": people(200),
    "me.confirm_email": people(404),
    "mail_links.look_at_confirming": anyone(404),
    "mail_links.confirm": anyone(404),
    "mail_links.look_at_leaving": anyone(404),
    "mail_links.leave": anyone(404),
    "devices.list_devices": people(200),
    "devices.revoke": people(404, owner=204),
    "devices.presence": people(403, admin=200),
    "inbox.show": people(200),
    "inbox.act": people(200),
    "receipts.tell": people(204) | {"valid JWT": 403},
    "inbox.stats": people(200),
    "trying.notify_me": people(201),
    "sync.delta": people(200),
    "sync.snapshot": people(200),
    "topics.mine": people(200),
    "topics.subscribe": people(204),
    "topics.unsubscribe": people(204),
    "webhooks.register": producers(201),
    "webhooks.all_mine": producers(200),
    "webhooks.show": producers(200, other_producer=404),
    "webhooks.change": producers(200, other_producer=404),
    "webhooks.remove": producers(204, other_producer=404),
    "webhooks.rotate": producers(200, other_producer=404),
    "webhooks.try_out": producers(200, other_producer=404),
    "webhooks.failures": producers(200, other_producer=404),
    "webhooks.retry": producers(204, other_producer=404),
    "settings.show": producers(200) | {"producer without scope": 200},  # of its own settings, which allow nothing
    "settings.change": producers(200) | {"producer without scope": 200},
    "gotify.message": producers(200),
    "expectations.show_all": producers(200) | {"producer without scope": 200},
    "expectations.show": producers(404) | {"producer": 200, "producer without scope": 404},
    "expectations.define": producers(200),
    "expectations.remove": producers(404) | {"producer": 204, "producer without scope": 404},
    "expectations.ping": producers(404) | {"producer": 204, "producer without scope": 404},
    "expectations.fail": producers(404) | {"producer": 204, "producer without scope": 404},
    "ntfy.publish_document": producers(200),
    "ntfy.publish": producers(200),
    "ntfy.publish_by_get": producers(200),
    "devices.make_token": people(201) | {"valid JWT": 403},
    "ntfy_listening.as_json": people(200),
    "ntfy_listening.as_sse": people(200),
    "ntfy_listening.as_raw": people(200),
    "ntfy_listening.as_websocket": people(400),  # it is not asked as a WebSocket
    "ntfy_listening.access": people(200),
    "ntfy_listening.health": anyone(200),
    "gotify_listening.version": anyone(200),
    "gotify_listening.health": anyone(200),
    "gotify_listening.current_user": people(200),
    "gotify_listening.sign_in": people(200) | {"valid JWT": 403},
    "gotify_listening.clients": people(200),
    "gotify_listening.sign_out": people(404, owner=200),
    "gotify_listening.applications": people(200),
    "gotify_listening.messages": people(200),
    "gotify_listening.messages_of": people(404, owner=200),
    "gotify_listening.archive": people(404, owner=200),
    "gotify_listening.archive_all": people(200),
    "gotify_listening.archive_all_of": people(404, owner=200),
    "gotify_listening.stream": people(400),
    "slack.message": producers(200) | dict.fromkeys(NOBODY, 403),  # as Slack says it
    "apprise.notify": producers(200),
    "mapped.tell": producers(200),
    "analytics.show": people(403, admin=200, producer=200, other_producer=200),
    "alerts.alertmanager": producers(200),
    "alerts.grafana": producers(200),
    "forges.from_github": producers(422, producer_without_scope=422),  # which event it is, a header would say
    "forges.from_gitea": producers(422, producer_without_scope=422),
    "forges.from_gitlab": producers(200),
    "cloudevents.cloudevents": producers(415, producer_without_scope=415),  # JSON, but no event
    "cloudevents.agree": producers(422, producer_without_scope=422),
    "uptime_kuma.uptime_kuma": producers(200),
    "ops.healthz": anyone(200),
    "ops.readyz": anyone(200),
    "ops.metrics": anyone(200),
    "ops.openapi": anyone(200),
    "ops.docs": anyone(200),
}

BODIES: dict[str, Callable[[Scene], Any]] = {
    "produce.create": lambda scene: {"to": scene.owner.name, "title": "Hello"},
    "produce.create_batch": lambda scene: {"notifications": [{"to": scene.owner.name, "title": "Hello"}]},
    "types.define": lambda scene: {"title": "{{ data.app }} is live"},
    "me.change": lambda scene: {"language": "de"},
    "me.confirm_email": lambda scene: {"code": "000 000"},
    "preferences.change": lambda scene: {"rules": [{"source": "ci", "toast": False}]},
    "sessions.sign_in": lambda scene: {"user": scene.other.name, "password": PASSWORD, "device": {"name": "new"}},
    "pairings.ask": lambda scene: {"device": {"name": "new"}},
    "pairings.claim": lambda scene: {"secret": scene.approved()},
    "pairings.approve": lambda scene: {"code": scene.asked()[0]},
    "pairings.redeem": lambda scene: {"code": scene.offered(), "device": {"name": "new"}},
    "receipts.tell": lambda scene: {"receipts": [{"id": scene.sent["id"], "shown": now_ms()}]},
    "webhooks.register": lambda scene: scene.webhook_body,
    "devices.make_token": lambda scene: {"name": "phone", "dialect": "ntfy"},
    "gotify_listening.sign_in": lambda scene: {"name": "phone"},
    "expectations.define": lambda scene: {"every": 3_600, "to": scene.owner.name},
    "webhooks.change": lambda scene: {"events": ["notification.read"]},
    "settings.change": lambda scene: {"to": scene.owner.name},
    "gotify.message": lambda scene: {"message": "Hello"},
    "ntfy.publish_document": lambda scene: {"topic": "deploys", "message": "Hello"},
    "ntfy.publish": lambda scene: "Hello",
    "slack.message": lambda scene: {"text": "Hello"},
    "apprise.notify": lambda scene: {"body": "Hello"},
    "mapped.tell": lambda scene: {"message": "Hello"},
    "alerts.alertmanager": lambda scene: {"alerts": [{"labels": {"alertname": "A"}}]},
    "alerts.grafana": lambda scene: {"alerts": [{"labels": {"alertname": "A"}}]},
    "forges.from_github": lambda scene: {},
    "forges.from_gitea": lambda scene: {},
    "forges.from_gitlab": lambda scene: {"object_kind": "release", "action": "create", "tag": "v2"},
    "cloudevents.cloudevents": lambda scene: {},
    "uptime_kuma.uptime_kuma": lambda scene: {"msg": "Testing"},
    "inbox.act": lambda scene: {
        "actions": [{"id": new_id(), "kind": "delete", "ids": [[scene.sent["id"], 0]], "at": now_ms()}]
    },
}
POLLED = {f"ntfy_listening.as_{form}": "?poll=1" for form in ("json", "sse", "raw")}
QUERIES = POLLED | {"recall.recall_by_key": "?key=k", "sync.delta": "?epoch=any&rev=0"}


def path_of(endpoint: Endpoint, scene: Scene) -> str:
    owned = {"devices.revoke": scene.device}.get(endpoint.name, scene.sent["id"])
    if endpoint.name.startswith("gotify_listening."):
        owned = str(number_of(endpoint.name, scene))
    if endpoint.name.startswith("webhooks."):
        owned = scene.webhook
        if endpoint.name == "webhooks.retry":
            scene.fail()
    # The scene's own belongs to the producer; what is registered here must not be in the way of those who ask for it.
    name = "registered" if endpoint.name in ("types.define", "expectations.define") else "private"
    path = endpoint.path.replace("{name}", name).replace("{id}", owned).replace("{failure}", scene.failure)
    return path.replace("{topic}", "deploys") + QUERIES.get(endpoint.name, "")


def number_of(name: str, scene: Scene) -> int:
    """What Gotify's apps call what is the owner's."""
    if name == "gotify_listening.sign_out":
        return gotify_shapes.number_of_device(scene.listening())
    [told] = [one for one in scene.owner.inbox(state="all", limit=500) if one["id"] == scene.sent["id"]]
    if "messages_of" in name or "all_of" in name:
        return gotify_shapes.number_of_source(told["source"])
    return gotify_shapes.number_of(Notification(id=told["id"], crev=told["crev"], nrev=told.get("nrev", 0)))


def ask(scene: Scene, endpoint: Endpoint, identity: str, path: str | None = None) -> Answer:
    body = BODIES[endpoint.name](scene) if endpoint.name in BODIES else None
    token = scene.token(identity)
    path = (path or path_of(endpoint, scene)).replace("{key}", token or "nobodys")
    with scene.stage.rest(token) as rest:
        return rest.call(endpoint.method, path, body)


def test_every_endpoint_has_its_row() -> None:
    assert {endpoint.name for endpoint in ENDPOINTS} == set(EXPECTED)
    assert all(set(row) == set(EVERYBODY) for row in EXPECTED.values())


@pytest.mark.parametrize("identity", EVERYBODY)
@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_who_may_ask_what(scene: Scene, endpoint: Endpoint, identity: str) -> None:
    if endpoint.method == "DELETE":
        scene.fresh()

    answer = ask(scene, endpoint, identity)

    assert answer.status == EXPECTED[endpoint.name][identity], answer
    if answer.status in (401, 403, 404):
        if endpoint.speaks is None:
            assert answer.headers["content-type"] == "application/problem+json"
        assert "Private" not in str(answer.body)
    if answer.status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("identity", NOBODY)
def test_nobody_learns_why_they_are_nobody(scene: Scene, identity: str) -> None:
    answer = scene.stage.rest(scene.token(identity)).get("/v1/inbox")
    answer.body.pop("request_id")

    assert answer.body["code"] == "unauthenticated"
    if identity != "no token":
        garbage = scene.stage.rest("hbd_" + "x" * 43).get("/v1/inbox")
        garbage.body.pop("request_id")
        assert {**answer.body, "detail": ""} == {**garbage.body, "detail": ""}


OWNED = [endpoint for endpoint in ENDPOINTS if "{id}" in endpoint.path]


@pytest.mark.parametrize("identity", ["other user", "admin", "valid JWT", "other producer"])
@pytest.mark.parametrize("endpoint", OWNED, ids=lambda endpoint: endpoint.name)
def test_what_belongs_to_another_answers_exactly_as_what_does_not_exist(
    scene: Scene, endpoint: Endpoint, identity: str
) -> None:
    def said(path: str | None) -> tuple[int, object, object]:
        answer = ask(scene, endpoint, identity, path)
        headers = {name: value for name, value in answer.headers.items() if name not in ("x-request-id", "date")}
        return answer.status, headers, {k: v for k, v in answer.body.items() if k != "request_id"}

    foreign = said(None)
    for missing in (new_id(), "not-an-id", "x" * 200):
        assert said(endpoint.path.replace("{id}", missing).replace("{failure}", scene.failure)) == foreign


def test_a_key_without_the_scope_gets_no_item_of_a_batch_through(scene: Scene) -> None:
    endpoint = next(one for one in ENDPOINTS if one.name == "produce.create_batch")

    answer = ask(scene, endpoint, "producer without scope")

    assert answer.body["accepted"] == 0
    assert answer.body["results"][0]["error"]["code"] == "forbidden"


def test_nobody_acts_on_the_notification_of_another(scene: Scene) -> None:
    scene.fresh()
    endpoint = next(one for one in ENDPOINTS if one.name == "inbox.act")

    statuses = {who: ask(scene, endpoint, who).body["acks"][0]["status"] for who in PEOPLE[1:]}

    assert statuses == dict.fromkeys(PEOPLE[1:], "gone")
    assert scene.sent["id"] in {one["id"] for one in scene.owner.inbox()}


@pytest.mark.parametrize("place", ["token", "access_token", "key", "authorization"])
def test_a_token_in_a_url_opens_nothing(scene: Scene, place: str) -> None:
    token = scene.token("owner")

    assert scene.stage.rest().get(f"/v1/inbox?{place}={token}").status == 401


@pytest.mark.parametrize(
    "header", ["{}", "Basic {}", "Bearer", "Bearer  ", "Bearer {} {}", "Token {}", "Bearer {}x", "Bearer\t{}"]
)
def test_a_header_that_is_not_exactly_a_bearer_opens_nothing(scene: Scene, header: str) -> None:
    token = scene.token("owner") or ""

    answer = scene.stage.rest().call("GET", "/v1/inbox", headers={"Authorization": header.replace("{}", token)})

    assert answer.status == 401


def test_two_authorizations_are_refused(scene: Scene) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", scene.stage.server.port, timeout=60)
    connection.putrequest("GET", "/v1/inbox")
    for who in ("owner", "other user"):
        connection.putheader("Authorization", f"Bearer {scene.token(who)}")
    connection.endheaders()

    assert connection.getresponse().status == 400
    connection.close()


def test_a_disabled_user_cannot_sign_in(scene: Scene) -> None:
    about = {"user": scene.disabled.name, "password": PASSWORD, "device": {"name": "new"}}
    disabled = scene.stage.rest().post("/v1/sessions", about)
    unknown = scene.stage.rest().post("/v1/sessions", about | {"user": "nobody-at-all"})

    for answer in (disabled, unknown):
        answer.body.pop("request_id")
    assert disabled.status == 401
    assert disabled.body == unknown.body


@pytest.mark.parametrize("subject", ["auth0|12345", "x" * 80, "white space", ""])
def test_a_jwt_for_somebody_who_cannot_be_here_is_nobodys(scene: Scene, subject: str) -> None:
    with scene.stage.rest(signed(600, sub=subject)) as rest:
        assert rest.get("/v1/inbox").code == "unauthenticated"


def test_a_jwt_never_opens_the_local_account_of_the_same_name(scene: Scene) -> None:
    with scene.stage.rest(signed(600, sub=scene.owner.name)) as rest:
        assert rest.get("/v1/inbox").code == "unauthenticated"


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"aud": "another"}, {"nbf": 4_000_000_000}],
    ids=lambda claims: next(iter(claims)),
)
def test_a_jwt_that_is_not_for_us_is_nobodys(scene: Scene, claims: dict[str, Any]) -> None:
    with scene.stage.rest(signed(600, **claims)) as rest:
        assert rest.get("/v1/inbox").code == "unauthenticated"


def test_an_administrator_by_a_claim_nobody_configured_is_none(scene: Scene) -> None:
    with scene.stage.rest(signed(600, admin=True)) as rest:
        assert rest.get("/v1/presence").code == "forbidden"


def test_a_jwt_opens_nothing_from_the_second_it_ends(scene: Scene) -> None:
    """The issuer's clock may differ by half a minute when a token begins, not when it ends."""
    with scene.stage.rest(signed(-5)) as rest:
        assert rest.get("/v1/inbox").code == "unauthenticated"

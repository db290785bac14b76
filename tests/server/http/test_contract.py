"""The contract as a document and as a page: true, complete, and nothing but itself."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import schemathesis

from handbell_server.http import ENDPOINTS, openapi
from handbell_server.http.contract_words import CODES
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from tests.server.http.stage import Person, Stage, created
from tests.support.rest import Rest

VOID = {"meta", "br", "link", "img", "input", "hr"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(openapi.contract_of(ENDPOINTS).document)
    return parsed


@pytest.fixture(scope="module")
def page() -> str:
    return openapi.contract_of(ENDPOINTS).page.decode()


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(document).validate()

    assert document["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(document)))
    assert references
    for reference in references:
        found = document
        for part in reference.split("/"):
            found = found[part]


def test_every_endpoint_is_in_the_document_and_nothing_else(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}

    assert described == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}


def test_who_may_ask_is_in_the_document(document: dict[str, Any]) -> None:
    key: dict[str, Any] = {"producerKey": []}
    token: dict[str, Any] = {"deviceToken": []}
    scheme: dict[str, Any] = {"producer": [key], "user": [token], "both": [key, token], "anyone": []}

    for endpoint in ENDPOINTS:
        if endpoint.path != "/metrics":
            operation = document["paths"][endpoint.path][endpoint.method.lower()]
            assert operation["security"] == scheme[endpoint.audience], endpoint.name


def test_every_field_that_can_be_sent_has_words(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    sent = ["NewNotification", "To", "Batch", "Button", "Actor", "SignIn", "Device", "Actions", "Action", "AnswerGiven"]
    sent += ["NewDevice", "Claim", "Approval", "Redemption", "TypeDefinition", "Translation", "Wishes"]
    sent += ["NewWebhook", "WebhookChange", "DialectChange", "Defaults", "NewExpectation"]

    wordless = [
        f"{name}.{field}"
        for name in sent
        for field, one in schemas[name]["properties"].items()
        if not one.get("description")
    ]
    for methods in document["paths"].values():
        for operation in methods.values():
            wordless += [one["name"] for one in operation.get("parameters", ()) if not one["description"]]
    assert wordless == []


def test_every_code_of_rest_is_in_the_document(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    not_in_operations = {Code.METHOD_NOT_ALLOWED, Code.VERSION, Code.CONFLICT}

    assert [code for code in Code if f'"{code}"' not in text and code not in not_in_operations] == []
    assert all(endpoint_problem in CODES for endpoint in ENDPOINTS for endpoint_problem in endpoint.problems)


def test_the_examples_are_accepted_as_they_stand(stage: Stage, document: dict[str, Any]) -> None:
    producer = stage.producer()
    ana = stage.person(name="ana")
    stage.nobody_waits()
    for endpoint in ENDPOINTS:
        if endpoint.example is None:
            continue
        content = document["paths"][endpoint.path][endpoint.method.lower()]["requestBody"]["content"]
        rest = {"producer": producer, "both": producer, "user": ana.rest, "anyone": stage.rest()}[endpoint.audience]
        path = endpoint.path.replace("{name}", "deploy").replace("{topic}", "deploys")
        path = path.replace("{key}", str(rest.token))
        needed = dict(endpoint.headers)
        for media, described in content.items():
            if endpoint.speaks is not None and "example" not in described:
                continue  # of another system's media types one is shown
            answer = rest.call(endpoint.method, path, described["example"], headers=needed | {"Content-Type": media})
            # Nobody has the password, the secret or the code of an example.
            no = {"/v1/sessions": "wrong_password"}.get(endpoint.path, "code_expired")
            if "{" in endpoint.path:
                no = "not_found"  # or the thing that the path names
            assert answer.status in (200, 201, 204) or answer.code == no, (endpoint.name, answer)


def test_the_server_serves_both(stage: Stage, document: dict[str, Any]) -> None:
    served, page = stage.rest().get("/openapi.json"), stage.rest().get("/docs")

    assert served.headers["content-type"] == "application/json"
    assert served.body == document
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'none'" in policy


class _Page(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.anchors.append(value or "")
            if name == "href":
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_its_links_lead_somewhere(page: str) -> None:
    seen = _Page(page)

    assert seen.open == []
    assert len(seen.anchors) == len(set(seen.anchors))
    assert {link.removeprefix("#") for link in seen.links if link.startswith("#")} <= set(seen.anchors)


def test_the_page_needs_nothing_but_itself(page: str) -> None:
    seen = _Page(page)

    assert not seen.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not {name for name in seen.attributes if name.startswith("on")} | (seen.attributes & {"src", "style"})
    assert {link for link in seen.links if not link.startswith("#")} == {"/openapi.json"}
    assert "url(" not in page and "@import" not in page
    assert "prefers-color-scheme:dark" in page


def test_the_page_shows_every_endpoint_with_a_command_to_copy(page: str) -> None:
    for endpoint in ENDPOINTS:
        assert f"<code>{endpoint.path}</code>" in page
        assert f'id="{endpoint.name.replace(".", "-").replace("_", "-")}"' in page
    assert page.count("<pre>curl") == len(ENDPOINTS)


def test_what_is_answered_for_later_and_for_nobody_is_as_described(ci: Rest, ana: Person) -> None:
    later = created(ci.notify(ana.name, "Later", deliver_at=now_ms() + 10**9))
    own = ci.notify(ana.name, "Own", actor=ana.name)

    assert set(later) == {"id", "user", "created_at", "deliver_at", "reaches"}
    assert set(own.body) == {"user", "skipped"}

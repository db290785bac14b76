"""The contract as a document and as a page: true, complete, and nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jsonschema_rs
import pytest
import schemathesis

from handbell_server.actions.webhooks import EVENTS
from handbell_server.channels import signing
from handbell_server.channels.posting import body_of
from handbell_server.engine import rows
from handbell_server.engine.inbox import Happening
from handbell_server.http import ENDPOINTS, openapi
from handbell_server.http.contract_words import CODES
from handbell_shared.clock import now_ms
from handbell_shared.codes import Code
from handbell_shared.records import Answer as Given
from handbell_shared.records import Notification
from tests.server.http.dialects.speaking import multipart
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
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


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


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for section in ("paths", "webhooks"):
        for path, methods in document[section].items():
            for method, operation in methods.items():
                yield f"{method} {path}", operation


def contents_of(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Everything that is sent or answered: a schema, with an example or several."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for answer in operation["responses"].values():
        shared = answer.get("$ref", "").rpartition("/")[2]
        described = document["components"]["responses"][shared] if shared else answer
        yield from described.get("content", {}).values()


def faults(document: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    whole = schema | {"components": document["components"]}
    return [one.message for one in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]


def test_every_operation_has_examples_that_fit_their_schemas(document: dict[str, Any]) -> None:
    without = {"post /v1/hooks/cloudevents"}  # in binary mode it is the headers that make an event of any JSON
    seen: list[dict[str, Any]] = []  # most problems are many operations'
    for name, operation in operations_of(document):
        for content in contents_of(document, operation):
            if content in seen:
                continue
            seen.append(content)
            several = [one["value"] for one in content.get("examples", {}).values()]
            examples = [content["example"]] if "example" in content else several
            assert examples or name in without, name
            assert [faults(document, content["schema"], one) for one in examples] == [[]] * len(examples), name
            shown = json.dumps(examples, ensure_ascii=False).replace('"password": "…"', "")
            assert '"…"' not in shown, f"{name} has an example that tells nothing"


def test_every_operation_is_said_in_a_sentence_and_has_a_name_that_programs_can_use(document: dict[str, Any]) -> None:
    found = [operation for _, operation in operations_of(document)]
    names = [one["operationId"] for one in found]

    assert len(set(names)) == len(names)
    published = (Path(__file__).parent / "operation_ids.txt").read_text().split()
    # Generated clients call their methods so. A new one is written down there; one that stands there is never renamed.
    assert sorted(names) == published
    assert all(re.fullmatch(r"[a-z]\w*\.[a-z]\w*", name) for name in names)
    assert all(len(one["summary"]) > 10 and not one["summary"].endswith(".") for one in found)
    tags = [tag["name"] for tag in document["tags"]]
    assert all(one["tags"] == [tag] for one in found for tag in one["tags"] if tag in tags)
    assert (tags[0], tags[-1]) == ("Producing", "Operating")


def test_an_address_of_another_system_says_whose_it_is(document: dict[str, Any]) -> None:
    for endpoint in ENDPOINTS:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        assert operation.get("x-dialect") == (None if endpoint.speaks is None else endpoint.speaks.name)


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("key", [None, "deploy-7"])
@pytest.mark.parametrize("deadline", [False, True])
def test_what_a_webhook_gets_is_as_described(
    document: dict[str, Any], event: str, key: str | None, deadline: bool
) -> None:
    answer = Given(action="yes", op="o", at=5, text=None if deadline else "go", deadline=deadline)
    record = Notification(id="n", ver=1, key=key, answer=answer, read_at=5)
    [noted] = json.loads(rows.happenings_json([Happening(event, 1, record)], now=7))

    message = json.loads(body_of(event, 7, {"id": record.id, "user": "ana"} | json.loads(noted["facts"])))

    described = document["webhooks"][event]["post"]
    [content] = described["requestBody"]["content"].values()
    assert faults(document, content["schema"], message) == []
    data = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]["properties"]["data"]
    assert set(message["data"]) <= set(data["properties"])
    assert set(data["required"]) <= set(message["data"])
    assert {one["name"] for one in described["parameters"]} == set(signing.headers("one", 7, b"", []))


def test_every_field_that_can_be_sent_has_words(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    bodies = [one.get("requestBody", {}) for _, one in operations_of(document)]
    sent: set[str] = set()
    while bodies:
        for name in set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(bodies.pop()))) - sent:
            sent.add(name)
            bodies.append(schemas[name])

    wordless = [
        f"{name}.{field}"
        for name in sorted(sent)
        for field, one in schemas[name].get("properties", {}).items()
        if not one.get("description")
    ]
    for _, operation in operations_of(document):
        wordless += [one["name"] for one in operation.get("parameters", ()) if not one["description"]]
    assert len(sent) > 30
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
            if "example" not in described:
                continue  # CloudEvents in binary mode
            body, kind = _encoded(described["example"], media)
            answer = rest.call(endpoint.method, path, body, headers=needed | {"Content-Type": kind})
            # Nobody has the password, the secret or the code of an example.
            no = {"/v1/sessions": "wrong_password"}.get(endpoint.path, "code_expired")
            if "{" in endpoint.path:
                no = "not_found"  # or the thing that the path names
            assert answer.status in (200, 201, 204) or answer.code == no, (endpoint.name, answer)


def _encoded(example: Any, media: str) -> tuple[Any, str]:
    if media == "multipart/form-data":
        return multipart({name: str(value) for name, value in example.items()})
    return (urlencode(example).encode() if media == "application/x-www-form-urlencoded" else example), media


def test_the_server_serves_both(stage: Stage, document: dict[str, Any]) -> None:
    served, page = stage.rest().get("/openapi.json"), stage.rest().get("/docs")

    assert served.headers["content-type"] == "application/json"
    assert served.body == document
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    # One script may run, and this page has it.
    [script] = re.findall(r"<script>(.*?)</script>", page.body.decode(), flags=re.DOTALL)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert re.findall(r"script-src ([^;]+)", policy) == [f"'sha256-{allowed}'"]


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

    assert not seen.tags & {"link", "img", "iframe", "object", "form"}
    assert not {name for name in seen.attributes if name.startswith("on")} | (seen.attributes & {"src", "style"})
    assert {link for link in seen.links if not link.startswith("#")} == {"/openapi.json"}
    assert "url(" not in page and "@import" not in page
    assert not re.search(
        r"\bfetch\(|XMLHttpRequest|WebSocket|\bimport\b", re.findall(r"<script>.*", page, re.DOTALL)[0]
    )
    assert "prefers-color-scheme:dark" in page


def test_the_page_shows_every_endpoint_with_a_command_to_copy(page: str) -> None:
    for endpoint in ENDPOINTS:
        assert f"<code>{endpoint.path}</code>" in page
        assert f'id="{endpoint.name.replace(".", "-").replace("_", "-")}"' in page
    assert page.count("<pre class=copy>curl") == len(ENDPOINTS)
    for event in EVENTS:
        assert f'id="{event.replace(".", "-")}"' in page


def test_a_command_of_the_page_proves_once_who_asks(page: str) -> None:
    commands = re.findall(r"<pre class=copy>(.*?)</pre>", page, flags=re.DOTALL)

    assert {command.count("Authorization: ") for command in commands} == {0, 1}


def test_what_is_answered_for_later_and_for_nobody_is_as_described(ci: Rest, ana: Person) -> None:
    later = created(ci.notify(ana.name, "Later", deliver_at=now_ms() + 10**9))
    own = ci.notify(ana.name, "Own", actor=ana.name)

    assert set(later) == {"id", "user", "created_at", "deliver_at", "reaches"}
    assert set(own.body) == {"user", "skipped"}

"""The contract as a page: one file without fonts, pictures or anything of elsewhere, made from the OpenAPI document.

Made from the document and not from the endpoints, so whatever a generated client can know stands here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from html import escape
from typing import Any

import msgspec

from handbell_server.actions.inbox import FAR_FUTURE
from handbell_server.http import contract_words as words
from handbell_server.http.contract_samples import command_of, pretty
from handbell_server.http.contract_script import SCRIPT
from handbell_server.http.contract_style import STYLE

Json = dict[str, Any]

_AUDIENCE = {"producerKey": ("producer", "Producer key"), "deviceToken": ("user", "Device token")}
_MESSAGES = "Messages to webhooks"
_CODE = re.compile(r"`([^`]+)`")


def page_of(document: Json) -> str:
    """The whole page."""
    operations = list(_operations(document))
    groups = [(tag, [one for one in operations if tag["name"] in one["tags"]]) for tag in document["tags"]]
    contents = "".join(_contents_of(tag, members) for tag, members in groups)
    contents += f'<p class="group"><a href="#messages">{_MESSAGES}</a></p><ul>{_contents_of_messages(document)}</ul>'
    sections = "".join(_group(document, tag, members) for tag, members in groups)
    info = document["info"]
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(info["title"])} — the REST contract</title>
<style>{STYLE}</style>
</head>
<body>
<nav aria-label="Contents">
<a class="brand" href="#top">{escape(info["title"])} <span>{escape(info["version"])}</span></a>
{contents}
<p class="aside"><a href="#problems">Problems</a><br><a href="/openapi.json">openapi.json</a></p>
</nav>
<main id="top">
<header>
<h1>The REST contract</h1>
<p class="lead">{_prose(info["description"])}</p>
{_schemes(document)}
</header>
{sections}
{_messages(document)}
{_problems(document)}
</main>
<script>{SCRIPT}</script>
</body>
</html>
"""


def _operations(document: Json) -> Iterator[Json]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield operation | {"path": path, "method": method.upper()}


def _prose(text: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(text))


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


# ---- around the endpoints


def _contents_of(tag: Json, members: list[Json]) -> str:
    rows = "".join(
        f'<li><a href="#{_anchor(one["operationId"])}" title="{escape(one["summary"])}">'
        f"{_method(one)}<span>{escape(one['path'])}</span></a></li>"
        for one in members
    )
    return f'<p class="group"><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a></p><ul>{rows}</ul>'


def _contents_of_messages(document: Json) -> str:
    return "".join(f'<li><a href="#{_anchor(name)}"><span>{name}</span></a></li>' for name in document["webhooks"])


def _messages(document: Json) -> str:
    """What comes to a webhook: the headers once, for they are the same in all, then each message."""
    operations = {name: methods["post"] for name, methods in document["webhooks"].items()}
    headers = _parameters(document, next(iter(operations.values())))
    body = "".join(
        f'<article id="{_anchor(name)}"><h3><b class="method post">POST</b><code>{name}</code></h3>'
        f"<p>{_prose(one['summary'])}.</p><p>{_prose(one['description'])}</p>{_body(document, one)}"
        f"{_block('A message', pretty(one['requestBody']['content']['application/json']['example']))}</article>"
        for name, one in operations.items()
    )
    return (
        f'<section class="tag" id="messages"><h2>{_MESSAGES}</h2><p class="about">What Handbell POSTs to the address of '
        f"a webhook, signed as Standard Webhooks; docs/webhooks.md shows how to verify it.</p>{headers}{body}</section>"
    )


def _schemes(document: Json) -> str:
    rows = "".join(
        f'<div><dt><span class="who {kind}">{label}</span></dt>'
        f"<dd>{_prose(document['components']['securitySchemes'][scheme]['description'])}</dd></div>"
        for scheme, (kind, label) in _AUDIENCE.items()
    )
    return f'<dl class="schemes">{rows}</dl>'


def _problems(document: Json) -> str:
    rows = "".join(
        f"<tr><td class=status>{name.removeprefix('Problem')}</td><td>{_codes(document, answer)}</td>"
        f"<td>{_prose(answer['description'])}</td></tr>"
        for name, answer in document["components"]["responses"].items()
    )
    sample = document["components"]["responses"]["Problem422"]["content"]["application/problem+json"]["example"]
    return f"""<section class="tag" id="problems"><h2>Problems</h2>
<p class="about">Whatever goes wrong is a problem document (RFC 9457, <code>application/problem+json</code>). The
<code>code</code> is stable and made for programs; <code>detail</code> is a sentence for people.</p>
<div class="scroll"><table><thead><tr><th>Status</th><th>Codes</th><th>When</th></tr></thead><tbody>{rows}</tbody></table></div>
{_block("A problem", pretty(sample))}</section>"""


def _group(document: Json, tag: Json, members: list[Json]) -> str:
    body = "".join(_endpoint(document, one) for one in members)
    return (
        f'<section class="tag" id="{_anchor(tag["name"])}"><h2>{escape(tag["name"])}</h2>'
        f'<p class="about">{_prose(tag["description"])}</p>{body}</section>'
    )


# ---- one endpoint


def _endpoint(document: Json, one: Json) -> str:
    return f"""<article id="{_anchor(one["operationId"])}">
<h3>{_method(one)}<code>{escape(one["path"])}</code>{_who(one)}</h3>
<p>{_prose(one["summary"])}.</p>{_description(one)}
{_parameters(document, one)}{_body(document, one)}
{_block("Request", command_of(one), "copy")}
{_answers(document, one)}
</article>"""


def _description(one: Json) -> str:
    return f"<p class=what>{_prose(one['description'])}</p>" if "description" in one else ""


def _method(one: Json) -> str:
    return f'<b class="method {one["method"].lower()}">{one["method"]}</b>'


def _who(one: Json) -> str:
    schemes = [name for choice in one["security"] for name in choice]
    audiences = [_AUDIENCE.get(name, ("anyone", "Anyone")) for name in schemes or [""]]
    return " ".join(f'<span class="who {kind}">{label}</span>' for kind, label in audiences)


def _parameters(document: Json, one: Json) -> str:
    rows = [
        _row(document, given["name"], given["schema"] | {"description": given["description"]}, given["required"], place)
        for given in one.get("parameters", ())
        for place in [given["in"]]
    ]
    return _table("Parameters", rows)


def _body(document: Json, one: Json) -> str:
    if "requestBody" not in one:
        return ""
    content = one["requestBody"]["content"]
    media = " or ".join(f"<code>{escape(name)}</code>" for name in content)
    schema = next(iter(content.values()))["schema"]
    if schema.get("type") == "string":
        return _table(f"Body <small>{media}</small>", [_row(document, "text", schema, one["requestBody"]["required"])])
    return _table(f"Body <small>{media}</small>", list(_fields(document, schema, "")))


def _fields(document: Json, schema: Json, prefix: str) -> Iterator[str]:
    """A row for each field, and below it those of the structs it is made of."""
    described = _resolve(document, schema)
    for name, field in described.get("properties", {}).items():
        yield _row(document, prefix + name, field, name in described.get("required", ()))
        for inner in [field] if "properties" in field else _structs_in(field):
            if "properties" in _resolve(document, inner) and not inner.get("$ref", "").endswith("/NewNotification"):
                many = "[]" if field.get("type") == "array" else ""
                yield from _fields(document, inner, f"{prefix}{name}{many}.")


def _structs_in(schema: Json) -> list[Json]:
    if "$ref" in schema:
        return [schema]
    inner = [*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else [])]
    return [found for one in inner for found in _structs_in(one)]


def _row(document: Json, name: str, schema: Json, required: bool, place: str = "") -> str:
    must = '<span class="must">required</span>' if required else ""
    where = f'<span class="place">{place}</span>' if place and place != "query" else ""
    head, _, last = name.rpartition(".")
    shown = f'<span class="parent">{escape(head)}.</span>{escape(last)}' if head else escape(last)
    return (
        f"<tr><td><code>{shown}</code>{must}{where}</td><td class=kind>{_kind(document, schema)}</td>"
        f"<td>{_prose(schema.get('description', ''))}{_default(schema)}</td></tr>"
    )


def _table(title: str, rows: list[str]) -> str:
    if not rows:
        return ""
    return f'<h4>{title}</h4><div class="scroll"><table class="fields"><tbody>{"".join(rows)}</tbody></table></div>'


def _default(schema: Json) -> str:
    value = schema.get("default")
    return "" if not value else f' <span class="default">Default {_literal(value)}.</span>'


def _literal(value: Any) -> str:
    return f"<code>{escape(value if isinstance(value, str) else msgspec.json.encode(value).decode())}</code>"


def _kind(document: Json, schema: Json) -> str:
    """The type with its bounds, in words."""
    if "$ref" in schema:
        target = _resolve(document, schema)
        return "[id, generation]" if target.get("type") == "array" else "object"
    if "anyOf" in schema:
        choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        if any(choice.get("maximum") == FAR_FUTURE for choice in choices):
            return "time"
        return ", or ".join(dict.fromkeys(map(partial(_kind, document), choices)))
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return " · ".join(map(_literal, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}{_bounds(schema, 'minItems', 'maxItems', 'of them')}"
    if schema.get("type") == "integer":
        return f"integer{_bounds(schema, 'minimum', 'maximum', '')}"
    if isinstance(schema.get("type"), list):
        return ", or ".join(kind for kind in schema["type"] if kind != "null")
    return f"{schema.get('type', 'any')}{_bounds(schema, 'minLength', 'maxLength', 'characters')}"


def _bounds(schema: Json, low: str, high: str, unit: str) -> str:
    least, most = schema.get(low), schema.get(high)
    if most is None:
        return ""
    span = f"{least}–{most:,}" if least is not None else f"up to {most:,}"
    return f" <small>({f'{span} {unit}'.rstrip()})</small>"


def _answers(document: Json, one: Json) -> str:
    good, refused = "", ""
    for status, given in one["responses"].items():
        answer = _resolve(document, given)
        ours = "application/problem+json" in answer.get("content", {})
        if ours or (one["tags"] == [words.DIALECTS[0]] and status >= "400"):
            codes = _codes(document, given) if ours else ""
            refused += (
                f"<tr><td class=status>{status}</td><td>{codes}</td><td>{_prose(answer['description'])}</td></tr>"
            )
        else:
            good += _answer(document, status, answer)
    many = f'<details><summary>Problems</summary><div class="scroll"><table><tbody>{refused}</tbody></table></div></details>'
    return good + many


def _answer(document: Json, status: str, answer: Json) -> str:
    title = f'<span class="status good s{status[0]}">{status}</span> {escape(answer["description"])}'
    special = [name for name in answer.get("headers", {}) if name != "X-Request-Id"]
    if special:
        title += " <small>with " + ", ".join(f"<code>{name}</code>" for name in special) + "</small>"
    content = answer.get("content", {})
    if "application/json" not in content:
        return f"<h4>{title}{''.join(f' <small><code>{name}</code></small>' for name in content)}</h4>"
    shown = content["application/json"]
    samples = [one["value"] for one in shown["examples"].values()] if "examples" in shown else [shown["example"]]
    blocks = "".join(
        f"<p class=what>{_prose(_resolve(document, choice.get('items', choice)).get('description', ''))}</p>"
        f"<pre>{escape(pretty(sample))}</pre>"
        for choice, sample in zip(shown["schema"].get("anyOf", [shown["schema"]]), samples, strict=True)
        if "$ref" in choice or "items" in choice
    )
    return f"<h4>{title}</h4>{blocks}"


def _codes(document: Json, answer: Json) -> str:
    schema = _resolve(document, answer)["content"]["application/problem+json"]["schema"]
    return " ".join(_literal(code) for code in schema["allOf"][1]["properties"]["code"]["enum"])


def _block(title: str, text: str, kind: str = "") -> str:
    return f"<h4>{title}</h4><pre{f' class={kind}' * bool(kind)}>{escape(text)}</pre>"


def _resolve(document: Json, schema: Json) -> Json:
    if "$ref" not in schema:
        return schema
    found: Json = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found

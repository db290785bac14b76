"""The pages nobody writes: the contract, the commands, the settings and the problems, made from the code that runs.

The contract is the page that a running server shows at `/docs`, byte for byte but for the two links that lead elsewhere from a
folder. Beside it stands a list of its endpoints as an ordinary page, so that the site's search finds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import click
import msgspec

from handbell_server.cli import main as handbell
from handbell_server.http import ENDPOINTS, openapi
from scripts.site.places import ROOT

PAGES = {
    "reference/api.md": "The REST contract",
    "reference/commands.md": "Commands",
    "reference/settings.md": "Settings",
    "reference/problems.md": "Problems",
}
CONTRACT = "reference/contract.html"
OPENAPI = "reference/openapi.json"

_SETTING = re.compile(r"^\| `(HANDBELL_[A-Z_]+)`( \*)? \|[ ]*(.*?)[ ]*\| (.+) \|$", re.MULTILINE)
Json = dict[str, Any]


def files() -> Iterator[tuple[str, str]]:
    """Every file of the reference: its place and what is in it."""
    contract = openapi.contract_of(ENDPOINTS)
    document: Json = msgspec.json.decode(contract.document)
    yield OPENAPI, msgspec.json.format(contract.document, indent=2).decode()
    yield CONTRACT, _for_a_folder(contract.page.decode())
    made = (_api(document), _commands(), _settings(), _problems(document))
    for (place, title), text in zip(PAGES.items(), made, strict=True):
        yield place, f"# {title}\n\n{text}\n"


def _for_a_folder(page: str) -> str:
    """The contract's page, from which one finds the way back."""
    for there, here in (
        ('<p class="aside">', '<p class="aside"><a href="api.html">← All documents</a><br>'),
        ('href="/openapi.json"', 'href="openapi.json"'),
    ):
        assert page.count(there) == 1, f"the contract's page has changed: {there}"
        page = page.replace(there, here)
    return page


def _api(document: Json) -> str:
    operations = [
        operation | {"path": path, "method": method.upper()}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    parts = [
        "Every endpoint with its fields, bounds, answers, problems and an example to copy: "
        "[the contract](contract.html){ .md-button .md-button--primary } "
        "[openapi.json](openapi.json){ .md-button }",
        f"{document['info']['description']}",
        "A running server shows the same at `/docs`, and gives the document to programs at `/openapi.json`. "
        "What everybody's problems have in common is on the page about [problems](problems.md).",
    ]
    for tag in document["tags"]:
        rows = [
            f"| [`{one['method']} {one['path']}`](contract.html#{_anchor(one['operationId'])}) | {_cell(one['summary'])} |"
            for one in operations
            if tag["name"] in one["tags"]
        ]
        parts += [f"## {tag['name']}", _without_files(tag["description"]), _table("endpoint", "what it does", rows)]
    return "\n\n".join(parts)


def _commands() -> str:
    parts = [
        "What `handbell --help` says, command by command. How they are used together is told in "
        "[the command line](../cli.md) and, for what runs a server, in [operating](../operating.md).",
        *_of_group(handbell, "handbell"),
    ]
    return "\n\n".join(parts)


def _of_group(group: click.Group, name: str) -> Iterator[str]:
    for word, command in sorted(group.commands.items()):
        full = f"{name} {word}"
        if isinstance(command, click.Group):
            yield from _of_group(command, full)
            continue
        context = click.Context(command, info_name=full)
        yield f"## {full}"
        yield " ".join((command.help or "").split())
        yield f"```text\n{full} {' '.join(command.collect_usage_pieces(context))}\n```"
        options = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
        rows = [f"| `{said[0].replace('|', '&#124;')}` | {_cell(said[1])} |" for said in options if said is not None]
        yield _table("option", "", rows)


def _settings() -> str:
    page = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    found = sorted(_SETTING.findall(page))
    assert found, "docs/operating.md has no settings any more"
    rows = []
    for name, secret, default, meaning in found:
        words = re.sub(r"\]\((?![a-z]+:)", "](../", meaning)
        star = r" \*" if secret else ""
        rows.append(f"| `{name}`{star} | {default} | {words} |")
    return (
        "The server reads its settings from the environment; the Debian package keeps them in `/etc/handbell/handbell.env`. What is "
        "marked \\* may instead stand in a file that the same name with `_FILE` names. [Operating](../operating.md) tells how "
        "they belong together.\n\n| setting | default | what it does |\n|---|---|---|\n" + "\n".join(rows)
    )


def _problems(document: Json) -> str:
    codes = _codes_by_status(document)
    rows = []
    for name, answer in document["components"]["responses"].items():
        status = name.removeprefix("Problem")
        said = " ".join(f"`{code}`" for code in codes[status])
        rows.append(f"| {status} | {said} | {_cell(answer['description'])} |")
    sample = document["components"]["responses"]["Problem422"]["content"]["application/problem+json"]["example"]
    return (
        "Whatever goes wrong is answered by a problem document (RFC 9457, `application/problem+json`). Its `code` is stable and made "
        "for programs: a code is added, never renamed. `detail` is a sentence for people, and `field` names the field.\n\n"
        "| status | codes | when |\n|---|---|---|\n" + "\n".join(rows) + "\n\nA problem:\n\n```json\n"
        f"{msgspec.json.format(msgspec.json.encode(sample), indent=2).decode()}\n```\n\n"
        "Beside these there are `method_not_allowed` (405: the address is asked by other methods) and, on sockets only, `version` (a client "
        "that is too old or too new).\n\nWhich endpoint answers which is in [the contract](contract.html#problems)."
    )


def _codes_by_status(document: Json) -> dict[str, list[str]]:
    """Every code there is, also those that one endpoint alone answers."""
    found: dict[str, list[str]] = {}

    def look(value: Any) -> None:
        if isinstance(value, dict):
            properties = value.get("properties", {})
            if {"code", "status"} <= set(properties) and "enum" in properties["code"]:
                known = found.setdefault(str(properties["status"]["const"]), [])
                known += [code for code in properties["code"]["enum"] if code not in known]
        for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(one)

    look(document)
    return found


def _table(first: str, second: str, rows: list[str]) -> str:
    return "\n".join([f"| {first} | {second} |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "&#124;").replace("<", "&lt;")


def _without_files(text: str) -> str:
    """`docs/webhooks.md` in a sentence of the contract is a page here."""
    text = re.sub(r"docs/([\w/-]+\.md)", r"[\1](../\1)", text)
    return text.replace("docs/dialects)", "[other systems](../dialects/index.md))")


def _anchor(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")

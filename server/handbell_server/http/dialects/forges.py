"""GitHub, Gitea, Forgejo and GitLab: the addresses for their webhooks (docs/dialects/github.md, gitlab.md).

The key in the address says which producer it is. Where that producer has a secret, the webhook must prove that it knows
it too, over the bytes as they came. An event that nobody wants to hear of is answered like one that was told: a forge
switches a webhook off that fails too often.
"""

from __future__ import annotations

from time import time
from typing import Final
from urllib.parse import parse_qs

from handbell_server.errors import Forbidden, Invalid
from handbell_server.http.dialects import github, gitlab, signatures
from handbell_server.http.dialects.hearing import Heard, Report, dialect, mark, report
from handbell_server.http.dialects.reading import media_of
from handbell_server.http.dialects.saying import secret_of
from handbell_server.http.endpoint import Answer, Call, endpoint

GITHUB: Final = dialect("github")
GITEA: Final = dialect("gitea")
GITLAB: Final = dialect("gitlab")

_PROBLEMS: Final = (403, 404, 413, 429)
_EXAMPLE: Final = {
    "action": "opened",
    "pull_request": {"number": 12, "title": "Fix the login", "html_url": "https://github.com/shop/web/pull/12"},
    "repository": {"full_name": "shop/web", "html_url": "https://github.com/shop/web"},
    "sender": {"login": "ana"},
}


@endpoint(
    "POST",
    "/v1/hooks/github",
    "producer",
    body=bytes,
    answers={200: Heard},
    media=("application/json", "application/x-www-form-urlencoded"),
    problems=_PROBLEMS,
    example=_EXAMPLE,
    headers={"X-GitHub-Event": "pull_request"},
    large=True,
    speaks=GITHUB,
    also=(("POST", "/v1/hooks/github/{key}"),),
)
def from_github(call: Call) -> Answer:
    """GitHub: tell what happens in a repository."""
    secret = secret_of(call)
    _genuine(secret is None or signatures.by_github(secret, call.header, call.raw))
    return _github(call, call.header("X-GitHub-Event"), call.header("X-GitHub-Delivery"))


@endpoint(
    "POST",
    "/v1/hooks/gitea",
    "producer",
    body=bytes,
    answers={200: Heard},
    media=("application/json", "application/x-www-form-urlencoded"),
    problems=_PROBLEMS,
    example=_EXAMPLE,
    headers={"X-Gitea-Event": "pull_request"},
    large=True,
    speaks=GITEA,
    also=(("POST", "/v1/hooks/gitea/{key}"),),
)
def from_gitea(call: Call) -> Answer:
    """Gitea and Forgejo: tell what happens in a repository."""
    secret = secret_of(call)
    _genuine(secret is None or signatures.by_gitea(secret, call.header, call.raw))
    event = call.header("X-Gitea-Event") or call.header("X-Forgejo-Event") or call.header("X-GitHub-Event")
    delivery = call.header("X-Gitea-Delivery") or call.header("X-Forgejo-Delivery") or call.header("X-GitHub-Delivery")
    return _github(call, event, delivery)


@endpoint(
    "POST",
    "/v1/hooks/gitlab",
    "producer",
    body=bytes,
    answers={200: Heard},
    problems=_PROBLEMS,
    example={
        "object_kind": "pipeline",
        "object_attributes": {
            "id": 31,
            "ref": "main",
            "status": "failed",
            "url": "https://gitlab.example/shop/web/-/pipelines/31",
        },
        "user": {"username": "ana"},
        "project": {"path_with_namespace": "shop/web", "web_url": "https://gitlab.example/shop/web"},
    },
    large=True,
    speaks=GITLAB,
    also=(("POST", "/v1/hooks/gitlab/{key}"),),
)
def from_gitlab(call: Call) -> Answer:
    """GitLab: tell what happens in a project."""
    secret = secret_of(call)
    _genuine(secret is None or signatures.by_gitlab(secret, call.header, call.raw, time()))
    # Sent since 17.4. Before, one event of several hooks has one UUID, so it counts together with what was sent.
    delivery = call.header("Idempotency-Key") or mark(call.header("X-Gitlab-Event-UUID"), mark(call.raw.hex()))
    return _tell(call, gitlab.report_of(call.raw, delivery))


def _genuine(good: bool) -> None:
    """Refuse what was not made by somebody who knows the secret."""
    if not good:
        raise Forbidden("The signature or token of this webhook does not fit the producer's secret.")


def _github(call: Call, event: str | None, delivery: str | None) -> Answer:
    if not event:
        raise Invalid("The header that names the event is missing.", field="X-GitHub-Event")
    return _tell(call, github.report_of(event, _payload(call), delivery))


def _tell(call: Call, told: Report | None) -> Answer:
    return report(call, [] if told is None else [told])


def _payload(call: Call) -> bytes:
    """The JSON, which may be the one field of a form."""
    if media_of(call)[0] != "application/x-www-form-urlencoded":
        return call.raw
    try:
        found = parse_qs(call.raw.decode("utf-8", "replace"), max_num_fields=10).get("payload", [""])
    except ValueError:
        raise Invalid("A form has one field here, payload.", field="payload") from None
    return found[0].encode("utf-8", "replace")
